"""Where a PNG file keeps what is not the picture.

Kept: every critical chunk and the ancillary ones that colour, transparency, size or animation need. The others
(Exif, text, time, private ones) become chunks of a private type that no reader knows, filled with zeros under a right
checksum. What follows the end of the image is blanked.

Source: PNG specification, third edition, 5 and 11; ASVS 14.2.8.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from serment.clinical.errors import ContentDamaged, ContentTooLarge
from serment.clinical.orientation import UPRIGHT, bare_exif, read_orientation
from serment.clinical.patches import Patch, RandomReader, blank

_SIGNATURE_BYTES = 8
_HEAD = struct.Struct(">I4s")
_CHECKSUM_BYTES = 4
_MOST_CHUNKS = 50_000
_LARGEST_CHUNK = 16 * 2**20
_VOID = b"svVd"
_NEEDED = frozenset(
    {b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV", b"cLLI"}
    | {b"bKGD", b"hIST", b"pHYs", b"sPLT", b"acTL", b"fcTL", b"fdAT"}
)


@dataclass(frozen=True)
class _Chunk:
    kind: bytes
    offset: int
    """Of the chunk's type, four bytes before its data."""
    length: int
    """Of the data alone."""

    @property
    def is_needed(self) -> bool:
        return self.kind[:1].isupper() or self.kind in _NEEDED


def png_patches(source: RandomReader, size: int) -> list[Patch]:
    """Return what to lay over a PNG file, in order.

    Raises:
        ContentDamaged: a chunk reaches behind the end of the file.
        ContentTooLarge: a metadata chunk of more than 16 MiB, or more than 64 MiB to blank.
    """
    patches: list[Patch] = []
    for chunk in _chunks(source, size):
        if chunk.kind == b"IEND":
            end = chunk.offset + 4 + chunk.length + _CHECKSUM_BYTES
            patches += blank(end, size - end)
        elif not chunk.is_needed:
            patches.append(_voided(chunk, source))
    return patches


def _chunks(source: RandomReader, size: int) -> Iterator[_Chunk]:
    place = _SIGNATURE_BYTES
    for _ in range(_MOST_CHUNKS):
        head = source.read_at(place, _HEAD.size)
        if len(head) < _HEAD.size:
            raise ContentDamaged("png end")
        length, kind = _HEAD.unpack(head)
        if place + _HEAD.size + length + _CHECKSUM_BYTES > size:
            raise ContentDamaged("png chunk")
        yield _Chunk(kind, place + 4, length)
        if kind == b"IEND":
            return
        place += _HEAD.size + length + _CHECKSUM_BYTES
    raise ContentDamaged("png chunks")


def _voided(chunk: _Chunk, source: RandomReader) -> Patch:
    if chunk.length > _LARGEST_CHUNK:
        raise ContentTooLarge("png chunk")
    if chunk.kind == b"eXIf":
        orientation = read_orientation(source.read_at(chunk.offset + 4, chunk.length))
        bare = bare_exif(orientation, chunk.length)
        if orientation != UPRIGHT and bare is not None:
            return _sealed_chunk(chunk.offset, b"eXIf" + bare)
    return _sealed_chunk(chunk.offset, _VOID + bytes(chunk.length))


def _sealed_chunk(offset: int, body: bytes) -> Patch:
    return Patch(offset, body + zlib.crc32(body).to_bytes(_CHECKSUM_BYTES, "big"))
