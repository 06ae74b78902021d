"""Images of a dossier, grouped as radiology thinks of them: study, then series, then instances in order."""

from collections.abc import Iterable
from dataclasses import dataclass

from serment import access
from serment.dossier.line import Line
from serment.dossier.model import Image


@dataclass(frozen=True)
class SeriesLine:
    """One series: its instances in order."""

    series: str
    modality: str
    description: str
    instances: tuple[Line, ...]


@dataclass(frozen=True)
class StudyLine:
    """One study: its series, and the entry that stands for it in a list."""

    study: str
    description: str
    date: str
    modalities: tuple[str, ...]
    series: tuple[SeriesLine, ...]

    @property
    def first(self) -> Line:
        """The first instance of the first series."""
        return self.series[0].instances[0]

    @property
    def count(self) -> int:
        """How many instances the study has here."""
        return sum(len(series.instances) for series in self.series)


def group_images(lines: Iterable[Line]) -> tuple[StudyLine, ...]:
    """Group the DICOM instances among these lines; newest study first, instances by their number."""
    studies: dict[str, dict[str, list[tuple[Image, Line]]]] = {}
    for line in lines:
        if line.image is not None:
            studies.setdefault(line.image.study, {}).setdefault(line.image.series, []).append(
                (line.image, line)
            )
    grouped = (_study(uid, series) for uid, series in studies.items())
    return tuple(sorted(grouped, key=lambda study: (study.date, study.study), reverse=True))


def study_of(lines: Iterable[Line], entry: access.EntryId) -> StudyLine | None:
    """Return the study that an instance belongs to, with all that is reached of it."""
    for study in group_images(lines):
        if any(line.entry == entry for series in study.series for line in series.instances):
            return study
    return None


def _study(uid: str, by_series: dict[str, list[tuple[Image, Line]]]) -> StudyLine:
    series = tuple(_series(found, members) for found, members in sorted(by_series.items(), key=_by_number))
    head = next(iter(by_series.values()))[0][0]
    modalities = tuple(sorted({one.modality for one in series}))
    return StudyLine(uid, head.study_description, head.study_date, modalities, series)


def _by_number(series: tuple[str, list[tuple[Image, Line]]]) -> tuple[bool, int, str]:
    """Order series by their number; those without one come last, by their identifier."""
    uid, members = series
    number = members[0][0].series_number
    return number is None, number or 0, uid


def _series(uid: str, members: list[tuple[Image, Line]]) -> SeriesLine:
    ordered = sorted(
        members, key=lambda member: (member[0].instance or 0, member[1].recorded_at, str(member[1].entry))
    )
    head = ordered[0][0]
    return SeriesLine(uid, head.modality, head.series_description, tuple(line for _, line in ordered))
