"""One tiny document of each sort that a preview is made of, to bring every reader into memory before confinement."""

import codecs
import io
import wave
from collections.abc import Iterator

from PIL import Image
from pydicom import charset
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.filewriter import dcmwrite
from pydicom.uid import (
    HTJ2K,
    UID,
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    RLELossless,
)

from serment.clinical.media import MediaType

_SIDE = 16
_RLE_HEADER = (1).to_bytes(4, "little") + (64).to_bytes(4, "little") + bytes(56)
_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj\n"
    b"4 0 obj<</Length 35>>stream\nBT /F1 12 Tf 9 30 Td (Serment) Tj ET\nendstream endobj\n"
    b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R>>\n"
)


def warm_up_samples() -> Iterator[tuple[MediaType, bytes]]:
    """Yield samples with their types; looks up every text encoding that DICOM and plain text may name."""
    for name in {"utf-8", "utf-16-le", "utf-16-be", "latin-1", "cp1252", *charset.python_encoding.values()}:
        codecs.lookup(name)
    yield MediaType.PDF, _PDF
    yield MediaType.TEXT, "œdème".encode("cp1252")
    yield MediaType.WAV, _sound()
    for form in ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP"):
        for mode in ("RGB", "L") if form == "JPEG" else ("RGB", "L", "P"):
            yield MediaType(f"image/{form.lower()}"), picture(form, mode)
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "jpeg", "group4"):
        yield (
            MediaType.TIFF,
            picture("TIFF", "1" if compression == "group4" else "L", compression=compression),
        )
    yield from ((MediaType.DICOM, content) for content in instances())


def picture(form: str, mode: str, **options: object) -> bytes:
    """Return a grey square, encoded."""
    target = io.BytesIO()
    Image.new("RGB", (_SIDE, _SIDE), "grey").convert(mode).save(target, form, **options)
    return target.getvalue()


def instances() -> Iterator[bytes]:
    """Yield a DICOM instance for each way of writing pixels that is decoded."""
    grey = bytes(_SIDE * _SIDE)
    for syntax in (
        ExplicitVRLittleEndian,
        ImplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
    ):
        yield instance(syntax, grey)
    yield instance(JPEGBaseline8Bit, encapsulate([picture("JPEG", "L")]))
    yield instance(JPEG2000Lossless, encapsulate([picture("JPEG2000", "L", no_jp2=True)]))
    yield instance(HTJ2K, encapsulate([picture("JPEG2000", "L", no_jp2=True)]))
    yield instance(RLELossless, encapsulate([_RLE_HEADER + b"\x81\x00\x81\x00"]))


def instance(syntax: UID, pixels: bytes) -> bytes:
    """Return one DICOM instance of a blank grey square."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = syntax
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = UID("1.2.3.4.5")
    data = Dataset()
    data.file_meta = meta
    data.SpecificCharacterSet = ["ISO 2022 IR 100", "ISO 2022 IR 87"]
    data.SOPClassUID = CTImageStorage
    data.SOPInstanceUID = UID("1.2.3.4.5")
    data.StudyInstanceUID, data.SeriesInstanceUID = "1.2.3", "1.2.3.4"
    data.PatientName, data.Modality, data.StudyDate = "SERMENT^WARM", "CT", "20260312"
    data.Rows, data.Columns, data.SamplesPerPixel = _SIDE, _SIDE, 1
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 8, 8, 7, 0
    data.PhotometricInterpretation = "MONOCHROME2"
    data.WindowCenter, data.WindowWidth, data.PixelSpacing = "40", "400", ["0.5", "0.5"]
    data.PixelData = pixels
    data["PixelData"].VR = "OB"
    data["PixelData"].is_undefined_length = bool(syntax.is_compressed and syntax.is_encapsulated)
    target = io.BytesIO()
    dcmwrite(target, data, enforce_file_format=True)
    return target.getvalue()


def _sound() -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(1600))
    return target.getvalue()
