import errno
import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from serment import vault
from serment.vault.durable_file import NewFile, store_error, write_once

NAME = "ab" * 24


@pytest.fixture
def no_room() -> Iterator[None]:
    """Let no file grow past a million bytes: a full disk, as the process sees it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    heard = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, heard)


def keep(store: vault.DirectoryStore, content: bytes, name: str = NAME) -> None:
    sink = store.begin(name)
    sink.write(memoryview(content))
    sink.keep()


def files_in(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


def test_a_part_comes_back_from_any_place(part_store: vault.DirectoryStore) -> None:
    keep(part_store, b"0123456789")
    buffer = memoryview(bytearray(4))

    with part_store.open(NAME) as source:
        assert source.size_bytes == 10
        assert (source.read_into(buffer, 3), bytes(buffer)) == (4, b"3456")
        assert (source.read_into(buffer, 8), bytes(buffer[:2])) == (2, b"89")
        assert source.read_into(buffer, 99) == 0


def test_a_part_is_never_overwritten(part_store: vault.DirectoryStore) -> None:
    keep(part_store, b"first")

    with pytest.raises(vault.StoreFailed, match="EEXIST"):
        part_store.begin(NAME)

    with part_store.open(NAME) as source:
        assert source.size_bytes == 5


def test_an_unknown_part_is_not_found(part_store: vault.DirectoryStore) -> None:
    with pytest.raises(FileNotFoundError), part_store.open(NAME):
        pass


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "AB" * 24, "ab" * 23, "ab" * 24 + "\n"])
def test_a_name_that_is_not_one_is_refused(part_store: vault.DirectoryStore, name: str) -> None:
    with pytest.raises(ValueError, match="48 hexadecimal"):
        part_store.begin(name)


def test_a_discarded_part_is_gone(part_store: vault.DirectoryStore, part_directory: Path) -> None:
    keep(part_store, b"content")

    part_store.discard(NAME)
    part_store.discard(NAME)

    assert files_in(part_directory) == []


def test_a_full_disk_keeps_nothing_and_says_so(
    objects: vault.ObjectStore, scope: vault.Scope, part_directory: Path, no_room: None
) -> None:
    writer = objects.begin(scope)
    writer.write(memoryview(b"fits"))
    writer.flush_part()

    with pytest.raises(vault.StoreFull):
        writer.write(memoryview(bytes(4_000_000)))

    assert [path.name for path in files_in(part_directory)] == [writer.parts[0].name]
    assert (writer.durable_size, writer.pending_size) == (4, 0)


def test_a_disk_that_fills_at_the_end_of_a_part_keeps_nothing(
    objects: vault.ObjectStore, scope: vault.Scope, part_directory: Path, no_room: None
) -> None:
    writer = objects.begin(scope)
    writer.write(memoryview(bytes(1_040_000)))

    with pytest.raises(vault.StoreFull):
        writer.flush_part()

    assert files_in(part_directory) == []
    assert (writer.parts, writer.pending_size) == ((), 0)


def test_write_once_takes_away_what_it_could_not_finish(tmp_path: Path, no_room: None) -> None:
    with pytest.raises(vault.StoreFull):
        write_once(tmp_path / "file", [memoryview(bytes(1_100_000))], mode=0o600)

    assert files_in(tmp_path) == []


def test_a_sync_that_fails_takes_the_file_away(tmp_path: Path) -> None:
    file = NewFile(tmp_path / "file", mode=0o600)
    file.write(memoryview(b"content"))
    os.close(file._descriptor)
    file._descriptor = os.open("/dev/null", os.O_WRONLY)

    with pytest.raises(vault.StoreFailed, match="EINVAL"):
        file.keep()

    assert files_in(tmp_path) == []


def test_what_cannot_be_taken_away_does_not_hide_the_first_error(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    file = NewFile(folder / "file", mode=0o600)
    (folder / "file").unlink()
    (folder / "file").mkdir()

    file.discard()

    assert (folder / "file").is_dir()


def test_a_store_that_is_no_directory_fails(tmp_path: Path) -> None:
    store = vault.DirectoryStore(tmp_path / "parts")
    (tmp_path / "parts" / "ab").write_bytes(b"in the way")

    for attempt in (store.begin, store.discard):
        with pytest.raises(vault.StoreFailed, match="ENOTDIR"):
            attempt(NAME)
    with pytest.raises(vault.StoreFailed, match="ENOTDIR"), store.open(NAME):
        pass


def test_a_part_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    store = vault.DirectoryStore(tmp_path / "parts")
    (tmp_path / "parts" / "ab" / NAME).mkdir(parents=True)

    with store.open(NAME) as source, pytest.raises(vault.StoreFailed, match="EISDIR"):
        source.read_into(memoryview(bytearray(4)), 0)


def test_a_new_store_that_cannot_make_its_folders_fails(tmp_path: Path) -> None:
    store = vault.DirectoryStore(tmp_path / "parts")
    (tmp_path / "parts").rmdir()

    with pytest.raises(vault.StoreFailed, match="ENOENT"):
        store.begin(NAME)


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (errno.ENOSPC, vault.StoreFull),
        (errno.EDQUOT, vault.StoreFull),
        (errno.EIO, vault.StoreFailed),
        (None, vault.StoreFailed),
    ],
)
def test_what_the_system_says_becomes_one_of_two_facts(number: int | None, error: type[Exception]) -> None:
    assert type(store_error(OSError(number, "/a/path"))) is error


def test_a_file_may_be_discarded_twice(tmp_path: Path) -> None:
    file = NewFile(tmp_path / "file", mode=0o600)

    file.discard()
    file.discard()

    assert files_in(tmp_path) == []
