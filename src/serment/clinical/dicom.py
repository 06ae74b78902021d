"""DICOM headers and frames, read by pydicom. Runs in a confined child only: its input is foreign (WEB-07).

Nothing is interpreted for diagnosis (LAW-90): pixels are handed on as stored, with the window that the file names.
"""

import io
import math
import struct
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import apply_color_lut
from pydicom.pixels.utils import pixel_array
from pydicom.uid import DeflatedExplicitVRLittleEndian

from serment.clinical.errors import ContentDamaged, ContentTooLarge, ContentUnsupported, NoSuchPage
from serment.clinical.imaging import DicomInstance

_MOST_FRAME_BYTES = 256 * 2**20
_MOST_TEXT = 256
_TAGS = [
    *("SpecificCharacterSet", "SOPClassUID", "SOPInstanceUID", "StudyDate", "Modality", "StudyDescription"),
    *("SeriesDescription", "PatientName", "PatientID", "PatientBirthDate", "BodyPartExamined"),
    *("StudyInstanceUID", "SeriesInstanceUID", "SeriesNumber", "InstanceNumber", "NumberOfFrames"),
    *(
        "Rows",
        "Columns",
        "PixelSpacing",
        "ImagerPixelSpacing",
        "PhotometricInterpretation",
        "SamplesPerPixel",
    ),
    *(
        "BitsAllocated",
        "PixelRepresentation",
        "WindowCenter",
        "WindowWidth",
        "RescaleSlope",
        "RescaleIntercept",
    ),
    "SharedFunctionalGroupsSequence",
]
_COMPLAINTS = (
    *(ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, OSError, RuntimeError),
    *(TypeError, ValueError, struct.error, zlib.error, InvalidDicomError, BytesLengthException),
)
_T = TypeVar("_T")


class PixelFormat(StrEnum):
    """How the pixels of a frame are laid out, row by row, little-endian."""

    GREY_8 = "u8"
    GREY_16 = "u16"
    SIGNED_16 = "i16"
    RGB_8 = "rgb8"


@dataclass(frozen=True)
class FramePixels:
    """One frame, ready for a canvas.

    Stored values become shown ones by `value * rescale_slope + rescale_intercept`; the window counts in those.
    `invert` says that low values are bright (MONOCHROME1). Spacing is in millimetres: row, column.
    """

    rows: int
    columns: int
    format: PixelFormat
    minimum: int
    maximum: int
    window_center: float
    window_width: float
    rescale_slope: float
    rescale_intercept: float
    spacing: tuple[float, float] | None
    invert: bool
    pixels: bytes


def read_instance(content: bytes) -> DicomInstance:
    """Return what the header says; `content` may end where the pixels begin.

    Raises:
        ContentDamaged: not DICOM, or without the identifiers that every instance has.
    """
    return _quietly(lambda: _instance(_read_header(content)))


def frame_pixels(content: bytes, frame: int = 0) -> FramePixels:
    """Return one frame, counted from 0.

    Raises:
        ContentDamaged: the header or the frame cannot be read.
        ContentUnsupported: no pixels, or in a form we do not decode.
        ContentTooLarge: one frame unpacks to more than 256 MiB.
        NoSuchPage: fewer frames than that.
    """
    return _quietly(lambda: _frame_pixels(content, frame))


def displayed(frame: FramePixels) -> NDArray[np.uint8]:
    """Return the frame as 8-bit grey or RGB, through its own window (PS3.3 C.11.2.1.2), without enhancement."""
    if frame.format is PixelFormat.RGB_8:
        return np.frombuffer(frame.pixels, np.uint8).reshape(frame.rows, frame.columns, 3)
    stored = np.frombuffer(frame.pixels, _DTYPES[frame.format]).reshape(frame.rows, frame.columns)
    values = stored.astype(np.float32) * frame.rescale_slope + frame.rescale_intercept
    width = max(frame.window_width - 1, 1e-6)
    shown: NDArray[np.float32] = np.clip((values - (frame.window_center - 0.5)) / width + 0.5, 0, 1) * 255
    eight_bits: NDArray[np.uint8] = (255 - shown if frame.invert else shown).astype(np.uint8)
    return eight_bits


