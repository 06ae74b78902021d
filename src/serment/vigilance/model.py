"""Incidents: what somebody must look into, who said so, and what came of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType
from uuid import UUID

from serment.kernel import AccountId, DossierId, OrganisationId

IncidentId = NewType("IncidentId", UUID)
InquiryId = NewType("InquiryId", UUID)

#: Within what whoever contested an access is answered. Source: GDPR article 12(3), one month.
ANSWERED_WITHIN = timedelta(days=30)


class IncidentKind(StrEnum):
    """Why there is an incident."""

    ACCOUNT_FROZEN = "account-frozen"
    REVIEW_OVERDUE = "review-overdue"
    OPENING_UNJUSTIFIED = "opening-unjustified"
    ACCESS_CONTESTED = "access-contested"
    REPORTED = "reported"


@dataclass(frozen=True)
class Report:
    """What is said when an incident is opened, at which organisation, and about whom.

    `account` is whose acts are in question; `reference` is what to look at: an opening, a freeze, a trace. The words
    may be about somebody's health: they are sealed.
    """

    organisation: OrganisationId
    kind: IncidentKind
    account: AccountId | None = None
    dossier: DossierId | None = None
    reference: UUID | None = None
    words: str = ""


@dataclass(frozen=True)
class Incident:
    """An incident in clear; `opened_by` is None when it opened by itself."""

    id: IncidentId
    report: Report
    opened_at: datetime
    opened_by: AccountId | None = None
    closed_at: datetime | None = None
    closed_by: AccountId | None = None
    answer: str = ""

    @property
    def is_open(self) -> bool:
        """Whether nobody closed it yet."""
        return self.closed_at is None

    @property
    def due_at(self) -> datetime | None:
        """Until when a patient is owed an answer; None: no patient waits for one."""
        contested = self.report.kind is IncidentKind.ACCESS_CONTESTED
        return self.opened_at + ANSWERED_WITHIN if contested else None
