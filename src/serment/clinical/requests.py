"""What is handed to the workbench in its confined child, and what comes back: bytes both ways.

Layout (bytes):  header length 4, big-endian | header, JSON | body

The answers come from a process that foreign bytes may have overcome: every member is checked on its way in.
"""

import json
import struct
from dataclasses import dataclass

from serment import kernel
from serment.clinical.errors import RequestMalformed, ResourceMalformed
from serment.clinical.imaging import DicomInstance, decode_instance
from serment.clinical.media import Display, MediaType
from serment.clinical.neutralise import Finding
from serment.clinical.patches import Patch, decode_patches

WORKBENCH = "serment.clinical.workbench"
# What a `kernel.Zygote` loads to do the three jobs below.
PRELOAD = f"{WORKBENCH}:warm_up"
# The job that answers an `inspection_request`; read it with `read_inspection`.
INSPECT_DOCUMENT = f"{WORKBENCH}:inspect_document"
# The job that answers a `preview_request`; read it with `read_preview`.
RENDER_PREVIEW = f"{WORKBENCH}:render_preview"
# The job that answers a `frame_request`; read it with `read_frame`.
FRAME_PIXELS = f"{WORKBENCH}:frame_pixels"
LARGEST_PREVIEW_SIDE = 4096
_LENGTH = struct.Struct(">I")
_MOST_HEADER = 16 * 2**20
_PREVIEW_TYPES = frozenset({"image/png", "image/jpeg", "text/plain; charset=utf-8", "application/json"})


@dataclass(frozen=True)
class Inspection:
    """What one look at a document found.

    `pages` counts PDF pages, TIFF or DICOM frames, 0 where there are none. `problem` is empty, or one of
    "empty", "password-protected", "damaged", "too-large-to-preview", "executable", "unsupported".
    """

    media: MediaType
    display: Display
    pages: int
    problem: str
    dicom: DicomInstance | None
    patches: tuple[Patch, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Preview:
    """A preview that we made ourselves: PNG, JPEG, text or JSON (the shape of a sound), or a problem's name."""

    media_type: str
    content: bytes
    problem: str = ""


@dataclass(frozen=True)
class Frame:
    """One DICOM frame for a canvas: `header` as JSON members (see `FramePixels`), and the pixels."""

    header: dict[str, object]
    pixels: bytes
    problem: str = ""


def pack(header: dict[str, object], body: bytes = b"") -> bytes:
    """Return a message of header and body."""
    encoded = kernel.canonical_json(header)
    return b"".join((_LENGTH.pack(len(encoded)), encoded, body))


def unpack(message: bytes) -> tuple[dict[str, object], memoryview]:
    """Return the header and the body of a message.

    Raises:
        RequestMalformed: no such message.
    """
    try:
        (length,) = _LENGTH.unpack_from(message)
        encoded = message[_LENGTH.size : _LENGTH.size + length]
        header = json.loads(encoded) if length <= _MOST_HEADER else None
    except (struct.error, ValueError, RecursionError) as cause:
        raise RequestMalformed("message") from cause
    if not isinstance(header, dict):
        raise RequestMalformed("header")
    return header, memoryview(message)[_LENGTH.size + length :]


def inspection_request(content: bytes, size_bytes: int | None = None) -> bytes:
    """Return the request to inspect a document: all of it, or its beginning and the size of the whole."""
    return pack({"size": len(content) if size_bytes is None else size_bytes}, content)


def preview_request(media: MediaType, content: bytes, *, page: int = 0, side: int = 1200) -> bytes:
    """Return the request for a preview of one page or frame, counted from 0, `side` pixels at most each way."""
    return pack({"media": media.value, "page": page, "side": min(side, LARGEST_PREVIEW_SIDE)}, content)


def frame_request(content: bytes, *, frame: int = 0) -> bytes:
    """Return the request for the pixels of one DICOM frame, counted from 0."""
    return pack({"frame": frame}, content)


def read_inspection(answer: bytes) -> Inspection:
    """Return what `inspect_document` found.

    Raises:
        RequestMalformed: not an inspection.
    """
    header, body = unpack(answer)
    try:
        media = MediaType(str(header["media"]))
        dicom = header["dicom"]
        findings = header["findings"]
        return Inspection(
            media=media,
            display=Display[str(header["display"])],
            pages=int(str(header["pages"])),
            problem=str(header["problem"]),
            dicom=decode_instance(str(dicom)) if dicom else None,
            patches=decode_patches(bytes(body)),
            findings=tuple(Finding(str(name)) for name in (findings if isinstance(findings, list) else [])),
        )
    except (KeyError, ValueError, TypeError, ResourceMalformed) as cause:
        raise RequestMalformed("inspection") from cause


def read_preview(answer: bytes) -> Preview:
    """Return what `render_preview` made.

    Raises:
        RequestMalformed: not a preview, or of a type that we do not make.
    """
    header, body = unpack(answer)
    media_type, problem = str(header.get("media_type", "")), str(header.get("problem", ""))
    if not problem and media_type not in _PREVIEW_TYPES:
        raise RequestMalformed("preview")
    return Preview(media_type, bytes(body), problem)


def read_frame(answer: bytes) -> Frame:
    """Return what `frame_pixels` made; the pixels are as many as rows, columns and format say.

    Raises:
        RequestMalformed: not a frame.
    """
    header, body = unpack(answer)
    problem = str(header.pop("problem", ""))
    if not problem:
        depth = {"u8": 1, "u16": 2, "i16": 2, "rgb8": 3}.get(str(header.get("format")))
        rows, columns = header.get("rows"), header.get("columns")
        if depth is None or not isinstance(rows, int) or not isinstance(columns, int):
            raise RequestMalformed("frame")
        if rows * columns * depth != len(body):
            raise RequestMalformed("frame")
    return Frame(header, bytes(body), problem)
