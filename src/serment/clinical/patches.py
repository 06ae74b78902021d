"""Same-length replacements laid over stored bytes when they are served; what is sealed stays as it arrived."""

import struct
import zlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from serment.clinical.errors import ContentTooLarge, RequestMalformed

_PIECE = struct.Struct(">QI")
_MOST_BYTES = 64 * 2**20
BLANK_PIECE = bytes(64 * 1024)


class RandomReader(Protocol):
    """Bytes that can be read at any place: an object, a file in memory, a sealed stream."""

    def read_at(self, offset: int, length: int) -> bytes:
        """Return the bytes from `offset`, fewer than `length` only at the end."""


@dataclass(frozen=True)
class BytesReader:
    """A `RandomReader` over bytes in memory."""

    content: bytes | bytearray | memoryview

    def read_at(self, offset: int, length: int) -> bytes:
        """Return the bytes from `offset`, fewer than `length` only at the end."""
        return bytes(self.content[offset : offset + length])


@dataclass(frozen=True)
class Patch:
    """Bytes that stand, when served, in place of those stored from `offset` on."""

    offset: int
    replacement: bytes

    @property
    def end(self) -> int:
        """The offset just behind the last replaced byte."""
        return self.offset + len(self.replacement)


def blank(offset: int, length: int) -> list[Patch]:
    """Return the patches that put zeros over `length` bytes, none for nothing.

    Raises:
        ContentTooLarge: more than 64 MiB would have to be blanked.
    """
    if length > _MOST_BYTES:
        raise ContentTooLarge("blank")
    size = len(BLANK_PIECE)
    whole, rest = divmod(max(length, 0), size)
    patches = [Patch(offset + number * size, BLANK_PIECE) for number in range(whole)]
    return patches + ([Patch(offset + whole * size, bytes(rest))] if rest else [])


def apply_patches(data: bytes | bytearray, offset: int, patches: Sequence[Patch]) -> bytes | bytearray:
    """Lay `patches` (sorted, apart from one another) over `data`, the window that begins at `offset`.

    A bytearray is changed in place and returned. Bytes are returned as they are when no patch touches
    them, else as a new object. With no patch this costs one comparison.
    """
    if not patches:
        return data
    end = offset + len(data)
    start = max(bisect_right(patches, offset, key=lambda patch: patch.offset) - 1, 0)
    touching = [patch for patch in _until(patches, start, end) if patch.end > offset]
    if not touching:
        return data
    target = data if isinstance(data, bytearray) else bytearray(data)
    for patch in touching:
        begin, stop = max(patch.offset, offset), min(patch.end, end)
        target[begin - offset : stop - offset] = patch.replacement[begin - patch.offset : stop - patch.offset]
    return target if isinstance(data, bytearray) else bytes(target)


def encode_patches(patches: Sequence[Patch]) -> bytes:
    """Return the patches as compressed bytes, for keeping.

    Layout (bytes), inside zlib:  repeated: offset 8 | length 4 | replacement
    """
    return zlib.compress(b"".join(_PIECE.pack(p.offset, len(p.replacement)) + p.replacement for p in patches))


def decode_patches(encoded: bytes) -> tuple[Patch, ...]:
    """Return what `encode_patches` took.

    Raises:
        RequestMalformed: not of that layout, or more than twice 64 MiB unpacked.
    """
    try:
        unpacker = zlib.decompressobj()
        clear = unpacker.decompress(encoded, 2 * _MOST_BYTES)
        if not unpacker.eof:
            raise RequestMalformed("patches")
        return _split(clear)
    except (zlib.error, struct.error) as cause:
        raise RequestMalformed("patches") from cause


def _split(clear: bytes) -> tuple[Patch, ...]:
    found, place = [], 0
    while place < len(clear):
        offset, length = _PIECE.unpack_from(clear, place)
        place += _PIECE.size
        if place + length > len(clear):
            raise RequestMalformed("patches")
        found.append(Patch(offset, clear[place : place + length]))
        place += length
    return tuple(found)


def _until(patches: Sequence[Patch], start: int, end: int) -> list[Patch]:
    found = []
    for position in range(start, len(patches)):
        if patches[position].offset >= end:
            break
        found.append(patches[position])
    return found
