"""Rows of throttle buckets, shared by all workers: keyed names, one instant each."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Column, Index, LargeBinary, Table, delete, update
from sqlalchemy.dialects import postgresql, sqlite

from serment.kernel import UnitOfWork, UtcDateTime, metadata

throttle_buckets = Table(
    "throttle_buckets",
    metadata,
    Column("name", LargeBinary(32), primary_key=True),
    Column("full_until", UtcDateTime, nullable=False),
    Index(None, "full_until"),
)


def lock_buckets(uow: UnitOfWork, names: Collection[bytes]) -> dict[bytes, datetime]:
    """Return what buckets remember, creating the missing ones, and hold them until the transaction ends.

    They are taken in the order of their names, so that two attempts never wait for each other.
    """
    rows = [{"name": name, "full_until": uow.now} for name in sorted(names)]
    # Setting a row to what it is holds it against others, and returns it, in one statement.
    as_it_is = {"full_until": throttle_buckets.c.full_until}
    if uow.connection.dialect.name == "postgresql":
        into = postgresql.insert(throttle_buckets).values(rows)
        held = into.on_conflict_do_update(index_elements=["name"], set_=as_it_is)
        found = uow.connection.execute(held.returning(*throttle_buckets.c)).mappings()
    else:
        fresh = sqlite.insert(throttle_buckets).values(rows)
        kept = fresh.on_conflict_do_update(index_elements=["name"], set_=as_it_is)
        found = uow.connection.execute(kept.returning(*throttle_buckets.c)).mappings()
    return {row["name"]: row["full_until"] for row in found}


def fill_buckets(uow: UnitOfWork, full_until: Mapping[bytes, datetime]) -> None:
    """Set what buckets remember."""
    for name, until in full_until.items():
        same = update(throttle_buckets).where(throttle_buckets.c.name == name)
        uow.connection.execute(same.values(full_until=until))


def forget_empty_buckets(uow: UnitOfWork) -> None:
    """Delete the buckets that remember nothing."""
    uow.connection.execute(delete(throttle_buckets).where(throttle_buckets.c.full_until <= uow.now))
