"""Who acts for a patient: a parent, a guardian, a trusted person (LAW-44, F21)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NewType
from uuid import UUID

from serment import kernel
from serment.access.model import DelegateKind, Mandate, Section

DelegationId = NewType("DelegationId", UUID)


@dataclass(frozen=True)
class Terms:
    """What a delegation is: sealed, for its end tells the day on which a child was born.

    `sections` None: all that its kind may reach. `with_majority`: it ends when the patient comes of age, and its end
    moves when their birth date is corrected.
    """

    kind: DelegateKind
    sections: frozenset[Section] | None
    ends_at: datetime | None
    with_majority: bool


@dataclass(frozen=True)
class Delegation:
    """Leave for one account to act for one patient, from a start to an end.

    Without an account it is offered: a code was handed over, which ties whoever brings it back before `offer_ends_at`.
    """

    id: DelegationId
    organisation: kernel.OrganisationId
    dossier: kernel.DossierId
    account: kernel.AccountId | None
    terms: Terms
    starts_at: datetime
    given_by: kernel.AccountId
    offer_ends_at: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def kind(self) -> DelegateKind:
        """In what quality."""
        return self.terms.kind

    @property
    def ends_at(self) -> datetime | None:
        """Until when, None for as long as nobody ends it."""
        return self.terms.ends_at

    @property
    def last_at(self) -> datetime | None:
        """The last instant at which it holds: what ends at midnight is told as the day before."""
        return None if self.ends_at is None else self.ends_at - timedelta(microseconds=1)

    @property
    def mandate(self) -> Mandate:
        """What it lets its account do."""
        return Mandate(self.terms.kind, self.terms.sections)

    def holds(self, at: datetime) -> bool:
        """Tell whether it opens anything at an instant."""
        return self.account is not None and self.starts_at <= at and self._lasts(at)

    def is_offered(self, at: datetime) -> bool:
        """Tell whether a code for it is still good."""
        waits = self.account is None and self.offer_ends_at is not None and at < self.offer_ends_at
        return waits and self._lasts(at)

    def _lasts(self, at: datetime) -> bool:
        return self.revoked_at is None and (self.ends_at is None or at < self.ends_at)


@dataclass(frozen=True)
class DelegationRequest:
    """Whom to let act for the patient, and how. `proof` is what was seen of it, in words; for trusted persons nothing.

    `sections` and `ends_at`: a trusted person has both, a guardian of an adult perhaps an end; others have neither.
    """

    kind: DelegateKind
    sections: frozenset[Section] | None = None
    ends_at: datetime | None = None
    proof: str = ""


@dataclass(frozen=True)
class DelegationCode:
    """The code that ties its bearer to a dossier, shown once and handed over: "K7QF-2MZA-PT5D-…", 100 bits."""

    delegation: DelegationId
    code: str
    expires_at: datetime
