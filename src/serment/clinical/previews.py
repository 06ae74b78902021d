"""Pictures of documents, made from scratch. Runs in a confined child only: its input is foreign (WEB-03).

Limits: 80 megapixels unpacked for a picture, one page or frame at a time, 64 KiB of text, 4,096 pixels a side.
"""

import io
import json
import struct
import warnings
import wave
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pypdfium2
from PIL import Image, ImageOps, UnidentifiedImageError

from serment.clinical import dicom
from serment.clinical.errors import (
    ContentDamaged,
    ContentProtected,
    ContentTooLarge,
    ContentUnsupported,
    NoSuchPage,
)
from serment.clinical.media import MediaType, read_text
from serment.clinical.requests import Preview

_MOST_PIXELS = 80_000_000
_MOST_TEXT_BYTES = 64 * 1024
_PEAKS = 400
_POINTS_PER_PIXEL_MOST = 8.0
_PASSWORD_ERROR = 4
_LARGEST_BYTE = 255
_FORMATS = {
    MediaType.PNG: "PNG",
    MediaType.JPEG: "JPEG",
    MediaType.GIF: "GIF",
    MediaType.WEBP: "WEBP",
    MediaType.TIFF: "TIFF",
    MediaType.BMP: "BMP",
}
_PHOTOGRAPHS = frozenset({"JPEG", "WEBP", "TIFF"})
_TRANSPARENT = frozenset({"RGBA", "LA", "PA", "P"})


@dataclass(frozen=True)
class _Request:
    content: bytes
    page: int
    side: int


def render(media: MediaType, content: bytes, *, page: int, side: int) -> Preview:
    """Return a preview of one page or frame, counted from 0, at most `side` pixels each way.

    Raises:
        ContentDamaged, ContentProtected, ContentTooLarge, ContentUnsupported, NoSuchPage: as their names say.
    """
    maker = _MAKERS.get(media)
    if maker is None:
        raise ContentUnsupported(media.value)
    return maker(_Request(content, page, side))


def count_pages(media: MediaType, content: bytes) -> int:
    """Return the number of pages of a PDF or of frames of a picture, 0 for what has none; opens the content.

    Raises:
        ContentDamaged, ContentProtected, ContentTooLarge: as their names say.
    """
    if media is MediaType.PDF:
        with _opened_pdf(content) as document:
            return len(document)
    if media in _FORMATS:
        with _opened_picture(content, _FORMATS[media]) as picture:
            return int(getattr(picture, "n_frames", 1))
    return 0


@contextmanager
def _opened_pdf(content: bytes) -> Iterator[pypdfium2.PdfDocument]:
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as cause:
        if getattr(cause, "err_code", None) == _PASSWORD_ERROR:
            raise ContentProtected("pdf") from cause
        raise ContentDamaged("pdf") from cause
    try:
        yield document
    finally:
        document.close()


def _render_pdf(request: _Request) -> Preview:
    with _opened_pdf(request.content) as document:
        if not 0 <= request.page < len(document):
            raise NoSuchPage("page")
        try:
            page = document[request.page]
            width, height = page.get_size()
            scale = min(request.side / max(width, height, 1.0), _POINTS_PER_PIXEL_MOST)
            picture = page.render(scale=scale).to_pil()
        except (pypdfium2.PdfiumError, ValueError) as cause:
            raise ContentDamaged("pdf page") from cause
        return _as_png(picture)


