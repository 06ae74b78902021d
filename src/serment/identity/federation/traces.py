"""The traces of links, and of sessions that the provider ended."""

from collections.abc import Mapping

from serment import ledger
from serment.identity.directory.store import SealedAccount
from serment.identity.events.trail import Event, leave_trace
from serment.identity.model import Caller, Visit
from serment.identity.vocabulary import EventKind
from serment.kernel import UnitOfWork


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
