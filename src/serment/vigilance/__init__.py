"""Watching over access: incidents, and who exactly was touched by an account, a browser, a key or a link."""

from serment.vigilance.errors import IncidentClosed, IncidentNotFound, WordsMissing
from serment.vigilance.incidents import (
    close_incident,
    contests_of,
    count_open_incidents,
    incident_of,
    list_incidents,
    open_from_alarm,
    open_incident,
)
from serment.vigilance.model import Incident, IncidentId, IncidentKind, Report

__all__ = [
    "Incident",
    "IncidentClosed",
    "IncidentId",
    "IncidentKind",
    "IncidentNotFound",
    "Report",
    "WordsMissing",
    "close_incident",
    "contests_of",
    "count_open_incidents",
    "incident_of",
    "list_incidents",
    "open_from_alarm",
    "open_incident",
]
