"""Tables and SQL of the ledger.

Rows are only added. What is written later is a leaf's place in the tree, once, and the purge of a detail.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    Label,
    LargeBinary,
    RowMapping,
    Select,
    Table,
    Text,
    bindparam,
    case,
    func,
    insert,
    select,
    update,
)

from serment.kernel import DossierId, OrganisationId, UtcDateTime, UuidText, metadata
from serment.ledger.merkle import EMPTY_ROOT
from serment.ledger.model import AnchorRow, Head, Mark, TraceId, TraceRow

_NUMBER = BigInteger().with_variant(Integer, "sqlite")
_ROWS_AT_ONCE = 1000
_THE_HEAD = 1

traces = Table(
    "ledger_traces",
    metadata,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("id", UuidText, nullable=False, unique=True),
    Column("organisation", UuidText, nullable=False),
    Column("dossier", UuidText),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("commitment", LargeBinary, nullable=False),
    Column("seal_digest", LargeBinary, nullable=False),
    Column("sealed", LargeBinary),
    Column("leaf", BigInteger, unique=True),
    Column("actor_tag", LargeBinary(8)),
    Column("means_tag", LargeBinary(8)),
    Column("browser_tag", LargeBinary(8)),
    Index(None, "organisation", "dossier", "number"),
    Index(None, "actor_tag", "recorded_at"),
    Index(None, "means_tag", "recorded_at"),
    Index(None, "browser_tag", "recorded_at"),
)

anchors = Table(
    "ledger_anchors",
    metadata,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("organisation", UuidText),
    Column("place", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("leaf", BigInteger, unique=True),
    Index(None, "place"),
)

head = Table(
    "ledger_head",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("assigned", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
)

_INSERT_TRACE = insert(traces).inline()
_INSERT_ANCHOR = insert(anchors).inline()
_SELECT_HEAD = select(head).where(head.c.number == _THE_HEAD)
_TAG_COLUMNS = {mark: traces.c[f"{mark}_tag"] for mark in Mark}
_NOTHING_LEFT = {"sealed": None, **{f"{mark}_tag": None for mark in Mark}}
_TRACE_COLUMNS = tuple(column for column in traces.c if column.name != "number")
_ANCHOR_COLUMNS = tuple(column for column in anchors.c if column.name != "number")


def add_traces(connection: Connection, rows: Sequence[TraceRow]) -> None:
    """Insert traces in their order."""
    connection.execute(_INSERT_TRACE, [_trace_values(row) for row in rows])


def _trace_values(row: TraceRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "organisation": row.organisation,
        "dossier": row.dossier,
        "recorded_at": row.recorded_at,
        "commitment": row.commitment,
        "seal_digest": row.seal_digest,
        "sealed": row.sealed,
        "actor_tag": row.actor_tag,
        "means_tag": row.means_tag,
        "browser_tag": row.browser_tag,
    }


def add_anchor(connection: Connection, row: AnchorRow) -> None:
    """Insert one anchor."""
    values = {
        "organisation": row.organisation,
        "place": row.place,
        "digest": row.digest,
        "salt": row.salt,
        "recorded_at": row.recorded_at,
    }
    connection.execute(_INSERT_ANCHOR, values)


def load_traces(
    connection: Connection,
    organisation: OrganisationId,
    dossier: DossierId | None,
    *,
    limit: int,
    before: TraceId | None,
) -> list[TraceRow]:
    """Return the traces of one dossier, or of the organisation itself, whose detail is there, newest first."""
    mine = _of(organisation, dossier)
    query = select(*_TRACE_COLUMNS).where(mine, traces.c.sealed.is_not(None))
    if before is not None:
        last_seen = select(traces.c.number).where(mine, traces.c.id == before).scalar_subquery()
        query = query.where(traces.c.number < last_seen)
    rows = connection.execute(query.order_by(traces.c.number.desc()).limit(limit)).mappings()
    return [_trace(row) for row in rows]


def load_trace(
    connection: Connection, organisation: OrganisationId, dossier: DossierId, wanted: TraceId
) -> TraceRow | None:
    """Return one trace of a dossier, whose detail is there."""
    mine = _of(organisation, dossier)
    query = select(*_TRACE_COLUMNS).where(mine, traces.c.id == wanted, traces.c.sealed.is_not(None))
    row = connection.execute(query).mappings().first()
    return None if row is None else _trace(row)


def all_traces(connection: Connection, organisation: OrganisationId, dossier: DossierId) -> list[TraceRow]:
    """Return every trace of a dossier whose detail is there, oldest first."""
    query = select(*_TRACE_COLUMNS).where(_of(organisation, dossier), traces.c.sealed.is_not(None))
    return [_trace(row) for row in connection.execute(query.order_by(traces.c.number)).mappings()]


def _of(organisation: OrganisationId, dossier: DossierId | None) -> ColumnElement[bool]:
    about = traces.c.dossier.is_(None) if dossier is None else traces.c.dossier == dossier
    return (traces.c.organisation == organisation) & about


@dataclass(frozen=True)
class Tagged:
    """The traces that bear one tag and were recorded from one instant on, and before another."""

    organisation: OrganisationId
    mark: Mark
    tag: bytes
    since: datetime
    until: datetime


def tagged_dossiers(connection: Connection, wanted: Tagged) -> dict[DossierId | None, int]:
    """Return the dossiers that these traces are about, None standing for no dossier, and how many each has."""
    query = select(traces.c.dossier, func.count()).where(_bears(wanted)).group_by(traces.c.dossier)
    return {row[0]: row[1] for row in connection.execute(query)}


def stream_tagged(connection: Connection, wanted: Tagged) -> Iterator[TraceRow]:
    """Yield these traces dossier by dossier, each oldest first: so each dossier's key is looked up once."""
    query = select(*_TRACE_COLUMNS).where(_bears(wanted), traces.c.sealed.is_not(None))
    return map(_trace, _stream(connection, query.order_by(traces.c.dossier, traces.c.number)))


