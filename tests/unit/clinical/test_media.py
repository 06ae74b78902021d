import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from files import hostile
from serment import clinical
from serment.clinical import MediaType


def ftyp(brand: bytes) -> bytes:
    return struct.pack(">I", 24) + b"ftyp" + brand + bytes(4) + b"isom" + bytes(4)


SAMPLES = {
    "pdf": (hostile.pdf(), MediaType.PDF),
    "pdf after white space": (b"\r\n %PDF-1.4\n", MediaType.PDF),
    "pdf after junk": (b"\x00\x01junk" + hostile.pdf(), MediaType.PDF),
    "png": (hostile.png(), MediaType.PNG),
    "jpeg": (hostile.jpeg(), MediaType.JPEG),
    "gif": (hostile.encoded(hostile.gradient(), "GIF"), MediaType.GIF),
    "webp": (hostile.webp(), MediaType.WEBP),
    "tiff": (hostile.encoded(hostile.gradient(), "TIFF"), MediaType.TIFF),
    "big tiff": (b"II+\0\x08\0\0\0" + bytes(8), MediaType.TIFF),
    "bmp": (hostile.encoded(hostile.gradient(), "BMP"), MediaType.BMP),
    "heic": (ftyp(b"heic"), MediaType.HEIC),
    "dicom": (hostile.dicom(), MediaType.DICOM),
    "dicom with a program in its preamble": (
        hostile.dicom(preamble=hostile.PE_STUB.ljust(128, b"\0")),
        MediaType.DICOM,
    ),
    "utf-8": ("Tension 12/8, température 38,5 °C\n".encode(), MediaType.TEXT),
    "utf-16": ("Tension 12/8".encode("utf-16"), MediaType.TEXT),
    "utf-8 with a mark": ("Température".encode("utf-8-sig"), MediaType.TEXT),
    "latin-1": ("Température élevée".encode("latin-1"), MediaType.TEXT),
    "windows": ("L’œdème".encode("cp1252"), MediaType.TEXT),
    "text that begins like a program": (b"MZ is a name of two letters", MediaType.TEXT),
    "cda": (b'<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"/>', MediaType.CDA),
    "xml": (b'<?xml version="1.0"?><note/>', MediaType.XML),
    "html": (b"<!DOCTYPE html><p>", MediaType.HTML),
    "html with space": (b"\n <ScRiPt>alert(1)</script>", MediaType.HTML),
    "html in utf-16": ("<html></html>".encode("utf-16"), MediaType.HTML),
    "html inside xml": (b'<?xml version="1.0"?><html xmlns="x"><script/></html>', MediaType.HTML),
    "html with a late pdf": (b"<html> %PDF-1.4", MediaType.HTML),
    "text with html": (b"a <img src=x onerror=alert(1)>", MediaType.HTML),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', MediaType.SVG),
    "svg in xml": (b'<?xml version="1.0"?><!-- x --><s:svg xmlns:s="x"/>', MediaType.SVG),
    "zip": (hostile.zip_bomb(1), MediaType.ZIP),
    "empty zip": (b"PK\x05\x06" + bytes(18), MediaType.ZIP),
    "docx": (hostile.office("word"), MediaType.DOCX),
    "xlsx": (hostile.office("xl"), MediaType.XLSX),
    "pptx": (hostile.office("ppt"), MediaType.PPTX),
    "odt": (hostile.open_document(), MediaType.ODT),
    "ods": (hostile.open_document("spreadsheet"), MediaType.ODS),
    "doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(8), MediaType.OLE),
    "gzip": (b"\x1f\x8b\x08" + bytes(8), MediaType.GZIP),
    "rtf": (b"{\\rtf1 x}", MediaType.RTF),
    "wav": (hostile.wav(0.1), MediaType.WAV),
    "other riff": (b"RIFF\x10\0\0\0AVI " + bytes(8), MediaType.UNKNOWN),
    "mp3": (b"ID3\x03" + bytes(20), MediaType.MP3),
    "mp3 without tag": (b"\xff\xfb\x90\x00" + bytes(20), MediaType.MP3),
    "ogg": (b"OggS\0\x02" + bytes(20), MediaType.OGG),
    "flac": (b"fLaC\0\0\0\x22" + bytes(20), MediaType.FLAC),
    "m4a": (ftyp(b"M4A "), MediaType.M4A),
    "mp4": (ftyp(b"isom"), MediaType.MP4),
    "mov": (ftyp(b"qt  "), MediaType.MOV),
    "webm sound": (b"\x1a\x45\xdf\xa3" + bytes(8) + b"webm A_OPUS", MediaType.WEBM_AUDIO),
    "webm film": (b"\x1a\x45\xdf\xa3" + bytes(8) + b"webm V_VP9", MediaType.WEBM_VIDEO),
    "pe": (hostile.PE_STUB, MediaType.EXECUTABLE),
    "elf": (b"\x7fELF\x02\x01\x01" + bytes(9), MediaType.EXECUTABLE),
    "mach-o": (b"\xcf\xfa\xed\xfe" + bytes(12), MediaType.EXECUTABLE),
    "noise": (b"\x00\x93\x81\x02\xfe\x9d", MediaType.UNKNOWN),
    "nothing": (b"", MediaType.UNKNOWN),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_recognise_knows_content_by_its_bytes(name: str) -> None:
    content, expected = SAMPLES[name]

    assert clinical.recognise(content[: clinical.RECOGNITION_BYTES], len(content)) is expected


def test_recognise_takes_an_empty_size_for_nothing() -> None:
    assert clinical.recognise(b"%PDF-", 0) is MediaType.UNKNOWN


def test_recognise_reads_text_cut_in_the_middle_of_a_sign() -> None:
    head = b"a" * (clinical.RECOGNITION_BYTES - 1) + "é".encode()

    assert clinical.recognise(head, 10**6) is MediaType.TEXT


@given(st.binary(max_size=400))
def test_recognise_answers_whatever_the_bytes(content: bytes) -> None:
    assert clinical.recognise(content, len(content)) in MediaType


def test_active_content_is_never_shown() -> None:
    hidden = {media for media in MediaType if media.display is clinical.Display.DOWNLOAD_ONLY}

    assert {MediaType.HTML, MediaType.SVG, MediaType.XML, MediaType.CDA, MediaType.EXECUTABLE} <= hidden
    assert {MediaType.ZIP, MediaType.DOCX, MediaType.HEIC, MediaType.UNKNOWN} <= hidden


def test_ordinary_content_is_shown() -> None:
    shown = {media for media in MediaType if media.display is clinical.Display.INLINE_PREVIEW}

    assert {
        MediaType.PDF,
        MediaType.JPEG,
        MediaType.DICOM,
        MediaType.TEXT,
        MediaType.WAV,
        MediaType.MP4,
    } <= shown
    assert {media for media in shown if media.is_sound} == {media for media in MediaType if media.is_sound}


def test_every_picture_opens_with_its_own_reader() -> None:
    for content, media in SAMPLES.values():
        if media.is_picture and len(content) > 100:
            Image.open(io.BytesIO(content), formats=[media.value.removeprefix("image/")]).load()
