"""Open, approve, stop and list recoveries. A code is given by hand, never by e-mail; nobody recovers their own."""

from dataclasses import dataclass
from datetime import datetime

from serment import ledger, vault
from serment.identity.ceremonies import store as ceremonies
from serment.identity.directory import store as directory
from serment.identity.directory.accounts import account_in_reach, in_clear, names_of
from serment.identity.directory.organisations import operator_of
from serment.identity.enrolment import store
from serment.identity.errors import AccountNotFound, NotPermitted, RecoveryNotFound, SecondPersonTooNew
from serment.identity.events.trail import Event, leave_trace
from serment.identity.factors.additions import factors_of
from serment.identity.factors.proofs import Owner
from serment.identity.logins import tag_of_login
from serment.identity.model import Account, AccountStatus, Caller, Role
from serment.identity.recoveries import policy
from serment.identity.rules import RecoveryRules
from serment.identity.sessions.sessions import require_step_up
from serment.identity.tokens import draw_code, keyed_digest, tidy_code
from serment.identity.vocabulary import EventKind
from serment.kernel import AccountId, UnitOfWork

_GROUPS = 4


@dataclass(frozen=True)
class Recovery:
    """A recovery that is open, as those see it who have a say in it.

    `works_from` is None while a second person has to approve and nobody did; `approvable` says that one may.
    """

    account: AccountId
    name: str
    opened_by: str
    opened_at: datetime
    works_from: datetime | None
    sooner_from: datetime | None
    approved_by: str
    expires_at: datetime
    opened_by_account: AccountId | None = None

    @property
    def approvable(self) -> bool:
        """Tell whether the approval of a second person would count."""
        return self.sooner_from is not None and not self.approved_by


@dataclass(frozen=True)
class RecoveryCodeGiven:
    """The code of a recovery, shown once: "K7QF-2MZA-PT5D-QX3B", 80 bits, ten tries."""

    code: str
    recovery: Recovery


def open_recovery(
    uow: UnitOfWork, rules: RecoveryRules, caller: Caller, account: AccountId
) -> RecoveryCodeGiven:
    """Open a recovery of somebody's account and return the code to give to its owner by hand.

    Nothing of the account changes until the code is used; its owner is told at once, and may stop it.

    Raises:
        StepUpNeeded: prove a factor again first.
        AccountNotFound: no such account in the caller's organisation.
        NotPermitted: it is the caller's own, it is not open, or the caller's role does not recover such accounts.
    """
    require_step_up(caller, uow.now)
    owner = account_in_reach(uow, caller, account)
    if account == caller.account or not policy.may_open(caller.role, owner.role):
        raise NotPermitted(str(account))
    opening = policy.opens(owner.role, rules, uow.now)
    return _open(uow, caller.actor, owner, opening, rules)


def open_recovery_from_console(uow: UnitOfWork, rules: RecoveryRules, login: str) -> RecoveryCodeGiven:
    """Open a recovery from the machine itself, for an organisation whose second person is missing.

    Raises:
        AccountNotFound: no account has that login.
        NotPermitted: it is not open, or neither an administrator's nor a DPO's.
    """
    found = directory.find_by_login_tag(uow, tag_of_login(uow, login))
    if found is None:
        raise AccountNotFound("login")
    owner = in_clear(uow, found)
    if owner.role not in policy.SECOND_PERSONS:
        raise NotPermitted(owner.role)
    return _open(
        uow, operator_of(owner.organisation), owner, policy.opens_from_console(rules, uow.now), rules
    )


def approve_recovery(uow: UnitOfWork, rules: RecoveryRules, caller: Caller, account: AccountId) -> Recovery:
    """Approve, as the second person, a recovery that somebody else opened for a third.

    Raises:
        StepUpNeeded: prove a factor again first.
        NotPermitted: the caller is neither administrator nor DPO, opened it, or is the one recovered.
        AccountNotFound: no such account in the caller's organisation.
        RecoveryNotFound: none is open for it that takes an approval, or it was approved.
        SecondPersonTooNew: none of the caller's factors was held for long enough.
    """
    require_step_up(caller, uow.now)
    owner = account_in_reach(uow, caller, account)
    directory.hold_account(uow, account)
    row = store.recovery_of(uow, account)
    if caller.role not in policy.SECOND_PERSONS or account == caller.account:
        raise NotPermitted(str(account))
    if row is None or row.approved_from is None:
        raise RecoveryNotFound(str(account))
    if row.opened_by == caller.account:
        raise NotPermitted(str(account))
    _insist_on_holding(uow, rules, caller)
    if not store.approve_recovery(uow, account, caller.account):
        raise RecoveryNotFound(str(account))
    _trace(uow, EventKind.RECOVERY_APPROVED, caller.actor, owner)
    return _found(uow, account)


