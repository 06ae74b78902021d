"""Rows of access keys, and of the proofs that were used with them.

A key that ended is no row any more: what it did, and who ended it, is in the ledger.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from serment.identity.directory.store import accounts, is_active
from serment.identity.errors import KeyRefused
from serment.identity.model import AccessKeyId, AccountStatus
from serment.kernel import AccountId, OrganisationId, UnitOfWork, UtcDateTime, UuidText, metadata

access_keys = Table(
    "access_keys",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("account", UuidText, ForeignKey("accounts.id"), nullable=False),
    Column("token_digest", LargeBinary(32), nullable=False, unique=True),
    Column("particulars_sealed", LargeBinary, nullable=False),
    Column("face", String(40), nullable=False),
    Column("sections", Text, nullable=False),
    Column("scope", String(40), nullable=False),
    Column("binding", String(40), nullable=False),
    Column("thumbprint", LargeBinary(32)),
    Column("made_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Column("last_place_sealed", LargeBinary),
    Column("last_refused_at", UtcDateTime),
    Column("reminded_at", UtcDateTime),
    Index(None, "account"),
    Index(None, "ends_at"),
)

key_proofs = Table(
    "access_key_proofs",
    metadata,
    Column("key", UuidText, primary_key=True),
    Column("digest", LargeBinary(32), primary_key=True),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)


@dataclass(frozen=True)
class KeyRow:
    """A stored access key; `particulars_sealed` holds its label and the networks it is used from."""

    id: AccessKeyId
    account: AccountId
    token_digest: bytes
    particulars_sealed: bytes
    face: str
    sections: str
    scope: str
    binding: str
    thumbprint: bytes | None
    made_at: datetime
    ends_at: datetime
    last_used_at: datetime | None = None
    last_place_sealed: bytes | None = None
    last_refused_at: datetime | None = None
    reminded_at: datetime | None = None


@dataclass(frozen=True)
class OwnedKey:
    """A key beside what a request needs to know of its owner."""

    row: KeyRow
    organisation: OrganisationId
    role: str
    profession: str
    status: str
    name_sealed: bytes


def add_key(uow: UnitOfWork, row: KeyRow) -> None:
    """Insert an access key."""
    uow.connection.execute(insert(access_keys).values(**vars(row)))


def find_owned(uow: UnitOfWork, token_digest: bytes) -> OwnedKey | None:
    """Return the key with a digest, with its owner; limits are the caller's to check.

    The owner's status is what holds now: departed from the day of their departure on.
    """
    query = _OWNED.where(access_keys.c.token_digest == token_digest)
    found = uow.connection.execute(query).mappings().first()
    if found is None:
        return None
    told = dict(found)
    leaves_at = told.pop("leaves_at")
    if leaves_at is not None and leaves_at <= uow.now:
        told["status"] = AccountStatus.DEPARTED
    of_owner = {
        name: told.pop(name) for name in ("organisation", "role", "profession", "status", "name_sealed")
    }
    return OwnedKey(KeyRow(**told), **of_owner)


def is_alive(uow: UnitOfWork, key: AccessKeyId) -> bool:
    """Tell whether a key is there, before its end, and its owner active."""
    alive = (
        *is_active(uow.now),
        access_keys.c.id == key,
        access_keys.c.ends_at > uow.now,
    )
    query = select(access_keys.c.id).join(accounts, accounts.c.id == access_keys.c.account).where(*alive)
    return uow.connection.execute(query).first() is not None


def keys_of(uow: UnitOfWork, account: AccountId) -> tuple[KeyRow, ...]:
    """Return the keys of an account, the youngest first; those past their end are among them for a while."""
    query = select(access_keys).where(access_keys.c.account == account)
    ordered = query.order_by(access_keys.c.made_at.desc(), access_keys.c.id)
    return tuple(KeyRow(**row) for row in uow.connection.execute(ordered).mappings())


def count_living(uow: UnitOfWork, account: AccountId) -> int:
    """Return how many keys of an account have not reached their end."""
    living = (access_keys.c.account == account, access_keys.c.ends_at > uow.now)
    return int(
        uow.connection.execute(select(func.count()).select_from(access_keys).where(*living)).scalar_one()
    )


def remove_key(uow: UnitOfWork, account: AccountId, key: AccessKeyId) -> bool:
    """Delete one key of an account; False when it has none such."""
    mine = delete(access_keys).where(access_keys.c.id == key, access_keys.c.account == account)
    return uow.connection.execute(mine).rowcount == 1


def remove_all(uow: UnitOfWork, account: AccountId) -> Sequence[AccessKeyId]:
    """Delete the keys of an account; return which they were."""
    gone = delete(access_keys).where(access_keys.c.account == account).returning(access_keys.c.id)
    return [AccessKeyId(row) for row in uow.connection.execute(gone).scalars()]


def keys_ended_before(uow: UnitOfWork, at: datetime) -> list[tuple[AccessKeyId, AccountId, OrganisationId]]:
    """Return the keys whose end is older than an instant, with their owners."""
    query = (
        select(access_keys.c.id, access_keys.c.account, accounts.c.organisation)
        .join_from(access_keys, accounts, accounts.c.id == access_keys.c.account)
        .where(access_keys.c.ends_at < at)
    )
    return [
        (AccessKeyId(row[0]), AccountId(row[1]), OrganisationId(row[2]))
        for row in uow.connection.execute(query)
    ]


def keys_to_remind_of(
    uow: UnitOfWork, at: datetime
) -> list[tuple[AccessKeyId, AccountId, OrganisationId, datetime]]:
    """Return the living keys that end before an instant and whose owners were not told, with them."""
    due = (access_keys.c.ends_at > uow.now, access_keys.c.ends_at <= at, access_keys.c.reminded_at.is_(None))
    told = (access_keys.c.id, access_keys.c.account, accounts.c.organisation, access_keys.c.ends_at)
    query = select(*told).join_from(access_keys, accounts, accounts.c.id == access_keys.c.account).where(*due)
    rows = uow.connection.execute(query.order_by(access_keys.c.id))
    return [(AccessKeyId(row[0]), AccountId(row[1]), OrganisationId(row[2]), row[3]) for row in rows]


def note_reminder(uow: UnitOfWork, key: AccessKeyId) -> None:
    """Note that the owner of a key was told now that it ends soon."""
    uow.connection.execute(update(access_keys).where(access_keys.c.id == key).values(reminded_at=uow.now))


def touch(uow: UnitOfWork, key: AccessKeyId, place_sealed: bytes) -> None:
    """Note that a key was used now, and from where."""
    used = {"last_used_at": uow.now, "last_place_sealed": place_sealed}
    uow.connection.execute(update(access_keys).where(access_keys.c.id == key).values(**used))


def note_refusal(uow: UnitOfWork, key: AccessKeyId, not_since: datetime) -> bool:
    """Note that a key was refused now; False when that was noted after `not_since` already."""
    last = access_keys.c.last_refused_at
    due = update(access_keys).where(access_keys.c.id == key, or_(last.is_(None), last < not_since))
    return uow.connection.execute(due.values(last_refused_at=uow.now)).rowcount == 1


def spend_proof(uow: UnitOfWork, key: AccessKeyId, digest: bytes, expires_at: datetime) -> None:
    """Use a proof once: of any number of requests with it, one goes on.

    Raises:
        KeyRefused: it was used before; the transaction is of no more use.
    """
    row = {"key": key, "digest": digest, "expires_at": expires_at}
    try:
        uow.connection.execute(insert(key_proofs).values(**row))
    except IntegrityError:
        raise KeyRefused("proof used before") from None


def forget_spent_proofs(uow: UnitOfWork) -> None:
    """Delete the proofs that are too old to be taken again anyway."""
    uow.connection.execute(delete(key_proofs).where(key_proofs.c.expires_at <= uow.now))


_OWNED = select(
    access_keys,
    accounts.c.organisation,
    accounts.c.role,
    accounts.c.profession,
    accounts.c.status,
    accounts.c.leaves_at,
    accounts.c.name_sealed,
).join_from(access_keys, accounts, accounts.c.id == access_keys.c.account)
