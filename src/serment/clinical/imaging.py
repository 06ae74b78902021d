"""DICOM instances as the dossier knows them: what a header says."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from types import MappingProxyType

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


def encode_instance(instance: DicomInstance) -> str:
    """Return the instance as canonical JSON text."""
    return kernel.canonical_json(asdict(instance)).decode()


def decode_instance(encoded: str) -> DicomInstance:
    """Return what `encode_instance` took. It may come from a child that its content overcame: each member is looked at.

    Raises:
        ResourceMalformed: not JSON, or not the members of an instance, each of its kind.
    """
    try:
        members = json.loads(encoded)
    except ValueError as cause:
        raise ResourceMalformed("dicom") from cause
    if not isinstance(members, dict) or set(members) != {field.name for field in fields(DicomInstance)}:
        raise ResourceMalformed("dicom")
    spacing = members.pop("pixel_spacing")
    if not all(isinstance(value, _KINDS[name]) for name, value in members.items()):
        raise ResourceMalformed("dicom")
    return DicomInstance(**members, pixel_spacing=_spacing(spacing))


def _spacing(found: object) -> tuple[float, float] | None:
    match found:
        case [int() | float() as row, int() | float() as column]:
            return row, column
        case None:
            return None
        case _:
            raise ResourceMalformed("dicom")


_TEXTS = {field.name: (str,) for field in fields(DicomInstance) if field.type is str}
_WHOLE = {field.name: (int,) for field in fields(DicomInstance) if field.type is int}
_OTHERS = {
    "series_number": (int, type(None)), "instance_number": (int, type(None)),
    **dict.fromkeys(
        ("window_center", "window_width", "rescale_slope", "rescale_intercept"), (int, float, type(None))
    ),
}  # fmt: skip
_KINDS: Mapping[str, tuple[type, ...]] = MappingProxyType({**_TEXTS, **_WHOLE, **_OTHERS})
