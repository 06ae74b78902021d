import hashlib
import io
import itertools
import wave
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import pydicom
import pypdfium2
import pytest
from PIL import ExifTags, Image

from serment.app import demonstration
from serment.app.demonstration.blocks import chart
from serment.app.demonstration.laboratory import ANALYTES, filtration_rate
from serment.app.demonstration.press import set_in_french

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
Documents = list[demonstration.DemoDocument]


@pytest.fixture(scope="module")
def world() -> demonstration.World:
    return demonstration.build_world(now=NOW)


@pytest.fixture(scope="module")
def documents(world: demonstration.World) -> Documents:
    return list(demonstration.documents(world))


def of_kind(documents: Documents, kind: demonstration.Kind) -> Documents:
    return [document for document in documents if document.kind is kind]


def test_documents_are_about_six_hundred_of_every_kind(documents: Documents) -> None:
    kinds = Counter(document.kind for document in documents)

    assert 600 <= len(documents) <= 720
    assert set(kinds) == set(demonstration.Kind)
    assert kinds[demonstration.Kind.PHOTOGRAPH] >= 30
    assert kinds[demonstration.Kind.DICTATION] >= 8


def test_documents_reach_every_patient_and_each_of_their_dossiers(
    world: demonstration.World, documents: Documents
) -> None:
    reached = {(document.patient, document.organisation) for document in documents}

    assert reached == {
        (patient.key, organisation) for patient in world.patients for organisation in patient.dossiers
    }


def test_documents_have_keys_of_their_own(documents: Documents) -> None:
    assert len({document.key for document in documents}) == len(documents)


def test_documents_are_written_in_the_authors_organisation(
    world: demonstration.World, documents: Documents
) -> None:
    for document in documents:
        assert world.professional(document.author).organisation == document.organisation


@pytest.mark.parametrize(
    "now", [NOW, datetime(2026, 8, 16, 0, 4, tzinfo=UTC), datetime(2028, 2, 29, 23, 59, tzinfo=UTC)]
)
def test_documents_lie_in_the_last_four_years_and_never_in_the_future(now: datetime) -> None:
    dates = [document.dated_at for document in demonstration.documents(demonstration.build_world(now=now))]

    assert max(dates) < now
    assert min(dates) > now - timedelta(days=4 * 366)


def test_documents_include_results_of_the_last_hours(documents: Documents) -> None:
    fresh = [
        document
        for document in of_kind(documents, demonstration.Kind.RESULT)
        if NOW - document.dated_at < timedelta(hours=3)
    ]

    assert len(fresh) >= 5


def test_documents_of_a_child_start_after_birth(world: demonstration.World, documents: Documents) -> None:
    for document in documents:
        assert document.dated_at.date() > world.patient(document.patient).born_on


def test_sections_keep_imaging_and_sensitive_apart(documents: Documents) -> None:
    for document in documents:
        imaged = document.kind in {demonstration.Kind.DICOM_INSTANCE, demonstration.Kind.IMAGING_REPORT}
        assert (document.section == "imaging") == imaged
    assert {document.section for document in documents} == {"clinical", "imaging", "sensitive"}


def test_pdf_of_every_title_opens_and_names_its_patient(
    world: demonstration.World, documents: Documents
) -> None:
    written = [document for document in documents if document.media_type == "application/pdf"]
    each = {document.title: document for document in written}
    assert len(each) >= 100

    for document in each.values():
        content = document.content()
        assert content.startswith(b"%PDF-")
        with pypdfium2.PdfDocument(content) as pdf:
            text = pdf[0].get_textpage().get_text_range()
            assert world.patient(document.patient).name in text
            assert str(set_in_french(document.title)).replace("\N{NO-BREAK SPACE}", " ") in text.replace(
                "\N{NO-BREAK SPACE}", " "
            )
            assert len(pdf) <= 2


def test_content_is_the_same_at_each_telling(world: demonstration.World) -> None:
    first: dict[demonstration.Kind, demonstration.DemoDocument] = {}
    for document in demonstration.documents(world):
        first.setdefault(document.kind, document)
    again = {
        document.key: document for document in demonstration.documents(demonstration.build_world(now=NOW))
    }

    for document in first.values():
        assert document.content() == again[document.key].content()


def test_content_of_one_sheet_never_holds_the_patient_before(
    world: demonstration.World, documents: Documents
) -> None:
    letters = [
        document
        for document in of_kind(documents, demonstration.Kind.LETTER)
        if document.patient in {"p01", "p21"}
    ]
    for before, after in itertools.pairwise(sorted(letters, key=lambda document: document.key[-2:])):
        before.content()
        with pypdfium2.PdfDocument(after.content()) as pdf:
            text = pdf[0].get_textpage().get_text_range()
        other = {"p01": "p21", "p21": "p01"}[after.patient]
        assert world.patient(other).name not in text


