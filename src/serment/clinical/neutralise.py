"""What is taken away when content is served: programs in DICOM preambles, the metadata of photographs.

Content is sealed as it arrived. These functions only say which bytes are to be laid over it, length for length, so
that ranges stay true. Pixel data are never touched. JPEG, PNG and WebP lose Exif (save the orientation), XMP, IPTC,
comments and whatever follows the picture. TIFF, GIF, HEIC, PDF, sound and film are served as they are.

Source: WEB-06 (CVE-2019-11687), ASVS 14.2.8.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from serment.clinical.jpeg_metadata import jpeg_patches
from serment.clinical.media import MediaType, is_executable
from serment.clinical.patches import Patch, RandomReader, blank
from serment.clinical.png_metadata import png_patches
from serment.clinical.webp_metadata import webp_patches

_PREAMBLE = 128
_DICOM_HEAD = _PREAMBLE + 4
_TIFF_ORDERS: dict[bytes, Literal["little", "big"]] = {b"II*\0": "little", b"MM\0*": "big"}


class Finding(StrEnum):
    """What was found on the way; pages and traces name it by its value."""

    EXECUTABLE_PREAMBLE = "executable-preamble"
    PREAMBLE_CLEARED = "preamble-cleared"
    TIFF_DUAL_PERSONALITY = "tiff-dual-personality"
    METADATA_CLEARED = "metadata-cleared"


@dataclass(frozen=True)
class Neutralisation:
    """The patches to lay over the content when it is served, sorted and apart, and why."""

    patches: tuple[Patch, ...] = ()
    findings: tuple[Finding, ...] = ()


def neutralise(media: MediaType, source: RandomReader, size: int) -> Neutralisation:
    """Say what must be laid over `size` bytes of `source` before they leave.

    Raises:
        ContentDamaged: the bytes do not hold together as `media`; nothing can be said of them.
        ContentTooLarge: more than 64 MiB of metadata.
    """
    if media is MediaType.DICOM:
        return _neutralise_preamble(source.read_at(0, min(size, _DICOM_HEAD)), size)
    find = _FINDERS.get(media)
    patches = tuple(find(source, size)) if find is not None else ()
    return Neutralisation(patches, (Finding.METADATA_CLEARED,) if patches else ())


_FINDERS: dict[MediaType, Callable[[RandomReader, int], list[Patch]]] = {
    MediaType.JPEG: jpeg_patches,
    MediaType.PNG: png_patches,
    MediaType.WEBP: webp_patches,
}


def _neutralise_preamble(head: bytes, size: int) -> Neutralisation:
    preamble = head[:_PREAMBLE]
    if not any(preamble):
        return Neutralisation()
    if _is_tiff(preamble, size):
        return Neutralisation(findings=(Finding.TIFF_DUAL_PERSONALITY,))
    cleared = tuple(blank(0, len(preamble)))
    if is_executable(preamble):
        return Neutralisation(cleared, (Finding.EXECUTABLE_PREAMBLE, Finding.PREAMBLE_CLEARED))
    return Neutralisation(cleared, (Finding.PREAMBLE_CLEARED,))


def _is_tiff(preamble: bytes, size: int) -> bool:
    """Whether the file is declared to be a TIFF as well: the use that PS3.10, 7.1 foresees for the preamble.

    Its first directory must lie inside the preamble or behind the DICOM prefix, within the file.
    """
    order = _TIFF_ORDERS.get(preamble[:4])
    if order is None:
        return False
    directory = int.from_bytes(preamble[4:8], order)
    return 8 <= directory < size - 2  # noqa: PLR2004 - a directory follows the 8 bytes of the header
