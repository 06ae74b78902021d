"""What somebody contests in the trail of their dossier, and the answer to it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from serment import kernel, ledger

ContestId = NewType("ContestId", UUID)


class ContestFinding(StrEnum):
    """What whoever answers for data protection found of a contested access."""

    JUSTIFIED = "justified"
    UNJUSTIFIED = "unjustified"


@dataclass(frozen=True)
class ContestAnswer:
    """What was found, in words for the patient, by whom and when."""

    finding: ContestFinding
    words: str
    answered_by: kernel.AccountId
    answered_at: datetime


@dataclass(frozen=True)
class ContestHead:
    """A contest without its words: enough for a list of what waits."""

    id: ContestId
    organisation: kernel.OrganisationId
    dossier: kernel.DossierId
    trace: ledger.TraceId
    account: kernel.AccountId
    opened_at: datetime
    due_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True)
class Contest:
    """A line that somebody contests, why, and the answer once there is one."""

    head: ContestHead
    words: str
    answer: ContestAnswer | None
