"""What all workers share of sign-in: throttle buckets, the pressure, and what may be used once only."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from serment.kernel import UnitOfWork, UtcDateTime, metadata

_SLOT_SECONDS = 5

throttle_buckets = Table(
    "throttle_buckets",
    metadata,
    Column("name", LargeBinary(32), primary_key=True),
    Column("full_until", UtcDateTime, nullable=False),
    Index(None, "full_until"),
)

pressure_slots = Table(
    "pressure_slots",
    metadata,
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("attempts", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
)

spent_tokens = Table(
    "spent_tokens",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("until", UtcDateTime, nullable=False),
    Index(None, "until"),
)


@dataclass(frozen=True)
class Tally:
    """How many unknown browsers tried, and how many of them failed."""

    attempts: int = 0
    failures: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.attempts + other.attempts, self.failures + other.failures)


def lock_buckets(uow: UnitOfWork, names: Collection[bytes]) -> dict[bytes, datetime]:
    """Return what buckets remember, creating the missing ones, and hold them until the transaction ends.

    They are taken in the order of their names, so that two attempts never wait for each other.
    """
    rows = [{"name": name, "full_until": uow.now} for name in sorted(names)]
    # Setting a row to what it is holds it against others, and returns it, in one statement.
    as_it_is = {"full_until": throttle_buckets.c.full_until}
    held = _insert(uow, throttle_buckets).values(rows)
    kept = held.on_conflict_do_update(index_elements=["name"], set_=as_it_is)
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


def add_tally(uow: UnitOfWork, tally: Tally) -> None:
    """Add what one process counted to what all counted."""
    slots = pressure_slots.c
    new = _insert(uow, pressure_slots).values(slot=_slot(uow.now), **vars(tally))
    more = {"attempts": slots.attempts + tally.attempts, "failures": slots.failures + tally.failures}
    uow.connection.execute(new.on_conflict_do_update(index_elements=["slot"], set_=more))


def tally_since(uow: UnitOfWork, since: datetime) -> Tally:
    """Return what all processes counted since an instant, to within five seconds."""
    slots = pressure_slots.c
    sums = select(func.coalesce(func.sum(slots.attempts), 0), func.coalesce(func.sum(slots.failures), 0))
    attempts, failures = uow.connection.execute(sums.where(slots.slot > _slot(since))).one()
    return Tally(int(attempts), int(failures))


def spend(uow: UnitOfWork, digest: bytes, until: datetime) -> bool:
    """Use something up that is good once until an instant: of any number of requests with it, one sees True."""
    new = _insert(uow, spent_tokens).values(digest=digest, until=until)
    first = new.on_conflict_do_nothing(index_elements=["digest"]).returning(spent_tokens.c.digest)
    return uow.connection.execute(first).first() is not None


def forget_old(uow: UnitOfWork, window_began: datetime) -> None:
    """Delete the counts from before the window, and what ran out and need not be remembered."""
    uow.connection.execute(delete(pressure_slots).where(pressure_slots.c.slot < _slot(window_began)))
    uow.connection.execute(delete(spent_tokens).where(spent_tokens.c.until <= uow.now))


def _slot(moment: datetime) -> int:
    return int(moment.timestamp()) // _SLOT_SECONDS


def _insert(uow: UnitOfWork, table: Table) -> Any:  # noqa: ANN401 -- the two dialects share the form, not the type
    dialect = postgresql if uow.connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)