def stream_between(
    connection: Connection, organisation: OrganisationId, dossier: DossierId, since: datetime, until: datetime
) -> Iterator[TraceRow]:
    """Yield the traces of one dossier recorded from one instant on and before another, oldest first."""
    at = traces.c.recorded_at
    mine = _of(organisation, dossier) & (at >= since) & (at < until) & traces.c.sealed.is_not(None)
    return map(_trace, _stream(connection, select(*_TRACE_COLUMNS).where(mine).order_by(traces.c.number)))


def _bears(wanted: Tagged) -> ColumnElement[bool]:
    at = traces.c.recorded_at
    within = (at >= wanted.since) & (at < wanted.until)
    return (_TAG_COLUMNS[wanted.mark] == wanted.tag) & (traces.c.organisation == wanted.organisation) & within


def stream_current_anchors(
    connection: Connection, organisation: OrganisationId | None
) -> Iterator[tuple[str, bytes]]:
    """Yield place and digest of the newest anchor of each place."""
    query = select(anchors.c.place, anchors.c.digest, _age_in_place())
    if organisation is not None:
        query = query.where(anchors.c.organisation == organisation)
    ranked = query.subquery()
    rows = _stream(connection, select(ranked).where(ranked.c.age == 1))
    return ((row["place"], row["digest"]) for row in rows)


def current_anchor(connection: Connection, place: str) -> bytes | None:
    """Return the digest of the newest anchor of one place."""
    query = select(anchors.c.digest, _age_in_place()).where(anchors.c.place == place).subquery()
    return connection.scalar(select(query.c.digest).where(query.c.age == 1))


def _age_in_place() -> Label[int]:
    """Rank the anchors of a place, newest first: by leaf, which the log vouches for; those without one before."""
    newest_first = (
        case((anchors.c.leaf.is_(None), 0), else_=1),
        anchors.c.leaf.desc(),
        anchors.c.number.desc(),
    )
    return func.row_number().over(partition_by=anchors.c.place, order_by=newest_first).label("age")


