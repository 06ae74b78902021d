"""What a dossier is made of: entries and their versions, and the lines that list them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from serment import access, clinical, kernel


class EntryKind(StrEnum):
    """What an entry holds: the patient's identity, or one document."""

    PATIENT = "patient"
    DOCUMENT = "document"


@dataclass(frozen=True)
class EntryHead:
    """An entry as it can be known without opening it."""

    id: access.EntryId
    dossier: kernel.DossierId
    section: access.Section
    kind: EntryKind
    version: int
    recorded_at: datetime


@dataclass(frozen=True)
class SealedVersion:
    """One immutable version of an entry, sealed."""

    entry: access.EntryId
    version: int
    recorded_at: datetime
    sealed: bytes


@dataclass(frozen=True)
class Document:
    """One version of a document, opened."""

    head: EntryHead
    version: int
    recorded_at: datetime
    description: clinical.DocumentDescription
    note: str = ""

    @property
    def is_withdrawn(self) -> bool:
        """True when this version says that the document was filed in error."""
        return self.description.status is clinical.DocumentStatus.ENTERED_IN_ERROR


@dataclass(frozen=True)
class Image:
    """Where a DICOM instance stands: its study, its series, its place in the series."""

    study: str
    series: str
    instance: int | None
    modality: str
    study_description: str
    series_description: str
    study_date: str
    frames: int
    series_number: int | None = None


@dataclass(frozen=True)
class Filter:
    """Which lines are wanted; None leaves a trait open. `text` is looked for in titles and authors."""

    sections: frozenset[access.Section] | None = None
    kinds: frozenset[clinical.DocumentKind] | None = None
    since: date | None = None
    text: str = ""
    withdrawn: bool = False


@dataclass(frozen=True)
class Patient:
    """The identity of one dossier, opened."""

    dossier: kernel.DossierId
    organisation: kernel.OrganisationId
    identity: clinical.PatientIdentity
    version: int


@dataclass(frozen=True)
class Search:
    """A search for a patient: by INS, or by birth date with at most the first three letters of a name (LAW-82)."""

    ins: str = ""
    birth_date: date | None = None
    name: str = ""


@dataclass(frozen=True)
class Draft:
    """A document about to be filed: what its author says of it. What its bytes are is found from the bytes."""

    title: str
    kind: clinical.DocumentKind
    document_date: date
    file_name: str = ""
    sensitive: bool = False


@dataclass(frozen=True)
class Content:
    """What the bytes of a stored object turned out to be, and the section under whose key they lie."""

    object_id: UUID
    section: access.Section
    size_bytes: int
    media_type: str
    patches: tuple[clinical.Patch, ...] = ()
    dicom: clinical.DicomInstance | None = None
    pages: int = 0
