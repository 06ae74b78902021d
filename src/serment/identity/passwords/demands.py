"""An administrator asks somebody to change their password."""

from serment.identity.directory.accounts import account_in_reach, require_administrator
from serment.identity.errors import NotPermitted
from serment.identity.events.trail import Event, leave_trace
from serment.identity.model import Caller, Method, Restriction
from serment.identity.passwords import store
from serment.identity.passwords.store import PasswordFlag
from serment.identity.sessions.sessions import require_step_up
from serment.identity.sessions.store import restrict_open
from serment.identity.vocabulary import EventKind
from serment.kernel import AccountId, UnitOfWork


def demand_password_change(uow: UnitOfWork, caller: Caller, account: AccountId) -> int:
    """Ask for another password of an account at once; return how many open sessions wait for it.

    Sessions opened with a passkey go on: no password was needed for them.

    Raises:
        NotPermitted: the caller is no administrator, or the account has no password.
        StepUpNeeded: prove a factor again first.
        AccountNotFound: no such account in that organisation.
    """
    require_administrator(caller)
    require_step_up(caller, uow.now)
    account_in_reach(uow, caller, account)
    if store.load_state(uow, account) is None:
        raise NotPermitted(str(account))
    store.set_flag(uow, account, PasswordFlag.DEMANDED)
    narrowed = restrict_open(uow, account, Restriction.PASSWORD_CHANGE, spared=Method.PASSKEY)
    detail = {"reason": PasswordFlag.DEMANDED.value, "sessions": str(narrowed)}
    kind = EventKind.PASSWORD_CHANGE_DEMANDED
    leave_trace(uow, Event(kind, caller.organisation, caller.actor, account, detail=detail))
    return narrowed
