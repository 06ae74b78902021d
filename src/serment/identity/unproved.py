"""The trace of what somebody is refused who has proved nothing here yet."""

from collections.abc import Mapping

from serment import ledger
from serment.identity.directory import store as directory
from serment.identity.directory.store import SealedAccount
from serment.identity.events.trail import Event, leave_trace
from serment.identity.model import Visit
from serment.identity.rules import ThrottleRules
from serment.identity.throttling import throttle
from serment.identity.vocabulary import EventKind
from serment.kernel import AccountId, UnitOfWork, new_id


def visitor_from(origin: str) -> ledger.Actor:
    """Return the actor of what somebody does who is not known yet."""
    return ledger.Actor(account=None, organisation=None, role="visitor", origin=origin)


def trace_refused_code(
    uow: UnitOfWork, kind: EventKind, account: SealedAccount | None, visit: Visit, rules: ThrottleRules
) -> None:
    """Trace a refused enrolment or recovery code, so many a second over all logins and networks.

    Who has many addresses and makes logins up would fill the trail; the bound asks neither, so it tells nothing.
    """
    everywhere = throttle.bucket(uow, rules.traces_of_refused_codes, "traces of refused codes")
    if not throttle.longest_wait(uow, [everywhere]):
        trace_unproved(uow, kind, account, visit)


def trace_unproved(
    uow: UnitOfWork,
    kind: EventKind,
    account: SealedAccount | None,
    visit: Visit,
    detail: Mapping[str, str] | None = None,
) -> None:
    """Trace a refusal, with the same writes whether there is such an account or not (AUT-09).

    Without an account it goes to the trail that this installation began with, and is told to nobody.
    """
    organisation = directory.oldest_organisation(uow) if account is None else account.organisation
    if organisation is None:
        return
    event = Event(
        kind=kind,
        organisation=organisation,
        actor=visitor_from(visit.origin),
        about=None if account is None else account.id,
        told=AccountId(new_id()) if account is None else account.id,
        outcome=ledger.Outcome.REFUSED,
        detail=detail or {},
    )
    leave_trace(uow, event)
