"""Watching over access: incidents, and who exactly was touched by an account, a browser, a key or a link."""

from serment.vigilance.answering import insist_on_answerer, stands_in
from serment.vigilance.audit_events import write_audit_events
from serment.vigilance.checks import check_rows
from serment.vigilance.errors import (
    IncidentClosed,
    IncidentNotFound,
    InquiryNotFound,
    QuestionInvalid,
    WordsMissing,
)
from serment.vigilance.incidents import (
    close_incident,
    contests_of,
    count_open_incidents,
    incident_of,
    list_incidents,
    open_from_alarm,
    open_incident,
    report_incident,
)
from serment.vigilance.inquiries import (
    Inquiry,
    ask,
    ask_from_console,
    insist_on_officer,
    keep_answer,
    kept_answer,
    list_inquiries,
    name_patients,
)
from serment.vigilance.model import Incident, IncidentId, IncidentKind, InquiryId, Report
from serment.vigilance.tables import write_table
from serment.vigilance.touched import (
    Answer,
    Deed,
    Link,
    Question,
    TouchedEntry,
    TouchedObject,
    TouchedPatient,
)
from serment.vigilance.writing import document_of

__all__ = [
    "Answer",
    "Deed",
    "Incident",
    "IncidentClosed",
    "IncidentId",
    "IncidentKind",
    "IncidentNotFound",
    "Inquiry",
    "InquiryId",
    "InquiryNotFound",
    "Link",
    "Question",
    "QuestionInvalid",
    "Report",
    "TouchedEntry",
    "TouchedObject",
    "TouchedPatient",
    "WordsMissing",
    "ask",
    "ask_from_console",
    "check_rows",
    "close_incident",
    "contests_of",
    "count_open_incidents",
    "document_of",
    "incident_of",
    "insist_on_answerer",
    "insist_on_officer",
    "keep_answer",
    "kept_answer",
    "list_incidents",
    "list_inquiries",
    "name_patients",
    "open_from_alarm",
    "open_incident",
    "report_incident",
    "stands_in",
    "write_audit_events",
    "write_table",
]
