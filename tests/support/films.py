"""DICOM series and other real documents for the tests of pages: made here, of invented people."""

import hashlib
import io
import math
import wave
from collections.abc import Iterator

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.data import get_testdata_file
from pydicom.uid import UID, ExplicitVRLittleEndian

STUDY_UID = "1.2.826.0.1.3680043.8.498.1"


def ct_series(
    count: int, *, patient: str = "MARTIN^ZOE", side: int = 512, series: int = 1, label: str = "Thorax axial"
) -> Iterator[bytes]:
    """Yield the slices of a CT, drawn from the real one that pydicom carries; each is a little wider than the last."""
    path = get_testdata_file("CT_small.dcm", download=False)
    assert isinstance(path, str)
    for number in range(1, count + 1):
        dataset = pydicom.dcmread(path)
        pixels = _seen(dataset.pixel_array, side, 1 - 0.3 * (number - 1) / max(count - 1, 1))
        dataset.remove_private_tags()
        dataset.PatientName, dataset.PatientID, dataset.PatientBirthDate = patient, "123", "19700312"
        dataset.StudyDescription, dataset.SeriesDescription = "Scanner thoracique", label
        dataset.StudyInstanceUID, dataset.SeriesInstanceUID = STUDY_UID, f"{STUDY_UID}.{series}"
        dataset.SOPInstanceUID = UID(f"{STUDY_UID}.{series}.{number}")
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.StudyDate, dataset.InstanceNumber, dataset.SeriesNumber = "20260310", number, series
        dataset.WindowCenter, dataset.WindowWidth = 40, 400
        dataset.Rows = dataset.Columns = side
        dataset.PixelData = pixels.astype("<i2").tobytes()
        target = io.BytesIO()
        dataset.preamble = bytes(128)
        dataset.save_as(target, enforce_file_format=True)
        yield target.getvalue()


def heart_loop() -> bytes:
    """Return an instance of many frames: the echocardiographic loop that pydicom carries."""
    path = get_testdata_file("examples_ybr_color.dcm", download=False)
    assert isinstance(path, str)
    dataset = pydicom.dcmread(path)
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = STUDY_UID, f"{STUDY_UID}.9"
    dataset.SeriesNumber = 9
    dataset.SeriesDescription, dataset.StudyDescription = "Coeur, quatre cavités", "Scanner thoracique"
    dataset.StudyDate = "20260310"
    target = io.BytesIO()
    dataset.save_as(target, enforce_file_format=True)
    return target.getvalue()


def letter(text: str, pages: int = 1, *, padding_bytes: int = 0) -> bytes:
    """Return a PDF that says `text` on each page; `padding_bytes` make it as long as a scanned one."""
    kids = " ".join(f"{4 + 2 * page} 0 R" for page in range(pages))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {pages}>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for page in range(pages):
        stream = f"BT /F1 14 Tf 72 720 Td ({text}) Tj 0 -24 Td (page {page + 1}) Tj ET".encode("latin-1")
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {5 + 2 * page} 0 R"
            "/Resources<</Font<</F1 3 0 R>>>>>>".encode()
        )
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream))
    if padding_bytes:
        drawn = hashlib.shake_256(text.encode()).digest(padding_bytes)
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn))
    return _pdf(objects)


def dictation(seconds: float, note: str = "") -> bytes:
    """Return a WAV that rises and falls like speech; `note` is kept in a chunk of its own."""
    rate = 8000
    time = np.arange(int(seconds * rate)) / rate
    sound = 12000 * np.sin(2 * math.pi * 180 * time) * np.abs(np.sin(2 * math.pi * 0.8 * time))
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(sound.astype("<i2").tobytes())
    content = bytearray(target.getvalue())
    if note:
        held = note.encode() + bytes(len(note.encode()) % 2)
        content += b"note" + len(held).to_bytes(4, "little") + held
        content[4:8] = (len(content) - 8).to_bytes(4, "little")
    return bytes(content)


def _pdf(objects: list[bytes]) -> bytes:
    body, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj%s\nendobj\n" % (number, content)
    begin = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    body += b"".join(b"%010d 00000 n \n" % place for place in places)
    body += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, begin)
    return bytes(body)


def _seen(pixels: NDArray[np.int16], side: int, zoom: float) -> NDArray[np.float32]:
    """Return the picture at `side` square, seen from nearer as `zoom` gets smaller."""
    height, width = pixels.shape
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    rows = np.clip((y / side - 0.5) * zoom * height + height / 2, 0, height - 1.001)
    columns = np.clip((x / side - 0.5) * zoom * width + width / 2, 0, width - 1.001)
    top, left = rows.astype(int), columns.astype(int)
    down, right = rows - top, columns - left
    values = pixels.astype(np.float32)
    above = values[top, left] * (1 - right) + values[top, left + 1] * right
    below = values[top + 1, left] * (1 - right) + values[top + 1, left + 1] * right
    seen: NDArray[np.float32] = above * (1 - down) + below * down
    return seen
