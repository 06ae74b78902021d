"""Change one's own password: the current one, a step-up, and the policy (ASVS 6.2.3)."""

from dataclasses import dataclass

from serment import ledger
from serment.identity.directory.accounts import open_account
from serment.identity.directory.organisations import open_organisation
from serment.identity.entrance import Entrance
from serment.identity.errors import PasswordUnchanged, PasswordWrong
from serment.identity.events.trail import Event, leave_trace
from serment.identity.factors import store
from serment.identity.model import Caller, Restriction
from serment.identity.sessions.sessions import insist_session_lives, lift_restriction, require_step_up
from serment.identity.sessions.store import end_others
from serment.identity.throttling import throttle
from serment.identity.vocabulary import EventKind


@dataclass(frozen=True)
class PasswordChange:
    """The current password and the one to come."""

    current: str
    new: str


def change_password(entrance: Entrance, caller: Caller, change: PasswordChange) -> None:
    """Change the caller's password and end their other sessions; a session that waited for it is free again.

    Raises:
        StepUpNeeded: prove a factor again first.
        Throttled: too many tries in too little time.
        PasswordTooShort, PasswordTooLong, PasswordBreached, PasswordTooGuessable: choose another one.
        PasswordUnchanged: it is the current one.
        PasswordWrong: the current password is not that one.
        SessionUnknown: the session was ended meanwhile.
    """
    with entrance.database.reading() as uow:
        require_step_up(caller, uow.now)
        account = open_account(uow, caller.account)
        words = (account.login, account.name, open_organisation(uow, account.organisation).name)
        stored = store.load_password(uow, caller.account)
        bucket = throttle.proof_again_bucket(uow, caller, entrance.rules.throttle)
    entrance.judge.check(change.new, words, entrance.rules.passwords)
    throttle.admit(entrance.database, [bucket])
    if not entrance.hasher.matches(stored, change.current):
        with entrance.database.unit_of_work() as uow:
            leave_trace(uow, _event(caller, EventKind.PASSWORD_CHANGE_REFUSED, ledger.Outcome.REFUSED))
        raise PasswordWrong(str(caller.account))
    if change.new == change.current:
        raise PasswordUnchanged(str(caller.account))
    renewed = entrance.hasher.hash(change.new)
    with entrance.database.unit_of_work() as uow:
        insist_session_lives(uow, caller)
        store.set_password(uow, caller.account, renewed)
        end_others(uow, caller.account, caller.session)
        lift_restriction(uow, caller, Restriction.PASSWORD_CHANGE)
        throttle.give_back(uow, [bucket])
        leave_trace(uow, _event(caller, EventKind.PASSWORD_CHANGED, ledger.Outcome.ALLOWED))


def _event(caller: Caller, kind: EventKind, outcome: ledger.Outcome) -> Event:
    return Event(kind, caller.organisation, caller.actor, caller.account, outcome=outcome)
