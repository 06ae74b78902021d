from datetime import UTC, date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from serment import access, clinical, kernel
from serment.dossier.line import Line, line_of, read_lines
from serment.dossier.model import EntryHead, EntryKind, Image

FILED_AT = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
TEXT = st.text(st.characters(codec="utf-8"), max_size=60)
INSTANCE = clinical.DicomInstance(
    "1.2.3", "1.2.3.4", "1.2.3.4.5", modality="CT", study_date="20260310", study_description="Thorax",
    series_description="Axial", instance_number=7, frames=1,
)  # fmt: skip


def described(title: str, author: str, dicom: clinical.DicomInstance | None = None) -> Line:
    account = kernel.AccountId(kernel.new_id())
    head = EntryHead(
        access.EntryId(kernel.new_id()), kernel.DossierId(kernel.new_id()), access.Section.CLINICAL,
        EntryKind.DOCUMENT, 2, FILED_AT,
    )  # fmt: skip
    said = clinical.DocumentDescription(
        title=title, kind=clinical.DocumentKind.LETTER, document_date=date(2026, 3, 10), filed_at=FILED_AT,
        author=account, author_name=author, section="clinical", media_type="application/pdf", size_bytes=12,
        object_id=kernel.new_id(), added_by_patient=True, dicom=dicom,
    )  # fmt: skip
    return line_of(head, said)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5))
def test_lines_come_back_from_their_page_whatever_their_words(words: list[tuple[str, str]]) -> None:
    lines = [described(title, author) for title, author in words]

    assert read_lines(b"".join(line.encode() for line in lines), access.Section.CLINICAL) == lines


def test_line_tells_what_its_document_is() -> None:
    line = described("Lettre", "Camille Essai")

    assert (line.version, line.amended, line.withdrawn, line.added_by_patient) == (2, True, False, True)
    assert (line.document_date, line.recorded_at) == (date(2026, 3, 10), FILED_AT)
    assert (line.kind, line.media_type, line.size_bytes) == (
        clinical.DocumentKind.LETTER,
        "application/pdf",
        12,
    )
    assert line.image is None


def test_line_of_an_instance_tells_where_it_stands() -> None:
    assert described("Scanner", "", INSTANCE).image == Image(
        "1.2.3", "1.2.3.4", 7, "CT", "Thorax", "Axial", "20260310", 1
    )
