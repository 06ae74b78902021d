"""Somebody leaves for good: said by an administrator, now or for a day to come, and never taken back afterwards.

From its instant on a departure holds by its date alone, whether or not the worker has carried it out. The account
stays, so that what its owner did keeps their name; a person who returns is given another one.
"""

from datetime import datetime, timedelta

from serment import ledger
from serment.identity.directory.accounts import account_in_reach, in_clear, require_administrator
from serment.identity.directory.anchors import change_leaving, change_status
from serment.identity.directory.organisations import worker_of
from serment.identity.directory.store import hold_account, leaving_by
from serment.identity.errors import DepartureRefused, LastAdministrator, OwnDeparture
from serment.identity.events.trail import Event, leave_trace
from serment.identity.leaving.ending import end_everything_of
from serment.identity.model import Account, AccountStatus, Caller, Role
from serment.identity.sessions.sessions import require_step_up
from serment.identity.uses import store
from serment.identity.vocabulary import EventKind
from serment.kernel import AccountId, OrganisationId, UnitOfWork

FURTHEST = timedelta(days=366)


def declare_departure(
    uow: UnitOfWork, caller: Caller, account: AccountId, at: datetime | None = None
) -> bool:
    """Say that the owner of an account leaves, at an instant within a year, or now; True when it holds already.

    What ties the account to dossiers is ended by `access.let_go`, which calls this.

    Raises:
        NotPermitted: the caller is no administrator.
        StepUpNeeded: prove a factor again first.
        OwnDeparture: it is the caller's own account.
        AccountNotFound: no such account in that organisation.
        DepartureRefused: the account left already, or the instant is past or more than a year away.
        LastAdministrator: nobody would be left to administer the organisation.
    """
    leaving = _asked(uow, caller, account)
    if account == caller.account:
        raise OwnDeparture(str(account))
    if at is not None and not uow.now < at <= uow.now + FURTHEST:
        raise DepartureRefused(at.isoformat())
    _insist_on_another_administrator(uow, leaving)
    if at is None:
        _depart(uow, caller.actor, caller.organisation, account)
        return True
    change_leaving(uow, account, at)
    _trace(uow, caller, EventKind.ACCOUNT_LEAVING, account, {"at": at.isoformat()})
    return False


def withdraw_departure(uow: UnitOfWork, caller: Caller, account: AccountId) -> None:
    """Take back a departure whose day has not come.

    Raises:
        NotPermitted: the caller is no administrator.
        StepUpNeeded: prove a factor again first.
        AccountNotFound: no such account in that organisation.
        DepartureRefused: no departure is announced, or its day has come.
    """
    if _asked(uow, caller, account).leaves_at is None:
        raise DepartureRefused("none announced")
    change_leaving(uow, account, None)
    _trace(uow, caller, EventKind.ACCOUNT_STAYING, account, {})


def departures_due(uow: UnitOfWork, limit: int = 100) -> tuple[Account, ...]:
    """Return accounts whose owners have left by their date, and with whom nothing was ended yet."""
    return tuple(in_clear(uow, row) for row in leaving_by(uow, uow.now, limit))


def carry_out_departure(uow: UnitOfWork, account: Account) -> None:
    """End what a departure ends, once its date is past; doing so twice changes nothing."""
    row = hold_account(uow, account.id)
    if row is not None and row.written_status is not AccountStatus.DEPARTED:
        _depart(uow, worker_of(row.organisation), row.organisation, row.id)


def _asked(uow: UnitOfWork, caller: Caller, account: AccountId) -> Account:
    """Return an account that may still leave, for an administrator who proved a factor again."""
    require_administrator(caller)
    found = account_in_reach(uow, caller, account)
    require_step_up(caller, uow.now)
    hold_account(uow, account)
    if found.status is AccountStatus.DEPARTED:
        raise DepartureRefused(str(account))
    return found


def _depart(uow: UnitOfWork, actor: ledger.Actor, organisation: OrganisationId, account: AccountId) -> None:
    ended = end_everything_of(uow, account)
    row = hold_account(uow, account)
    if row is None or row.leaves_at is None or row.leaves_at > uow.now:
        change_leaving(uow, account, uow.now)
    change_status(uow, account, AccountStatus.DEPARTED)
    leave_trace(uow, Event(EventKind.ACCOUNT_DEPARTED, organisation, actor, account, detail=ended.detail))


def _insist_on_another_administrator(uow: UnitOfWork, leaving: Account) -> None:
    """One must remain whose own departure nobody announced: two who let each other go leave nobody."""
    if leaving.role is not Role.ADMINISTRATOR:
        return
    staying = store.count_active(uow, leaving.organisation, Role.ADMINISTRATOR)
    counted = leaving.status is AccountStatus.ACTIVE and leaving.leaves_at is None
    if staying - counted < 1:
        raise LastAdministrator(str(leaving.id))


def _trace(
    uow: UnitOfWork, caller: Caller, kind: EventKind, account: AccountId, detail: dict[str, str]
) -> None:
    leave_trace(uow, Event(kind, caller.organisation, caller.actor, account, detail=detail))
