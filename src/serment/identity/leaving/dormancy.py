"""Accounts that nobody uses are put to sleep, and opened again by somebody who knows that their owner is there.

An account that its owner forgot, or left behind unsaid, is the one through which strangers come in (features F13).
Nobody wakes their own: who left without a word could do so too.
"""

from dataclasses import dataclass
from datetime import datetime

from serment.identity.directory.accounts import account_in_reach, in_clear, require_administrator
from serment.identity.directory.anchors import change_status
from serment.identity.directory.organisations import worker_of
from serment.identity.directory.store import SealedAccount, accounts_of, hold_account
from serment.identity.errors import NotPermitted
from serment.identity.events.trail import Event, leave_trace
from serment.identity.leaving.ending import close_every_door
from serment.identity.model import Account, AccountStatus, Caller, Role
from serment.identity.rules import SleepRules
from serment.identity.sessions.sessions import require_step_up
from serment.identity.uses import store
from serment.identity.vocabulary import EventKind
from serment.kernel import AccountId, UnitOfWork

_AT_ONCE = 200


@dataclass(frozen=True)
class DrowsyAccount:
    """An account that is asleep, or goes to sleep at `sleeps_at` unless its owner signs in; None: it is asleep."""

    account: Account
    last_used_at: datetime | None
    sleeps_at: datetime | None


def put_to_sleep(uow: UnitOfWork, rules: SleepRules) -> int:
    """Put the accounts to sleep that were not used for as long as the rules say; return how many.

    The last active administrator of an organisation stays awake: nobody could wake them.
    """
    asleep = 0
    for role in Role:
        unused = store.unused_since(uow, role, uow.now - rules.unused(role))
        for account, _ in unused[:_AT_ONCE]:
            asleep += _put_to_sleep(uow, account)
    return asleep


def wake_account(uow: UnitOfWork, caller: Caller, account: AccountId) -> None:
    """Let the owner of a sleeping account sign in again, with the factors they had.

    Administrators wake anybody; professionals wake patients, as they invite them. Known browsers and access keys
    are not given back.

    Raises:
        AccountNotFound: no such account in the caller's organisation.
        NotPermitted: the account is not asleep, or the caller's role does not wake that role.
        StepUpNeeded: prove a factor again first.
    """
    found = account_in_reach(uow, caller, account)
    if not _may_wake(caller.role, found.role):
        raise NotPermitted(found.role)
    require_step_up(caller, uow.now)
    held = hold_account(uow, account)
    if held is None or held.status is not AccountStatus.DORMANT:
        raise NotPermitted(found.status)
    store.note_waking(uow, account)
    change_status(uow, account, AccountStatus.ACTIVE)
    leave_trace(uow, Event(EventKind.ACCOUNT_WOKEN, caller.organisation, caller.actor, account))


def drowsy_accounts(uow: UnitOfWork, caller: Caller, rules: SleepRules) -> tuple[DrowsyAccount, ...]:
    """Return the accounts asleep and those that will be soon, the next first, then those asleep by name.

    Raises:
        NotPermitted: the caller is no administrator.
    """
    require_administrator(caller)
    rows = {row.id: row for row in accounts_of(uow, caller.organisation)}
    uses = store.last_uses(uow, frozenset(rows))
    soon = sorted(_soon(uow, caller, rules), key=lambda pair: pair[1])
    falling = [DrowsyAccount(in_clear(uow, rows[account]), uses.get(account), at) for account, at in soon]
    asleep = [in_clear(uow, row) for row in rows.values() if row.status is AccountStatus.DORMANT]
    asleep.sort(key=lambda account: account.name)
    return (*falling, *(DrowsyAccount(account, uses.get(account.id), None) for account in asleep))


def _soon(uow: UnitOfWork, caller: Caller, rules: SleepRules) -> list[tuple[AccountId, datetime]]:
    found: list[tuple[AccountId, datetime]] = []
    for role in Role:
        unused = rules.unused(role)
        asked = uow.now - unused + rules.announced
        rows = store.unused_since(uow, role, asked, organisation=caller.organisation)
        found += [(account, since + unused) for account, since in rows]
    return found


def _put_to_sleep(uow: UnitOfWork, account: AccountId) -> int:
    row = hold_account(uow, account)
    if row is None or row.status is not AccountStatus.ACTIVE or _is_last_administrator(uow, row):
        return 0
    ended = close_every_door(uow, account)
    change_status(uow, account, AccountStatus.DORMANT)
    actor = worker_of(row.organisation)
    event = Event(EventKind.ACCOUNT_PUT_TO_SLEEP, row.organisation, actor, account, detail=ended.detail)
    leave_trace(uow, event)
    return 1


def _is_last_administrator(uow: UnitOfWork, row: SealedAccount) -> bool:
    if row.role is not Role.ADMINISTRATOR:
        return False
    counted = row.leaves_at is None
    return store.count_active(uow, row.organisation, Role.ADMINISTRATOR) - counted < 1


def _may_wake(waking: Role, asleep: Role) -> bool:
    return waking is Role.ADMINISTRATOR or (waking is Role.PROFESSIONAL and asleep is Role.PATIENT)
