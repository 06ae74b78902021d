import os
from pathlib import Path

import pytest

from serment import ledger


@pytest.fixture
def storage(tmp_path: Path) -> ledger.DirectoryStorage:
    return ledger.DirectoryStorage(tmp_path / "deep" / "log")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "log"


def test_create_makes_the_folders_it_needs(storage: ledger.DirectoryStorage) -> None:
    storage.create("tile/0/x001/000", b"hashes")

    assert storage.read("tile/0/x001/000") == b"hashes"


def test_create_again_with_the_same_bytes_changes_nothing(
    storage: ledger.DirectoryStorage, folder: Path
) -> None:
    storage.create("tile/0/000", b"hashes")
    before = (folder / "tile/0/000").stat()

    storage.create("tile/0/000", b"hashes")

    after = (folder / "tile/0/000").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert [path.name for path in folder.iterdir()] == ["tile"]


def test_create_refuses_to_overwrite(storage: ledger.DirectoryStorage) -> None:
    storage.create("tile/0/000", b"hashes")

    with pytest.raises(ledger.LogDamaged, match="tile/0/000: holds other bytes"):
        storage.create("tile/0/000", b"others")

    assert storage.read("tile/0/000") == b"hashes"


def test_create_after_a_crash_between_link_and_unlink_spares_the_file(
    storage: ledger.DirectoryStorage, folder: Path
) -> None:
    storage.create("tile/0/000", b"hashes")
    os.link(folder / "tile/0/000", folder / ".unfinished")

    storage.create("tile/0/001", b"others")

    assert storage.read("tile/0/000") == b"hashes"
    assert storage.read("tile/0/001") == b"others"


def test_replace_puts_a_whole_file_in_the_place_of_the_old(storage: ledger.DirectoryStorage) -> None:
    storage.replace("checkpoint", b"old and longer")
    storage.replace("checkpoint", b"new")

    assert storage.read("checkpoint") == b"new"


def test_append_cuts_off_what_a_crash_left(storage: ledger.DirectoryStorage) -> None:
    storage.append("checkpoints", b"one\n", behind=b"")
    storage.append("checkpoints", b"two\n", behind=b"one\n")
    storage.append("checkpoints", b"thr", behind=b"two\n")
    storage.append("checkpoints", b"3\n", behind=b"two\n")

    assert storage.read("checkpoints") == b"one\ntwo\n3\n"


def test_append_finds_the_end_of_a_long_file(storage: ledger.DirectoryStorage) -> None:
    storage.append("checkpoints", b"." * 20_000 + b"last\n", behind=b"")
    storage.append("checkpoints", b"next\n", behind=b"last\n")

    assert storage.read("checkpoints") == b"." * 20_000 + b"last\nnext\n"


def test_append_starts_anew_behind_nothing(storage: ledger.DirectoryStorage) -> None:
    storage.append("checkpoints", b"x" * 10_000, behind=b"")
    storage.append("checkpoints", b"one\n", behind=b"")

    assert storage.read("checkpoints") == b"one\n"


def test_append_refuses_a_file_that_lost_its_end(storage: ledger.DirectoryStorage) -> None:
    storage.append("checkpoints", b"one\n", behind=b"")

    with pytest.raises(ledger.LogDamaged, match="does not hold the last checkpoint"):
        storage.append("checkpoints", b"three\n", behind=b"two\n")


def test_drop_partials_leaves_the_full_tile(storage: ledger.DirectoryStorage) -> None:
    storage.create("tile/0/000.p/3", b"abc")
    storage.create("tile/0/000", b"abcd")

    storage.drop_partials("tile/0/000")
    storage.drop_partials("tile/0/000")

    assert storage.read("tile/0/000") == b"abcd"
    with pytest.raises(FileNotFoundError):
        storage.read("tile/0/000.p/3")


def test_hold_keeps_a_second_writer_out_until_it_ends(storage: ledger.DirectoryStorage, folder: Path) -> None:
    other = ledger.DirectoryStorage(folder)
    with storage.hold() as first, other.hold() as second:
        assert (first, second) == (True, False)
    with other.hold() as again:
        assert again
