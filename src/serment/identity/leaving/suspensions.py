"""Suspend an account, and let it back in; both act on the very next request."""

from serment.identity.directory.accounts import account_in_reach, require_administrator
from serment.identity.directory.anchors import change_status
from serment.identity.errors import NotPermitted, OwnSuspension
from serment.identity.events.trail import Event, leave_trace
from serment.identity.factors import store as factors
from serment.identity.leaving.ending import close_every_door
from serment.identity.model import AccountStatus, Caller
from serment.identity.uses.store import note_waking
from serment.identity.vocabulary import EventKind
from serment.kernel import AccountId, UnitOfWork


def suspend_account(uow: UnitOfWork, caller: Caller, account: AccountId) -> None:
    """Suspend an account of the administrator's organisation: every door of it closes, its teams stay.

    Raises:
        NotPermitted: the caller is no administrator, or the account's owner left for good.
        OwnSuspension: it is the caller's own account.
        AccountNotFound: no such account in that organisation.
    """
    require_administrator(caller)
    if account == caller.account:
        raise OwnSuspension(str(account))
    if account_in_reach(uow, caller, account).status is AccountStatus.DEPARTED:
        raise NotPermitted(str(account))
    change_status(uow, account, AccountStatus.SUSPENDED)
    ended = close_every_door(uow, account)
    event = Event(
        EventKind.ACCOUNT_SUSPENDED, caller.organisation, caller.actor, account, detail=ended.detail
    )
    leave_trace(uow, event)


def reinstate_account(uow: UnitOfWork, caller: Caller, account: AccountId) -> None:
    """Let a suspended account sign in again, with the factors it had; one never enrolled is invited again.

    An account that was asleep comes back awake; one whose owner left never comes back.

    Raises:
        NotPermitted: the caller is no administrator, or the account is not suspended.
        AccountNotFound: no such account in that organisation.
    """
    require_administrator(caller)
    if account_in_reach(uow, caller, account).status is not AccountStatus.SUSPENDED:
        raise NotPermitted(str(account))
    note_waking(uow, account)
    enrolled = factors.load_password(uow, account) or factors.passkeys_of(uow, account)
    change_status(uow, account, AccountStatus.ACTIVE if enrolled else AccountStatus.INVITED)
    leave_trace(uow, Event(EventKind.ACCOUNT_REINSTATED, caller.organisation, caller.actor, account))
