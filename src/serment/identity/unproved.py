"""The trace of what somebody is refused who has proved nothing here yet."""

from collections.abc import Mapping

from serment import ledger
from serment.identity.directory import store as directory
from serment.identity.directory.store import SealedAccount
from serment.identity.events.trail import Event, leave_trace
from serment.identity.model import Visit
from serment.identity.vocabulary import EventKind
from serment.kernel import UnitOfWork


def visitor_from(origin: str) -> ledger.Actor:
    """Return the actor of what somebody does who is not known yet."""
    return ledger.Actor(account=None, organisation=None, role="visitor", origin=origin)


def trace_unproved(
    uow: UnitOfWork,
    kind: EventKind,
    account: SealedAccount | None,
    visit: Visit,
    detail: Mapping[str, str] | None = None,
) -> None:
    """Trace a refusal; without an account it goes to the trail that this installation began with."""
    organisation = directory.oldest_organisation(uow) if account is None else account.organisation
    if organisation is None:
        return
    event = Event(
        kind=kind,
        organisation=organisation,
        actor=visitor_from(visit.origin),
        about=None if account is None else account.id,
        outcome=ledger.Outcome.REFUSED,
        detail=detail or {},
    )
    leave_trace(uow, event)
