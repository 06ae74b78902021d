"""What every domain stands on: identifiers, time, transactions, jobs. Not a word of medicine."""

from serment.kernel.canonical import canonical_json
from serment.kernel.clock import Clock, SettableClock, SystemClock
from serment.kernel.columns import UtcDateTime, UuidText, metadata
from serment.kernel.confined import ConfinedFailure, FailureReason, Limits, Protections, Zygote
from serment.kernel.database import Database, UnitOfWork
from serment.kernel.errors import PartMissing, SermentError, StoreUnavailable
from serment.kernel.ids import AccountId, DossierId, OrganisationId, new_id
from serment.kernel.jobs import Job, JobId, enqueue, fail, finish, lease

__all__ = [
    "AccountId",
    "Clock",
    "ConfinedFailure",
    "Database",
    "DossierId",
    "FailureReason",
    "Job",
    "JobId",
    "Limits",
    "OrganisationId",
    "PartMissing",
    "Protections",
    "SermentError",
    "SettableClock",
    "StoreUnavailable",
    "SystemClock",
    "UnitOfWork",
    "UtcDateTime",
    "UuidText",
    "Zygote",
    "canonical_json",
    "enqueue",
    "fail",
    "finish",
    "lease",
    "metadata",
    "new_id",
]
