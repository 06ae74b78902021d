"""Give recorded traces and anchors their place in the tree, write the tiles, and sign the new head.

    1  assign    rows get their leaves, in one transaction: from here on the order cannot change
    2  write     bundles and tiles, created once and durable
    3  read back every file written, and the root by a second code path (LED-06)
    4  allow     size and root are committed to the database before any signature (LED-05)
    5  sign      into the history, then into `checkpoint` by renaming

A crash anywhere leaves a state that the next run continues: what was assigned gives the same files, what was
allowed is signed again to the same bytes. One process at a time works, the one that holds the folder's lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from serment.kernel import Database
from serment.ledger import store, verifier
from serment.ledger.checkpoint import Checkpoint, Signer
from serment.ledger.commitment import leaf_of
from serment.ledger.errors import LogDamaged, LogInconsistent
from serment.ledger.merkle import EMPTY_ROOT, tree_root
from serment.ledger.model import Head
from serment.ledger.ports import Storage
from serment.ledger.storage import DirectoryStorage
from serment.ledger.tiles import (
    WIDTH,
    TileHashes,
    bundle_path,
    finished_by,
    grow,
    tile_path,
    width_of,
)

CHECKPOINT = "checkpoint"
HISTORY = "checkpoints"
PUBLIC_KEY = "public-key"
MOST_LEAVES_AT_ONCE = 4096


@dataclass(frozen=True)
class Log:
    """The static files of a log, and the key that signs for it."""

    storage: Storage
    signer: Signer

    def latest(self) -> Checkpoint | None:
        """Return the published checkpoint, or None before the first.

        Raises:
            NoteRefused: the file is not a checkpoint that this log signed.
        """
        try:
            return self.signer.open(self.storage.read(CHECKPOINT))
        except FileNotFoundError:
            return None


def open_log(folder: Path, origin: str, seed: bytes) -> Log:
    """Open a log's folder, made if need be, for that origin and 32-byte signing seed.

    Raises:
        LogDamaged: the folder belongs to another key or origin.
    """
    log = Log(DirectoryStorage(folder), Signer(origin, seed))
    _is_ours(log)
    return log


def _is_ours(log: Log) -> bool:
    """Say whether the log's public key is published in its folder; False before the first checkpoint."""
    try:
        published = log.storage.read(PUBLIC_KEY)
    except FileNotFoundError:
        return False
    if published != log.signer.public_file:
        raise LogDamaged(PUBLIC_KEY, "is of another key or origin")
    return True


def integrate(database: Database, log: Log, *, most: int = MOST_LEAVES_AT_ONCE) -> Checkpoint | None:
    """Integrate at most that many recorded rows; return the new checkpoint, or None when there was nothing to do.

    Another process at work is nothing to do. Call it again until it gives None.

    Raises:
        LogInconsistent: rows and log disagree; nothing was signed.
        LogDamaged, NoteRefused: a file of the log is not what was written; nothing was signed.
    """
    with log.storage.hold() as held:
        return _advance(database, log, most) if held else None


def _advance(database: Database, log: Log, most: int) -> Checkpoint | None:
    if not _is_ours(log):
        log.storage.create(PUBLIC_KEY, log.signer.public_file)
    head = _assign(database, most)
    base = log.latest()
    finished = None
    if base is None or base.size != head.size:
        base = finished = _sign_what_was_allowed(database, log, base, head)
    if base.root != head.root:
        raise LogInconsistent(f"the checkpoint of size {base.size} has another root than was allowed")
    if head.assigned == base.size:
        return finished
    root = _lengthen(database, log, base, head.assigned)
    _allow(database, replace(head, size=head.assigned, root=root))
    return _publish(log, base, log.signer.sign(head.assigned, root))


def _assign(database: Database, most: int) -> Head:
    with database.unit_of_work() as uow:
        head = store.load_head(uow.connection)
        placed = store.place_pending(uow.connection, head.assigned, most)
        head = replace(head, assigned=head.assigned + placed)
        if placed:
            store.save_head(uow.connection, head)
        return head


