"""Files that are written once, whole and durably, or not at all (DUR-01)."""

import errno
import os
from collections.abc import Iterable
from pathlib import Path

from serment.vault.errors import StoreFailed, StoreFull

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class NewFile:
    """A file that did not exist; `keep` makes it durable, `discard` takes it away.

    Raises:
        FileExistsError: something has that name; it is left as it is.
        FileNotFoundError: the directory does not exist.
        StoreFull: there is no room.
        StoreFailed: the disk refused for another reason.
    """

    def __init__(self, path: Path, mode: int) -> None:
        self._path = path
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        except (FileExistsError, FileNotFoundError):
            raise
        except OSError as error:
            raise store_error(error) from error

    def write(self, piece: memoryview) -> None:
        """Append a piece, all of it.

        Raises:
            StoreFull: there is no room.
            StoreFailed: the disk refused for another reason.
        """
        try:
            while piece:
                piece = piece[os.write(self._descriptor, piece) :]
        except OSError as error:
            raise store_error(error) from error

    def keep(self) -> None:
        """Return once the content and the name are on the disk.

        An fsync that fails is final: the pages it could not write are lost, and asking again would say they
        are not. The file is taken away.

        Raises:
            StoreFull: there is no room.
            StoreFailed: the disk refused for another reason.
        """
        try:
            os.fsync(self._descriptor)
            self._close()
            sync_directory(self._path.parent)
        except OSError as error:
            self.discard()
            raise store_error(error) from error

    def discard(self) -> None:
        """Take the file away, as well as the disk lets us: what failed must not hide behind what follows."""
        self._close()
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            return

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def write_once(path: Path, pieces: Iterable[memoryview], *, mode: int) -> None:
    """Create a file from pieces; on return it is durable, on any error it is gone.

    Raises: as `NewFile` and its methods.
    """
    file = NewFile(path, mode)
    try:
        for piece in pieces:
            file.write(piece)
    except BaseException:
        file.discard()
        raise
    file.keep()


def sync_directory(path: Path) -> None:
    """Return once the names in a directory are on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def store_error(error: OSError) -> StoreFull | StoreFailed:
    """Say what the operating system said, without the path."""
    name = errno.errorcode.get(error.errno or 0, "unknown")
    return StoreFull(name) if error.errno in _NO_ROOM else StoreFailed(name)
