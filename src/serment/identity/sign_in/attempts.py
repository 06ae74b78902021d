"""The trace of attempts to sign in, by somebody who has proved nothing yet."""

from dataclasses import dataclass

from serment import ledger
from serment.identity.directory import store as directory
from serment.identity.directory.store import SealedAccount
from serment.identity.events.trail import Event, leave_trace
from serment.identity.factors.lanes import Lane
from serment.identity.factors.proofs import PreparedProof, method_of
from serment.identity.model import Visit
from serment.identity.vocabulary import EventKind
from serment.kernel import AccountId, UnitOfWork, new_id


@dataclass(frozen=True)
class Attempt:
    """Something that was tried: from where, with which proof, in which lane."""

    visit: Visit
    proof: PreparedProof
    lane: Lane


@dataclass(frozen=True)
class _Said:
    kind: EventKind
    detail: dict[str, str]


def trace_refusal(
    uow: UnitOfWork, account: SealedAccount | None, attempt: Attempt, *, worth: str = "none"
) -> None:
    """Trace a try that was refused; what its password was worth is for the trail and the owner only."""
    said = "no-account" if account is None else worth
    detail = {"method": method_of(attempt.proof).value, "password": said, "lane": attempt.lane.value}
    _trace(uow, account, attempt.visit, _Said(EventKind.SIGN_IN_REFUSED, detail))


def trace_throttled(uow: UnitOfWork, account: SealedAccount | None, visit: Visit) -> None:
    """Trace that tries at a login are too many to be looked at."""
    _trace(uow, account, visit, _Said(EventKind.SIGN_IN_THROTTLED, {}))


def _trace(uow: UnitOfWork, account: SealedAccount | None, visit: Visit, said: _Said) -> None:
    """Trace what somebody unproved tried, with the same writes whether there is such an account or not."""
    oldest = directory.oldest_organisation(uow)
    organisation = oldest if account is None else account.organisation
    if organisation is None:
        return
    somebody = ledger.Actor(account=None, organisation=None, role="visitor", origin=visit.origin)
    event = Event(
        kind=said.kind,
        organisation=organisation,
        actor=somebody,
        about=None if account is None else account.id,
        told=AccountId(new_id()) if account is None else account.id,
        outcome=ledger.Outcome.REFUSED,
        detail=said.detail,
    )
    leave_trace(uow, event)