def stop_recovery(uow: UnitOfWork, caller: Caller, account: AccountId) -> None:
    """Stop a recovery: its owner from any living session, or an administrator, the DPO, or whoever opened it.

    Raises:
        AccountNotFound: no such account in the caller's organisation.
        RecoveryNotFound: none is open, or the caller has no say in it.
    """
    owner = account_in_reach(uow, caller, account)
    row = store.recovery_of(uow, account)
    if row is None or not _has_a_say(caller, owner, row):
        raise RecoveryNotFound(str(account))
    if not store.end_recovery(uow, account):
        raise RecoveryNotFound(str(account))
    _trace(uow, EventKind.RECOVERY_STOPPED, caller.actor, owner)


def own_recovery(uow: UnitOfWork, caller: Caller) -> Recovery | None:
    """Return the recovery that is open for the caller's own account; every page asks, so it is one query."""
    row = store.recovery_of(uow, caller.account)
    return None if row is None else _in_clear(uow, row)


def recovery_in_reach(uow: UnitOfWork, caller: Caller, account: AccountId) -> Recovery | None:
    """Return the recovery that is open for an account, to somebody who has a say in it; to others there is none.

    Raises:
        AccountNotFound: no such account in the caller's organisation.
    """
    owner = account_in_reach(uow, caller, account)
    row = store.recovery_of(uow, account)
    return None if row is None or not _has_a_say(caller, owner, row) else _in_clear(uow, row)


def list_recoveries(uow: UnitOfWork, caller: Caller) -> tuple[Recovery, ...]:
    """Return the recoveries open in the caller's organisation, oldest first; for administrators and the DPO.

    Raises:
        NotPermitted: the caller is neither.
    """
    if caller.role not in policy.SECOND_PERSONS:
        raise NotPermitted(caller.role)
    return tuple(_in_clear(uow, row) for row in store.recoveries_among(uow, caller.organisation))


def digest_of_recovery(uow: UnitOfWork, account: AccountId, code: str) -> bytes:
    """Return what the database keeps of the code of a recovery; an enrolment code is none."""
    key = uow.part(vault.Keyring).secret("identity-codes")
    return keyed_digest(key, "account recovery", account.bytes, tidy_code(code))


def _open(
    uow: UnitOfWork, actor: ledger.Actor, owner: Account, opening: policy.Opening, rules: RecoveryRules
) -> RecoveryCodeGiven:
    directory.hold_account(uow, owner.id)
    if owner.status is not AccountStatus.ACTIVE:
        raise NotPermitted(owner.status)
    code = draw_code(_GROUPS)
    row = store.RecoveryRow(
        account=owner.id,
        digest=digest_of_recovery(uow, owner.id, code),
        opened_by=actor.account,
        opened_at=uow.now,
        alone_from=opening.alone,
        approved_from=opening.approved,
        expires_at=uow.now + rules.life,
    )
    store.replace_recovery(uow, row)
    ceremonies.end_all_of(uow, owner.id)
    _trace(uow, EventKind.RECOVERY_OPENED, actor, owner)
    return RecoveryCodeGiven(code, _in_clear(uow, row))


def _insist_on_holding(uow: UnitOfWork, rules: RecoveryRules, caller: Caller) -> None:
    """An account that was made or recovered for the occasion is no second person (THR-07)."""
    held = [factor.added_at for factor in factors_of(uow, Owner(caller.account, caller.organisation))]
    if not held or uow.now - min(held) < rules.second_person_held:
        raise SecondPersonTooNew(str(caller.account))


def _has_a_say(caller: Caller, owner: Account, row: store.RecoveryRow) -> bool:
    if caller.account in (owner.id, row.opened_by):
        return True
    return caller.role in policy.SECOND_PERSONS and owner.role is not Role.PATIENT


def _found(uow: UnitOfWork, account: AccountId) -> Recovery:
    row = store.recovery_of(uow, account)
    if row is None:
        raise RecoveryNotFound(str(account))
    return _in_clear(uow, row)


def _in_clear(uow: UnitOfWork, row: store.RecoveryRow) -> Recovery:
    people = [each for each in (row.account, row.opened_by, row.approved_by) if each is not None]
    names = names_of(uow, people)
    approved = row.approved_at is not None and row.approved_from is not None
    ways = [row.alone_from, row.approved_from if approved else None]
    return Recovery(
        account=row.account,
        name=names.get(row.account, ""),
        opened_by="" if row.opened_by is None else names.get(row.opened_by, ""),
        opened_at=row.opened_at,
        works_from=min((way for way in ways if way is not None), default=None),
        sooner_from=row.approved_from,
        approved_by="" if row.approved_by is None else names.get(row.approved_by, ""),
        expires_at=row.expires_at,
        opened_by_account=row.opened_by,
    )


def _trace(uow: UnitOfWork, kind: EventKind, actor: ledger.Actor, owner: Account) -> None:
    leave_trace(uow, Event(kind, owner.organisation, actor, owner.id, detail={"role": owner.role.value}))
