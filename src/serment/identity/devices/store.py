"""Rows of known browsers: one an account and browser."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table, delete, insert, select, update

from serment.identity.model import DeviceId
from serment.kernel import AccountId, UnitOfWork, UtcDateTime, UuidText, metadata

known_devices = Table(
    "known_devices",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("account", UuidText, ForeignKey("accounts.id"), nullable=False),
    Column("place_sealed", LargeBinary, nullable=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Index(None, "account", "last_seen_at"),
    Index(None, "last_seen_at"),
)


@dataclass(frozen=True)
class DeviceRow:
    """A stored browser; `place_sealed` holds its name and where it was last seen."""

    id: DeviceId
    account: AccountId
    place_sealed: bytes
    first_seen_at: datetime
    last_seen_at: datetime


def add_device(uow: UnitOfWork, row: DeviceRow) -> None:
    """Insert a known browser."""
    uow.connection.execute(insert(known_devices).values(**vars(row)))


def see_device(uow: UnitOfWork, account: AccountId, device: DeviceId, place_sealed: bytes) -> bool:
    """Note where a browser of an account was seen now; False when it is not known (any more)."""
    same = update(known_devices).where(known_devices.c.id == device, known_devices.c.account == account)
    seen = same.values(place_sealed=place_sealed, last_seen_at=uow.now)
    return uow.connection.execute(seen).rowcount == 1


def is_known(uow: UnitOfWork, account: AccountId, device: DeviceId) -> bool:
    """Tell whether a browser is known to an account."""
    query = select(known_devices.c.id).where(known_devices.c.id == device, known_devices.c.account == account)
    return uow.connection.execute(query).first() is not None


def devices_of(uow: UnitOfWork, account: AccountId) -> tuple[DeviceRow, ...]:
    """Return the known browsers of an account, the last seen first."""
    query = select(known_devices).where(known_devices.c.account == account)
    ordered = query.order_by(known_devices.c.last_seen_at.desc(), known_devices.c.id)
    return tuple(DeviceRow(**row) for row in uow.connection.execute(ordered).mappings())


def forget_device(uow: UnitOfWork, account: AccountId, device: DeviceId) -> bool:
    """Delete a browser of an account; False when it is not known."""
    same = delete(known_devices).where(known_devices.c.id == device, known_devices.c.account == account)
    return uow.connection.execute(same).rowcount == 1


def end_all(uow: UnitOfWork, account: AccountId) -> int:
    """Delete the known browsers of an account; return how many there were."""
    return int(
        uow.connection.execute(delete(known_devices).where(known_devices.c.account == account)).rowcount
    )


def forget_unused(uow: UnitOfWork, since: datetime) -> None:
    """Delete the browsers that were not seen since an instant."""
    uow.connection.execute(delete(known_devices).where(known_devices.c.last_seen_at < since))
