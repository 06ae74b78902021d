"""The trace of what comes from the provider, by somebody who has proved nothing here yet."""

from collections.abc import Mapping

from serment import ledger
from serment.identity.directory import store as directory
from serment.identity.directory.store import SealedAccount
from serment.identity.events.trail import Event, leave_trace
from serment.identity.model import Caller, Visit
from serment.identity.vocabulary import EventKind
from serment.kernel import UnitOfWork


def trace_unproved(
    uow: UnitOfWork, kind: EventKind, account: SealedAccount | None, visit: Visit, detail: Mapping[str, str]
) -> None:
    """Trace a refusal; without an account it goes to the trail that this installation began with."""
    organisation = directory.oldest_organisation(uow) if account is None else account.organisation
    if organisation is None:
        return
    somebody = ledger.Actor(account=None, organisation=None, role="visitor", origin=visit.origin)
    event = Event(
        kind=kind,
        organisation=organisation,
        actor=somebody,
        about=None if account is None else account.id,
        outcome=ledger.Outcome.REFUSED,
        detail=detail,
    )
    leave_trace(uow, event)


def trace_end_by_provider(uow: UnitOfWork, account: SealedAccount, visit: Visit, session: str) -> None:
    """Trace a session that the provider ended."""
    provider = ledger.Actor(account=None, organisation=None, role="identity-provider", origin=visit.origin)
    detail = {"session": session, "by": "provider"}
    leave_trace(
        uow, Event(EventKind.SESSION_ENDED, account.organisation, provider, account.id, detail=detail)
    )


def trace_of_owner(
    uow: UnitOfWork,
    caller: Caller,
    kind: EventKind,
    detail: Mapping[str, str],
    outcome: ledger.Outcome = ledger.Outcome.ALLOWED,
) -> None:
    """Trace what the owner of an account did with its links."""
    event = Event(kind, caller.organisation, caller.actor, caller.account, outcome=outcome, detail=detail)
    leave_trace(uow, event)
