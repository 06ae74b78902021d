import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serment import clinical
from serment.clinical.patches import blank

PATCHES = (clinical.Patch(2, b"AB"), clinical.Patch(6, b"C"), clinical.Patch(10, b"DEF"))


def whole(content: bytes, patches: tuple[clinical.Patch, ...]) -> bytes:
    target = bytearray(content)
    for patch in patches:
        target[patch.offset : patch.end] = patch.replacement
    return bytes(target[: len(content)])


@given(st.integers(0, 14), st.integers(0, 14))
def test_apply_patches_to_a_window_equals_a_window_of_the_whole(offset: int, length: int) -> None:
    content = bytes(range(14))
    window = content[offset : offset + length]

    assert (
        clinical.apply_patches(window, offset, PATCHES) == whole(content, PATCHES)[offset : offset + length]
    )


def test_apply_patches_changes_a_bytearray_in_place() -> None:
    target = bytearray(14)

    assert clinical.apply_patches(target, 0, PATCHES) is target
    assert target == bytearray(b"\0\0AB\0\0C\0\0\0DEF\0")


def test_apply_patches_returns_untouched_bytes_as_they_are() -> None:
    window = bytes(2)

    assert clinical.apply_patches(window, 0, ()) is window
    assert clinical.apply_patches(window, 4, PATCHES) is window


def test_patches_survive_being_kept() -> None:
    patches = (*PATCHES, *blank(2**40, 200_000))

    assert clinical.decode_patches(clinical.encode_patches(patches)) == patches
    assert len(clinical.encode_patches(patches)) < 1_000


@pytest.mark.parametrize(
    "bad", [b"", b"xx", zlib.compress(b"short"), zlib.compress(bytes(8) + b"\0\0\0\x09" + b"x")]
)
def test_decode_patches_refuses(bad: bytes) -> None:
    with pytest.raises(clinical.RequestMalformed):
        clinical.decode_patches(bad)


def test_decode_patches_refuses_a_bomb() -> None:
    with pytest.raises(clinical.RequestMalformed):
        clinical.decode_patches(zlib.compress(bytes(129 * 2**20), 1))


def test_blank_covers_exactly_what_is_asked() -> None:
    assert blank(5, 0) == []
    assert blank(5, -3) == []
    patches = blank(5, 150_000)
    assert [patch.offset for patch in patches] == [5, 5 + 65_536, 5 + 131_072]
    assert patches[-1].end == 150_005


def test_blank_refuses_more_than_its_limit() -> None:
    with pytest.raises(clinical.ContentTooLarge):
        blank(0, 64 * 2**20 + 1)
