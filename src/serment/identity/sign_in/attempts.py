"""The trace of attempts to sign in, by somebody who has proved nothing yet."""

from dataclasses import dataclass

from serment import ledger
from serment.identity.directory import store as directory
from serment.identity.directory.store import SealedAccount
from serment.identity.events.trail import Event, leave_trace
from serment.identity.factors.proofs import PreparedProof, method_of
from serment.identity.model import Visit
from serment.identity.vocabulary import EventKind
from serment.kernel import AccountId, UnitOfWork, new_id


@dataclass(frozen=True)
class _Said:
    kind: EventKind
    outcome: ledger.Outcome
    detail: dict[str, str]


def trace_begun(uow: UnitOfWork, account: SealedAccount | None, visit: Visit, *, right: bool) -> None:
    """Trace a first step: what the password was worth is for the trail only."""
    word = "no-account" if account is None else "right" if right else "wrong"
    outcome = ledger.Outcome.ALLOWED if right else ledger.Outcome.REFUSED
    _trace(uow, account, visit, _Said(EventKind.SIGN_IN_BEGUN, outcome, {"password": word}))


def trace_refusal(uow: UnitOfWork, account: SealedAccount | None, visit: Visit, proof: PreparedProof) -> None:
    """Trace a second step, or a passkey, that was refused."""
    said = _Said(EventKind.SIGN_IN_REFUSED, ledger.Outcome.REFUSED, {"method": method_of(proof).value})
    _trace(uow, account, visit, said)


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
        outcome=said.outcome,
        detail=said.detail,
    )
    leave_trace(uow, event)
