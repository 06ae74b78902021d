"""Where a WebP file keeps what is not the picture.

Exif and XMP chunks, and those no reader needs, become chunks of an unknown type filled with zeros, and the header no
longer announces them. An Exif block that turns the picture is rewritten with its orientation alone.

Source: RFC 9649, 2.7; ASVS 14.2.8.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from serment.clinical.errors import ContentDamaged
from serment.clinical.orientation import UPRIGHT, bare_exif, read_orientation
from serment.clinical.patches import Patch, RandomReader, blank

_FILE_HEAD = 12
_HEAD = struct.Struct("<4sI")
_MOST_CHUNKS = 50_000
_VOID = b"SVVD"
_NEEDED = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_EXIF_FLAG, _XMP_FLAG = 0x08, 0x04
_EXIF_PREFIX = b"Exif\0\0"


@dataclass(frozen=True)
class _Chunk:
    kind: bytes
    offset: int
    """Of the chunk's type, eight bytes before its data."""
    length: int

    @property
    def data(self) -> int:
        return self.offset + _HEAD.size


def webp_patches(source: RandomReader, size: int) -> list[Patch]:
    """Return what to lay over a WebP file, in order.

    Raises:
        ContentDamaged: a chunk reaches behind the end of the file.
        ContentTooLarge: more than 64 MiB to blank.
    """
    chunks = tuple(_chunks(source, size))
    exif = {chunk.offset: _upright_patch(chunk, source) for chunk in chunks if chunk.kind == b"EXIF"}
    keeps_exif = any(patch is not None for patch in exif.values())
    patches: list[Patch] = []
    for chunk in chunks:
        kept = exif.get(chunk.offset)
        if chunk.kind == b"VP8X":
            patches += _flags_patch(chunk, source, keeps_exif=keeps_exif)
        elif kept is not None:
            patches.append(kept)
        elif chunk.kind not in _NEEDED:
            patches += [Patch(chunk.offset, _VOID), *blank(chunk.data, chunk.length)]
    end = chunks[-1].data + chunks[-1].length + chunks[-1].length % 2 if chunks else size
    return patches + blank(end, size - end)


def _chunks(source: RandomReader, size: int) -> Iterator[_Chunk]:
    """Yield the chunks within the length that the RIFF header declares."""
    declared = int.from_bytes(source.read_at(4, 4), "little") + _HEAD.size
    if declared > size + 1:
        raise ContentDamaged("webp length")
    place = _FILE_HEAD
    for _ in range(_MOST_CHUNKS):
        if place + _HEAD.size > min(declared, size):
            return
        kind, length = _HEAD.unpack(source.read_at(place, _HEAD.size))
        if place + _HEAD.size + length > min(declared, size):
            raise ContentDamaged("webp chunk")
        yield _Chunk(kind, place, length)
        place += _HEAD.size + length + length % 2
    raise ContentDamaged("webp chunks")


def _upright_patch(chunk: _Chunk, source: RandomReader) -> Patch | None:
    """Return the patch that leaves the orientation alone in an Exif chunk, None when there is none to keep."""
    content = source.read_at(chunk.data, chunk.length)
    prefix = _EXIF_PREFIX if content.startswith(_EXIF_PREFIX) else b""
    orientation = read_orientation(content[len(prefix) :])
    bare = bare_exif(orientation, len(content) - len(prefix))
    return None if orientation == UPRIGHT or bare is None else Patch(chunk.data, prefix + bare)


def _flags_patch(chunk: _Chunk, source: RandomReader, *, keeps_exif: bool) -> list[Patch]:
    flags = source.read_at(chunk.data, 1)
    if not flags:
        return []
    cleared = flags[0] & ~_XMP_FLAG & (0xFF if keeps_exif else ~_EXIF_FLAG)
    return [] if cleared == flags[0] else [Patch(chunk.data, bytes([cleared]))]
