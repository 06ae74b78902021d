"""Fixtures of the vault: a keyring over a key database of its own, its notary, a place for parts."""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from serment import kernel, vault
from support.haste import hasten

#: As cheap as Argon2id goes: the tests of the root key say what it costs in earnest.
CHEAP = vault.PassphraseCost(passes=1, memory_kib=8, lanes=1)


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> vault.SealedKeyFile:
    """One root key for all tests of a process: the disk takes longer to hold one than most tests take."""
    file = tmp_path_factory.mktemp("root") / "root.key"
    return vault.SealedKeyFile.create(file, "correct horse battery staple", CHEAP)


@pytest.fixture(scope="session")
def empty_key_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite key database that has its tables, to be copied."""
    file = tmp_path_factory.mktemp("key-tables") / "keys.sqlite"
    template = kernel.Database(f"sqlite:///{file}", clock=kernel.SystemClock())
    template.create_tables(vault.key_metadata)
    template.close()
    return file


@pytest.fixture
def key_database(
    tmp_path: Path, clock: kernel.SettableClock, empty_key_tables: Path
) -> Iterator[kernel.Database]:
    file = shutil.copyfile(empty_key_tables, tmp_path / "keys.sqlite")
    opened = hasten(kernel.Database(f"sqlite:///{file}", clock=clock))
    yield opened
    opened.close()


@pytest.fixture
def keyring(
    key_database: kernel.Database, root: vault.SealedKeyFile, clock: kernel.SettableClock
) -> vault.Keyring:
    return vault.open_keyring(key_database, root, clock)


@pytest.fixture
def reopen(
    key_database: kernel.Database, root: vault.SealedKeyFile, clock: kernel.SettableClock
) -> Callable[[], vault.Keyring]:
    """Open the keyring of another process: same keys, nothing remembered."""
    return lambda: vault.open_keyring(key_database, root, clock)


@pytest.fixture
def notary(keyring: vault.Keyring) -> vault.Notary:
    return keyring.take_notary()


@pytest.fixture
def warrant_for(notary: vault.Notary, clock: kernel.SettableClock) -> Callable[[vault.Scope], vault.Warrant]:
    """Issue a warrant for one scope of a dossier, good for an hour."""

    def issue(scope: vault.Scope) -> vault.Warrant:
        assert scope.dossier is not None
        return notary.issue(
            organisation=scope.organisation,
            dossier=scope.dossier,
            compartments=frozenset({scope.compartment}),
            until=clock.now() + timedelta(hours=1),
        )

    return issue


@pytest.fixture
def part_directory(tmp_path: Path) -> Path:
    return tmp_path / "parts"


@pytest.fixture
def part_store(part_directory: Path) -> vault.DirectoryStore:
    return vault.DirectoryStore(part_directory)


@pytest.fixture
def objects(keyring: vault.Keyring, part_store: vault.DirectoryStore) -> vault.ObjectStore:
    return vault.ObjectStore(keyring, part_store)


@pytest.fixture
def scope() -> vault.Scope:
    """The clinical section of some dossier."""
    return new_scope()


def new_scope(compartment: str = "clinical") -> vault.Scope:
    return vault.Scope(kernel.OrganisationId(kernel.new_id()), kernel.DossierId(kernel.new_id()), compartment)


@pytest.fixture
def context(scope: vault.Scope) -> vault.SealContext:
    return vault.SealContext(scope, "entry", kernel.new_id(), 1, "document")


@pytest.fixture
def object_database(embedded_database: kernel.Database, objects: vault.ObjectStore) -> kernel.Database:
    embedded_database.put_beside(objects)
    return embedded_database


def keep_object(
    database: kernel.Database, objects: vault.ObjectStore, scope: vault.Scope, *parts: bytes
) -> vault.ObjectHead:
    writer = objects.begin(scope)
    for part in parts:
        writer.write(memoryview(part))
        writer.flush_part()
    with database.unit_of_work() as uow:
        return vault.finish_object(uow, writer)


def reader_of(
    database: kernel.Database, head: vault.ObjectHead, warrant: vault.Warrant
) -> vault.ObjectReader:
    with database.reading() as uow:
        return vault.open_object(uow, head.id, warrant)


def part_files(part_directory: Path) -> list[Path]:
    return sorted(path for path in part_directory.rglob("*") if path.is_file())


def file_of(part_directory: Path, part: vault.Part) -> Path:
    return part_directory / part.name[:2] / part.name


def overwrite(path: Path, content: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(content)


def rows(database: kernel.Database, statement: str) -> list[tuple[object, ...]]:
    with database.reading() as uow:
        return [tuple(row) for row in uow.connection.execute(text(statement))]


def change(database: kernel.Database, statement: str) -> None:
    with database.unit_of_work() as uow:
        uow.connection.execute(text(statement))
