"""A house for the tests: a database with its keyring, notary and objects, a practice, its people, a patient.

with house.database.unit_of_work() as uow:
    permit = access.decide(uow, house.physician, access.Action.READ, house.martin)
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from serment import access, clinical, dossier, identity, kernel, ledger, vault
from support.haste import hasten
from support.identity import make_organisation, make_patient_account, make_professional, signed_in

PDF = b"%PDF-1.7\n" + b"canary-of-a-letter " * 50 + b"\n%%EOF\n"
MARTIN = clinical.PatientIdentity(
    family_name="Martin", birth_name="Durand", given_names=("Zoé", "Anne"), first_given_name="Zoé",
    birth_date=date(1970, 3, 12), sex=clinical.Sex.FEMALE,
)  # fmt: skip


@dataclass
class PlainWorkbench:
    """A workbench without confinement, for content that the tests made themselves."""

    looked_into: list[str] = field(default_factory=list)

    def inspect(self, media_type: str, source: clinical.RandomReader, size: int) -> dossier.Findings:
        self.looked_into.append(media_type)
        return dossier.Findings(
            patches=clinical.neutralise(clinical.MediaType(media_type), source, size).patches
        )

    def draw(self, media_type: str, content: bytes, *, page: int, side: int) -> dossier.Drawing:
        raise dossier.PreviewUnavailable("not-here")

    def frame(self, content: bytes, number: int) -> bytes:
        raise dossier.PreviewUnavailable("not-here")


@dataclass(frozen=True)
class House:
    """What most tests of dossiers start from."""

    database: kernel.Database
    organisation: identity.Organisation
    physician: identity.Caller
    nurse: identity.Caller
    secretary: identity.Caller
    patient: identity.Caller
    martin: kernel.DossierId

    def caller(
        self,
        profession: identity.Profession = identity.Profession.PHYSICIAN,
        organisation: identity.Organisation | None = None,
    ) -> identity.Caller:
        """Somebody else, signed in, with no tie to the dossier."""
        with self.database.unit_of_work() as uow:
            return signed_in(uow, make_professional(uow, organisation or self.organisation, profession))

    def admit(self, caller: identity.Caller) -> None:
        """Take a colleague into the care team."""
        with self.database.unit_of_work() as uow:
            permit = access.decide(uow, self.physician, access.Action.MANAGE_TEAM, self.martin)
            access.admit_to_care_team(uow, permit, account=caller.account)

    def file(
        self,
        content: bytes = PDF,
        *,
        by: identity.Caller | None = None,
        kind: clinical.DocumentKind = clinical.DocumentKind.LETTER,
        title: str = "Compte rendu de consultation",
        sensitive: bool = False,
    ) -> dossier.Document:
        """File a document as the pages do."""
        caller = by or self.physician
        draft = dossier.Draft(title, kind, date(2026, 3, 10), "lettre.pdf", sensitive)
        with self.database.unit_of_work() as uow:
            filing = dossier.plan_filing(uow, caller, self.martin, draft)
            reception = dossier.Reception(uow.part(vault.ObjectStore), filing)
        reception.write(memoryview(content))
        reception.flush()
        return dossier.conclude(self.database, caller, reception)

    def open(self, caller: identity.Caller, entry: access.EntryId) -> dossier.Document:
        """Open a document as the pages do."""
        with self.database.unit_of_work() as uow:
            permit = dossier.decide_entry(uow, caller, access.Action.READ, self.martin, entry)
            return dossier.open_document(uow, permit, entry)

    def read(
        self, caller: identity.Caller, entry: access.EntryId, offset: int = 0, length: int | None = None
    ) -> bytes:
        """Read the bytes of a document as the pages do."""
        with self.database.unit_of_work() as uow:
            permit = dossier.decide_entry(uow, caller, access.Action.READ, self.martin, entry)
            served = dossier.open_content(uow, permit, entry)
        wanted = served.size_bytes - offset if length is None else length
        return b"".join(bytes(piece) for piece in served.read(offset, wanted))

    def lines(
        self, caller: identity.Caller, wanted: dossier.Filter | None = None
    ) -> tuple[dossier.Line, ...]:
        """List the documents as the pages do."""
        with self.database.unit_of_work() as uow:
            permit = access.decide(uow, caller, access.Action.LIST, self.martin)
            return dossier.list_documents(uow, permit, wanted or dossier.Filter())

    def trail(self) -> list[ledger.Trace]:
        """Return what the patient may read of their trail, oldest first; this very reading is left out."""
        with self.database.unit_of_work() as uow:
            permit = access.decide(uow, self.patient, access.Action.READ_TRAIL, self.martin)
            found = access.read_trail(uow, permit)
        return [recorded.trace for recorded in reversed(found) if recorded.trace.kind != "dossier.read-trail"]


def furnish(database: kernel.Database, keyring: vault.Keyring, objects: vault.ObjectStore) -> None:
    """Put beside a database what dossiers need."""
    database.put_beside(keyring)
    database.put_beside(keyring.take_notary())
    database.put_beside(objects)
    database.put_beside(access.Majority())
    database.put_beside(PlainWorkbench(), dossier.Workbench)


@pytest.fixture
def house(database: kernel.Database, keyring: vault.Keyring, objects: vault.ObjectStore) -> House:
    return make_house(database, keyring, objects)


@pytest.fixture
def embedded_house(
    embedded_database: kernel.Database, keyring: vault.Keyring, objects: vault.ObjectStore
) -> House:
    """A house on SQLite, for what the kind of database cannot change."""
    return make_house(embedded_database, keyring, objects)


@dataclass(frozen=True)
class LastingHouse:
    """A house on SQLite for all tests of a file, which leave it as they find it; and its keyring."""

    house: House
    keyring: vault.Keyring


@pytest.fixture(scope="module")
def lasting_house(
    tmp_path_factory: pytest.TempPathFactory,
    empty_tables: Path,
    empty_key_tables: Path,
    root: vault.SealedKeyFile,
) -> Iterator[LastingHouse]:
    folder, clock = (
        tmp_path_factory.mktemp("house"),
        kernel.SettableClock(datetime(2026, 3, 12, 9, tzinfo=UTC)),
    )
    rows, keys = (
        hasten(kernel.Database(f"sqlite:///{shutil.copyfile(empty, folder / name)}", clock=clock))
        for empty, name in ((empty_tables, "rows.sqlite"), (empty_key_tables, "keys.sqlite"))
    )
    keyring = vault.open_keyring(keys, root, clock)
    objects = vault.ObjectStore(keyring, vault.DirectoryStore(folder / "parts"))
    yield LastingHouse(make_house(rows, keyring, objects), keyring)
    rows.close()
    keys.close()


def make_house(database: kernel.Database, keyring: vault.Keyring, objects: vault.ObjectStore) -> House:
    furnish(database, keyring, objects)
    with database.unit_of_work() as uow:
        practice = make_organisation(uow)
        physician = signed_in(uow, make_professional(uow, practice, name="Camille Essai"))
        nurse = signed_in(uow, make_professional(uow, practice, identity.Profession.NURSE))
        secretary = signed_in(uow, make_professional(uow, practice, identity.Profession.SECRETARY))
        patient = signed_in(uow, make_patient_account(uow, practice, "Zoé Martin"))
        opened = dossier.create_dossier(uow, physician, MARTIN)
        permit = access.decide(uow, physician, access.Action.SHARE, opened, section=access.Section.IDENTITY)
        access.link_patient(uow, permit, patient.account)
    return House(database, practice, physician, nurse, secretary, patient, opened)
