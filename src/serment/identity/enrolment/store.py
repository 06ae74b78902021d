"""Rows of enrolment codes and of recoveries: one living code an account of each."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    LargeBinary,
    Table,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)

from serment.identity.directory.store import accounts
from serment.identity.model import AccountStatus
from serment.kernel import AccountId, OrganisationId, UnitOfWork, UtcDateTime, UuidText, metadata

enrolment_codes = Table(
    "enrolment_codes",
    metadata,
    Column("account", UuidText, ForeignKey("accounts.id"), primary_key=True),
    Column("digest", LargeBinary(32), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("given_by", UuidText, index=True),
)

recoveries = Table(
    "recoveries",
    metadata,
    Column("account", UuidText, ForeignKey("accounts.id"), primary_key=True),
    Column("digest", LargeBinary(32), nullable=False),
    Column("opened_by", UuidText, index=True),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("alone_from", UtcDateTime),
    Column("approved_from", UtcDateTime),
    Column("approved_by", UuidText, index=True),
    Column("approved_at", UtcDateTime),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)


@dataclass(frozen=True)
class CodeRow:
    """A stored code: its keyed digest, its end, and who gave it; None: from the console."""

    account: AccountId
    digest: bytes
    expires_at: datetime
    given_by: AccountId | None = None


@dataclass(frozen=True)
class RecoveryRow:
    """A stored recovery: from when its code works, by itself or once approved; None: that way never."""

    account: AccountId
    digest: bytes
    opened_by: AccountId | None
    opened_at: datetime
    alone_from: datetime | None
    approved_from: datetime | None
    expires_at: datetime
    approved_by: AccountId | None = None
    approved_at: datetime | None = None


def replace_code(uow: UnitOfWork, code: CodeRow) -> None:
    """Insert a code in the place of the former one."""
    end_code(uow, code.account)
    uow.connection.execute(insert(enrolment_codes).values(**vars(code)))


def living_code(uow: UnitOfWork, account: AccountId) -> bytes | None:
    """Return the digest of a living code; None when there is none, or its giver has gone."""
    living = select(enrolment_codes.c.digest).where(
        enrolment_codes.c.account == account,
        _stays(uow, enrolment_codes.c.given_by),
        enrolment_codes.c.expires_at > uow.now,
    )
    return uow.connection.execute(living).scalar()


def end_code(uow: UnitOfWork, account: AccountId) -> None:
    """Delete the code of an account, and the recovery that is open for it."""
    uow.connection.execute(delete(enrolment_codes).where(enrolment_codes.c.account == account))
    end_recovery(uow, account)


def end_codes_given_by(uow: UnitOfWork, giver: AccountId) -> tuple[AccountId, ...]:
    """Delete the codes that somebody gave to others, and the recoveries they opened or approved; return whose."""
    given = delete(enrolment_codes).where(enrolment_codes.c.given_by == giver)
    helped = delete(recoveries).where(or_(recoveries.c.opened_by == giver, recoveries.c.approved_by == giver))
    ended = [given.returning(enrolment_codes.c.account), helped.returning(recoveries.c.account)]
    return tuple(account for each in ended for account in uow.connection.execute(each).scalars())


def replace_recovery(uow: UnitOfWork, recovery: RecoveryRow) -> None:
    """Insert a recovery in the place of the former one."""
    end_recovery(uow, recovery.account)
    uow.connection.execute(insert(recoveries).values(**vars(recovery)))


#: What every page asks is put into words once.
_RECOVERY = select(recoveries).where(
    recoveries.c.account == bindparam("account", type_=UuidText()),
    recoveries.c.expires_at > bindparam("now", type_=UtcDateTime()),
)


def recovery_of(uow: UnitOfWork, account: AccountId) -> RecoveryRow | None:
    """Return the recovery that is open for an account, or None."""
    row = uow.connection.execute(_RECOVERY, {"account": account, "now": uow.now}).mappings().first()
    return None if row is None else RecoveryRow(**row)


def recoveries_among(uow: UnitOfWork, organisation: OrganisationId) -> tuple[RecoveryRow, ...]:
    """Return the recoveries that are open in an organisation, oldest first."""
    theirs = select(recoveries).join(accounts, accounts.c.id == recoveries.c.account)
    chosen = theirs.where(accounts.c.organisation == organisation, recoveries.c.expires_at > uow.now)
    found = uow.connection.execute(chosen.order_by(recoveries.c.opened_at)).mappings()
    return tuple(RecoveryRow(**row) for row in found)


def approve_recovery(uow: UnitOfWork, account: AccountId, by: AccountId) -> bool:
    """Note that a second person approved; False when one did before, or nothing is open."""
    waiting = update(recoveries).where(
        recoveries.c.account == account,
        recoveries.c.expires_at > uow.now,
        recoveries.c.approved_by.is_(None),
    )
    approved = waiting.values(approved_by=by, approved_at=uow.now)
    return uow.connection.execute(approved).rowcount == 1


def living_recovery_code(uow: UnitOfWork, account: AccountId) -> bytes | None:
    """Return the digest of the code of a recovery whose time has come; None when there is none."""
    living = select(recoveries.c.digest).where(recoveries.c.account == account, *_works(uow))
    return uow.connection.execute(living).scalar()


def take_recovery(uow: UnitOfWork, account: AccountId) -> RecoveryRow | None:
    """End a recovery whose time has come and return it: of several takers, one gets it; None when it was stopped."""
    taken = delete(recoveries).where(recoveries.c.account == account, *_works(uow)).returning(*recoveries.c)
    row = uow.connection.execute(taken).mappings().first()
    return None if row is None else RecoveryRow(**row)


def end_recovery(uow: UnitOfWork, account: AccountId) -> bool:
    """Delete the recovery of an account; False when none was open."""
    return uow.connection.execute(delete(recoveries).where(recoveries.c.account == account)).rowcount == 1


def forget_recoveries(uow: UnitOfWork) -> None:
    """Delete the recoveries that nobody completed in time."""
    uow.connection.execute(delete(recoveries).where(recoveries.c.expires_at <= uow.now))


def _works(uow: UnitOfWork) -> tuple[ColumnElement[bool], ...]:
    """The moment has come: by itself, or for an approved one sooner. An empty column compares as no."""
    approved = recoveries.c.approved_at.is_not(None) & (recoveries.c.approved_from <= uow.now)
    moment = or_(recoveries.c.alone_from <= uow.now, approved)
    helpers = (_stays(uow, recoveries.c.opened_by), _stays(uow, recoveries.c.approved_by))
    return recoveries.c.expires_at > uow.now, moment, *helpers


def _stays(uow: UnitOfWork, helper: ColumnElement[AccountId]) -> ColumnElement[bool]:
    """Nobody, or somebody who was neither suspended nor has left: a code might have been noted down (AUT-02)."""
    gone = (AccountStatus.SUSPENDED, AccountStatus.DEPARTED)
    here = accounts.c.leaves_at.is_(None) | (accounts.c.leaves_at > uow.now)
    staying = select(accounts.c.id).where(accounts.c.status.not_in(gone), here)
    return helper.is_(None) | helper.in_(staying)