@contextmanager
def _opened_picture(content: bytes, form: str) -> Iterator[Image.Image]:
    """Open a picture with the reader of its own type alone; whatever a reader complains of is damage."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(content), formats=[form]) as picture:
                if picture.width * picture.height > _MOST_PIXELS:
                    raise ContentTooLarge("pixels")
                yield picture
        except Image.DecompressionBombError as cause:
            raise ContentTooLarge("pixels") from cause
        except _PICTURE_ERRORS as cause:
            raise ContentDamaged("picture") from cause


_PICTURE_ERRORS = (
    UnidentifiedImageError,
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    TypeError,
    ArithmeticError,
    RuntimeError,
    EOFError,
    struct.error,
    zlib.error,
)


def _render_picture(form: str) -> Callable[[_Request], Preview]:
    def make(request: _Request) -> Preview:
        with _opened_picture(request.content, form) as picture:
            if not 0 <= request.page < int(getattr(picture, "n_frames", 1)):
                raise NoSuchPage("frame")
            if request.page:
                picture.seek(request.page)
            picture.draft("RGB", (request.side, request.side))
            picture.load()
            upright = ImageOps.exif_transpose(picture)
            shown = _in_eight_bits(upright)
            shown.thumbnail((request.side, request.side))
            photograph = form in _PHOTOGRAPHS and shown.mode not in _TRANSPARENT
            return _as_jpeg(shown) if photograph else _as_png(shown)

    return make


def _in_eight_bits(picture: Image.Image) -> Image.Image:
    """Return the picture in a mode that a browser shows; 16-bit grey loses its low byte."""
    if picture.mode.startswith("I"):
        values = np.asarray(picture).astype(np.int64)
        depth = 8 if values.max(initial=0) > _LARGEST_BYTE else 0
        return Image.fromarray((values >> depth).clip(0, _LARGEST_BYTE).astype(np.uint8))
    if picture.mode in {"RGB", "RGBA", "L"}:
        return picture
    return picture.convert("RGBA" if picture.mode in _TRANSPARENT else "RGB")


def _render_text(request: _Request) -> Preview:
    text = read_text(request.content[:_MOST_TEXT_BYTES])
    if text is None:
        raise ContentDamaged("text")
    return Preview("text/plain; charset=utf-8", text.encode("utf-8", "replace"))


def _render_dicom(request: _Request) -> Preview:
    shown = Image.fromarray(dicom.displayed(dicom.frame_pixels(request.content, request.page)))
    shown.thumbnail((request.side, request.side))
    return _as_png(shown)


def _render_sound(request: _Request) -> Preview:
    """Return duration and peaks (0 to 100, at most 400) of uncompressed sound as JSON."""
    try:
        with wave.open(io.BytesIO(request.content), "rb") as sound:
            width, channels, rate, count = (
                sound.getsampwidth(),
                sound.getnchannels(),
                sound.getframerate(),
                sound.getnframes(),
            )
            frames = sound.readframes(count)
    except (wave.Error, EOFError, OSError, RuntimeError) as cause:
        raise ContentDamaged("sound") from cause
    if width not in {1, 2, 4} or not channels or not rate:
        raise ContentUnsupported("sound")
    present = len(frames) // (width * channels)
    shape = {
        "seconds": round(present / rate, 3),
        "peaks": _peaks(frames[: present * width * channels], width),
    }
    return Preview("application/json", json.dumps(shape).encode())


def _peaks(frames: bytes, width: int) -> list[int]:
    samples = np.frombuffer(frames, {1: "u1", 2: "<i2", 4: "<i4"}[width]).astype(np.int64)
    levels = np.abs(samples - 128 if width == 1 else samples)
    parts = np.array_split(levels, min(_PEAKS, max(levels.size, 1)))
    ceiling = 1 << (8 * width - 1)
    return [min(int(part.max()) * 100 // ceiling, 100) for part in parts if part.size]


def _as_png(picture: Image.Image) -> Preview:
    picture.info = {}
    target = io.BytesIO()
    picture.save(target, "PNG", compress_level=1)
    return Preview("image/png", target.getvalue())


def _as_jpeg(picture: Image.Image) -> Preview:
    """Encode without what Pillow would carry over from the source: comments, Exif, profiles."""
    picture.info = {}
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=85)
    return Preview("image/jpeg", target.getvalue())


_MAKERS: dict[MediaType, Callable[[_Request], Preview]] = {
    MediaType.PDF: _render_pdf,
    MediaType.TEXT: _render_text,
    MediaType.DICOM: _render_dicom,
    MediaType.WAV: _render_sound,
    **{media: _render_picture(form) for media, form in _FORMATS.items()},
}
