"""The words of an emergency opening: why, how far, until when, who was told, and what was found afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from serment import identity, kernel
from serment.access.model import Action, EntryId, OpeningId, Section

SHORTEST = timedelta(minutes=15)
LONGEST = timedelta(hours=4)


class EmergencyReason(StrEnum):
    """Why a dossier is opened in an emergency: a closed list, so that openings can be counted and compared."""

    LIFE_AT_RISK = "life-at-risk"
    OTHERS_AT_RISK = "others-at-risk"
    CANNOT_SPEAK = "cannot-speak"
    TEAM_UNREACHABLE = "team-unreachable"
    OTHER = "other"


#: Reasons that protect a life: what a patient closed to professionals gives way to these alone (EHDS art. 11(5), LAW-41).
VITAL_REASONS = frozenset({EmergencyReason.LIFE_AT_RISK, EmergencyReason.OTHERS_AT_RISK})


class DelayReason(StrEnum):
    """Why a patient is told of an opening later than at once."""

    PATIENT_AT_RISK = "patient-at-risk"
    OTHERS_AT_RISK = "others-at-risk"


class ReviewVerdict(StrEnum):
    """What whoever looked at an opening found."""

    JUSTIFIED = "justified"
    UNJUSTIFIED = "unjustified"


@dataclass(frozen=True)
class EmergencyRules:
    """Within how long an opening is looked at, and by how much a notice is put off at most; the operator sets both."""

    review_within: timedelta = timedelta(days=7)
    notice_delay: timedelta = timedelta(hours=72)


@dataclass(frozen=True)
class EmergencyRequest:
    """An opening to be made. `words` say what happened; they may come later, but for `OTHER` and for a delay."""

    reason: EmergencyReason
    sections: frozenset[Section]
    lasts: timedelta
    words: str = ""
    delay: DelayReason | None = None


@dataclass(frozen=True)
class EmergencyOpening:
    """One opening as it was made. It ends at `ends_at`, or at `ended_at` when its owner ended it before.

    `profession` is what its owner exercised then. The patient reads of it from `tell_at` on.
    """

    id: OpeningId
    dossier: kernel.DossierId
    organisation: kernel.OrganisationId
    account: kernel.AccountId
    profession: identity.Profession
    reason: EmergencyReason
    sections: frozenset[Section]
    opened_at: datetime
    ends_at: datetime
    tell_at: datetime
    delay: DelayReason | None = None
    ended_at: datetime | None = None

    @property
    def over_at(self) -> datetime:
        """When it opens nothing any more."""
        return self.ends_at if self.ended_at is None else min(self.ended_at, self.ends_at)

    def is_live(self, now: datetime) -> bool:
        """Tell whether it opens anything at an instant."""
        return self.opened_at <= now < self.over_at


@dataclass(frozen=True)
class EmergencyReview:
    """How the look at an opening stands. `reviewer` is the colleague it waits for; None: the data protection officer."""

    opening: EmergencyOpening
    reviewer: kernel.AccountId | None
    due_at: datetime
    alarmed_at: datetime | None = None
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    verdict: ReviewVerdict | None = None
    closed_by: kernel.AccountId | None = None
    closed_at: datetime | None = None
    has_words: bool = False

    def is_overdue(self, now: datetime) -> bool:
        """Tell whether it should have been closed by now."""
        return self.closed_at is None and self.due_at <= now

    @property
    def awaits_answer(self) -> bool:
        """Whether the opener was asked something and has not answered."""
        return self.closed_at is None and self.asked_at is not None and self.answered_at is None


@dataclass(frozen=True)
class EmergencyWords:
    """What people wrote around an opening, in clear; empty where nobody wrote."""

    reason: str = ""
    question: str = ""
    answer: str = ""
    finding: str = ""


@dataclass(frozen=True)
class EmergencyUse:
    """One thing done through an opening."""

    at: datetime
    action: Action
    section: Section | None
    entry: EntryId | None


@dataclass(frozen=True)
class EmergencyRate:
    """How often somebody opened in an emergency, beside their peers: colleagues of one profession and organisation.

    `median` and `ninth_decile` are of the peers, the caller left out; None while fewer than five could be told apart.
    """

    days: int
    own: int
    peers: int
    median: float | None
    ninth_decile: float | None


#: For each part of the words around an opening, the kind under which it is sealed.
WORD_KINDS: Mapping[str, str] = {
    "reason": "emergency.reason",
    "question": "emergency.question",
    "answer": "emergency.answer",
    "finding": "emergency.finding",
}
