"""Compare every trace and anchor in the database with its leaf in the log.

The log's own files are the verifier's business; here the rows are held against them. No warrant is needed: a
leaf covers every column of its row and the digest of the sealed detail.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from serment import vault
from serment.kernel import UnitOfWork
from serment.ledger import store
from serment.ledger.commitment import leaf_of, seal_digest
from serment.ledger.detail import seal_context
from serment.ledger.errors import LogDamaged
from serment.ledger.model import AnchorRow, TraceRow
from serment.ledger.retention import SECURITY_DETAIL_AT_LEAST, TRAIL_DETAIL_AT_LEAST
from serment.ledger.sequencer import Log
from serment.ledger.tiles import WIDTH, read_bundle
from serment.ledger.verifier import Finding

_NOT_OF_ITS_KIND = (ValueError, TypeError, AttributeError)
_UNREADABLE = "its row cannot be read: a value is not of its kind"

Row = TraceRow | AnchorRow
Rows = dict[int | None, list[Row]]


def check_traces(uow: UnitOfWork, log: Log) -> Iterator[Finding]:
    """Yield what differs between the rows and the log: changed, removed, added and misplaced rows, by name.

    Give it a transaction that has read nothing yet, so that its view is not older than the checkpoint.

    Raises:
        NoteRefused: the checkpoint is not one that this log signed.
    """
    checkpoint = log.latest()
    size = checkpoint.size if checkpoint else 0
    head = store.peek_head(uow.connection)
    if head.assigned < size:
        yield Finding("database", f"knows of {head.assigned} leaves, the log has {size}: it went back")
    if checkpoint and head.size == size and head.root != checkpoint.root:
        yield Finding("database", f"allowed another root than was signed at size {size}")
    for number in range(-(-size // WIDTH)):
        yield from _check_bundle(uow, log, number, size)
    yield from _check_pending(uow)
    yield from _check_strays(uow, size)


def _check_bundle(uow: UnitOfWork, log: Log, number: int, size: int) -> Iterator[Finding]:
    try:
        leaves = read_bundle(log.storage.read, number, size)
    except LogDamaged as damage:
        yield Finding(damage.place, "cannot be held against the rows")
        return
    start = number * WIDTH
    rows, unreadable = _rows(uow, start, start + len(leaves))
    for index, leaf in enumerate(leaves, start):
        if index in unreadable:
            yield Finding(f"leaf {index}", _UNREADABLE)
        else:
            yield from _check_leaf_or_say(uow, index, leaf, rows.get(index, []))


def _rows(uow: UnitOfWork, start: int, end: int) -> tuple[Rows, set[int]]:
    """Return the rows of some leaves, and the leaves whose rows hold values that are not of their kind."""
    rows: Rows = defaultdict(list)
    try:
        for row in store.rows_between(uow.connection, start, end):
            rows[row.leaf].append(row)
    except _NOT_OF_ITS_KIND:
        return (rows, {start}) if end - start == 1 else _rows_one_by_one(uow, start, end)
    return rows, set()


def _rows_one_by_one(uow: UnitOfWork, start: int, end: int) -> tuple[Rows, set[int]]:
    rows: Rows = {}
    unreadable = set[int]()
    for index in range(start, end):
        found, bad = _rows(uow, index, index + 1)
        rows.update(found)
        unreadable |= bad
    return rows, unreadable


def _check_leaf_or_say(uow: UnitOfWork, index: int, leaf: bytes, rows: Sequence[Row]) -> list[Finding]:
    try:
        return list(_check_leaf(uow, index, leaf, rows))
    except _NOT_OF_ITS_KIND:
        return [Finding(f"leaf {index}", _UNREADABLE)]


def _check_leaf(uow: UnitOfWork, index: int, leaf: bytes, rows: Sequence[Row]) -> Iterator[Finding]:
    if not rows:
        yield Finding(f"leaf {index}", "has no row: a trace or an anchor was removed")
    for other in rows[1:]:
        yield Finding(_place(other), f"claims leaf {index}, which another row holds")
    for row in rows[:1]:
        if leaf_of(row) != leaf:
            yield Finding(_place(row), f"is not what leaf {index} commits to")
        elif isinstance(row, TraceRow):
            yield from _check_detail(uow, row)


def _check_detail(uow: UnitOfWork, row: TraceRow) -> Iterator[Finding]:
    if row.sealed is None:
        kept = TRAIL_DETAIL_AT_LEAST if row.dossier else SECURITY_DETAIL_AT_LEAST
        if uow.now - row.recorded_at < kept:
            yield Finding(_place(row), "its detail is gone before its time")
        elif any(row.tags):
            yield Finding(_place(row), "has tags beside a detail that is gone")
    elif seal_digest(row.sealed) != row.seal_digest:
        yield Finding(_place(row), "its sealed detail is not the one recorded")
    elif not _opens(uow.part(vault.Keyring), row):
        yield Finding(
            _place(row), "its detail does not open: its tags were changed, or its key is damaged or gone"
        )


def _check_pending(uow: UnitOfWork) -> Iterator[Finding]:
    """No leaf vouches for these yet: their seal must."""
    keyring = uow.part(vault.Keyring)
    try:
        waiting = list(store.pending_traces(uow.connection))
    except _NOT_OF_ITS_KIND:
        yield Finding("traces not yet integrated", "cannot be read: a value is not of its kind")
        return
    for row in waiting:
        if not _opens(keyring, row):
            yield Finding(_place(row), "was not sealed by this installation")


def _opens(keyring: vault.Keyring, row: TraceRow) -> bool:
    try:
        keyring.check(row.sealed or b"", seal_context(row, row.id, row.tags))
    except (vault.SealBroken, vault.KeyMissing, *_NOT_OF_ITS_KIND):
        return False
    return True


def _check_strays(uow: UnitOfWork, size: int) -> Iterator[Finding]:
    """Find rows that claim leaves which were never given out."""
    try:
        beyond = list(store.rows_from(uow.connection, size))
    except _NOT_OF_ITS_KIND:
        yield Finding("rows beyond the last leaf", "cannot be read: a value is not of its kind")
        return
    assigned = store.peek_head(uow.connection).assigned  # read after the rows: they may just have been placed
    for row in beyond:
        if row.leaf is None or not 0 <= row.leaf < assigned:
            yield Finding(_place(row), f"claims leaf {row.leaf}, which was never given out")


def _place(row: Row) -> str:
    return f"trace/{row.id}" if isinstance(row, TraceRow) else f"anchor/{row.place}"
