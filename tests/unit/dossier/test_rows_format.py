"""docs/formats/rows.md: its known answers hold, and a second reader made from it reads what the program wrote."""

import hashlib
import hmac
import json
import re
import zlib
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from serment import clinical, dossier, kernel, ledger, vault
from support.dossier import MARTIN, House
from support.reference_cobblestone import read
from support.vault import rows

PAGE = Path(__file__).parents[3] / "docs" / "formats" / "rows.md"
KEY = bytes(range(32))
ORGANISATION, DOSSIER, ENTRY, UPLOAD = (UUID(int=number).bytes for number in (1, 2, 3, 4))


def fields(label: bytes, *members: bytes) -> bytes:
    """Join length-prefixed fields: docs/formats/sealed-bytes.md, section 3."""
    return b"".join(len(member).to_bytes(4, "big") + member for member in (label, *members))


def context(*place: bytes, version: int = 1, media: bytes = b"") -> bytes:
    return fields(b"serment/seal/1", *place, version.to_bytes(8, "big"), media)


def known_answers() -> list[str]:
    """Return the indented blocks of the section of that name, without their spaces."""
    section = PAGE.read_text().partition(". Known answers\n")[2]
    return [re.sub(r"\s", "", block) for block in re.findall(r"(?:^ {4}.*\n)+", section, re.MULTILINE)]


def test_known_answers_hold() -> None:
    sealed, clear, page, draft, tag = known_answers()
    version = context(ORGANISATION, DOSSIER, b"clinical", b"entry", ENTRY, media=b"application/fhir+json")
    named = fields(b"serment/index/1", b"birth-date+name", b"1970-03-12 MAR")

    assert zlib.decompress(read(bytes.fromhex(sealed), KEY, version)).decode() == clear
    assert page == (
        context(
            ORGANISATION, DOSSIER, b"clinical", b"catalogue", DOSSIER, version=7, media=b"application/jsonl"
        ).hex()
    )
    assert draft == context(ORGANISATION, b"", b"uploads", b"upload", UPLOAD).hex()
    assert tag == hmac.digest(KEY, named, "sha512")[:4].hex()


class SecondReader:
    """Reads rows as the page says, given the keys of their scopes."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._organisation = house.organisation.id.bytes

    def key(self, compartment: str, of: kernel.DossierId | None) -> bytes:
        with self._house.database.reading() as uow:
            keyring = uow.part(vault.Keyring)
        return keyring.hierarchy.key_to_seal(vault.Scope(self._house.organisation.id, of, compartment))

    def version(self, section: str, entry: UUID, version: int) -> object:
        stored = self._stored(
            f"SELECT sealed FROM entry_versions WHERE entry = '{entry.hex}' AND version = {version}"
        )
        place = (self._organisation, self._house.martin.bytes, section.encode(), b"entry", entry.bytes)
        bound = context(*place, version=version, media=b"application/fhir+json")
        return json.loads(zlib.decompress(read(stored, self.key(section, self._house.martin), bound)))

    def page(self, section: str) -> list[list[object]]:
        stored = self._stored(f"SELECT sealed FROM catalogue_pages WHERE section = '{section}'")
        of = self._house.martin.bytes
        place = (self._organisation, of, section.encode(), b"catalogue", of)
        lines = read(
            stored, self.key(section, self._house.martin), context(*place, media=b"application/jsonl")
        )
        return [json.loads(line) for line in lines.splitlines()]

    def draft(self, upload: UUID) -> bytes:
        bound = context(self._organisation, b"", b"uploads", b"upload", upload.bytes)
        return read(self._stored("SELECT draft FROM uploads"), self.key("uploads", None), bound)

    def _stored(self, statement: str) -> bytes:
        ((stored,),) = rows(self._house.database, statement)
        assert isinstance(stored, bytes)
        return stored


@pytest.fixture
def reader(embedded_house: House) -> SecondReader:
    return SecondReader(embedded_house)


def test_version_is_read_by_a_second_reader(embedded_house: House, reader: SecondReader) -> None:
    filed = embedded_house.file(title="Lettre")

    found = reader.version("clinical", filed.head.id, 1)

    assert found == {
        "note": "",
        "resource": clinical.document_to_fhir(
            filed.description, resource_id=filed.head.id, subject=filed.head.dossier
        ),
    }
    identity = reader.version("identity", embedded_house.martin, 1)
    assert identity == clinical.patient_to_fhir(MARTIN, resource_id=embedded_house.martin)


def test_catalogue_is_read_by_a_second_reader(embedded_house: House, reader: SecondReader) -> None:
    first, second = (
        embedded_house.file(title="Une\u2028lettre"),
        embedded_house.file(b"x", by=embedded_house.patient),
    )
    account = str(embedded_house.physician.account)
    at = "2026-03-12T09:00:00+00:00"

    assert reader.page("clinical") == [
        [str(first.head.id), 1, "Une lettre", "letter", "2026-03-10", at, account, "Camille Essai",
         "application/pdf", first.description.size_bytes, 0, 0],
        [str(second.head.id), 1, "Compte rendu de consultation", "letter", "2026-03-10", at,
         str(embedded_house.patient.account), "Zoé Martin", "text/plain", 1, 0, 1],
    ]  # fmt: skip


def test_draft_of_an_upload_is_read_by_a_second_reader(embedded_house: House, reader: SecondReader) -> None:
    draft = dossier.Draft("Lettre", clinical.DocumentKind.LETTER, date(2026, 3, 10), "lettre.pdf")
    with embedded_house.database.unit_of_work() as uow:
        filing = dossier.plan_filing(uow, embedded_house.physician, embedded_house.martin, draft)
        upload = dossier.begin_upload(uow, embedded_house.physician, filing, None, most_bytes=1)

    assert reader.draft(upload.id) == (
        b'{"date":"2026-03-10","file":"lettre.pdf","kind":"letter","sensitive":false,"title":"Lettre"}'
    )


def test_blind_index_holds_what_the_page_says(embedded_house: House, reader: SecondReader) -> None:
    key = reader.key("index", None)
    letters = [name[:length] for name in ("MARTIN", "DURAND", "ZOE") for length in (1, 2, 3)]
    values = [
        ("birth-date", "1970-03-12"),
        *(("birth-date+name", f"1970-03-12 {begins}") for begins in letters),
    ]

    assert set(rows(embedded_house.database, "SELECT field, tag FROM patient_index")) == {
        (field, hmac.digest(key, fields(b"serment/index/1", field.encode(), value.encode()), "sha512")[:4])
        for field, value in values
    }


def test_ledger_knows_each_row_by_its_place(embedded_house: House) -> None:
    filed, dossier_ = embedded_house.file(), embedded_house.martin
    with embedded_house.database.reading() as uow:
        ours = ("entry/", "catalogue/", "object/")
        anchors = {place: digest for place, digest in ledger.current_anchors(uow) if place.startswith(ours)}

    versions = rows(embedded_house.database, "SELECT entry, version, sealed FROM entry_versions")
    pages = rows(embedded_house.database, "SELECT section, page, sealed FROM catalogue_pages")
    expected = {f"entry/{UUID(str(entry))}/{number}": sealed for entry, number, sealed in versions}
    expected |= {f"catalogue/{dossier_}/{section}/{page}": sealed for section, page, sealed in pages}
    assert {place: anchors[place] for place in expected} == {
        place: hashlib.sha256(sealed).digest()
        for place, sealed in expected.items()
        if isinstance(sealed, bytes)
    }
    assert set(anchors) - set(expected) == {f"object/{filed.description.object_id}"}
