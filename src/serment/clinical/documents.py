"""What a dossier says about one document: its kind, its date, its author and where its bytes lie."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from serment import kernel
from serment.clinical.imaging import DicomInstance
from serment.clinical.patches import Patch


class DocumentKind(StrEnum):
    """The kinds of document of an ordinary practice; pages take their words from the translations."""

    LETTER = "letter"
    CONSULTATION_REPORT = "consultation-report"
    REFERRAL = "referral"
    LABORATORY_RESULT = "laboratory-result"
    PATHOLOGY_REPORT = "pathology-report"
    PRESCRIPTION = "prescription"
    IMAGING_REPORT = "imaging-report"
    IMAGE = "image"
    PHOTOGRAPH = "photograph"
    TRACING = "tracing"
    DICTATION = "dictation"
    OPERATIVE_NOTE = "operative-note"
    DISCHARGE_SUMMARY = "discharge-summary"
    NURSING_NOTE = "nursing-note"
    VACCINATION = "vaccination"
    CERTIFICATE = "certificate"
    CONSENT = "consent"
    ADVANCE_DIRECTIVE = "advance-directive"
    ADMINISTRATIVE = "administrative"
    PATIENT_NOTE = "patient-note"
    OTHER = "other"

    @property
    def loinc(self) -> str:
        """The LOINC code of the document type."""
        return _LOINC[self]


_LOINC = {
    DocumentKind.LETTER: "51852-2",
    DocumentKind.CONSULTATION_REPORT: "11488-4",
    DocumentKind.REFERRAL: "57133-1",
    DocumentKind.LABORATORY_RESULT: "11502-2",
    DocumentKind.PATHOLOGY_REPORT: "11526-1",
    DocumentKind.PRESCRIPTION: "57833-6",
    DocumentKind.IMAGING_REPORT: "18748-4",
    DocumentKind.IMAGE: "55113-5",
    DocumentKind.PHOTOGRAPH: "72170-4",
    DocumentKind.TRACING: "11524-6",
    DocumentKind.DICTATION: "34109-9",
    DocumentKind.OPERATIVE_NOTE: "11504-8",
    DocumentKind.DISCHARGE_SUMMARY: "18842-5",
    DocumentKind.NURSING_NOTE: "34746-8",
    DocumentKind.VACCINATION: "11369-6",
    DocumentKind.CERTIFICATE: "64298-3",
    DocumentKind.CONSENT: "59284-0",
    DocumentKind.ADVANCE_DIRECTIVE: "42348-3",
    DocumentKind.ADMINISTRATIVE: "51851-4",
    DocumentKind.PATIENT_NOTE: "51855-5",
    DocumentKind.OTHER: "34109-9",
}


class DocumentStatus(StrEnum):
    """The standing of a version; the values are those of FHIR DocumentReference.status."""

    CURRENT = "current"
    SUPERSEDED = "superseded"
    ENTERED_IN_ERROR = "entered-in-error"


@dataclass(frozen=True)
class DocumentDescription:
    """All that is known of one document, save its bytes.

    `document_date` is the day the document speaks of; `filed_at` the instant it entered the dossier, to the
    microsecond, UTC. `object_id` names the sealed bytes, `size_bytes` long. `patches` are laid over them
    when they are served. `pages` counts the pages of a PDF, the frames of a picture; 0 where nobody knows. `added_by_patient` tells the patient's own documents from those of the team.
    """

    title: str
    kind: DocumentKind
    document_date: date
    filed_at: datetime
    author: kernel.AccountId
    author_name: str
    section: str
    media_type: str
    size_bytes: int
    object_id: UUID
    file_name: str = ""
    status: DocumentStatus = DocumentStatus.CURRENT
    patches: tuple[Patch, ...] = ()
    dicom: DicomInstance | None = None
    added_by_patient: bool = False
    pages: int = 0
