"""A small installation on a disk, made through the doors that everybody uses: one practice, one patient, two documents."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from serment import clinical, dossier, identity, kernel, vault
from serment.app.demonstration_accounts import draw_password, enrol, sign_in
from serment.app.preparation import make_ready, upgrade_databases
from serment.app.settings import Settings, read_settings
from serment.app.wiring import Installation, opened
from serment.app.worker import integrate_all

ORIGIN = "https://localhost:8443"
LETTER = b"Cher confrere, merci de recevoir Madame Essai.\n" * 2000
NOTE = b"Tension 12/8.\n"
PATIENT = clinical.PatientIdentity(
    family_name="Essai",
    birth_name="Essai",
    given_names=("Camille",),
    first_given_name="Camille",
    birth_date=date(1970, 3, 12),
    sex=clinical.Sex.FEMALE,
)


@dataclass(frozen=True)
class SmallInstallation:
    """Where it is, and what is in it."""

    data: Path
    dossier_id: kernel.DossierId
    documents: tuple[dossier.Document, ...]
    older_page: bytes

    @property
    def rows(self) -> Path:
        """The file of the row database."""
        return self.data / "rows" / "serment.sqlite"


def make_installed(data: Path) -> Settings:
    """Make an empty installation: keys, tables, nobody."""
    settings = make_ready(read_settings(data), "FR")
    upgrade_databases(settings)
    return settings


def make_small_installation(data: Path) -> SmallInstallation:
    """Make an installation with a dossier of two documents, all of it under a signed checkpoint."""
    with opened(make_installed(data), ORIGIN) as installation:
        caller = physician_of(installation)
        with installation.rows.unit_of_work() as uow:
            opened_dossier = dossier.create_dossier(uow, caller, PATIENT)
        letter = file_document(installation, caller, opened_dossier, "Lettre", LETTER)
        with raw_rows(data / "rows" / "serment.sqlite") as connection:
            page = "SELECT sealed FROM catalogue_pages WHERE section = 'clinical'"
            older_page: bytes = connection.execute(page).fetchone()[0]
        note = file_document(installation, caller, opened_dossier, "Note", NOTE)
        integrate_all(installation)
    return SmallInstallation(data, opened_dossier, (letter, note), older_page)


def physician_of(installation: Installation) -> identity.Caller:
    """Found a practice with one physician, who signs in."""
    with installation.rows.unit_of_work() as uow:
        identity.declare_demonstration(uow)
    new = identity.NewOrganisation("Cabinet des Tilleuls", identity.OrganisationKind.PRACTICE)
    with installation.rows.unit_of_work() as uow:
        first = identity.first_administrator(uow, new, login="alix", name="Alix Essai")
    administrator = _enter(installation, "alix", first.enrolment.code)
    invitation = identity.Invitation(
        "claude", "Claude Essai", identity.Role.PROFESSIONAL, identity.Profession.PHYSICIAN
    )
    with installation.rows.unit_of_work() as uow:
        code = identity.invite(uow, administrator, invitation).code
    return _enter(installation, "claude", code)


def file_document(
    installation: Installation,
    caller: identity.Caller,
    where: kernel.DossierId,
    title: str,
    content: bytes,
) -> dossier.Document:
    """File one document, as an upload would."""
    draft = dossier.Draft(title, clinical.DocumentKind.LETTER, date(2026, 3, 1), f"{title}.txt")
    with installation.rows.unit_of_work() as uow:
        filing = dossier.plan_filing(uow, caller, where, draft)
        reception = dossier.Reception(uow.part(vault.ObjectStore), filing)
    reception.write(memoryview(content))
    reception.flush()
    return dossier.conclude(installation.rows, caller, reception)


@contextmanager
def raw_rows(database: Path) -> Iterator[sqlite3.Connection]:
    """Open a row database behind everybody's back."""
    connection = sqlite3.connect(database)
    try:
        with connection:
            yield connection
    finally:
        connection.close()


def _enter(installation: Installation, login: str, code: str) -> identity.Caller:
    password = draw_password()
    return sign_in(installation, login, password, enrol(installation, login, code, password))
