"""Rows of sessions; the look-up of every request is one indexed query."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from serment.identity.directory.store import accounts
from serment.identity.model import DeviceId, SessionId
from serment.kernel import AccountId, OrganisationId, UnitOfWork, UtcDateTime, UuidText, metadata

sessions = Table(
    "sessions",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("token_digest", LargeBinary(32), nullable=False, unique=True),
    Column("account", UuidText, ForeignKey("accounts.id"), nullable=False),
    Column("place_sealed", LargeBinary, nullable=False),
    Column("method", String(40), nullable=False),
    Column("idle_seconds", Integer, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("stepped_up_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("restriction", String(40)),
    Column("browser", UuidText),
    Index(None, "account", "ended_at"),
    Index(None, "ends_at"),
)


@dataclass(frozen=True)
class SessionRow:
    """A stored session; `place_sealed` holds the device and the origin."""

    id: SessionId
    token_digest: bytes
    account: AccountId
    place_sealed: bytes
    method: str
    idle_seconds: int
    opened_at: datetime
    last_seen_at: datetime
    ends_at: datetime
    stepped_up_at: datetime | None = None
    ended_at: datetime | None = None
    restriction: str | None = None
    browser: DeviceId | None = None


@dataclass(frozen=True)
class LiveSession:
    """What a request needs to know of its session and account."""

    id: SessionId
    account: AccountId
    organisation: OrganisationId
    role: str
    profession: str
    status: str
    name_sealed: bytes
    idle_seconds: int
    last_seen_at: datetime
    ends_at: datetime
    stepped_up_at: datetime | None
    leaves_at: datetime | None
    restriction: str | None
    browser: DeviceId | None


def add_session(uow: UnitOfWork, row: SessionRow) -> None:
    """Insert a session."""
    uow.connection.execute(insert(sessions).values(**vars(row)))


def find_live(uow: UnitOfWork, token_digest: bytes) -> LiveSession | None:
    """Return a session that was not ended, with its account; limits are the caller's to check."""
    row = uow.connection.execute(_LIVE, {"digest": token_digest}).mappings().first()
    return None if row is None else LiveSession(**row)


def touch(uow: UnitOfWork, session: SessionId) -> None:
    """Note that a session was used now."""
    uow.connection.execute(update(sessions).where(sessions.c.id == session).values(last_seen_at=uow.now))


def raise_session(uow: UnitOfWork, session: SessionId, token_digest: bytes) -> None:
    """Note that a factor was proved again in a session now; another token opens it, and the former one no more."""
    same = update(sessions).where(sessions.c.id == session)
    uow.connection.execute(same.values(stepped_up_at=uow.now, token_digest=token_digest))


def restrict_open(uow: UnitOfWork, account: AccountId, restriction: str, *, spared: str) -> int:
    """Restrict the open sessions of an account, but those opened by the method `spared`; return how many."""
    free = sessions.c.restriction.is_(None) & (sessions.c.method != spared)
    narrowed = update(sessions).where(_open(account), free).values(restriction=restriction)
    return int(uow.connection.execute(narrowed).rowcount)


def lift_restriction(uow: UnitOfWork, session: SessionId, restriction: str) -> None:
    """Free a session of a restriction; the proof that it was opened with is not lent to what comes after."""
    bound = update(sessions).where(sessions.c.id == session, sessions.c.restriction == restriction)
    uow.connection.execute(bound.values(restriction=None, stepped_up_at=None))


def sessions_of(uow: UnitOfWork, account: AccountId) -> tuple[SessionRow, ...]:
    """Return the sessions of an account that were not ended, the last used first."""
    query = select(sessions).where(_open(account)).order_by(sessions.c.last_seen_at.desc())
    return tuple(SessionRow(**row) for row in uow.connection.execute(query).mappings())


def is_open(uow: UnitOfWork, account: AccountId, session: SessionId) -> bool:
    """Tell whether a session of an account was not ended."""
    query = select(sessions.c.id).where(_open(account), sessions.c.id == session)
    return uow.connection.execute(query).first() is not None


def end_session(uow: UnitOfWork, account: AccountId, session: SessionId) -> bool:
    """End one session of an account; False when it was not open."""
    return _end(uow, _open(account), sessions.c.id == session) == 1


def end_others(uow: UnitOfWork, account: AccountId, kept: SessionId) -> int:
    """End the sessions of an account but one; return how many."""
    return _end(uow, _open(account), sessions.c.id != kept)


def end_all(uow: UnitOfWork, account: AccountId) -> int:
    """End the sessions of an account; return how many."""
    return _end(uow, _open(account))


def forget_ended(uow: UnitOfWork) -> None:
    """Delete the sessions that are worth nothing any more."""
    gone = (sessions.c.ended_at.is_not(None)) | (sessions.c.ends_at <= uow.now)
    uow.connection.execute(delete(sessions).where(gone))


_LIVE = (
    select(
        sessions.c.id,
        sessions.c.account,
        sessions.c.idle_seconds,
        sessions.c.last_seen_at,
        sessions.c.ends_at,
        sessions.c.stepped_up_at,
        sessions.c.restriction,
        sessions.c.browser,
        accounts.c.organisation,
        accounts.c.role,
        accounts.c.profession,
        accounts.c.status,
        accounts.c.name_sealed,
        accounts.c.leaves_at,
    )
    .join_from(sessions, accounts, accounts.c.id == sessions.c.account)
    .where(sessions.c.ended_at.is_(None), sessions.c.token_digest == bindparam("digest"))
)


def _open(account: AccountId) -> ColumnElement[bool]:
    return (sessions.c.account == account) & sessions.c.ended_at.is_(None)


def _end(uow: UnitOfWork, *which: ColumnElement[bool]) -> int:
    return int(uow.connection.execute(update(sessions).where(*which).values(ended_at=uow.now)).rowcount)
