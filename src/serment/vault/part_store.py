"""Where the parts of objects are kept: written once, never changed, found by a random name."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from serment.vault.durable_file import NewFile, store_error, sync_directory

_NAME = re.compile(r"[0-9a-f]{48}")


class PartSink(Protocol):
    """A part that is being written; until `keep` returns, it may never have been."""

    def write(self, piece: memoryview) -> None:
        """Append a piece; the caller may use its buffer again on return.

        Raises:
            StoreFull: there is no room.
            StoreFailed: the store refused for another reason.
        """
        ...

    def keep(self) -> None:
        """Return once the part is durable under its name; on error nothing of it is kept.

        Raises:
            StoreFull: there is no room.
            StoreFailed: the store refused for another reason.
        """
        ...

    def discard(self) -> None:
        """Take the part away."""
        ...


class PartSource(Protocol):
    """A part that can be read at any place."""

    @property
    def size_bytes(self) -> int:
        """The length of the part as it is stored."""
        ...

    def read_into(self, buffer: memoryview, offset: int) -> int:
        """Fill the buffer from that place on; return how many bytes there were.

        Raises:
            StoreFailed: the store cannot read them.
        """
        ...


class PartStore(Protocol):
    """A place for parts; it sees sealed bytes only. A name is 48 hexadecimal digits, random, used once."""

    def begin(self, name: str) -> PartSink:
        """Begin a part.

        Raises:
            StoreFull: there is no room.
            StoreFailed: the store refused, or holds this name already.
        """
        ...

    @contextmanager
    def open(self, name: str) -> Iterator[PartSource]:
        """Open a part to read it.

        Raises:
            FileNotFoundError: there is none of that name.
            StoreFailed: the store cannot be read.
        """
        ...

    def discard(self, name: str) -> None:
        """Take away a part that no object holds; it is no error when it is gone already.

        Raises:
            StoreFailed: the store refused.
        """
        ...


class DirectoryStore:
    """Parts as files of a directory, 256 folders wide. A file is created, never opened for writing again.

    A part is written under its own name at once, without a temporary one: no row knows the name until the part
    is durable, so what a crash leaves behind is an orphan that nothing reads.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def begin(self, name: str) -> NewFile:
        """Begin a part. Raises: as `PartStore.begin`."""
        path = self._path_of(name)
        try:
            return self._begin(path)
        except OSError as error:
            raise store_error(error) from error

    @contextmanager
    def open(self, name: str) -> Iterator["_OpenFile"]:
        """Open a part to read it. Raises: as `PartStore.open`."""
        try:
            descriptor = os.open(self._path_of(name), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise store_error(error) from error
        try:
            yield _OpenFile(descriptor)
        finally:
            os.close(descriptor)

    def discard(self, name: str) -> None:
        """Take away a part that no object holds. Raises: as `PartStore.discard`."""
        try:
            self._path_of(name).unlink(missing_ok=True)
        except OSError as error:
            raise store_error(error) from error

    def _begin(self, path: Path) -> NewFile:
        try:
            return NewFile(path, mode=0o400)
        except FileNotFoundError:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            sync_directory(self._path)
            return NewFile(path, mode=0o400)

    def _path_of(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError("the name of a part is 48 hexadecimal digits")
        return self._path / name[:2] / name


class _OpenFile:
    """An open file of a directory store."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @property
    def size_bytes(self) -> int:
        return os.fstat(self._descriptor).st_size

    def read_into(self, buffer: memoryview, offset: int) -> int:
        done = 0
        try:
            while done < len(buffer):
                read = os.preadv(self._descriptor, [buffer[done:]], offset + done)
                if read == 0:
                    break
                done += read
        except OSError as error:
            raise store_error(error) from error
        return done
