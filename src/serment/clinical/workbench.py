"""What a confined child does with foreign bytes: look, draw, unpack. Messages are those of `requests`.

Every known trouble comes back as a problem's name; what is left (memory, time, a parser brought down) is the
caller's `ConfinedFailure`.
"""

from dataclasses import asdict

from PIL import Image

from serment import kernel
from serment.clinical import dicom, previews
from serment.clinical.errors import (
    ContentDamaged,
    ContentProtected,
    ContentTooLarge,
    ContentUnsupported,
    NoSuchPage,
    RequestMalformed,
)
from serment.clinical.imaging import DicomInstance, encode_instance
from serment.clinical.media import Display, MediaType, recognise
from serment.clinical.neutralise import Neutralisation, neutralise
from serment.clinical.patches import BytesReader, encode_patches
from serment.clinical.requests import LARGEST_PREVIEW_SIDE, pack, unpack
from serment.clinical.samples import warm_up_samples

_PROBLEMS: dict[type[kernel.SermentError], str] = {
    ContentDamaged: "damaged",
    ContentProtected: "password-protected",
    ContentTooLarge: "too-large-to-preview",
    ContentUnsupported: "unsupported",
    NoSuchPage: "no-such-page",
    RequestMalformed: "malformed-request",
}


def warm_up() -> None:
    """Bring into memory all that a job needs: afterwards no file can be opened any more."""
    Image.init()
    for media, content in warm_up_samples():
        inspect_document(pack({"size": len(content)}, content))
        render_preview(pack({"media": media.value, "page": 0, "side": 64}, content))


def inspect_document(payload: bytes) -> bytes:
    """Say what a document is, whether it opens, and what must be laid over it when it is served.

    Request: {"size": bytes of the whole} and the whole, or its beginning. Answer: {"media", "display", "pages",
    "problem", "dicom", "findings"} and the patches. A beginning alone is recognised, not opened.
    """
    header, body = unpack(payload)
    content, size = bytes(body), int(str(header["size"]))
    media = recognise(content, size)
    whole = len(content) >= size
    cleared, problem = _neutralise(media, content, size, whole=whole)
    instance, pages, trouble = _open(media, content, whole=whole)
    problem = problem or trouble
    display = Display.DOWNLOAD_ONLY if problem and problem != "too-large-to-preview" else media.display
    answer: dict[str, object] = {
        "media": media.value,
        "display": display.name,
        "pages": pages,
        "problem": problem,
        "dicom": encode_instance(instance) if instance is not None else None,
        "findings": [finding.value for finding in cleared.findings],
    }
    return pack(answer, encode_patches(cleared.patches))


def render_preview(payload: bytes) -> bytes:
    """Draw one page or frame.

    Request: {"media", "page", "side"} and the whole document. Answer: {"media_type", "problem"} and the preview.
    """
    header, body = unpack(payload)
    page, side = int(str(header["page"])), min(max(int(str(header["side"])), 16), LARGEST_PREVIEW_SIDE)
    try:
        preview = previews.render(MediaType(str(header["media"])), bytes(body), page=page, side=side)
    except tuple(_PROBLEMS) as trouble:
        return pack({"media_type": "", "problem": _PROBLEMS[type(trouble)]})
    return pack({"media_type": preview.media_type, "problem": ""}, preview.content)


def frame_pixels(payload: bytes) -> bytes:
    """Unpack one DICOM frame.

    Request: {"frame"} and the whole instance. Answer: the members of `FramePixels`, "problem", and the pixels.
    """
    header, body = unpack(payload)
    try:
        frame = dicom.frame_pixels(bytes(body), int(str(header["frame"])))
    except tuple(_PROBLEMS) as trouble:
        return pack({"problem": _PROBLEMS[type(trouble)]})
    members = asdict(frame)
    pixels = members.pop("pixels")
    return pack({**members, "problem": ""}, pixels)


def _neutralise(media: MediaType, content: bytes, size: int, *, whole: bool) -> tuple[Neutralisation, str]:
    """Say what to clear; of a beginning alone only a DICOM preamble can be told."""
    if not size:
        return Neutralisation(), "empty"
    if media is MediaType.EXECUTABLE:
        return Neutralisation(), "executable"
    if not whole and media is not MediaType.DICOM:
        return Neutralisation(), "too-large-to-preview" if media.is_picture else ""
    try:
        cleared = neutralise(media, BytesReader(content), size)
    except (ContentDamaged, ContentTooLarge) as trouble:
        return Neutralisation(), _PROBLEMS[type(trouble)]
    return cleared, ""


def _open(media: MediaType, content: bytes, *, whole: bool) -> tuple[DicomInstance | None, int, str]:
    try:
        if media is MediaType.DICOM:
            instance = dicom.read_instance(content)
            return instance, instance.frames, ""
        return None, previews.count_pages(media, content) if whole else 0, ""
    except tuple(_PROBLEMS) as trouble:
        return None, 0, _PROBLEMS[type(trouble)]