_DTYPES: dict[PixelFormat, str] = {
    PixelFormat.GREY_8: "<u1",
    PixelFormat.GREY_16: "<u2",
    PixelFormat.SIGNED_16: "<i2",
}


def _quietly(read: Callable[[], _T]) -> _T:
    """Call pydicom, whose complaints are warnings or any of a dozen exceptions, and name what went wrong."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return read()
        except _COMPLAINTS as cause:
            raise ContentDamaged("dicom") from cause


def _frame_pixels(content: bytes, frame: int) -> FramePixels:
    header = _read_header(content)
    instance = _instance(header)
    _check_frame(header, instance, frame)
    array = _decode(content, frame)
    return _colour(instance, array) if array.ndim == 3 else _grey(instance, array)  # noqa: PLR2004 - with samples


def _read_header(content: bytes) -> pydicom.FileDataset:
    return pydicom.dcmread(io.BytesIO(content), stop_before_pixels=True, specific_tags=list(_TAGS))


def _instance(header: pydicom.FileDataset) -> DicomInstance:
    uids = [_text(header, name) for name in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")]
    if not all(uids):
        raise ContentDamaged("dicom identifiers")
    return _describe(header, uids)


def _describe(header: pydicom.FileDataset, uids: list[str]) -> DicomInstance:
    rows, columns = _whole(header, "Rows") or 0, _whole(header, "Columns") or 0
    return DicomInstance(
        study_uid=uids[0],
        series_uid=uids[1],
        sop_instance_uid=uids[2],
        sop_class_uid=_text(header, "SOPClassUID"),
        transfer_syntax_uid=str(header.file_meta.get("TransferSyntaxUID", ""))[:_MOST_TEXT],
        modality=_text(header, "Modality"),
        study_date=_text(header, "StudyDate"),
        study_description=_text(header, "StudyDescription"),
        series_description=_text(header, "SeriesDescription"),
        body_part=_text(header, "BodyPartExamined"),
        series_number=_whole(header, "SeriesNumber"),
        instance_number=_whole(header, "InstanceNumber"),
        rows=rows,
        columns=columns,
        frames=(_whole(header, "NumberOfFrames") or 1) if rows and columns else 0,
        photometric=_text(header, "PhotometricInterpretation"),
        window_center=_decimal(header, "WindowCenter"),
        window_width=_decimal(header, "WindowWidth"),
        rescale_slope=_decimal(header, "RescaleSlope"),
        rescale_intercept=_decimal(header, "RescaleIntercept"),
        pixel_spacing=_spacing(header),
        patient_name=_text(header, "PatientName"),
        patient_id=_text(header, "PatientID"),
        patient_birth_date=_text(header, "PatientBirthDate"),
    )


def _value(header: pydicom.Dataset, name: str) -> Any:  # noqa: ANN401 - pydicom's values have no common type
    """Return a value of the header, or of the groups that all frames of an enhanced instance share."""
    found = header.get(name)
    if found is None:
        for shared in header.get("SharedFunctionalGroupsSequence") or ():
            for element in shared:
                for item in element.value if element.VR == "SQ" else ():
                    found = item.get(name) if found is None else found
    return found


def _text(header: pydicom.Dataset, name: str) -> str:
    found = header.get(name)
    cleaned = "".join(sign if sign.isprintable() else " " for sign in str("" if found is None else found))
    return cleaned.strip()[:_MOST_TEXT]


def _first(found: Any) -> Any:  # noqa: ANN401 - pydicom's values have no common type
    return next(iter(found), None) if isinstance(found, (list, pydicom.multival.MultiValue)) else found


def _whole(header: pydicom.Dataset, name: str) -> int | None:
    number = _finite(header.get(name))
    return None if number is None else int(number)


def _decimal(header: pydicom.Dataset, name: str) -> float | None:
    return _finite(_value(header, name))


def _finite(found: Any) -> float | None:  # noqa: ANN401 - pydicom's values have no common type
    """Return a number or the first of several, None for what is none."""
    try:
        number = float(_first(found))
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _spacing(header: pydicom.Dataset) -> tuple[float, float] | None:
    for name in ("PixelSpacing", "ImagerPixelSpacing"):
        found = _value(header, name)
        if isinstance(found, pydicom.multival.MultiValue) and len(found) == 2:  # noqa: PLR2004 - row and column
            row, column = float(found[0]), float(found[1])
            if 0 < row < math.inf and 0 < column < math.inf:
                return row, column
    return None


def _check_frame(header: pydicom.FileDataset, instance: DicomInstance, frame: int) -> None:
    if not instance.has_pixels:
        raise ContentUnsupported("no pixels")
    if not 0 <= frame < instance.frames:
        raise NoSuchPage("frame")
    samples, bits = _whole(header, "SamplesPerPixel") or 1, _whole(header, "BitsAllocated") or 16
    if bits > 16 or samples not in {1, 3}:  # noqa: PLR2004 - doses and parametric maps are not pictures
        raise ContentUnsupported("samples")
    if instance.rows * instance.columns * samples * max(bits // 8, 1) > _MOST_FRAME_BYTES:
        raise ContentTooLarge("frame")
    syntax = header.file_meta.get("TransferSyntaxUID")
    if syntax is not None and syntax.is_compressed and syntax.is_encapsulated:
        _require_decoder(syntax)


def _require_decoder(syntax: pydicom.uid.UID) -> None:
    try:
        available = get_decoder(syntax).is_available
    except NotImplementedError as cause:
        raise ContentUnsupported("transfer syntax") from cause
    if not available:
        raise ContentUnsupported("transfer syntax")


def _decode(content: bytes, frame: int) -> NDArray[Any]:
    described = pydicom.Dataset()
    array = pixel_array(_pixel_source(content), index=frame, ds_out=described)
    if described.get("PhotometricInterpretation") == "PALETTE COLOR":
        whole = pydicom.dcmread(io.BytesIO(content), stop_before_pixels=True)
        array = _eight_bits(apply_color_lut(array, whole))
    return array


def _pixel_source(content: bytes) -> io.BytesIO | pydicom.FileDataset:
    """Return the content to decode from: a deflated instance must be unpacked whole first."""
    head = pydicom.dcmread(io.BytesIO(content), stop_before_pixels=True, specific_tags=["Rows"])
    if head.file_meta.get("TransferSyntaxUID") == DeflatedExplicitVRLittleEndian:
        return pydicom.dcmread(io.BytesIO(content))
    return io.BytesIO(content)


def _eight_bits(array: NDArray[Any]) -> NDArray[Any]:
    return (array >> 8).astype(np.uint8) if array.dtype.itemsize > 1 else array.astype(np.uint8)


def _colour(instance: DicomInstance, array: NDArray[Any]) -> FramePixels:
    shown = np.ascontiguousarray(_eight_bits(array)[:, :, :3])
    return FramePixels(
        rows=shown.shape[0],
        columns=shown.shape[1],
        format=PixelFormat.RGB_8,
        minimum=int(shown.min()),
        maximum=int(shown.max()),
        window_center=128.0,
        window_width=256.0,
        rescale_slope=1.0,
        rescale_intercept=0.0,
        spacing=instance.pixel_spacing,
        invert=False,
        pixels=shown.tobytes(),
    )


def _grey(instance: DicomInstance, array: NDArray[Any]) -> FramePixels:
    layout = _layout(array)
    low, high = int(array.min()), int(array.max())
    slope = instance.rescale_slope or 1.0
    intercept = instance.rescale_intercept or 0.0
    center, width = instance.window_center, instance.window_width
    if center is None or width is None or width < 1:
        ends = sorted((low * slope + intercept, high * slope + intercept))
        center, width = (ends[0] + ends[1] + 1) / 2, max(ends[1] - ends[0] + 1, 1.0)
    return FramePixels(
        rows=array.shape[0],
        columns=array.shape[1],
        format=layout,
        minimum=low,
        maximum=high,
        window_center=center,
        window_width=width,
        rescale_slope=slope,
        rescale_intercept=intercept,
        spacing=instance.pixel_spacing,
        invert=instance.photometric == "MONOCHROME1",
        pixels=array.astype(_DTYPES[layout]).tobytes(),
    )


def _layout(array: NDArray[Any]) -> PixelFormat:
    if array.dtype.kind == "i":
        return PixelFormat.SIGNED_16
    return PixelFormat.GREY_8 if array.dtype.itemsize == 1 else PixelFormat.GREY_16
