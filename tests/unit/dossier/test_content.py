from dataclasses import dataclass

import pytest
from typing_extensions import override

from serment import access, clinical, dossier
from serment.dossier.content import LARGEST_DRAWN_BYTES
from support.dossier import House, PlainWorkbench

MIB = 2**20
PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(1, 252)) * 10_000
#: Over the edge between two pieces of 1 MiB, over the edge between two chunks, and the last byte.
PATCHES = (
    clinical.Patch(16_382, b"cccc"),
    clinical.Patch(MIB - 3, b"pppppp"),
    clinical.Patch(len(PHOTO) - 1, b"e"),
)


@dataclass
class Patching(PlainWorkbench):
    """A workbench that has these patches laid over whatever it sees."""

    patches: tuple[clinical.Patch, ...] = PATCHES

    @override
    def inspect(self, media_type: str, source: clinical.RandomReader, size: int) -> dossier.Findings:
        return dossier.Findings(patches=self.patches)


def patched(content: bytes) -> bytes:
    altered = bytearray(content)
    for patch in PATCHES:
        altered[patch.offset : patch.end] = patch.replacement
    return bytes(altered)


def served(house: House, entry: access.EntryId) -> dossier.ServedContent:
    with house.database.unit_of_work() as uow:
        permit = dossier.decide_entry(uow, house.physician, access.Action.READ, house.martin, entry)
        return dossier.open_content(uow, permit, entry)


def test_patches_are_laid_over_whatever_is_read(embedded_house: House) -> None:
    embedded_house.database.put_beside(Patching(), dossier.Workbench)
    content = served(embedded_house, embedded_house.file(PHOTO).head.id)
    expected = patched(PHOTO)

    assert content.whole() == expected
    assert expected != PHOTO
    for offset, length in [(0, len(PHOTO)), (MIB - 1, 3), (MIB - 5, 2), (MIB, 10), (16_383, 2), (0, 0)]:
        read = b"".join(bytes(piece) for piece in content.read(offset, length))
        assert read == expected[offset : offset + length]


def test_content_without_patches_is_served_as_it_came(embedded_house: House) -> None:
    content = served(embedded_house, embedded_house.file(b"x" * 40_000).head.id)

    assert content.whole() == b"x" * 40_000
    assert (content.size_bytes, content.media_type) == (40_000, clinical.MediaType.TEXT)


def test_content_too_large_to_draw_is_refused_whole(embedded_house: House) -> None:
    content = served(embedded_house, embedded_house.file(bytes(LARGEST_DRAWN_BYTES + 1)).head.id)

    with pytest.raises(dossier.PreviewUnavailable) as refused:
        content.whole()

    assert refused.value.reason == "too-large-to-preview"


def test_range_outside_the_content_is_refused(embedded_house: House) -> None:
    content = served(embedded_house, embedded_house.file(b"short").head.id)

    with pytest.raises(ValueError, match="range"):
        list(content.read(0, 6))
