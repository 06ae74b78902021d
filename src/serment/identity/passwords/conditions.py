"""What a right password still has against it once both factors were proved (AUT-10, LAW-71)."""

from serment import ledger
from serment.identity.directory.store import SealedAccount
from serment.identity.entrance import Entrance
from serment.identity.errors import BreachedListDamaged
from serment.identity.events.trail import Event, leave_trace
from serment.identity.model import Caller, Restriction, Visit
from serment.identity.passwords import store
from serment.identity.passwords.store import PasswordFlag, PasswordState
from serment.identity.rules import PasswordRules
from serment.identity.unproved import visitor_from
from serment.identity.vocabulary import EventKind
from serment.kernel import AccountId, UnitOfWork


def restriction_after_sign_in(
    uow: UnitOfWork, entrance: Entrance, account: SealedAccount, digest: bytes, visit: Visit
) -> Restriction | None:
    """Return what the session about to be opened is restricted to, if its password must be changed.

    Only for a sign-in whose password was right and whose second factor was proved: to anybody else, the answer would
    say that the password is right (AUT-09). `digest` is the password's SHA-1. The owner is told why.
    """
    state = store.load_state(uow, account.id)
    if state is None:
        return None
    if _is_breached(entrance, digest):
        flag_password(uow, account, PasswordFlag.BREACHED, visit)
        return Restriction.PASSWORD_CHANGE
    if state.flag is not None:
        return Restriction.PASSWORD_CHANGE
    if _is_too_old(uow, account, state, entrance.rules.passwords):
        _tell(uow, account, PasswordFlag.TOO_OLD, visit)
        return Restriction.PASSWORD_CHANGE
    return None


def flag_password(uow: UnitOfWork, account: SealedAccount, flag: PasswordFlag, visit: Visit) -> None:
    """Note that something speaks against a password, and tell its owner; it is changed at the next sign-in.

    Sessions that are open stay as they are: evidence from elsewhere must not stop the doctor at work. An account
    without password, or whose password was flagged before, is left as it is.
    """
    if store.set_flag(uow, account.id, flag):
        _tell(uow, account, flag, visit)


def has_password(uow: UnitOfWork, account: AccountId) -> bool:
    """Tell whether an account has a password at all."""
    return store.load_state(uow, account) is not None


def reason_for_change(uow: UnitOfWork, caller: Caller) -> PasswordFlag:
    """Return why the caller's restricted session asks for another password."""
    state = store.load_state(uow, caller.account)
    return PasswordFlag.TOO_OLD if state is None or state.flag is None else state.flag


def _is_breached(entrance: Entrance, digest: bytes) -> bool:
    """Look a password up; a list that cannot be read keeps nobody out who proved two factors.

    No new password is taken meanwhile: there the damage is an error.
    """
    try:
        return entrance.judge.lists(digest)
    except BreachedListDamaged:
        return False


def _is_too_old(uow: UnitOfWork, account: SealedAccount, state: PasswordState, rules: PasswordRules) -> bool:
    longest = rules.longest_age.get(account.role)
    return longest is not None and uow.now - state.changed_at >= longest


_EVENTS = {
    PasswordFlag.BREACHED: (EventKind.PASSWORD_BREACHED, ledger.Outcome.REFUSED),
    PasswordFlag.PROVED_ELSEWHERE: (EventKind.PASSWORD_CHANGE_DEMANDED, ledger.Outcome.REFUSED),
    PasswordFlag.DEMANDED: (EventKind.PASSWORD_CHANGE_DEMANDED, ledger.Outcome.ALLOWED),
    PasswordFlag.TOO_OLD: (EventKind.PASSWORD_EXPIRED, ledger.Outcome.ALLOWED),
}


def _tell(uow: UnitOfWork, account: SealedAccount, flag: PasswordFlag, visit: Visit) -> None:
    kind, outcome = _EVENTS[flag]
    nobody = flag is PasswordFlag.PROVED_ELSEWHERE
    owner = ledger.Actor(account.id, account.organisation, account.role.value, visit.origin)
    event = Event(
        kind,
        account.organisation,
        visitor_from(visit.origin) if nobody else owner,
        account.id,
        outcome=outcome,
        detail={"reason": flag.value},
    )
    leave_trace(uow, event)
