"""Rows of linked identities, of the sessions that they opened, and of logout tokens already used.

Subjects are found by keyed digests; what is shown of them to their owner is sealed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType
from uuid import UUID

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    RowMapping,
    String,
    Table,
    UniqueConstraint,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from serment.identity.errors import LinkTaken, TokenRefused
from serment.identity.model import SessionId
from serment.kernel import AccountId, UnitOfWork, UtcDateTime, UuidText, metadata

LinkId = NewType("LinkId", UUID)

linked_identities = Table(
    "linked_identities",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("account", UuidText, ForeignKey("accounts.id"), nullable=False),
    Column("issuer", String(400), nullable=False),
    # Over issuer and subject together: two providers may use one name for two people (ASVS 6.8.1).
    Column("subject_digest", LargeBinary(32), nullable=False, unique=True),
    Column("subject_sealed", LargeBinary, nullable=False),
    Column("linked_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    UniqueConstraint("account", "issuer"),
)

federated_sessions = Table(
    "federated_sessions",
    metadata,
    # No foreign key: a session may be forgotten before this row is.
    Column("session", UuidText, primary_key=True),
    Column("account", UuidText, nullable=False),
    Column("sub_digest", LargeBinary(32), nullable=False),
    Column("sid_digest", LargeBinary(32)),
    Column("ends_at", UtcDateTime, nullable=False),
    Index(None, "account"),
    Index(None, "sub_digest"),
    Index(None, "sid_digest"),
    Index(None, "ends_at"),
)

used_logout_tokens = Table(
    "used_logout_tokens",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("kept_until", UtcDateTime, nullable=False),
    Index(None, "kept_until"),
)


@dataclass(frozen=True)
class LinkRow:
    """A stored link between an account and somebody at a provider."""

    id: LinkId
    account: AccountId
    issuer: str
    subject_digest: bytes
    subject_sealed: bytes
    linked_at: datetime
    last_used_at: datetime | None = None


@dataclass(frozen=True)
class FederatedSession:
    """A session that a provider's word opened, findable by the provider's names for it."""

    session: SessionId
    account: AccountId
    sub_digest: bytes
    sid_digest: bytes | None
    ends_at: datetime


def add_link(uow: UnitOfWork, row: LinkRow) -> None:
    """Insert a link.

    Raises:
        LinkTaken: that somebody is linked already, or the account has another identity of that provider.
    """
    try:
        uow.connection.execute(insert(linked_identities).values(**vars(row)))
    except IntegrityError:
        raise LinkTaken(str(row.account)) from None


def find_link(uow: UnitOfWork, subject_digest: bytes) -> LinkRow | None:
    """Return the link of somebody at a provider, or None."""
    query = select(linked_identities).where(linked_identities.c.subject_digest == subject_digest)
    row: RowMapping | None = uow.connection.execute(query).mappings().first()
    return None if row is None else LinkRow(**row)


def links_of(uow: UnitOfWork, account: AccountId) -> tuple[LinkRow, ...]:
    """Return the links of an account, oldest first."""
    query = select(linked_identities).where(linked_identities.c.account == account)
    rows = uow.connection.execute(query.order_by(linked_identities.c.linked_at)).mappings()
    return tuple(LinkRow(**row) for row in rows)


def note_use(uow: UnitOfWork, link: LinkId) -> None:
    """Note that a link opened a session now."""
    same = update(linked_identities).where(linked_identities.c.id == link)
    uow.connection.execute(same.values(last_used_at=uow.now))


def remove_link(uow: UnitOfWork, account: AccountId, link: LinkId) -> bool:
    """Delete a link of an account; False when it has none such."""
    chosen = delete(linked_identities).where(
        linked_identities.c.id == link, linked_identities.c.account == account
    )
    return uow.connection.execute(chosen).rowcount == 1


def add_session(uow: UnitOfWork, row: FederatedSession) -> None:
    """Insert what the provider calls a session of ours."""
    uow.connection.execute(insert(federated_sessions).values(**vars(row)))


def is_federated(uow: UnitOfWork, session: SessionId) -> bool:
    """Tell whether a provider's word opened a session."""
    query = select(federated_sessions.c.session).where(federated_sessions.c.session == session)
    return uow.connection.execute(query).first() is not None


def take_sessions(
    uow: UnitOfWork, *, sid_digest: bytes | None, sub_digest: bytes | None
) -> tuple[FederatedSession, ...]:
    """Delete and return the sessions of a provider's session, of its subject, or of both when both are given."""
    chosen = delete(federated_sessions)
    if sid_digest is not None:
        chosen = chosen.where(federated_sessions.c.sid_digest == sid_digest)
    if sub_digest is not None:
        chosen = chosen.where(federated_sessions.c.sub_digest == sub_digest)
    rows = uow.connection.execute(chosen.returning(*federated_sessions.c)).mappings()
    return tuple(FederatedSession(**row) for row in rows)


def take_others(uow: UnitOfWork, account: AccountId, kept: SessionId) -> tuple[FederatedSession, ...]:
    """Delete and return the sessions of an account but one."""
    chosen = delete(federated_sessions).where(
        federated_sessions.c.account == account, federated_sessions.c.session != kept
    )
    rows = uow.connection.execute(chosen.returning(*federated_sessions.c)).mappings()
    return tuple(FederatedSession(**row) for row in rows)


def use_logout_token(uow: UnitOfWork, digest: bytes, kept_until: datetime) -> None:
    """Remember that a logout token was used.

    Raises:
        TokenRefused: it was used before.
    """
    try:
        uow.connection.execute(insert(used_logout_tokens).values(digest=digest, kept_until=kept_until))
    except IntegrityError:
        raise TokenRefused("jti") from None


def note_over(uow: UnitOfWork, digest: bytes, kept_until: datetime) -> None:
    """Remember for a while that a session of the provider is over."""
    if not is_over(uow, digest):
        uow.connection.execute(insert(used_logout_tokens).values(digest=digest, kept_until=kept_until))


def is_over(uow: UnitOfWork, digest: bytes) -> bool:
    """Tell whether a session of the provider was said to be over a moment ago."""
    query = select(used_logout_tokens.c.digest).where(used_logout_tokens.c.digest == digest)
    return uow.connection.execute(query).first() is not None


def forget_expired(uow: UnitOfWork) -> None:
    """Delete what is over: sessions past their limit, and tokens too old to be taken again."""
    uow.connection.execute(delete(federated_sessions).where(federated_sessions.c.ends_at <= uow.now))
    uow.connection.execute(delete(used_logout_tokens).where(used_logout_tokens.c.kept_until <= uow.now))
