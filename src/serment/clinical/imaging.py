"""DICOM instances as the dossier knows them: what a header says, and how instances form series and studies."""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

from serment import kernel
from serment.clinical.errors import ResourceMalformed


@dataclass(frozen=True)
class DicomInstance:
    """What the header of one DICOM instance says; an absent text is empty, an absent number None.

    Dates are as DICOM writes them (YYYYMMDD). The patient's name, id and birth date stand as in the file:
    they serve the warning that a file may be another patient's. Spacing is in millimetres: row, column.

    Source: DICOM PS3.3 C.7; WEB-07.
    """

    study_uid: str
    series_uid: str
    sop_instance_uid: str
    sop_class_uid: str = ""
    transfer_syntax_uid: str = ""
    modality: str = ""
    study_date: str = ""
    study_description: str = ""
    series_description: str = ""
    body_part: str = ""
    series_number: int | None = None
    instance_number: int | None = None
    rows: int = 0
    columns: int = 0
    frames: int = 0
    photometric: str = ""
    window_center: float | None = None
    window_width: float | None = None
    rescale_slope: float | None = None
    rescale_intercept: float | None = None
    pixel_spacing: tuple[float, float] | None = None
    patient_name: str = ""
    patient_id: str = ""
    patient_birth_date: str = ""

    @property
    def has_pixels(self) -> bool:
        """Whether the instance is an image: structured reports and plans are not."""
        return self.rows > 0 and self.columns > 0


@dataclass(frozen=True)
class Series:
    """The instances of one series, in the order of their numbers."""

    series_uid: str
    number: int | None
    modality: str
    description: str
    instances: tuple[DicomInstance, ...]


@dataclass(frozen=True)
class Study:
    """The series of one study, in the order of their numbers."""

    study_uid: str
    date: str
    description: str
    series: tuple[Series, ...]


def group_instances(instances: Iterable[DicomInstance]) -> tuple[Study, ...]:
    """Return studies, the newest first, with their series and instances in order; an instance seen twice stays once."""
    by_study: dict[str, dict[str, dict[str, DicomInstance]]] = {}
    for item in instances:
        series = by_study.setdefault(item.study_uid, {}).setdefault(item.series_uid, {})
        series.setdefault(item.sop_instance_uid, item)
    studies = sorted(
        (_study(uid, series) for uid, series in by_study.items()), key=lambda study: study.study_uid
    )
    return tuple(sorted(studies, key=lambda study: study.date, reverse=True))


def encode_instance(instance: DicomInstance) -> str:
    """Return the instance as canonical JSON text."""
    return kernel.canonical_json(asdict(instance)).decode()


def decode_instance(encoded: str) -> DicomInstance:
    """Return what `encode_instance` took.

    Raises:
        ResourceMalformed: not JSON, or not the members of an instance.
    """
    try:
        members = json.loads(encoded)
    except ValueError as cause:
        raise ResourceMalformed("dicom") from cause
    if not isinstance(members, dict) or set(members) != {field.name for field in fields(DicomInstance)}:
        raise ResourceMalformed("dicom")
    spacing = members["pixel_spacing"]
    members["pixel_spacing"] = tuple(spacing) if isinstance(spacing, list) else None
    return DicomInstance(**members)


def _study(uid: str, by_series: dict[str, dict[str, DicomInstance]]) -> Study:
    series = sorted((_series(key, found) for key, found in by_series.items()), key=_series_order)
    everyone = [item for group in series for item in group.instances]
    return Study(
        study_uid=uid,
        date=max(item.study_date for item in everyone),
        description=next((item.study_description for item in everyone if item.study_description), ""),
        series=tuple(series),
    )


def _series(uid: str, found: dict[str, DicomInstance]) -> Series:
    ordered = tuple(sorted(found.values(), key=_instance_order))
    head = ordered[0]
    return Series(uid, head.series_number, head.modality, head.series_description, ordered)


def _series_order(series: Series) -> tuple[float, str]:
    return (math.inf if series.number is None else series.number, series.series_uid)


def _instance_order(item: DicomInstance) -> tuple[float, str]:
    return (math.inf if item.instance_number is None else item.instance_number, item.sop_instance_uid)
