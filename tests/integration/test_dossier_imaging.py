"""DICOM series in a dossier: looked into when they come, filed as imaging, grouped as radiology thinks of them."""

from dataclasses import dataclass
from datetime import date

import pytest
from typing_extensions import override

from serment import access, clinical, dossier, identity, kernel
from serment.clinical.workbench import inspect_document
from support.dossier import PDF, House, PlainWorkbench
from support.films import STUDY_UID, ct_series, heart_loop


@dataclass
class Reading(PlainWorkbench):
    """A workbench that reads headers, in this process: the content is ours."""

    @override
    def inspect(self, media_type: str, source: clinical.RandomReader, size: int) -> dossier.Findings:
        self.looked_into.append(media_type)
        answer = inspect_document(clinical.inspection_request(source.read_at(0, size), size))
        found = clinical.read_inspection(answer)
        return dossier.Findings(found.patches, found.dicom, found.problem)


@pytest.fixture
def workbench(house: House) -> Reading:
    put = Reading()
    house.database.put_beside(put, dossier.Workbench)
    return put


def file_series(house: House, count: int, series: int, label: str) -> list[access.EntryId]:
    """File slices in the order opposite to theirs."""
    slices = list(ct_series(count, side=16, series=series, label=label))
    return [house.file(content).head.id for content in reversed(slices)][::-1]


def test_instance_is_filed_as_imaging_with_what_its_header_says(house: House, workbench: Reading) -> None:
    (content,) = ct_series(1, side=16)

    filed = house.file(content, title="Scanner")

    assert workbench.looked_into == ["application/dicom"]
    assert filed.head.section is access.Section.IMAGING
    found = house.open(house.physician, filed.head.id).description.dicom
    assert found is not None
    assert (found.study_uid, found.series_uid, found.instance_number) == (STUDY_UID, f"{STUDY_UID}.1", 1)
    assert (found.modality, found.study_date, found.rows) == ("CT", "20260310", 16)
    assert len(house.read(house.physician, filed.head.id)) == len(content)


def test_preamble_of_an_instance_is_not_served_and_stays_stored(house: House, workbench: Reading) -> None:
    """A DICOM file that is a program too is served without its preamble (WEB-06)."""
    (content,) = ct_series(1, side=16)
    program = b"MZ" + b"\x90" * 126 + content[128:]

    filed = house.file(program)

    assert filed.description.patches
    assert house.read(house.physician, filed.head.id) == bytes(128) + content[128:]


def test_what_needs_no_look_gets_none(house: House, workbench: Reading) -> None:
    house.file(b"plain words")

    assert workbench.looked_into == []


def test_sensitive_instance_lies_with_what_is_sensitive(house: House, workbench: Reading) -> None:
    (content,) = ct_series(1, side=16)

    filed = house.file(content, sensitive=True)

    assert filed.head.section is access.Section.SENSITIVE
    assert dossier.study_of(house.lines(house.physician), filed.head.id) is not None


def test_right_that_ended_before_the_end_files_nothing(house: House, workbench: Reading) -> None:
    (content,) = ct_series(1, side=16)

    with pytest.raises(access.AccessRefused):
        house.file(content, by=house.caller(identity.Profession.NURSE))

    assert workbench.looked_into == []


def test_study_groups_its_series_and_orders_their_instances(house: House, workbench: Reading) -> None:
    axial = file_series(house, 3, 1, "Axial")
    house.file(PDF)
    coronal = file_series(house, 2, 10, "Coronal")
    loop = house.file(heart_loop()).head.id

    (study,) = dossier.group_images(house.lines(house.physician))

    assert (study.study, study.description, study.date) == (STUDY_UID, "Scanner thoracique", "20260310")
    assert [(series.series, series.description) for series in study.series] == [
        (f"{STUDY_UID}.1", "Axial"),
        (f"{STUDY_UID}.9", "Coeur, quatre cavités"),
        (f"{STUDY_UID}.10", "Coronal"),
    ]
    found = [[line.entry for line in series.instances] for series in study.series]
    assert found == [axial, [loop], coronal]
    assert (study.count, study.first.entry, study.modalities) == (6, axial[0], ("CT", "US"))
    assert [series.modality for series in study.series] == ["CT", "US", "CT"]


def test_study_is_found_by_any_of_its_instances(house: House, workbench: Reading) -> None:
    _, second = file_series(house, 2, 1, "Axial")
    letter = house.file(PDF).head.id
    lines = house.lines(house.physician)

    study = dossier.study_of(lines, second)

    assert study is not None
    assert study.count == 2
    assert dossier.study_of(lines, letter) is None
    assert dossier.study_of(lines, access.EntryId(kernel.new_id())) is None


def line_of_image(study: str, day: str, instance: int | None, title: str) -> dossier.Line:
    account, entry = str(kernel.new_id()), str(kernel.new_id())
    image = [study, f"{study}.1", instance, "CT", "", "", day, 1]
    members = (entry, 1, title, "image", "2026-03-10", "2026-03-12T09:00:00+00:00", account, "", "", 0, 0, 0)
    return dossier.Line(access.Section.IMAGING, (*members, image))


def test_newest_study_comes_first_and_unnumbered_instances_begin() -> None:
    lines = [
        line_of_image("1", "20250101", 2, "old"),
        line_of_image("2", "20260101", 2, "second"),
        line_of_image("2", "20260101", None, "unnumbered"),
        line_of_image("2", "20260101", 1, "first"),
    ]

    studies = dossier.group_images(lines)

    assert [study.study for study in studies] == ["2", "1"]
    assert [line.title for line in studies[0].series[0].instances] == ["unnumbered", "first", "second"]
    assert date.fromisoformat(studies[0].date) == date(2026, 1, 1)
