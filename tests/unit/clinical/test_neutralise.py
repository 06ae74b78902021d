import io
import struct
import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from files import hostile
from serment import clinical
from serment.clinical import Finding, MediaType


def served(media: MediaType, content: bytes) -> bytes:
    found = clinical.neutralise(media, clinical.BytesReader(content), len(content))
    result = bytes(clinical.apply_patches(content, 0, found.patches))
    assert len(result) == len(content)
    return result


def pixels(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content)) as picture:
        return picture.tobytes()


def orientation(content: bytes) -> int | None:
    with Image.open(io.BytesIO(content)) as picture:
        return picture.getexif().get(0x0112)


PICTURES = {
    MediaType.JPEG: hostile.jpeg,
    MediaType.PNG: hostile.png,
    MediaType.WEBP: hostile.webp,
}


@pytest.mark.parametrize("media", PICTURES)
@pytest.mark.parametrize("turned", [1, 6, 8])
def test_neutralise_leaves_the_picture_and_its_orientation_alone(media: MediaType, turned: int) -> None:
    content = PICTURES[media](turned)
    result = served(media, content)

    assert hostile.SECRET in content
    assert hostile.SECRET not in result
    assert pixels(result) == pixels(content)
    assert orientation(result) in ({1, None} if turned == 1 else {turned})


@pytest.mark.parametrize("media", PICTURES)
def test_neutralise_leaves_exif_with_the_orientation_alone(media: MediaType) -> None:
    with Image.open(io.BytesIO(served(media, PICTURES[media](6)))) as picture:
        picture.load()
        assert dict(picture.getexif()) == {0x0112: 6}


@pytest.mark.parametrize("media", PICTURES)
def test_neutralise_finds_nothing_more_in_what_it_cleared(media: MediaType) -> None:
    once = served(media, PICTURES[media](6))

    assert served(media, once) == once


def test_neutralise_reads_progressive_jpeg_to_its_end() -> None:
    content = hostile.jpeg(progressive=True)
    result = served(MediaType.JPEG, content)

    assert hostile.SECRET not in result
    assert pixels(result) == pixels(content)


def test_neutralise_keeps_colour_profiles_and_transparency() -> None:
    profile = b"profile " * 40
    picture = hostile.encoded(hostile.gradient(), "JPEG", icc_profile=profile)
    assert served(MediaType.JPEG, picture) == picture
    palette = hostile.encoded(hostile.gradient().convert("P"), "PNG", transparency=3, icc_profile=profile)
    assert served(MediaType.PNG, palette) == palette
    plain = hostile.encoded(hostile.gradient(), "WEBP")
    assert served(MediaType.WEBP, plain) == plain


def test_neutralise_blanks_orientation_that_does_not_fit() -> None:
    tiny = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0"
    content = b"\xff\xd8\xff\xe1" + struct.pack(">H", 8 + len(tiny)) + b"Exif\0\0" + tiny + b"\xff\xd9"

    assert served(MediaType.JPEG, content) == content[:6] + bytes(6 + len(tiny)) + b"\xff\xd9"


def test_neutralise_follows_fill_bytes_and_markers_without_length() -> None:
    content = b"\xff\xd8\xff\xff\xff\x01\xff\xfe\x00\x04hi\xff\xd9"

    assert served(MediaType.JPEG, content) == content.replace(b"hi", b"\0\0")


def test_neutralise_accepts_a_jpeg_cut_short() -> None:
    content = hostile.jpeg()
    for cut in hostile.truncations(content, 7):
        if len(cut) > 20:
            served(MediaType.JPEG, cut)


@pytest.mark.parametrize(
    ("media", "content"),
    [
        (MediaType.JPEG, b"\xff\xd8\xff\xe1\x00\x01"),
        (MediaType.JPEG, b"\xff\xd8\x00\xe1\x00\x01"),
        (MediaType.JPEG, b"\xff\xd8" + b"\xff\x01" * 100_001),
        (MediaType.PNG, b"\x89PNG\r\n\x1a\n"),
        (MediaType.PNG, b"\x89PNG\r\n\x1a\n" + b"\xff\xff\xff\xfftEXt"),
        (MediaType.PNG, b"\x89PNG\r\n\x1a\n" + hostile.png_chunk(b"IDAT", b"") * 50_001),
        (MediaType.WEBP, b"RIFF\xff\xff\xff\xffWEBP"),
        (MediaType.WEBP, b"RIFF\x14\0\0\0WEBPEXIF\xff\0\0\0" + bytes(8)),
        (MediaType.WEBP, b"RIFF" + struct.pack("<I", 4 + 8 * 50_001) + b"WEBP" + b"ALPH\0\0\0\0" * 50_001),
    ],
)
def test_neutralise_names_damaged_content(media: MediaType, content: bytes) -> None:
    with pytest.raises(clinical.ContentDamaged):
        clinical.neutralise(media, clinical.BytesReader(content), len(content))


