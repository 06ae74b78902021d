"""What a demonstration is made of: invented people, their ties and their documents."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Kind(StrEnum):
    """The clinical document kinds a demonstration shows."""

    LETTER = "letter"
    RESULT = "result"
    PRESCRIPTION = "prescription"
    IMAGING_REPORT = "imaging-report"
    PHOTOGRAPH = "photograph"
    DICTATION = "dictation"
    DISCHARGE_SUMMARY = "discharge-summary"
    DICOM_INSTANCE = "dicom-instance"
    CONSENT = "consent"
    OTHER = "other"


class IdentityStatus(StrEnum):
    """How far an identity was checked. Source: RNIV, identitovigilance reference of the Health Ministry."""

    PROVISIONAL = "provisional"
    RETRIEVED = "retrieved"
    VALIDATED = "validated"
    QUALIFIED = "qualified"


@dataclass(frozen=True)
class Place:
    """A postal address, with the public telephone number and mailbox found there."""

    lines: tuple[str, ...]
    town: str
    telephone: str
    mail: str


@dataclass(frozen=True)
class Organisation:
    """A controller: the practice or the hospital. `finess` is in the test range, colours are `#rrggbb`."""

    key: str
    name: str
    subtitle: str
    place: Place
    finess: str
    colour: str


@dataclass(frozen=True)
class Professional:
    """Someone who works in an organisation and signs in with `login`.

    `profession` holds the value of an identity profession in lower case, `role` the value of an identity role.
    """

    key: str
    login: str
    organisation: str
    profession: str
    role: str
    title: str
    given_name: str
    family_name: str
    speciality: str
    rpps: str

    @property
    def name(self) -> str:
        """The name as it is said: title, given name, family name."""
        return " ".join(part for part in (self.title, self.given_name, self.family_name) if part)


@dataclass(frozen=True)
class Ins:
    """A national health identity: a matricule of 15 characters under the test OID, never the real one."""

    matricule: str
    oid: str


@dataclass(frozen=True)
class Patient:
    """An invented person. `dossiers` names the organisations that keep a dossier, the main one first."""

    key: str
    sex: str
    given_names: tuple[str, ...]
    birth_name: str
    used_name: str
    born_on: date
    birth_place: str
    place: Place
    identity_status: IdentityStatus
    ins: Ins | None
    story: str
    dossiers: tuple[str, ...]
    physician: str
    login: str | None

    @property
    def name(self) -> str:
        """First given name and the name in daily use."""
        return f"{self.given_names[0]} {self.used_name}"


@dataclass(frozen=True)
class Team:
    """Professionals of one organisation who work together."""

    key: str
    organisation: str
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class CareRelation:
    """One professional takes part in the care of one patient until `until_at` (None: still)."""

    organisation: str
    patient: str
    professional: str
    until_at: datetime | None = None


@dataclass(frozen=True)
class Grant:
    """An explicit opening of the dossier that `organisation` keeps, to one account or one team.

    `scope` is "dossier" or the key of one document; exactly one of `professional` and `team` is set.
    """

    organisation: str
    patient: str
    granted_by: str
    professional: str | None
    team: str | None
    scope: str
    purpose: str
    until_at: datetime | None


@dataclass(frozen=True)
class World:
    """Everyone in the demonstration and the ties between them, as they stand at `now`."""

    seed: int
    now: datetime
    organisations: tuple[Organisation, ...]
    professionals: tuple[Professional, ...]
    teams: tuple[Team, ...]
    patients: tuple[Patient, ...]
    care_relations: tuple[CareRelation, ...] = ()
    grants: tuple[Grant, ...] = ()

    def organisation(self, key: str) -> Organisation:
        """Return one organisation by its key."""
        return next(found for found in self.organisations if found.key == key)

    def professional(self, key: str) -> Professional:
        """Return one professional by their key."""
        return next(found for found in self.professionals if found.key == key)

    def patient(self, key: str) -> Patient:
        """Return one patient by their key."""
        return next(found for found in self.patients if found.key == key)


@dataclass(frozen=True)
class DemoDocument:
    """One document to file: its head now, its bytes when `content()` is called.

    `key` is unique in the demonstration. `dated_at` is when the document was made, always before `World.now`.
    """

    key: str
    organisation: str
    patient: str
    author: str
    kind: Kind
    section: str
    title: str
    dated_at: datetime
    file_name: str
    media_type: str
    render: Callable[[], bytes] = field(compare=False, repr=False)

    def content(self) -> bytes:
        """Make the bytes of the document; the same bytes at each call."""
        return self.render()
