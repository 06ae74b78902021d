from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from serment import access, clinical, dossier, kernel, vault
from serment.dossier.filing.conclusion import ObjectSource
from serment.dossier.filing.reception import section_for
from support.vault import part_files

HEAD = 16 * 1024
KINDS = clinical.DocumentKind


@pytest.fixture
def reception(objects: vault.ObjectStore) -> dossier.Reception:
    draft = dossier.Draft("Lettre", KINDS.LETTER, date(2026, 3, 10))
    filing = dossier.Filing(
        kernel.OrganisationId(kernel.new_id()), kernel.DossierId(kernel.new_id()),
        access.EntryId(kernel.new_id()), draft,
    )  # fmt: skip
    return dossier.Reception(objects, filing)


def test_reception_begins_when_it_has_seen_enough(reception: dossier.Reception) -> None:
    reception.write(memoryview(b"a" * (HEAD - 1)))
    assert (reception.begun, reception.size, reception.parts) == (None, HEAD - 1, ())
    assert reception.room_in_part() == vault.PART_BYTES

    reception.write(memoryview(b"a"))

    assert reception.begun is not None
    assert (reception.begun.section, reception.begun.media_type) == (access.Section.CLINICAL, "text/plain")
    assert (reception.size, reception.room_in_part()) == (HEAD, vault.PART_BYTES - HEAD)


def test_reception_of_few_bytes_begins_when_flushed(reception: dossier.Reception) -> None:
    reception.write(memoryview(b"%PDF-1.7\n"))
    reception.flush()

    assert reception.begun is not None
    assert reception.begun.media_type == "application/pdf"
    assert [part.clear_size for part in reception.parts] == [9]


def test_reception_has_no_writer_before_it_begins(reception: dossier.Reception) -> None:
    reception.write(memoryview(b"a"))

    with pytest.raises(ValueError, match="nothing was written"):
        reception.stored()


def test_reception_abandoned_keeps_only_what_is_durable(
    reception: dossier.Reception, part_directory: Path
) -> None:
    reception.abandon()
    reception.write(memoryview(b"a" * HEAD))
    reception.flush()
    reception.write(memoryview(b"b" * HEAD))
    reception.abandon()

    assert len(part_files(part_directory)) == 1


def test_reception_discarded_leaves_no_byte(reception: dossier.Reception, part_directory: Path) -> None:
    reception.discard()
    for letter in (b"a", b"b"):
        reception.write(memoryview(letter * HEAD))
        reception.flush()
    assert len(part_files(part_directory)) == 2
    reception.write(memoryview(b"c" * HEAD))

    reception.discard()

    assert part_files(part_directory) == []


def test_source_reads_fewer_bytes_only_at_the_end(
    reception: dossier.Reception,
    objects: vault.ObjectStore,
    warrant_for: Callable[[vault.Scope], vault.Warrant],
) -> None:
    reception.write(memoryview(b"0123456789"))
    reception.flush()
    stored = reception.stored()
    source = ObjectSource(objects.reader(stored, warrant_for(stored.draft.scope)))

    assert [source.read_at(2, 3), source.read_at(8, 9), source.read_at(10, 1), source.read_at(99, 1)] == [
        b"234",
        b"89",
        b"",
        b"",
    ]


@pytest.mark.parametrize(
    ("kind", "media", "sensitive", "expected"),
    [
        (KINDS.LETTER, clinical.MediaType.PDF, False, access.Section.CLINICAL),
        (KINDS.LETTER, clinical.MediaType.DICOM, False, access.Section.IMAGING),
        (KINDS.IMAGE, clinical.MediaType.JPEG, False, access.Section.IMAGING),
        (KINDS.LETTER, clinical.MediaType.JPEG, False, access.Section.CLINICAL),
        (KINDS.IMAGE, clinical.MediaType.DICOM, True, access.Section.SENSITIVE),
    ],
)
def test_document_belongs_to_the_section_of_what_it_is(
    kind: clinical.DocumentKind, media: clinical.MediaType, sensitive: bool, expected: access.Section
) -> None:
    draft = dossier.Draft("Titre", kind, date(2026, 3, 10), sensitive=sensitive)

    assert section_for(draft, media) is expected
