from dataclasses import dataclass

import pytest
from typing_extensions import override

from serment import access, clinical, dossier, ledger
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


def opened(trail: list[ledger.Trace]) -> list[dict[str, str]]:
    return [dict(trace.detail) for trace in trail if trace.kind == dossier.CONTENT_OPENED]


def test_what_leaves_is_traced_with_its_object_and_its_bytes(embedded_house: House) -> None:
    filed = embedded_house.file(b"x" * 40_000)
    with embedded_house.database.unit_of_work() as uow:
        permit = dossier.decide_entry(
            uow, embedded_house.physician, access.Action.READ, embedded_house.martin, filed.head.id
        )
        dossier.open_content(uow, permit, filed.head.id, choose=lambda _content: dossier.Span(5, 10))

    assert opened(embedded_house.trail()) == [
        {
            "entry": str(filed.head.id),
            "version": "1",
            "object": str(filed.description.object_id),
            "size": "40000",
            "first": "5",
            "bytes": "10",
            "form": "bytes",
            "relation": "care-team",
        }
    ]


def test_bytes_whose_leaving_was_not_traced_are_not_read(embedded_house: House) -> None:
    filed = embedded_house.file(b"0123456789")
    with embedded_house.database.unit_of_work() as uow:
        entry = filed.head.id
        permit = dossier.decide_entry(
            uow, embedded_house.physician, access.Action.READ, embedded_house.martin, entry
        )
        content = dossier.open_content(uow, permit, entry, choose=lambda _content: dossier.Span(3, 4))

    assert b"".join(bytes(piece) for piece in content.read(3, 4)) == b"3456"
    for offset, length in [(0, 10), (2, 2), (6, 2), (3, 5), (7, 1)]:
        with pytest.raises(ValueError, match="traced"):
            content.read(offset, length)


def test_what_is_too_large_to_draw_is_not_said_to_have_left(embedded_house: House) -> None:
    filed = embedded_house.file(b"x" * (LARGEST_DRAWN_BYTES + 1))
    with embedded_house.database.unit_of_work() as uow:
        entry = filed.head.id
        permit = dossier.decide_entry(
            uow, embedded_house.physician, access.Action.READ, embedded_house.martin, entry
        )
        dossier.open_content(uow, permit, entry, choose=dossier.to_draw)

    (told,) = opened(embedded_house.trail())
    assert (told["bytes"], told["form"]) == ("0", "drawing")
