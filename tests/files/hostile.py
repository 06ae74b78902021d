"""Makers of content that an attacker, a broken scanner or a bad day would send. All of it small or lazily large."""

import io
import struct
import wave
import zipfile
import zlib
from collections.abc import Iterator

from PIL import Image, PngImagePlugin

SECRET = b"GPS-48.8566-2.3522-SECRET"
PE_STUB = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + bytes(44) + b"\x80\x00\x00\x00"


def gradient(width: int = 64, height: int = 48) -> Image.Image:
    """Return a colour picture in which every pixel differs from its neighbours."""
    picture = Image.new("RGB", (width, height))
    picture.putdata([(x * 4 % 256, y * 5 % 256, (x * y) % 256) for y in range(height) for x in range(width)])
    return picture


def encoded(picture: Image.Image, form: str, **options: object) -> bytes:
    target = io.BytesIO()
    picture.save(target, form, **options)
    return target.getvalue()


def exif(orientation: int = 6) -> bytes:
    block = Image.Exif()
    block[0x0112] = orientation
    block[0x010E] = SECRET.decode()
    block.get_ifd(0x8825)[1] = "N"
    return block.tobytes()


def jpeg(orientation: int = 6, *, progressive: bool = False) -> bytes:
    """Return a JPEG with Exif, XMP, a comment and something behind its end."""
    options = {"exif": exif(orientation), "comment": SECRET, "xmp": b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"}
    return (
        encoded(gradient(), "JPEG", quality=90, progressive=progressive, **options) + b"PK\x03\x04" + SECRET
    )


def png(orientation: int = 6) -> bytes:
    """Return a PNG with Exif, three sorts of text and something behind its end."""
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", SECRET.decode())
    texts.add_text("Comment", SECRET.decode() * 40, zip=True)
    texts.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    return encoded(gradient(), "PNG", pnginfo=texts, exif=exif(orientation)) + SECRET


def webp(orientation: int = 6) -> bytes:
    """Return a WebP with Exif, XMP and something behind its end."""
    return encoded(gradient(), "WEBP", lossless=True, exif=exif(orientation), xmp=SECRET) + SECRET


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_bomb(side: int = 14_000) -> bytes:
    """Return a PNG of a few hundred kilobytes that unpacks to `side` x `side` grey pixels."""
    packer = zlib.compressobj(9)
    row = bytes(side + 1)
    body = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + png_chunk(b"IDAT", body) + png_chunk(b"IEND", b"")
    )


def zip_bomb(megabytes: int = 50) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("zeros", bytes(megabytes * 2**20))
    return target.getvalue()


def office(folder: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(f"{folder}/document.xml", "<x/>")
    return target.getvalue()


def open_document(kind: str = "text") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("content.xml", "<x/>")
    return target.getvalue()


def pdf(
    pages: int = 1, *, content: bytes = b"BT /F1 24 Tf 72 700 Td (Compte rendu) Tj ET", flate: bool = False
) -> bytes:
    """Return a PDF whose pages all show the same stream."""
    stream = zlib.compress(content, 9) if flate else content
    extra = b" /Filter /FlateDecode" if flate else b""
    kids = b" ".join(b"%d 0 R" % (5 + number) for number in range(pages))
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [" + kids + b"] /Count %d >>" % pages,
        b"<< /Length %d%s >>\nstream\n%s\nendstream" % (len(stream), extra, stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 3 0 R /Resources << /Font << /F1 4 0 R >> >> >>"
    return assemble_pdf(bodies + [page] * pages)


def assemble_pdf(bodies: list[bytes], trailer: bytes = b"") -> bytes:
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(bodies, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(bodies) + 1,
        trailer,
        start,
    )
    return bytes(out)


def protected_pdf() -> bytes:
    """Return a PDF that asks for a password: standard handler, revision 2, with check values that no password meets."""
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <" + b"11" * 32 + b"> /U <" + b"22" * 32 + b"> >>",
    ]
    return assemble_pdf(
        bodies, b"/Encrypt 4 0 R /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]"
    )


def pdf_bomb(megabytes: int = 200) -> bytes:
    """Return a small PDF whose page stream unpacks to `megabytes` of drawing orders."""
    return pdf(content=b"0 0 m 595 842 l S\n" * (megabytes * 2**20 // 18), flate=True)


def wav(seconds: float = 1.0, rate: int = 8000) -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        count = int(seconds * rate)
        sound.writeframes(
            struct.pack(f"<{count}h", *((place * 37) % 20000 - 10000 for place in range(count)))
        )
    return target.getvalue()


def truncations(content: bytes, step: int = 1) -> Iterator[bytes]:
    """Yield `content` cut short at every `step` bytes."""
    for end in range(0, len(content), step):
        yield content[:end]


def dicom(
    elements: bytes = b"",
    *,
    preamble: bytes = bytes(128),
    pixels: bytes = b"",
    rows: int = 4,
    columns: int = 4,
) -> bytes:
    """Return a little-endian explicit-VR DICOM instance; `elements` stand before the pixel data."""
    syntax = b"1.2.840.10008.1.2.1\0"
    meta = element(0x0002, 0x0010, b"UI", syntax)
    meta = element(0x0002, 0x0000, b"UL", struct.pack("<I", len(meta))) + meta
    body = element(0x0008, 0x0016, b"UI", b"1.2.840.10008.5.1.4.1.1.2\0")
    body += element(0x0008, 0x0018, b"UI", b"1.2.3.4.5\0") + element(0x0008, 0x0060, b"CS", b"CT")
    body += element(0x0010, 0x0010, b"PN", b"MOREAU^ANNE ")
    body += element(0x0020, 0x000D, b"UI", b"1.2.3\0") + element(0x0020, 0x000E, b"UI", b"1.2.3.4\0")
    body += element(0x0028, 0x0002, b"US", b"\1\0") + element(0x0028, 0x0004, b"CS", b"MONOCHROME2 ")
    body += element(0x0028, 0x0010, b"US", struct.pack("<H", rows)) + element(
        0x0028, 0x0011, b"US", struct.pack("<H", columns)
    )
    for place, value in ((0x0100, 16), (0x0101, 16), (0x0102, 15), (0x0103, 1)):
        body += element(0x0028, place, b"US", struct.pack("<H", value))
    pixel_data = pixels or struct.pack("<16h", *range(-800, 800, 100))
    return preamble + b"DICM" + meta + body + elements + element(0x7FE0, 0x0010, b"OW", pixel_data)


def element(group: int, number: int, vr: bytes, value: bytes) -> bytes:
    head = struct.pack("<HH", group, number) + vr
    if vr in {b"OB", b"OW", b"SQ", b"UN", b"UT"}:
        return head + b"\0\0" + struct.pack("<I", len(value)) + value
    return head + struct.pack("<H", len(value)) + value


def nested_sequences(depth: int) -> bytes:
    """Return a private sequence within itself, `depth` times, with undefined lengths."""
    opening = struct.pack("<HH2sHI", 0x0029, 0x1010, b"SQ", 0, 0xFFFFFFFF) + struct.pack(
        "<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF
    )
    closing = struct.pack("<HHI", 0xFFFE, 0xE00D, 0) + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    return element(0x0029, 0x0010, b"LO", b"HOSTILE ") + opening * depth + closing * depth
