"""Every row held against its leaf: changed, removed, added, misplaced rows are each named."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, delete, insert, select, text, update
from typing_extensions import override

from serment import kernel, ledger
from serment.ledger import store
from support.ledger import Crash, CrashingStorage, flipped, leave_traces, some_trace

Findings = Callable[[], list[ledger.Finding]]


@pytest.fixture
def integrated(traced: kernel.Database, log: ledger.Log) -> kernel.Database:
    """Eight traces at leaves 0 to 7, two anchors at 8 and 9."""
    leave_traces(traced, 8, anchors=2)
    assert ledger.integrate(traced, log) is not None
    return traced


@pytest.fixture
def check(integrated: kernel.Database, log: ledger.Log) -> Findings:
    def found() -> list[ledger.Finding]:
        with integrated.reading() as uow:
            return list(ledger.check_traces(uow, log))

    return found


def change(database: kernel.Database, table: Table, at: int, **values: object) -> None:
    with database.unit_of_work() as uow:
        uow.connection.execute(update(table).where(table.c.leaf == at).values(**values))


def row_at(database: kernel.Database, table: Table, leaf: int) -> dict[str, Any]:
    with database.reading() as uow:
        return dict(uow.connection.execute(select(table).where(table.c.leaf == leaf)).mappings().one())


def test_sound_rows_have_no_findings(check: Findings) -> None:
    assert check() == []


def test_a_log_that_has_not_begun_has_no_findings(traced: kernel.Database, log: ledger.Log) -> None:
    leave_traces(traced, 2)
    with traced.reading() as uow:
        assert list(ledger.check_traces(uow, log)) == []


@pytest.mark.parametrize("column", ["organisation", "dossier", "recorded_at", "commitment", "seal_digest"])
def test_a_changed_column_of_a_trace_is_named(
    integrated: kernel.Database, check: Findings, clock: kernel.SettableClock, column: str
) -> None:
    row = row_at(integrated, store.traces, 3)
    new = {
        "organisation": kernel.new_id(),
        "dossier": None,
        "recorded_at": clock.now().replace(microsecond=1),
        "commitment": flipped(row["commitment"]),
        "seal_digest": flipped(row["seal_digest"]),
    }
    change(integrated, store.traces, 3, **{column: new[column]})

    assert check() == [ledger.Finding(f"trace/{row['id']}", "is not what leaf 3 commits to")]


def test_a_changed_identifier_of_a_trace_is_named(integrated: kernel.Database, check: Findings) -> None:
    other = kernel.new_id()
    change(integrated, store.traces, 3, id=other)

    assert check() == [ledger.Finding(f"trace/{other}", "is not what leaf 3 commits to")]


def test_every_byte_of_a_sealed_detail_counts(integrated: kernel.Database, check: Findings) -> None:
    row = row_at(integrated, store.traces, 3)
    for position in range(0, len(row["sealed"]), 29):
        change(integrated, store.traces, 3, sealed=flipped(row["sealed"], position))
        assert check() == [ledger.Finding(f"trace/{row['id']}", "its sealed detail is not the one recorded")]


def test_a_detail_that_vanished_before_its_time_is_named(
    integrated: kernel.Database, check: Findings
) -> None:
    row = row_at(integrated, store.traces, 3)
    change(integrated, store.traces, 3, sealed=None)

    assert check() == [ledger.Finding(f"trace/{row['id']}", "its detail is gone before its time")]


@pytest.mark.parametrize("column", ["organisation", "place", "digest", "salt", "recorded_at"])
def test_a_changed_column_of_an_anchor_is_named(
    integrated: kernel.Database, check: Findings, clock: kernel.SettableClock, column: str
) -> None:
    new = {
        "organisation": None,
        "place": "object/7",
        "digest": b"",
        "salt": bytes(32),
        "recorded_at": clock.now().replace(microsecond=1),
    }
    change(integrated, store.anchors, 9, **{column: new[column]})

    place = "anchor/object/7" if column == "place" else "anchor/object/1"
    assert check() == [ledger.Finding(place, "is not what leaf 9 commits to")]


@pytest.mark.parametrize(("table", "leaf"), [(store.traces, 3), (store.anchors, 9)])
def test_a_removed_row_is_named_by_its_leaf(
    integrated: kernel.Database, check: Findings, table: Table, leaf: int
) -> None:
    with integrated.unit_of_work() as uow:
        uow.connection.execute(delete(table).where(table.c.leaf == leaf))

    assert check() == [ledger.Finding(f"leaf {leaf}", "has no row: a trace or an anchor was removed")]


def test_exchanged_rows_are_both_named(integrated: kernel.Database, check: Findings) -> None:
    one, other = row_at(integrated, store.traces, 3), row_at(integrated, store.traces, 4)
    change(integrated, store.traces, 3, leaf=None)
    change(integrated, store.traces, 4, leaf=3)
    with integrated.unit_of_work() as uow:
        uow.connection.execute(update(store.traces).where(store.traces.c.leaf.is_(None)).values(leaf=4))

    assert check() == [
        ledger.Finding(f"trace/{other['id']}", "is not what leaf 3 commits to"),
        ledger.Finding(f"trace/{one['id']}", "is not what leaf 4 commits to"),
    ]


def copied(database: kernel.Database, leaf: int | None) -> str:
    """Insert a copy of the trace at leaf 3 under another identifier, at that leaf."""
    row = row_at(database, store.traces, 3) | {"id": kernel.new_id(), "leaf": leaf, "number": 1000}
    with database.unit_of_work() as uow:
        uow.connection.execute(insert(store.traces).values(**row))
    return f"trace/{row['id']}"


def test_a_row_inserted_at_a_leaf_that_was_never_given_out_is_named(
    integrated: kernel.Database, check: Findings
) -> None:
    assert check() == []
    beyond = copied(integrated, 10)

    assert check() == [ledger.Finding(beyond, "claims leaf 10, which was never given out")]


def test_a_row_inserted_at_a_negative_leaf_is_named(integrated: kernel.Database, check: Findings) -> None:
    before = copied(integrated, -1)

    assert check() == [ledger.Finding(before, "claims leaf -1, which was never given out")]


def test_a_row_inserted_at_the_leaf_of_an_anchor_is_named(
    integrated: kernel.Database, check: Findings
) -> None:
    double = copied(integrated, 9)

    findings = check()

    assert ledger.Finding(double, "is not what leaf 9 commits to") in findings
    assert ledger.Finding("anchor/object/1", "claims leaf 9, which another row holds") in findings


def test_a_row_inserted_for_later_is_named_by_its_seal(integrated: kernel.Database, check: Findings) -> None:
    waiting = copied(integrated, None)

    assert check() == [ledger.Finding(waiting, "was not sealed by this installation")]


def test_a_waiting_trace_of_our_own_is_no_finding(integrated: kernel.Database, check: Findings) -> None:
    with integrated.unit_of_work() as uow:
        ledger.record_all(uow, [some_trace(), some_trace(dossier=None)])

    assert check() == []


def test_rows_between_assignment_and_signature_are_no_finding(
    integrated: kernel.Database, check: Findings, log: ledger.Log, log_folder: Path
) -> None:
    leave_traces(integrated, 2)
    storage = CrashingStorage(log_folder, writes_before=0, writes_after=10**9)
    with pytest.raises(Crash):
        ledger.integrate(integrated, ledger.Log(storage, log.signer))

    assert check() == []


class LateStorage(ledger.DirectoryStorage):
    """A folder beside a database in which rows are placed while the entries are read."""

    def __init__(self, folder: Path, place_rows: Callable[[], None]) -> None:
        super().__init__(folder)
        self._place_rows = place_rows

    @override
    def read(self, path: str) -> bytes:
        if path.startswith("tile/entries"):
            self._place_rows()
        return super().read(path)


def test_rows_placed_while_we_look_are_no_finding(
    integrated: kernel.Database, log: ledger.Log, log_folder: Path
) -> None:
    leave_traces(integrated, 2)

    def place_rows() -> None:
        with integrated.unit_of_work() as uow:
            assigned = store.load_head(uow.connection)
            placed = store.place_pending(uow.connection, assigned.assigned, 100)
            store.save_head(uow.connection, replace(assigned, assigned=assigned.assigned + placed))

    late = ledger.Log(LateStorage(log_folder, place_rows), log.signer)
    with integrated.reading() as uow:
        assert list(ledger.check_traces(uow, late)) == []


@pytest.mark.parametrize(
    ("leaf", "place"), [("NULL", "traces not yet integrated"), ("77", "rows beyond the last leaf")]
)
def test_an_unreadable_row_without_a_leaf_of_its_own_is_named(
    traced_embedded: kernel.Database, log: ledger.Log, leaf: str, place: str
) -> None:
    leave_traces(traced_embedded, 8)
    assert ledger.integrate(traced_embedded, log) is not None
    with traced_embedded.unit_of_work() as uow:
        uow.connection.execute(
            text(f"UPDATE ledger_traces SET recorded_at = 'yesterday', leaf = {leaf} WHERE leaf = 3")
        )

    with traced_embedded.reading() as uow:
        assert list(ledger.check_traces(uow, log)) == [
            ledger.Finding("leaf 3", "has no row: a trace or an anchor was removed"),
            ledger.Finding(place, "cannot be read: a value is not of its kind"),
        ]


def test_a_database_that_went_back_is_named(integrated: kernel.Database, check: Findings) -> None:
    with integrated.unit_of_work() as uow:
        uow.connection.execute(delete(store.anchors))
        uow.connection.execute(update(store.head).values(assigned=8, size=8))

    assert check()[0] == ledger.Finding("database", "knows of 8 leaves, the log has 10: it went back")


def test_a_root_that_was_never_signed_is_named(integrated: kernel.Database, check: Findings) -> None:
    with integrated.unit_of_work() as uow:
        uow.connection.execute(update(store.head).values(root=bytes(32)))

    assert check() == [ledger.Finding("database", "allowed another root than was signed at size 10")]


def test_entries_that_cannot_be_read_are_named(
    integrated: kernel.Database, check: Findings, log_folder: Path
) -> None:
    (log_folder / "tile/entries/000.p/10").unlink()

    assert check() == [ledger.Finding("tile/entries/000.p/10", "cannot be held against the rows")]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", "'not an identifier'"),
        ("recorded_at", "'yesterday'"),
        ("commitment", "'text'"),
        ("sealed", "'text'"),
    ],
)
def test_a_value_that_is_not_of_its_kind_is_named(
    traced_embedded: kernel.Database, log: ledger.Log, column: str, value: str
) -> None:
    leave_traces(traced_embedded, 8)
    assert ledger.integrate(traced_embedded, log) is not None
    with traced_embedded.unit_of_work() as uow:
        uow.connection.execute(text(f"UPDATE ledger_traces SET {column} = {value} WHERE leaf = 3"))

    with traced_embedded.reading() as uow:
        assert list(ledger.check_traces(uow, log)) == [
            ledger.Finding("leaf 3", "its row cannot be read: a value is not of its kind")
        ]