def rows_between(connection: Connection, start: int, end: int) -> Iterator[TraceRow | AnchorRow]:
    """Yield the traces, then the anchors, whose leaf lies in [start, end)."""
    return chain(
        map(_trace, connection.execute(_placed(traces, _TRACE_COLUMNS, start, end)).mappings()),
        map(_anchor, connection.execute(_placed(anchors, _ANCHOR_COLUMNS, start, end)).mappings()),
    )


def _placed(table: Table, columns: tuple[Column[Any], ...], start: int, end: int) -> Select[Any]:
    return select(*columns).where(table.c.leaf >= start, table.c.leaf < end)


def rows_from(connection: Connection, size: int) -> Iterator[TraceRow | AnchorRow]:
    """Yield the rows that claim a leaf below zero, or from that size on."""
    for table, columns, read in _BOTH:
        outside = (table.c.leaf < 0) | (table.c.leaf >= size)
        yield from map(read, _stream(connection, select(*columns).where(outside)))


def pending_traces(connection: Connection) -> Iterator[TraceRow]:
    """Yield the traces that have no place in the tree yet, in order of recording."""
    query = select(*_TRACE_COLUMNS).where(traces.c.leaf.is_(None)).order_by(traces.c.number)
    return map(_trace, _stream(connection, query))


def purge_trail_details(connection: Connection, before: datetime) -> int:
    """Forget the details of traces about dossiers recorded before an instant; return how many."""
    return _purge(connection, traces.c.dossier.is_not(None), before)


def purge_security_details(connection: Connection, before: datetime) -> int:
    """Forget the details of traces about no dossier recorded before an instant; return how many."""
    return _purge(connection, traces.c.dossier.is_(None), before)


def _purge(connection: Connection, which: ColumnElement[bool], before: datetime) -> int:
    old = (traces.c.recorded_at < before) & traces.c.sealed.is_not(None)
    return connection.execute(update(traces).where(which, old).values(_NOTHING_LEFT)).rowcount


def load_head(connection: Connection) -> Head:
    """Return where the log stands, and keep other sequencers waiting until the transaction ends."""
    return _head(connection, _SELECT_HEAD.with_for_update())


def peek_head(connection: Connection) -> Head:
    """Return where the log stands."""
    return _head(connection, _SELECT_HEAD)


def _head(connection: Connection, query: Select[Any]) -> Head:
    row = connection.execute(query).mappings().first()
    return Head(row["assigned"], row["size"], row["root"]) if row else Head(0, 0, EMPTY_ROOT)


def save_head(connection: Connection, state: Head) -> None:
    """Store where the log stands."""
    values = {"assigned": state.assigned, "size": state.size, "root": state.root}
    changed = connection.execute(update(head).where(head.c.number == _THE_HEAD).values(**values)).rowcount
    if not changed:
        connection.execute(insert(head).values(number=_THE_HEAD, **values))


def place_pending(connection: Connection, start: int, most: int) -> int:
    """Give the rows without a place the leaves from `start` on: traces first, each kind in order of recording.

    Return how many were placed, at most `most`.
    """
    placed = 0
    for table, _, _ in _BOTH:
        query = select(table.c.number).where(table.c.leaf.is_(None)).order_by(table.c.number)
        numbers = connection.scalars(query.limit(most - placed)).all()
        rows = [
            {"its_number": number, "its_leaf": start + placed + step} for step, number in enumerate(numbers)
        ]
        if rows:
            one = (
                update(table)
                .where(table.c.number == bindparam("its_number"))
                .values(leaf=bindparam("its_leaf"))
            )
            connection.execute(one, rows)
        placed += len(rows)
    return placed


def _stream(connection: Connection, query: Select[Any]) -> Iterator[RowMapping]:
    with connection.execute(query, execution_options={"yield_per": _ROWS_AT_ONCE}) as result:
        yield from result.mappings()


def _trace(row: RowMapping) -> TraceRow:
    return TraceRow(**dict(row))


def _anchor(row: RowMapping) -> AnchorRow:
    return AnchorRow(**dict(row))


_BOTH: tuple[tuple[Table, tuple[Column[Any], ...], Any], ...] = (
    (traces, _TRACE_COLUMNS, _trace),
    (anchors, _ANCHOR_COLUMNS, _anchor),
)