def test_photographs_carry_place_and_orientation(documents: Documents) -> None:
    digests = set()
    for document in of_kind(documents, demonstration.Kind.PHOTOGRAPH)[::3]:
        content = document.content()
        digests.add(hashlib.sha256(content).digest())
        with Image.open(io.BytesIO(content)) as picture:
            assert picture.format == "JPEG"
            exif = picture.getexif()
        assert exif[ExifTags.Base.Orientation] == 6
        assert exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] == "N"
        assert exif[ExifTags.Base.DateTime] == f"{document.dated_at:%Y:%m:%d %H:%M:%S}"
    assert len(digests) == len(of_kind(documents, demonstration.Kind.PHOTOGRAPH)[::3])


def test_dictations_are_short_mono_sound(documents: Documents) -> None:
    for document in of_kind(documents, demonstration.Kind.DICTATION):
        with wave.open(io.BytesIO(document.content())) as sound:
            assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 16_000)
            assert 3 < sound.getnframes() / 16_000 < 10


def test_dicom_instances_belong_to_their_patient_and_to_one_study_each_day(
    world: demonstration.World, documents: Documents
) -> None:
    instances = []
    for document in of_kind(documents, demonstration.Kind.DICOM_INSTANCE):
        dataset = pydicom.dcmread(io.BytesIO(document.content()))
        patient = world.patient(document.patient)
        assert dataset.PatientName == f"{patient.used_name.upper()}^{patient.given_names[0]}"
        assert dataset.PatientBirthDate == f"{patient.born_on:%Y%m%d}"
        assert dataset.StudyDate == f"{document.dated_at:%Y%m%d}"
        assert dataset.file_meta.MediaStorageSOPInstanceUID == dataset.SOPInstanceUID
        assert not [element for element in dataset.iterall() if element.tag.is_private]
        instances.append((document, dataset))
    assert len({dataset.SOPInstanceUID for _, dataset in instances}) == len(instances)
    studies = {
        (document.patient, document.dated_at, dataset.StudyInstanceUID) for document, dataset in instances
    }
    assert len({study for _, _, study in studies}) == len(studies)


def test_ct_series_scroll_in_order_with_slices_that_differ(documents: Documents) -> None:
    series: dict[str, list[pydicom.Dataset]] = defaultdict(list)
    for document in of_kind(documents, demonstration.Kind.DICOM_INSTANCE):
        dataset = pydicom.dcmread(io.BytesIO(document.content()))
        if dataset.Modality == "CT":
            series[dataset.SeriesInstanceUID].append(dataset)

    assert sorted(len(slices) for slices in series.values()) == [22, 24]
    for slices in series.values():
        assert [one.InstanceNumber for one in slices] == list(range(1, len(slices) + 1))
        assert [float(one.SliceLocation) for one in slices] == sorted(
            float(one.SliceLocation) for one in slices
        )
        assert len({one.PixelData for one in slices}) == len(slices)
        assert all(one.pixel_array.shape == (one.Rows, one.Columns) for one in slices)


def test_filtration_rate_follows_the_published_equation() -> None:
    assert round(filtration_rate(79.6, 50, "M")) == 99
    assert round(filtration_rate(61.9, 50, "F")) == 101
    assert filtration_rate(200, 80, "F") < 25


@pytest.mark.parametrize(
    ("code", "value", "flag"),
    [("k", 5.04, ""), ("k", 5.2, "↑"), ("k", 3.1, "↓"), ("egfr", 45, "↓"), ("crp", 4, "")],
)
def test_flag_compares_what_is_shown(code: str, value: float, flag: str) -> None:
    assert ANALYTES[code].flag(value) == flag


def test_reference_says_open_bounds_in_words() -> None:
    assert ANALYTES["egfr"].reference == "supérieur à 60"
    assert ANALYTES["crp"].reference == "inférieur à 5,0"
    assert ANALYTES["hb"].reference == "12,0 à 16,5"


def test_chart_keeps_points_inside_its_frame() -> None:
    drawn = chart("Poids", [("a", 70.0), ("b", 82.0), ("c", 75.0)], (72.0, 76.0))

    assert drawn["labels"] == ["a", "b", "c"]
    assert all(0 <= y <= 37 for _, y in drawn["points"])  # type: ignore[attr-defined] # a block is opaque on purpose


def test_set_in_french_leaves_no_typewriter_apostrophe() -> None:
    assert set_in_french({"type": "l'a", "text": ["l'état : 5 %"]}) == {
        "type": "l'a",
        "text": ["l\N{RIGHT SINGLE QUOTATION MARK}état\N{NO-BREAK SPACE}: 5\N{NO-BREAK SPACE}%"],
    }