def _allow(database: Database, head: Head) -> None:
    with database.unit_of_work() as uow:
        if store.load_head(uow.connection).assigned < head.size:
            raise LogInconsistent("the rows went back while the log was lengthened")
        store.save_head(uow.connection, head)


def _sign_what_was_allowed(database: Database, log: Log, base: Checkpoint | None, head: Head) -> Checkpoint:
    """Sign the head that a run before us committed to, and no other one of that size."""
    known = base or Checkpoint(log.signer.origin, 0, EMPTY_ROOT, "")
    if known.size > head.size:
        raise LogInconsistent(f"the log has {known.size} leaves, its rows know of {head.size}")
    if _lengthen(database, log, known, head.size) != head.root:
        raise LogInconsistent(f"the rows no longer give the root that was allowed at size {head.size}")
    return _publish(log, known, log.signer.sign(head.size, head.root))


def _lengthen(database: Database, log: Log, base: Checkpoint, size: int) -> bytes:
    """Write what leads from one size to another, and return the root as read back from storage."""
    leaves = _leaves(database, base.size, size)
    for path, data in list(grow(log.storage.read, base.size, leaves)):
        log.storage.create(path, data)
        if log.storage.read(path) != data:
            raise LogDamaged(path, "does not read back as it was written")
    return root_read_back(log.storage, base, size)


def _leaves(database: Database, start: int, end: int) -> Sequence[bytes]:
    with database.reading() as uow:
        placed = {row.leaf: leaf_of(row) for row in store.rows_between(uow.connection, start, end)}
    try:
        return [placed[leaf] for leaf in range(start, end)]
    except KeyError as missing:
        raise LogInconsistent(f"leaf {missing} has no row") from None


def root_read_back(storage: Storage, base: Checkpoint, size: int) -> bytes:
    """Return the root at `size`, computed twice from the files in storage: from tiles, and from entries.

    The second path is the independent verifier's; it begins at the last signed root, so that a root which does
    not continue it never comes out (LED-05, LED-06).

    Raises:
        LogDamaged: the two differ, or the files no longer give the base's root.
    """
    frontier = _frontier(storage, base)
    hashes = TileHashes(storage.read, size)
    for number in range(base.size // WIDTH, -(-size // WIDTH)):
        width = width_of(0, number, size)
        path = bundle_path(number, width)
        entries = verifier.hash_leaves(storage.read(path))
        if b"".join(entries) != hashes.tile(0, number) or len(entries) != width:
            raise LogDamaged(path, f"does not agree with {tile_path(0, number, width)}")
        for digest in entries[max(0, base.size - number * WIDTH) :]:
            frontier.push(digest)
    if frontier.root() != tree_root(size, hashes.at):
        raise LogDamaged("tile", "tiles and entries give two roots")
    return frontier.root()


def _frontier(storage: Storage, base: Checkpoint) -> verifier.Frontier:
    """Return the complete subtrees under the last signed root, as the tiles hold them."""
    hashes, frontier = TileHashes(storage.read, base.size), verifier.Frontier()
    for level in reversed(range(base.size.bit_length())):
        if base.size >> level & 1:
            frontier.push(hashes.at(level, frontier.size >> level), level)
    if frontier.root() != base.root:
        raise LogDamaged("tile", f"the tiles no longer give the root signed at size {base.size}")
    return frontier


def _publish(log: Log, base: Checkpoint, checkpoint: Checkpoint) -> Checkpoint:
    behind = f"{base.note}\n" if base.note else ""
    log.storage.append(HISTORY, f"{checkpoint.note}\n".encode(), behind=behind.encode())
    log.storage.replace(CHECKPOINT, checkpoint.note.encode())
    for path in finished_by(base.size, checkpoint.size):
        log.storage.drop_partials(path)
    return checkpoint
