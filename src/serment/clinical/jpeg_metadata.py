"""Where a JPEG file keeps what is not the picture.

Kept: JFIF, colour profiles, the Adobe marker and every segment that decoding needs. Blanked, length for length: the
other application segments (Exif, XMP, IPTC, thumbnails), comments and what follows the end of the image. Exif is
rewritten with its orientation alone.

Source: ITU-T T.81 annex B; ASVS 14.2.8.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from serment.clinical.errors import ContentDamaged
from serment.clinical.orientation import UPRIGHT, bare_exif, read_orientation
from serment.clinical.patches import Patch, RandomReader, blank

_EXIF = b"Exif\0\0"
_LENGTH_BYTES = 2
_WINDOW = 256 * 1024
_START, _END, _SCAN, _COMMENT = 0xD8, 0xD9, 0xDA, 0xFE
_APPLICATION_FIRST, _APPLICATION_LAST = 0xE0, 0xEF
_MARKER_IN_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_KEPT = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_MOST_SEGMENTS = 100_000


@dataclass(frozen=True)
class _Segment:
    marker: int
    offset: int
    """Of the first byte of the payload."""
    length: int


def jpeg_patches(source: RandomReader, size: int) -> list[Patch]:
    """Return what to lay over a JPEG file, in order.

    Raises:
        ContentDamaged: a marker is missing where one must stand.
        ContentTooLarge: more than 64 MiB to blank.
    """
    patches: list[Patch] = []
    for segment in _segments(source, size):
        if segment.marker == _END:
            patches += blank(segment.offset, size - segment.offset)
        elif _is_metadata(segment, source):
            patches += _blanked(segment, source)
    return patches


def _segments(source: RandomReader, size: int) -> Iterator[_Segment]:
    """Yield the segments in order, the end of image last, as one that stretches to the end of the file."""
    place = 2
    for _ in range(_MOST_SEGMENTS):
        marker, place = _read_marker(source, place, size)
        if marker is None:
            return
        if marker == _END:
            yield _Segment(_END, place, size - place)
            return
        if marker == _START or marker == 0x01 or 0xD0 <= marker <= 0xD7:  # noqa: PLR2004, PLR1714 - markers alone
            continue
        if place + _LENGTH_BYTES > size:
            return
        declared = int.from_bytes(source.read_at(place, _LENGTH_BYTES), "big")
        if declared < _LENGTH_BYTES:
            raise ContentDamaged("jpeg segment")
        payload = place + _LENGTH_BYTES
        yield _Segment(marker, payload, max(min(declared - _LENGTH_BYTES, size - payload), 0))
        place += declared
        if marker == _SCAN:
            place = _end_of_scan(source, place, size)
    raise ContentDamaged("jpeg segments")


def _read_marker(source: RandomReader, place: int, size: int) -> tuple[int | None, int]:
    """Return the marker at `place` and the offset behind it, None at the end of a file cut short."""
    while place < size:
        pair = source.read_at(place, 2)
        if pair[:1] != b"\xff":
            raise ContentDamaged("jpeg marker")
        if len(pair) < 2:  # noqa: PLR2004 - a marker has two bytes
            return None, size
        if pair[1] != 0xFF:  # noqa: PLR2004 - 0xFF before a marker is fill (B.1.1.2)
            return pair[1], place + 2
        place += 1
    return None, size


def _end_of_scan(source: RandomReader, place: int, size: int) -> int:
    """Return the offset of the first marker behind entropy-coded data."""
    while place < size:
        window = source.read_at(place, _WINDOW)
        found = _MARKER_IN_SCAN.search(window)
        if found is not None:
            return place + found.start()
        place += max(len(window) - 1, 1)
    return size


def _is_metadata(segment: _Segment, source: RandomReader) -> bool:
    if segment.marker == _COMMENT:
        return True
    if not _APPLICATION_FIRST <= segment.marker <= _APPLICATION_LAST:
        return False
    kept = _KEPT.get(segment.marker)
    return kept is None or source.read_at(segment.offset, len(kept)) != kept


def _blanked(segment: _Segment, source: RandomReader) -> list[Patch]:
    content = source.read_at(segment.offset, segment.length)
    if content.startswith(_EXIF):
        orientation = read_orientation(content[len(_EXIF) :])
        bare = bare_exif(orientation, len(content) - len(_EXIF))
        if orientation != UPRIGHT and bare is not None:
            return [Patch(segment.offset, _EXIF + bare)]
    return blank(segment.offset, len(content))
