import pytest

from serment.clinical.orientation import bare_exif, read_orientation


@pytest.mark.parametrize("turned", range(1, 9))
def test_bare_exif_says_its_orientation(turned: int) -> None:
    block = bare_exif(turned, 40)

    assert block is not None
    assert len(block) == 40
    assert read_orientation(block) == turned


def test_bare_exif_needs_room() -> None:
    assert bare_exif(6, 25) is None
    assert bare_exif(6, 26) is not None


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"XX*\0",
        b"II*\0\xff\xff\xff\xff",
        b"II*\0\x08\0\0\0\0\0",
        b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x09\0\0\0",
        b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\0\0\0\0",
        b"II*\0\x08\0\0\0\x01\0\x0e\x01\x02\0\x01\0\0\0\0\0\0\0",
    ],
)
def test_read_orientation_takes_anything_else_for_upright(block: bytes) -> None:
    assert read_orientation(block) == 1
