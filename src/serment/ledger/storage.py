"""The log's files in a folder: created once, complete or absent, and on the disk before the call returns."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from serment.ledger.errors import LogDamaged

_UNFINISHED = ".unfinished"
_LOCK = ".lock"
_TAIL_BYTES = 8192


class DirectoryStorage:
    """A folder as the log's storage; satisfies `ports.Storage`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        _make_folder(folder)

    def read(self, path: str) -> bytes:
        """Return a file's bytes."""
        return (self._folder / path).read_bytes()

    def create(self, path: str, data: bytes) -> None:
        """Write a file under a passing name, make it durable, then give it its own."""
        target = self._folder / path
        _make_folder(target.parent)
        unfinished = self._write_unfinished(data)
        try:
            os.link(unfinished, target)
        except FileExistsError:
            if target.read_bytes() != data:
                raise LogDamaged(path, "holds other bytes than the log has here") from None
        unfinished.unlink()
        _make_durable(target.parent)

    def append(self, path: str, data: bytes, *, behind: bytes) -> None:
        """Lengthen a file behind the last place where its end holds `behind`."""
        descriptor = os.open(self._folder / path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        with os.fdopen(descriptor, "r+b") as file:
            size = file.seek(0, os.SEEK_END)
            start = file.seek(max(0, size - _TAIL_BYTES))
            found = file.read().rfind(behind) if behind else -start
            if found < 0 and behind:
                raise LogDamaged(path, "does not hold the last checkpoint")
            file.seek(start + found + len(behind))
            file.truncate()
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _make_durable(self._folder)

    def replace(self, path: str, data: bytes) -> None:
        """Put a durable file in the place of the one there, by renaming."""
        self._write_unfinished(data).replace(self._folder / path)
        _make_durable(self._folder)

    def drop_partials(self, path: str) -> None:
        """Remove the partial forms of a full tile."""
        with suppress(FileNotFoundError):
            shutil.rmtree(self._folder / f"{path}.p")

    @contextmanager
    def hold(self) -> Iterator[bool]:
        """Hold the folder's lock; the system gives it back when the process dies."""
        descriptor = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True
        finally:
            os.close(descriptor)

    def _write_unfinished(self, data: bytes) -> Path:
        unfinished = self._folder / _UNFINISHED
        unfinished.unlink(missing_ok=True)  # its name may still be a tile's second one, after a crash
        with unfinished.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        return unfinished


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _make_durable(folder.parent)


def _make_durable(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
