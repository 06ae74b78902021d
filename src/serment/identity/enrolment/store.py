"""Rows of enrolment codes: one living code an account."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, Table, delete, insert, select, update

from serment.kernel import AccountId, UnitOfWork, UtcDateTime, UuidText, metadata

enrolment_codes = Table(
    "enrolment_codes",
    metadata,
    Column("account", UuidText, ForeignKey("accounts.id"), primary_key=True),
    Column("digest", LargeBinary(32), nullable=False),
    Column("tries_left", Integer, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("given_by", UuidText, index=True),
)


@dataclass(frozen=True)
class CodeRow:
    """A stored code: its keyed digest, its tries, its end, and who gave it; None: from the console."""

    account: AccountId
    digest: bytes
    tries_left: int
    expires_at: datetime
    given_by: AccountId | None = None


def replace_code(uow: UnitOfWork, code: CodeRow) -> None:
    """Insert a code in the place of the former one."""
    end_code(uow, code.account)
    uow.connection.execute(insert(enrolment_codes).values(**vars(code)))


def spend_try(uow: UnitOfWork, account: AccountId) -> bytes | None:
    """Count one try of a living code and return its digest; None when there is none."""
    living = update(enrolment_codes).where(
        enrolment_codes.c.account == account,
        enrolment_codes.c.expires_at > uow.now,
        enrolment_codes.c.tries_left > 0,
    )
    fewer = living.values(tries_left=enrolment_codes.c.tries_left - 1)
    return uow.connection.execute(fewer.returning(enrolment_codes.c.digest)).scalar()


def restore_tries(uow: UnitOfWork, account: AccountId, tries: int) -> None:
    """Give a living code all its tries back."""
    same = update(enrolment_codes).where(enrolment_codes.c.account == account)
    uow.connection.execute(same.values(tries_left=tries))


def end_code(uow: UnitOfWork, account: AccountId) -> None:
    """Delete the code of an account."""
    uow.connection.execute(delete(enrolment_codes).where(enrolment_codes.c.account == account))


def giver_of(uow: UnitOfWork, account: AccountId) -> AccountId | None:
    """Return who gave the code of an account."""
    query = select(enrolment_codes.c.given_by).where(enrolment_codes.c.account == account)
    return uow.connection.execute(query).scalar()


def end_codes_given_by(uow: UnitOfWork, giver: AccountId) -> tuple[AccountId, ...]:
    """Delete the codes that somebody gave to others; return whose they were."""
    given = delete(enrolment_codes).where(enrolment_codes.c.given_by == giver)
    return tuple(uow.connection.execute(given.returning(enrolment_codes.c.account)).scalars())
