"""Fixtures of the ledger: a database that leaves traces, a log beside it, and ways to make a few of each."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from typing_extensions import override

from serment import kernel, ledger, vault
from serment.kernel import AccountId, DossierId, OrganisationId
from serment.ledger.merkle import tree_root
from serment.ledger.storage import DirectoryStorage
from serment.ledger.tiles import TileHashes, grow

ORIGIN = "ledger.test/practice"
SEED = bytes(range(32))
ORGANISATION = OrganisationId(kernel.new_id())
DOSSIER = DossierId(kernel.new_id())


@pytest.fixture
def traced(database: kernel.Database, keyring: vault.Keyring) -> kernel.Database:
    """A row database, on both kinds, whose units of work may leave traces."""
    database.put_beside(keyring)
    return database


@pytest.fixture
def traced_embedded(embedded_database: kernel.Database, keyring: vault.Keyring) -> kernel.Database:
    """A SQLite row database whose units of work may leave traces."""
    embedded_database.put_beside(keyring)
    return embedded_database


@pytest.fixture
def log_folder(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


@pytest.fixture
def log(log_folder: Path) -> ledger.Log:
    return ledger.open_log(log_folder, ORIGIN, SEED)


@pytest.fixture
def trail_warrant(notary: vault.Notary, clock: kernel.SettableClock) -> Callable[[DossierId], vault.Warrant]:
    """Issue a warrant for the trail of a dossier."""

    def issue(dossier: DossierId = DOSSIER, compartment: str = "trace") -> vault.Warrant:
        return notary.issue(
            organisation=ORGANISATION,
            dossier=dossier,
            compartments=frozenset({compartment}),
            until=clock.now() + timedelta(hours=1),
        )

    return issue


def some_trace(
    number: int = 0,
    *,
    dossier: DossierId | None = DOSSIER,
    outcome: ledger.Outcome = ledger.Outcome.ALLOWED,
) -> ledger.Trace:
    actor = ledger.Actor(AccountId(kernel.new_id()), ORGANISATION, "professional", "web 203.0.113.7")
    return ledger.Trace(
        kind="dossier.entry.opened",
        actor=actor,
        organisation=ORGANISATION,
        dossier=dossier,
        category="clinical",
        purpose="care",
        outcome=outcome,
        detail={"number": str(number)},
    )


def leave_traces(database: kernel.Database, count: int, *, anchors: int = 0) -> None:
    """Record traces, and after them anchors, in one transaction."""
    with database.unit_of_work() as uow:
        ledger.record_all(uow, [some_trace(number) for number in range(count)])
        for number in range(anchors):
            ledger.anchor(uow, f"object/{number}", bytes([number % 256]) * 32, organisation=ORGANISATION)


class Crash(BaseException):
    """The process dies here."""


class CrashingStorage(DirectoryStorage):
    """A folder in which the process dies before, or after, the n-th write."""

    def __init__(self, folder: Path, *, writes_before: int, writes_after: int) -> None:
        super().__init__(folder)
        self.written = 0
        self._limits = (writes_before, writes_after)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        if self.written >= self._limits[0]:
            raise Crash
        yield
        self.written += 1
        if self.written >= self._limits[1]:
            raise Crash

    @override
    def create(self, path: str, data: bytes) -> None:
        with self._counted():
            super().create(path, data)

    @override
    def append(self, path: str, data: bytes, *, behind: bytes) -> None:
        with self._counted():
            super().append(path, data, behind=behind)

    @override
    def replace(self, path: str, data: bytes) -> None:
        with self._counted():
            super().replace(path, data)

    @override
    def drop_partials(self, path: str) -> None:
        with self._counted():
            super().drop_partials(path)


class FlippingStorage(DirectoryStorage):
    """A folder on a bad disk: the n-th file created, or one path when read, comes out with one bit changed."""

    def __init__(self, folder: Path, *, created: int = -1, read: str = "") -> None:
        super().__init__(folder)
        self._created = created
        self._read = read

    @override
    def create(self, path: str, data: bytes) -> None:
        self._created -= 1
        super().create(path, flipped(data) if self._created == -1 else data)

    @override
    def read(self, path: str) -> bytes:
        data = super().read(path)
        return flipped(data) if path == self._read else data


def flipped(data: bytes, position: int = 40) -> bytes:
    """Return the bytes with one bit changed."""
    position %= len(data)
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


def lengthen(log: ledger.Log, leaves: Sequence[bytes]) -> ledger.Checkpoint:
    """Write a log without a database: leaves, tiles, a signed checkpoint."""
    base = log.latest()
    size = base.size if base else 0
    log.storage.create("public-key", log.signer.public_file)
    for path, data in list(grow(log.storage.read, size, leaves)):
        log.storage.create(path, data)
    size += len(leaves)
    checkpoint = log.signer.sign(size, tree_root(size, TileHashes(log.storage.read, size).at))
    log.storage.append(
        "checkpoints", f"{checkpoint.note}\n".encode(), behind=base.note.encode() + b"\n" if base else b""
    )
    log.storage.replace("checkpoint", checkpoint.note.encode())
    return checkpoint


def some_leaves(count: int, *, first: int = 0) -> list[bytes]:
    return [b"\x01" + sha256(str(number).encode()).digest() for number in range(first, first + count)]