def test_neutralise_refuses_to_blank_without_measure() -> None:
    huge = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 17 * 2**20) + b"tEXt" + bytes(17 * 2**20) + bytes(4)

    with pytest.raises(clinical.ContentTooLarge):
        clinical.neutralise(MediaType.PNG, clinical.BytesReader(huge), len(huge))


def test_neutralise_clears_webp_flags_without_a_body() -> None:
    content = b"RIFF\x0c\0\0\0WEBPVP8X\0\0\0\0"

    assert served(MediaType.WEBP, content) == content


def test_neutralise_keeps_png_checksums_right() -> None:
    result = served(MediaType.PNG, hostile.png())
    place = 8
    while result[place + 4 : place + 8] != b"IEND":
        length = int.from_bytes(result[place : place + 4], "big")
        body = result[place + 4 : place + 8 + length]
        assert int.from_bytes(result[place + 8 + length : place + 12 + length], "big") == zlib.crc32(body)
        place += 12 + length


@pytest.mark.parametrize("program", [hostile.PE_STUB, b"\x7fELF\x02\x01\x01", b"\xcf\xfa\xed\xfe\x07"])
def test_neutralise_clears_programs_from_dicom_preambles(program: bytes) -> None:
    content = hostile.dicom(preamble=program.ljust(128, b"\1"))
    found = clinical.neutralise(MediaType.DICOM, clinical.BytesReader(content), len(content))

    assert found.findings == (Finding.EXECUTABLE_PREAMBLE, Finding.PREAMBLE_CLEARED)
    assert clinical.apply_patches(content, 0, found.patches) == bytes(128) + content[128:]


def test_neutralise_clears_any_other_preamble() -> None:
    content = hostile.dicom(preamble=b"#!/bin/sh\n".ljust(128, b"\1"))
    found = clinical.neutralise(MediaType.DICOM, clinical.BytesReader(content), len(content))

    assert found == clinical.Neutralisation((clinical.Patch(0, bytes(128)),), (Finding.PREAMBLE_CLEARED,))


def test_neutralise_keeps_an_empty_preamble_as_it_is() -> None:
    content = hostile.dicom()

    assert (
        clinical.neutralise(MediaType.DICOM, clinical.BytesReader(content), len(content))
        == clinical.Neutralisation()
    )


@pytest.mark.parametrize(("head", "order"), [(b"II*\0", "<"), (b"MM\0*", ">")])
def test_neutralise_keeps_the_preamble_of_a_file_that_is_a_tiff_too(head: bytes, order: str) -> None:
    content = hostile.dicom(preamble=(head + struct.pack(order + "I", 140)).ljust(128, b"\0"))
    found = clinical.neutralise(MediaType.DICOM, clinical.BytesReader(content), len(content))

    assert found == clinical.Neutralisation((), (Finding.TIFF_DUAL_PERSONALITY,))


def test_neutralise_clears_a_tiff_head_that_leads_nowhere() -> None:
    content = hostile.dicom(preamble=b"II*\0\xff\xff\xff\xff".ljust(128, b"\0"))
    found = clinical.neutralise(MediaType.DICOM, clinical.BytesReader(content), len(content))

    assert found.findings == (Finding.PREAMBLE_CLEARED,)


def test_neutralise_leaves_other_types_alone() -> None:
    content = hostile.encoded(hostile.gradient(), "TIFF", description=hostile.SECRET.decode())

    assert served(MediaType.TIFF, content) == content


HEADS = st.sampled_from(
    [
        b"",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe1\x00\x40Exif\0\0MM\0*\0\0\0\x08\0\x01",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x40\0\0\0WEBPVP8X",
    ]
)


@given(st.sampled_from([*PICTURES, MediaType.DICOM]), HEADS, st.binary(max_size=300))
def test_neutralise_stays_in_bounds_on_arbitrary_bytes(media: MediaType, head: bytes, tail: bytes) -> None:
    content = head + tail
    try:
        found = clinical.neutralise(media, clinical.BytesReader(content), len(content))
    except (clinical.ContentDamaged, clinical.ContentTooLarge):
        return
    edges = [(patch.offset, patch.end) for patch in found.patches]
    assert all(0 <= begin < end <= len(content) for begin, end in edges)
    assert all(one[1] <= other[0] for one, other in pairwise(edges))


@given(st.sampled_from(list(PICTURES)), st.data())
def test_neutralise_stays_in_bounds_on_damaged_pictures(media: MediaType, data: st.DataObject) -> None:
    content = bytearray(PICTURES[media]())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        found = clinical.neutralise(media, clinical.BytesReader(cut), len(cut))
    except (clinical.ContentDamaged, clinical.ContentTooLarge):
        return
    assert all(0 <= patch.offset < patch.end <= len(cut) for patch in found.patches)
