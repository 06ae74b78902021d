"""Restrictions: what the patient closes to somebody becomes absent for them, and nobody can tell that it was closed."""

from serment.access.restrictions.errors import RestrictionInvalid, RestrictionNotFound
from serment.access.restrictions.model import Restriction, RestrictionRequest
from serment.access.restrictions.operations import (
    closed_to_others,
    lift_restriction,
    note_filing,
    note_version,
    restrict,
    restrictions_of,
)

__all__ = [
    "Restriction",
    "RestrictionInvalid",
    "RestrictionNotFound",
    "RestrictionRequest",
    "closed_to_others",
    "lift_restriction",
    "note_filing",
    "note_version",
    "restrict",
    "restrictions_of",
]
