"""Rows of security events."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    delete,
    insert,
    select,
)

from serment.kernel import AccountId, OrganisationId, UnitOfWork, UtcDateTime, UuidText, metadata

security_events = Table(
    "security_events",
    metadata,
    # Two events of one instant keep their order by this number.
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("id", UuidText, nullable=False, unique=True),
    # No foreign key: the event outlives a rollback that takes the account along.
    Column("account", UuidText, nullable=False),
    Column("organisation", UuidText, nullable=False),
    Column("kind", String(80), nullable=False),
    Column("outcome", String(40), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by_owner", Boolean, nullable=False),
    Column("origin_sealed", LargeBinary, nullable=False),
    Index(None, "account", "number"),
)


@dataclass(frozen=True)
class EventRow:
    """One stored event."""

    id: UUID
    account: AccountId
    organisation: OrganisationId
    kind: str
    outcome: str
    at: datetime
    by_owner: bool
    origin_sealed: bytes


def add_event(uow: UnitOfWork, event: EventRow) -> None:
    """Insert an event."""
    uow.connection.execute(insert(security_events).values(**vars(event)))


def events_of(uow: UnitOfWork, account: AccountId, limit: int) -> tuple[EventRow, ...]:
    """Return the events of an account, newest first."""
    columns = [column for column in security_events.c if column.name != "number"]
    query = (
        select(*columns)
        .where(security_events.c.account == account)
        .order_by(security_events.c.number.desc())
        .limit(limit)
    )
    return tuple(EventRow(**row) for row in uow.connection.execute(query).mappings())


def forget_events_before(uow: UnitOfWork, at: datetime) -> None:
    """Delete the events older than an instant."""
    uow.connection.execute(delete(security_events).where(security_events.c.at < at))
