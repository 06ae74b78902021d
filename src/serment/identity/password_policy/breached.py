"""Lists of breached passwords, looked up without leaving the machine (AUT-10, ASVS 6.2.12).

A list is one file of digests in order, mapped into memory: the workers of a machine share its pages, and a lookup
reads a few of them.

Layout (bytes):  magic 16 | version 4 | width 4 | count 8 | count digests of `width` bytes, ascending, no two alike

Numbers are big-endian. A digest is the beginning of the SHA-1 of the password in UTF-8, as the lists that circulate
have it. A password that is not in the list is taken for one that is with the probability count / 256^width: 5e-11 for
a thousand million passwords in eight bytes.

Source: docs/formats/breached-passwords.md.
"""

import hashlib
import mmap
import os
import struct
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

from typing_extensions import override

from serment.identity.errors import BreachedListDamaged

MAGIC = b"serment-breached"
VERSION = 1
HEADER = struct.Struct(">16sIIQ")
_SHORTEST, _LONGEST = 5, 20
_FIRST_STEP = 32


def digest_of_password(password: str) -> bytes:
    """Return the SHA-1 of a password, which only serves to find it in a list."""
    composed = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
    return hashlib.sha1(composed, usedforsecurity=False).digest()


def header_of(width: int, count: int) -> bytes:
    """Return what a list of that many digests begins with."""
    return HEADER.pack(MAGIC, VERSION, width, count)


class BreachedList(Sequence[bytes]):
    """One list, open for as long as somebody holds it; the file may be replaced meanwhile.

    Raises:
        BreachedListDamaged: the file is not a list, or not whole.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self.written = _mark_of(os.fstat(file.fileno()))
            try:
                self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
                magic, version, width, count = HEADER.unpack_from(self._bytes)
            except (ValueError, struct.error):
                raise BreachedListDamaged("cut short") from None
        self._width, self._count = int(width), int(count)
        if (magic, version) != (MAGIC, VERSION) or not _SHORTEST <= self._width <= _LONGEST:
            raise BreachedListDamaged("not a list")
        if len(self._bytes) != HEADER.size + self._width * self._count:
            raise BreachedListDamaged("not whole")

    def holds(self, digest: bytes) -> bool:
        """Tell whether a password with that SHA-1 is in the list."""
        wanted = digest[: self._width]
        low, high = self._around(wanted)
        place = bisect_left(self, wanted, low, high)
        return place < self._count and self[place] == wanted

    @override
    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> bytes: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[bytes]: ...
    @override
    def __getitem__(self, place: int | slice) -> bytes | Sequence[bytes]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(self._count))]
        if not 0 <= place < self._count:
            raise IndexError(place)
        start = HEADER.size + place * self._width
        return self._bytes[start : start + self._width]

    def _around(self, wanted: bytes) -> tuple[int, int]:
        """Return two places between which a digest must be: digests are spread evenly, so it is near its share."""
        low = high = int.from_bytes(wanted) * self._count >> (8 * self._width)
        step = _FIRST_STEP
        while low > 0 and self[low] > wanted:
            low, step = max(0, low - step), step * 2
        step = _FIRST_STEP
        while high < self._count and self[high] < wanted:
            high, step = min(self._count, high + step), step * 2
        return low, high


@dataclass(frozen=True)
class _Mark:
    """What changes when a file is replaced."""

    device: int
    inode: int
    size: int
    changed_ns: int


class WatchedList:
    """The list that lies in a place, now: none, one, or another one that was put there a moment ago."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: BreachedList | None = None

    def current(self) -> BreachedList | None:
        """Return the list, or None where there is no file.

        Raises:
            BreachedListDamaged: what lies there cannot be read as a list.
        """
        try:
            found = _mark_of(self._path.stat())
            opened = self._open
            if opened is None or opened.written != found:
                opened = self._open = BreachedList(self._path)
        except FileNotFoundError:
            self._open = None
            return None
        except OSError as error:
            raise BreachedListDamaged(type(error).__name__) from None
        return opened


def _mark_of(found: os.stat_result) -> _Mark:
    return _Mark(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
