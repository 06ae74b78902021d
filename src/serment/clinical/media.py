"""What bytes are, known from the bytes: never from a file's name, never from what a client says.

Source: WEB-03, WEB-04; ASVS 5.2.2.
"""

import codecs
import re
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

# How many first bytes `recognise` looks at.
RECOGNITION_BYTES = 16 * 1024


class Display(Enum):
    """How content may reach a browser."""

    INLINE_PREVIEW = auto()
    """Through a preview made by us, or as sound and film that a browser plays; the original as attachment."""
    DOWNLOAD_ONLY = auto()
    """As attachment only, never opened in our pages."""


class MediaType(StrEnum):
    """The types that are recognised, by the name under which they are served."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"
    GIF = "image/gif"
    WEBP = "image/webp"
    TIFF = "image/tiff"
    HEIC = "image/heic"
    BMP = "image/bmp"
    DICOM = "application/dicom"
    TEXT = "text/plain"
    CDA = "text/xml"
    XML = "application/xml"
    HTML = "text/html"
    SVG = "image/svg+xml"
    RTF = "application/rtf"
    ZIP = "application/zip"
    GZIP = "application/gzip"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    ODT = "application/vnd.oasis.opendocument.text"
    ODS = "application/vnd.oasis.opendocument.spreadsheet"
    OLE = "application/x-ole-storage"
    WAV = "audio/wav"
    MP3 = "audio/mpeg"
    OGG = "audio/ogg"
    FLAC = "audio/flac"
    M4A = "audio/mp4"
    WEBM_AUDIO = "audio/webm"
    MP4 = "video/mp4"
    MOV = "video/quicktime"
    WEBM_VIDEO = "video/webm"
    EXECUTABLE = "application/x-executable"
    UNKNOWN = "application/octet-stream"

    @property
    def display(self) -> Display:
        """How content of this type may be shown; HTML and SVG are never shown inline."""
        return Display.INLINE_PREVIEW if self in _SHOWN else Display.DOWNLOAD_ONLY

    @property
    def is_picture(self) -> bool:
        """Whether a preview of it is made as of a photograph."""
        return self in _PICTURES

    @property
    def is_sound(self) -> bool:
        """Whether it is recorded sound."""
        return self.value.startswith("audio/")


_PICTURES = frozenset(
    {MediaType.PNG, MediaType.JPEG, MediaType.GIF, MediaType.WEBP, MediaType.TIFF, MediaType.BMP}
)
_SOUND = frozenset(kind for kind in MediaType if kind.value.startswith("audio/"))
_FILM = frozenset({MediaType.MP4, MediaType.WEBM_VIDEO})
_SHOWN = _PICTURES | _SOUND | _FILM | {MediaType.PDF, MediaType.DICOM, MediaType.TEXT}


@dataclass(frozen=True)
class _Signature:
    offset: int
    magic: bytes
    media: MediaType


_SIGNATURES = (
    _Signature(0, b"%PDF-", MediaType.PDF),
    _Signature(0, b"\x89PNG\r\n\x1a\n", MediaType.PNG),
    _Signature(0, b"\xff\xd8\xff", MediaType.JPEG),
    _Signature(0, b"GIF87a", MediaType.GIF),
    _Signature(0, b"GIF89a", MediaType.GIF),
    _Signature(0, b"II*\0", MediaType.TIFF),
    _Signature(0, b"MM\0*", MediaType.TIFF),
    _Signature(0, b"II+\0\x08\0", MediaType.TIFF),
    _Signature(0, b"MM\0+\0\x08", MediaType.TIFF),
    _Signature(0, b"\x1f\x8b\x08", MediaType.GZIP),
    _Signature(0, b"{\\rtf", MediaType.RTF),
    _Signature(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", MediaType.OLE),
    _Signature(0, b"OggS", MediaType.OGG),
    _Signature(0, b"fLaC", MediaType.FLAC),
    _Signature(0, b"ID3", MediaType.MP3),
)
_EXECUTABLE_MAGICS = (
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\xca\xfe\xba\xbf",
    b"dex\n",
)
_DICOM_MAGIC_OFFSET = 128
_PDF_LEADING_BYTES = 1024
_MP3_FRAMES = tuple(bytes([0xFF, second]) for second in (0xFA, 0xFB, 0xF2, 0xF3, 0xE2, 0xE3))
_FTYP_BRANDS = {
    b"heic": MediaType.HEIC,
    b"heix": MediaType.HEIC,
    b"hevc": MediaType.HEIC,
    b"mif1": MediaType.HEIC,
    b"msf1": MediaType.HEIC,
    b"avif": MediaType.HEIC,
    b"M4A ": MediaType.M4A,
    b"M4B ": MediaType.M4A,
    b"qt  ": MediaType.MOV,
}
_ZIP_CONTENTS = (
    (b"mimetypeapplication/vnd.oasis.opendocument.text", MediaType.ODT),
    (b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", MediaType.ODS),
    (b"word/", MediaType.DOCX),
    (b"xl/", MediaType.XLSX),
    (b"ppt/", MediaType.PPTX),
)
_HTML = re.compile(
    r"<\s*(?:!doctype\s+html|html|head|body|script|iframe|title|style|meta|link|object|embed|form|table|img|div|a)[\s/>]",
    re.IGNORECASE,
)
_SVG = re.compile(r"<\s*(?:\w+:)?svg[\s>]", re.IGNORECASE)
_CDA = re.compile(r"<\s*(?:\w+:)?ClinicalDocument[\s>]")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_LATIN_CONTROLS = re.compile(rb"[\x80-\x9f]")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def recognise(head: bytes, size: int) -> MediaType:
    """Return the type of content from its first bytes (16 KiB are enough) and its size in bytes.

    What nothing recognises is `MediaType.UNKNOWN`. A DICOM file is one even when its preamble begins like
    something else: `neutralise` deals with the preamble (WEB-06).
    """
    if not head or size <= 0:
        return MediaType.UNKNOWN
    head = head[:RECOGNITION_BYTES]
    if head[_DICOM_MAGIC_OFFSET : _DICOM_MAGIC_OFFSET + 4] == b"DICM":
        return MediaType.DICOM
    if is_executable(head):
        return MediaType.EXECUTABLE
    return _by_signature(head) or _by_container(head) or _by_text(head) or _by_late_signature(head)


def is_executable(head: bytes) -> bool:
    """Tell whether bytes begin like a program: PE and its DOS stub, ELF, Mach-O, Java class, Dalvik."""
    if head.startswith(_EXECUTABLE_MAGICS):
        return True
    return head.startswith((b"MZ", b"ZM")) and b"\0" in head[:64]


def read_text(content: bytes) -> str | None:
    """Return content as text in UTF-8, UTF-16 or Latin-1, None when it is not text; a sign cut at the end is dropped."""
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return _clean(content[len(bom) :], encoding)
    text = _clean(content, "utf-8")
    if text is None and _LATIN_CONTROLS.search(content) is None:
        text = _clean(content, "latin-1")
    if text is None:
        text = _clean(content, "cp1252")
    return text


def _by_signature(head: bytes) -> MediaType | None:
    for signature in _SIGNATURES:
        if head.startswith(signature.magic, signature.offset):
            return signature.media
    if head.startswith(_MP3_FRAMES) and read_text(head) is None:
        return MediaType.MP3
    if head.startswith(b"BM") and head[6:10] == b"\0\0\0\0":
        return MediaType.BMP
    return None


def _by_container(head: bytes) -> MediaType | None:
    if head.startswith(b"RIFF"):
        return {b"WAVE": MediaType.WAV, b"WEBP": MediaType.WEBP}.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _FTYP_BRANDS.get(head[8:12], MediaType.MP4)
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return MediaType.WEBM_VIDEO if b"V_" in head else MediaType.WEBM_AUDIO
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return next((media for mark, media in _ZIP_CONTENTS if mark in head), MediaType.ZIP)
    return None


def _by_text(head: bytes) -> MediaType | None:
    text = read_text(head)
    if text is None:
        return None
    start = text.lstrip("\ufeff \t\r\n\f")
    if start.startswith("%PDF-"):
        return MediaType.PDF
    if start.startswith("<"):
        return _markup(start)
    return MediaType.HTML if _HTML.search(text[:1024]) and "<" in text[:64] else MediaType.TEXT


def _markup(text: str) -> MediaType:
    if _CDA.search(text):
        return MediaType.CDA
    if _SVG.search(text):
        return MediaType.SVG
    if _HTML.search(text) or not text.startswith("<?xml"):
        return MediaType.HTML
    return MediaType.XML


def _by_late_signature(head: bytes) -> MediaType:
    """A PDF may follow up to 1,024 bytes of anything that is nothing else (ISO 32000-1, annex H)."""
    return MediaType.PDF if b"%PDF-" in head[:_PDF_LEADING_BYTES] else MediaType.UNKNOWN


def _clean(content: bytes, encoding: str) -> str | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        text = decoder.decode(content, final=False)
    except UnicodeDecodeError:
        return None
    return None if _NOT_TEXT.search(text) else text
