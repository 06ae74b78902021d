"""Rows of passwords, one-time code seeds, passkeys and recovery codes.

What may be used once is used by one conditional UPDATE; the database says who came first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    RowMapping,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from serment.identity.errors import FactorNotConfirmed
from serment.identity.model import FactorId
from serment.kernel import AccountId, UnitOfWork, UtcDateTime, UuidText, metadata

passwords = Table(
    "passwords",
    metadata,
    Column("account", UuidText, ForeignKey("accounts.id"), primary_key=True),
    Column("hash", String(400), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("flag", String(40)),
)

totp_factors = Table(
    "totp_factors",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("account", UuidText, ForeignKey("accounts.id"), nullable=False),
    Column("label_sealed", LargeBinary, nullable=False),
    Column("seed_sealed", LargeBinary, nullable=False),
    Column("last_step", BigInteger, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Index(None, "account"),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("account", UuidText, ForeignKey("accounts.id"), nullable=False),
    Column("label_sealed", LargeBinary, nullable=False),
    Column("credential_id", LargeBinary, nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("backup_eligible", Boolean, nullable=False),
    Column("backed_up", Boolean, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Index(None, "account"),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("account", UuidText, ForeignKey("accounts.id"), primary_key=True),
    Column("digest", LargeBinary(32), primary_key=True),
    Column("used_at", UtcDateTime),
)


@dataclass(frozen=True)
class TotpRow:
    """A stored source of one-time codes."""

    id: FactorId
    account: AccountId
    label_sealed: bytes
    seed_sealed: bytes
    last_step: int
    added_at: datetime
    last_used_at: datetime | None = None


@dataclass(frozen=True)
class PasskeyRow:
    """A stored passkey."""

    id: FactorId
    account: AccountId
    label_sealed: bytes
    credential_id: bytes
    public_key: bytes
    sign_count: int
    backup_eligible: bool
    backed_up: bool
    added_at: datetime
    last_used_at: datetime | None = None


def set_password(uow: UnitOfWork, account: AccountId, password_hash: str) -> None:
    """Replace the hash of an account's password."""
    uow.connection.execute(delete(passwords).where(passwords.c.account == account))
    row = {"account": account, "hash": password_hash, "changed_at": uow.now}
    uow.connection.execute(insert(passwords).values(**row))


def rehash_password(uow: UnitOfWork, account: AccountId, *, old: str, new: str) -> None:
    """Replace a hash by one of the same password at today's cost, unless it changed meanwhile."""
    same = update(passwords).where(passwords.c.account == account, passwords.c.hash == old)
    uow.connection.execute(same.values(hash=new))


def load_password(uow: UnitOfWork, account: AccountId) -> str | None:
    """Return the hash of an account's password, or None."""
    return uow.connection.execute(select(passwords.c.hash).where(passwords.c.account == account)).scalar()


def remove_password(uow: UnitOfWork, account: AccountId) -> None:
    """Delete the password of an account."""
    uow.connection.execute(delete(passwords).where(passwords.c.account == account))


def add_totp(uow: UnitOfWork, row: TotpRow) -> None:
    """Insert a source of one-time codes."""
    uow.connection.execute(insert(totp_factors).values(**vars(row)))


def totp_of(uow: UnitOfWork, account: AccountId) -> tuple[TotpRow, ...]:
    """Return the sources of one-time codes of an account, oldest first."""
    query = select(totp_factors).where(totp_factors.c.account == account).order_by(totp_factors.c.added_at)
    return tuple(TotpRow(**row) for row in uow.connection.execute(query).mappings())


def accept_step(uow: UnitOfWork, factor: FactorId, step: int) -> bool:
    """Accept a step once: of any number of requests with its code, one sees True (AUT-04)."""
    later = update(totp_factors).where(totp_factors.c.id == factor, totp_factors.c.last_step < step)
    return uow.connection.execute(later.values(last_step=step, last_used_at=uow.now)).rowcount == 1


def add_passkey(uow: UnitOfWork, row: PasskeyRow) -> None:
    """Insert a passkey.

    Raises:
        FactorNotConfirmed: its credential is known already, of this account or another.
    """
    try:
        uow.connection.execute(insert(passkeys).values(**vars(row)))
    except IntegrityError:
        raise FactorNotConfirmed("known credential") from None


def passkeys_of(uow: UnitOfWork, account: AccountId) -> tuple[PasskeyRow, ...]:
    """Return the passkeys of an account, oldest first."""
    query = select(passkeys).where(passkeys.c.account == account).order_by(passkeys.c.added_at)
    return tuple(PasskeyRow(**row) for row in uow.connection.execute(query).mappings())


def find_passkey(uow: UnitOfWork, credential_id: bytes) -> PasskeyRow | None:
    """Return the passkey with a credential identifier, or None."""
    query = select(passkeys).where(passkeys.c.credential_id == credential_id)
    row: RowMapping | None = uow.connection.execute(query).mappings().first()
    return None if row is None else PasskeyRow(**row)


def advance_passkey(uow: UnitOfWork, seen: PasskeyRow, *, sign_count: int, backed_up: bool) -> bool:
    """Note a use of the passkey as it was `seen`; False when another use came in between."""
    same = update(passkeys).where(passkeys.c.id == seen.id, passkeys.c.sign_count == seen.sign_count)
    used = same.values(sign_count=sign_count, backed_up=backed_up, last_used_at=uow.now)
    return uow.connection.execute(used).rowcount == 1


def remove_factor(uow: UnitOfWork, account: AccountId, factor: FactorId) -> bool:
    """Delete a factor of an account, of whichever kind."""
    removed = [
        uow.connection.execute(delete(table).where(table.c.id == factor, table.c.account == account)).rowcount
        for table in (totp_factors, passkeys)
    ]
    return any(removed)


def replace_recovery_codes(uow: UnitOfWork, account: AccountId, digests: Iterable[bytes]) -> None:
    """Delete the recovery codes of an account and insert others."""
    uow.connection.execute(delete(recovery_codes).where(recovery_codes.c.account == account))
    rows = [{"account": account, "digest": digest} for digest in digests]
    uow.connection.execute(insert(recovery_codes), rows)


def remove_recovery_codes(uow: UnitOfWork, account: AccountId) -> None:
    """Delete the recovery codes of an account."""
    uow.connection.execute(delete(recovery_codes).where(recovery_codes.c.account == account))


def use_recovery_code(uow: UnitOfWork, account: AccountId, digest: bytes) -> bool:
    """Use a code once: of any number of requests with it, one sees True."""
    unused = update(recovery_codes).where(
        recovery_codes.c.account == account,
        recovery_codes.c.digest == digest,
        recovery_codes.c.used_at.is_(None),
    )
    return uow.connection.execute(unused.values(used_at=uow.now)).rowcount == 1


def count_unused_recovery_codes(uow: UnitOfWork, account: AccountId) -> int:
    """Return how many recovery codes of an account still open."""
    query = select(func.count()).select_from(recovery_codes)
    unused = query.where(recovery_codes.c.account == account, recovery_codes.c.used_at.is_(None))
    return int(uow.connection.execute(unused).scalar_one())
