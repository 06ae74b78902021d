"""DICOM instances derived from the real sample files that pydicom carries inside its package.

Each is given the identity of an invented patient, fresh UIDs and the marks of a derived image; private elements
and the sample's own names, places and dates are removed.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.data import get_testdata_file
from pydicom.uid import UID, ExplicitVRLittleEndian

from serment.app.demonstration.dice import lasting_id
from serment.app.demonstration.model import Patient

_KEPT_GROUPS = frozenset({0x0018, 0x0028, 0x7FE0})
_KEPT = frozenset({"SOPClassUID", "Modality", "ImageType", "SpecificCharacterSet", "PixelData"})
_BANNER_ROWS = 52  # where the colour ultrasound sample bears the name of the hospital that made it
_HEAD_SIZE = 256
_AIR = 900  # stored values below are lung or air


@dataclass(frozen=True)
class Study:
    """One examination: whose, when, described how. `label` makes its UIDs."""

    patient: Patient
    label: str
    description: str
    body_part: str
    institution: str
    made_at: datetime


@dataclass(frozen=True)
class Slice:
    """The place of one instance in its series: `number` from 1 to `count`."""

    series: str
    number: int = 1
    count: int = 1
    thickness_mm: float = 5.0


def spine_slice(study: Study, place: Slice) -> bytes:
    """Return one slice of a thoracic CT, derived from the sample: breathing outwards and drifting with depth."""
    dataset = _sample("CT_small.dcm")
    depth = (place.number - 1) / max(1, place.count - 1)
    swing = np.sin(depth * np.pi * 3)
    moved = _resample(dataset.pixel_array, 1.14 + 0.07 * swing, (3.0 * swing, 6.0 * (depth - 0.5)), 128)
    tissue = np.where(moved > _AIR, moved + 28 * np.cos(depth * 9), moved)
    dataset.WindowCenter, dataset.WindowWidth = 40, 400
    return _write_grey(dataset, tissue, study, place)


def head_slice(study: Study, place: Slice) -> bytes:
    """Return one slice of a head CT, derived from the sample: narrowing and tilting from skull base upwards."""
    dataset = _sample("J2K_pixelrep_mismatch.dcm")
    dataset.decompress()
    depth = (place.number - 1) / max(1, place.count - 1)
    narrowed = _resample(
        dataset.pixel_array, 1.0 - 0.24 * depth**2, (7.0 * depth, 2.0 * np.sin(depth * 5)), _HEAD_SIZE
    )
    dataset.PixelSpacing = [0.86, 0.86]
    return _write_grey(dataset, narrowed, study, place)


def heart_loop(study: Study, place: Slice) -> bytes:
    """Return an echocardiographic loop of 30 frames (JPEG), as the sample is."""
    return _write(_sample("examples_ybr_color.dcm"), study, place)


def soft_tissue_ultrasound(study: Study, place: Slice) -> bytes:
    """Return a colour Doppler picture, without the banner burnt into the sample."""
    dataset = _sample("examples_rgb_color.dcm")
    pixels = dataset.pixel_array.copy()
    pixels[:_BANNER_ROWS] = 0
    pixels[170:188] = 0
    dataset.PixelData = pixels.tobytes()
    return _write(dataset, study, place)


def abdomen_magnetic(study: Study, place: Slice) -> bytes:
    """Return one slice of an abdominal MR."""
    dataset = _sample("examples_overlay.dcm")
    pixels = dataset.pixel_array
    depth = (place.number - 1) / max(1, place.count - 1) if place.count > 1 else 0.5
    height, width = pixels.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    zoom = 1.0 + 0.05 * (depth - 0.5)
    seen = _bilinear(
        pixels.astype(np.float32), (y - height / 2) * zoom + height / 2, (x - width / 2) * zoom + width / 2
    )
    return _write_grey(dataset, seen, study, place)


def vessel_magnetic(study: Study, place: Slice) -> bytes:
    """Return a small MR picture, stored with RLE compression as the sample is."""
    return _write(_sample("MR_small_RLE.dcm"), study, place)


Maker = Callable[[Study, Slice], bytes]


def study_uid(study: Study) -> str:
    """Return the Study Instance UID."""
    return _uid(study.patient.key, study.label)


def _uid(*labels: object) -> str:
    """Return a UID under 2.25. Source: DICOM PS3.5, annex B.2."""
    return f"2.25.{lasting_id(*labels).int}"


def _sample(name: str) -> pydicom.FileDataset:
    path = get_testdata_file(name, download=False)
    if not isinstance(path, str):
        raise FileNotFoundError(name)
    return pydicom.dcmread(path)


def _resample(
    pixels: NDArray[np.number], zoom: float, shift: tuple[float, float], size: int
) -> NDArray[np.float32]:
    """Return the picture seen at `size` square, shrunk by `zoom` and shifted by (down, right) pixels of the result."""
    height, width = pixels.shape
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    rows = (y - size / 2 + shift[0]) / zoom * (height / size) + height / 2
    columns = (x - size / 2 + shift[1]) / zoom * (width / size) + width / 2
    return _bilinear(pixels.astype(np.float32), rows, columns)


def _bilinear(
    pixels: NDArray[np.float32], rows: NDArray[np.float32], columns: NDArray[np.float32]
) -> NDArray[np.float32]:
    height, width = pixels.shape
    rows, columns = np.clip(rows, 0, height - 1.001), np.clip(columns, 0, width - 1.001)
    top, left = rows.astype(int), columns.astype(int)
    down, right = rows - top, columns - left
    above = pixels[top, left] * (1 - right) + pixels[top, left + 1] * right
    below = pixels[top + 1, left] * (1 - right) + pixels[top + 1, left + 1] * right
    seen: NDArray[np.float32] = (above * (1 - down) + below * down).astype(np.float32)
    return seen


def _write_grey(
    dataset: pydicom.FileDataset, pixels: NDArray[np.float32], study: Study, place: Slice
) -> bytes:
    dataset.ImageType = ["DERIVED", "SECONDARY", "AXIAL"]
    signed = dataset.PixelRepresentation == 1
    stored = np.rint(pixels).astype("<i2" if signed else "<u2")
    dataset.Rows, dataset.Columns = stored.shape
    dataset.PixelData = stored.tobytes()
    dataset["PixelData"].VR = "OW"
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    for name in ("LossyImageCompression", "LossyImageCompressionRatio", "LossyImageCompressionMethod"):
        if name in dataset:
            delattr(dataset, name)
    return _write(dataset, study, place)


def _write(dataset: pydicom.FileDataset, study: Study, place: Slice) -> bytes:
    _strip(dataset)
    _set_patient(dataset, study.patient)
    _set_study(dataset, study)
    _set_instance(dataset, study, place)
    out = io.BytesIO()
    dataset.preamble = b"\0" * 128
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


def _strip(dataset: pydicom.FileDataset) -> None:
    """Keep only how the picture was acquired and is to be shown."""
    dataset.remove_private_tags()
    for element in list(dataset):
        if element.tag.group not in _KEPT_GROUPS and element.keyword not in _KEPT:
            del dataset[element.tag]
    for name in ("DeviceSerialNumber", "DateOfLastCalibration", "TimeOfLastCalibration", "ProtocolName"):
        if name in dataset:
            delattr(dataset, name)


def _set_patient(dataset: pydicom.FileDataset, patient: Patient) -> None:
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientName = f"{patient.used_name.upper()}^{patient.given_names[0]}"
    dataset.PatientID = patient.ins.matricule if patient.ins else patient.key.upper()
    dataset.PatientBirthDate = f"{patient.born_on:%Y%m%d}"
    dataset.PatientSex = patient.sex


def _set_study(dataset: pydicom.FileDataset, study: Study) -> None:
    made_at = study.made_at
    dataset.StudyInstanceUID = study_uid(study)
    dataset.StudyID = "1"
    dataset.StudyDescription = study.description
    dataset.AccessionNumber = f"{made_at:%y%m%d}{lasting_id(study.patient.key, study.label).int % 10_000:04d}"
    dataset.BodyPartExamined = study.body_part
    dataset.InstitutionName = study.institution
    dataset.ReferringPhysicianName = ""
    dataset.Manufacturer = "Serment"
    for name in ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate"):
        setattr(dataset, name, f"{made_at:%Y%m%d}")
    for name in ("StudyTime", "SeriesTime", "AcquisitionTime", "ContentTime"):
        setattr(dataset, name, f"{made_at:%H%M%S}")


def _set_instance(dataset: pydicom.FileDataset, study: Study, place: Slice) -> None:
    uid = UID(_uid(study.patient.key, study.label, place.series, place.number))
    dataset.SOPInstanceUID = uid
    dataset.file_meta.MediaStorageSOPInstanceUID = uid
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.SeriesInstanceUID = _uid(study.patient.key, study.label, place.series)
    dataset.FrameOfReferenceUID = _uid(study.patient.key, study.label, place.series, "frame")
    dataset.SeriesDescription = place.series
    dataset.SeriesNumber = 1
    dataset.AcquisitionNumber = 1
    dataset.InstanceNumber = place.number
    if dataset.Modality in {"CT", "MR"}:
        depth = round((place.number - 1) * place.thickness_mm, 2)
        dataset.ImagePositionPatient = [0.0, 0.0, depth]
        dataset.ImageOrientationPatient = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
        dataset.SliceLocation = depth
        dataset.SliceThickness = place.thickness_mm
