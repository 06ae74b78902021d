import io
import json
import struct
import wave

import pytest
from PIL import Image

from files import hostile
from serment import clinical
from serment.clinical import MediaType, previews


def shown(media: MediaType, content: bytes, *, page: int = 0, side: int = 32) -> Image.Image:
    made = previews.render(media, content, page=page, side=side)
    picture = Image.open(io.BytesIO(made.content))
    picture.load()
    assert made.media_type == f"image/{str(picture.format).lower()}"
    return picture


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP"])
def test_render_draws_pictures_within_the_side(form: str) -> None:
    media = MediaType(f"image/{form.lower()}")

    assert shown(media, hostile.encoded(hostile.gradient(), form)).size == (32, 24)
    assert previews.count_pages(media, hostile.encoded(hostile.gradient(), form)) == 1


def test_render_turns_photographs_upright_and_drops_what_they_carry() -> None:
    made = previews.render(MediaType.JPEG, hostile.jpeg(6), page=0, side=32)

    assert hostile.SECRET not in made.content
    assert Image.open(io.BytesIO(made.content)).size == (24, 32)


@pytest.mark.parametrize("mode", ["1", "P", "LA", "I", "I;16", "CMYK", "F"])
def test_render_brings_every_mode_to_what_a_browser_shows(mode: str) -> None:
    grey = hostile.gradient().convert("L")
    picture = (
        grey.point([value * 256 for value in range(256)], "I").convert("I;16")
        if mode == "I;16"
        else grey.convert(mode)
    )
    form = "PNG" if mode in {"1", "P", "LA"} else "TIFF"

    assert shown(MediaType(f"image/{form.lower()}"), hostile.encoded(picture, form)).mode in {
        "RGB",
        "RGBA",
        "L",
    }


def test_render_reaches_later_pages_of_a_tiff() -> None:
    pages = [Image.new("L", (8, 8), level) for level in (10, 200)]
    content = hostile.encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])

    assert previews.count_pages(MediaType.TIFF, content) == 2
    assert shown(MediaType.TIFF, content, page=1).getpixel((0, 0)) == 200
    with pytest.raises(clinical.NoSuchPage):
        previews.render(MediaType.TIFF, content, page=2, side=32)


def test_render_refuses_decompression_bombs() -> None:
    for side in (9_500, 14_000):
        with pytest.raises(clinical.ContentTooLarge):
            previews.render(MediaType.PNG, hostile.png_bomb(side), page=0, side=32)


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", hostile.png()[:80]])
def test_render_names_damaged_pictures(content: bytes) -> None:
    with pytest.raises(clinical.ContentDamaged):
        previews.render(MediaType.PNG, content, page=0, side=32)


def test_render_opens_content_with_the_reader_of_its_type_alone() -> None:
    with pytest.raises(clinical.ContentDamaged):
        previews.render(MediaType.PNG, hostile.jpeg(), page=0, side=32)


def test_render_draws_a_page_of_a_pdf() -> None:
    picture = shown(MediaType.PDF, hostile.pdf(3), page=2, side=842)

    assert picture.size == (595, 842)
    assert len(set(picture.convert("L").tobytes())) > 2
    assert previews.count_pages(MediaType.PDF, hostile.pdf(3)) == 3


def test_render_refuses_a_page_that_is_not_there() -> None:
    for page in (-1, 3):
        with pytest.raises(clinical.NoSuchPage):
            previews.render(MediaType.PDF, hostile.pdf(3), page=page, side=32)


def test_render_tells_protected_from_damaged_pdf() -> None:
    with pytest.raises(clinical.ContentProtected):
        previews.render(MediaType.PDF, hostile.protected_pdf(), page=0, side=32)
    with pytest.raises(clinical.ContentDamaged):
        previews.count_pages(MediaType.PDF, b"%PDF-1.7\nnothing")


def test_render_names_a_page_that_cannot_be_read() -> None:
    content = (
        hostile.pdf()
        .replace(b"/Type /Page /Parent", b"/Type /Pale /Parent", 1)
        .replace(b"5 0 obj", b"9 0 obj")
    )

    with pytest.raises((clinical.ContentDamaged, clinical.NoSuchPage)):
        previews.render(MediaType.PDF, content, page=0, side=32)


def test_render_gives_the_beginning_of_a_text() -> None:
    made = previews.render(MediaType.TEXT, "é".encode("latin-1") * 100_000, page=0, side=32)

    assert made.media_type == "text/plain; charset=utf-8"
    assert made.content.decode() == "é" * 65_536
    with pytest.raises(clinical.ContentDamaged):
        previews.render(MediaType.TEXT, b"\0\x81\x9d", page=0, side=32)


def test_render_draws_a_dicom_frame() -> None:
    assert shown(MediaType.DICOM, hostile.dicom()).size == (4, 4)


def test_render_gives_the_shape_of_sound() -> None:
    made = previews.render(MediaType.WAV, hostile.wav(2.5), page=0, side=32)
    shape = json.loads(made.content)

    assert shape["seconds"] == 2.5
    assert len(shape["peaks"]) == 400
    assert max(shape["peaks"]) == 30


@pytest.mark.parametrize(
    ("width", "frames"), [(1, bytes([128, 0, 255, 128])), (4, struct.pack("<2i", -(2**31), 0))]
)
def test_render_reads_other_widths_of_sound(width: int, frames: bytes) -> None:
    shape = json.loads(previews.render(MediaType.WAV, sound(width, frames), page=0, side=32).content)

    assert max(shape["peaks"]) == 100


def test_render_gives_an_empty_shape_for_empty_sound() -> None:
    shape = json.loads(previews.render(MediaType.WAV, sound(2, b""), page=0, side=32).content)

    assert shape == {"seconds": 0.0, "peaks": []}


def test_render_names_sound_it_cannot_read() -> None:
    with pytest.raises(clinical.ContentDamaged):
        previews.render(MediaType.WAV, b"RIFF\x04\0\0\0WAVE", page=0, side=32)
    with pytest.raises(clinical.ContentUnsupported):
        previews.render(MediaType.WAV, sound(3, bytes(6)), page=0, side=32)


def sound(width: int, frames: bytes) -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(width)
        out.setframerate(8000)
        out.writeframes(frames)
    return target.getvalue()


@pytest.mark.parametrize(
    "media", [MediaType.HTML, MediaType.SVG, MediaType.ZIP, MediaType.EXECUTABLE, MediaType.MP4]
)
def test_render_draws_nothing_else(media: MediaType) -> None:
    with pytest.raises(clinical.ContentUnsupported):
        previews.render(media, b"x", page=0, side=32)
    assert previews.count_pages(media, b"x") == 0
