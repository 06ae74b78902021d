"""Suspend an account, and let it back in; both act on the very next request."""

from serment.identity.access_keys import keys as access_keys
from serment.identity.ceremonies import store as ceremonies
from serment.identity.directory.accounts import account_in_reach, require_administrator
from serment.identity.directory.anchors import change_status
from serment.identity.enrolment import store
from serment.identity.errors import NotPermitted, OwnSuspension
from serment.identity.events.trail import Event, leave_trace
from serment.identity.factors import store as factors
from serment.identity.model import AccountStatus, Caller
from serment.identity.sessions import store as sessions
from serment.identity.vocabulary import EventKind
from serment.kernel import AccountId, UnitOfWork


def suspend_account(uow: UnitOfWork, caller: Caller, account: AccountId) -> None:
    """Suspend an account of the administrator's organisation: its sessions, codes and open steps end.

    Raises:
        NotPermitted: the caller is no administrator.
        OwnSuspension: it is the caller's own account.
        AccountNotFound: no such account in that organisation.
    """
    require_administrator(caller)
    if account == caller.account:
        raise OwnSuspension(str(account))
    account_in_reach(uow, caller, account)
    change_status(uow, account, AccountStatus.SUSPENDED)
    ended = sessions.end_all(uow, account)
    access_keys.end_all(uow, account)
    ceremonies.end_all_of(uow, account)
    store.end_code(uow, account)
    detail = {"sessions": str(ended)}
    leave_trace(
        uow,
        Event(EventKind.ACCOUNT_SUSPENDED, caller.organisation, caller.actor, account, detail=detail),
    )


def reinstate_account(uow: UnitOfWork, caller: Caller, account: AccountId) -> None:
    """Let a suspended account sign in again, with the factors it had; one never enrolled is invited again.

    Raises:
        NotPermitted: the caller is no administrator, or the account is not suspended.
        AccountNotFound: no such account in that organisation.
    """
    require_administrator(caller)
    if account_in_reach(uow, caller, account).status is not AccountStatus.SUSPENDED:
        raise NotPermitted(str(account))
    enrolled = factors.load_password(uow, account) is not None
    change_status(uow, account, AccountStatus.ACTIVE if enrolled else AccountStatus.INVITED)
    leave_trace(uow, Event(EventKind.ACCOUNT_REINSTATED, caller.organisation, caller.actor, account))
