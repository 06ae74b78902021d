"""One document opened by one decision, with its patient, its versions and the people around it."""

from dataclasses import dataclass

from serment import access, clinical, dossier, kernel
from serment.edge.pages.banners import banner_of, name_of
from serment.edge.pages.circle import PATIENT_WORDS, Circle, circle_of, tell_audience
from serment.edge.shell import Banner, Words

MOST_TEXT_BYTES = 64 * 1024
_ADULT_AT = 18


@dataclass(frozen=True)
class Opened:
    """A document, its version asked for, every version of it (newest first), and who may do what with it."""

    patient: dossier.Patient
    document: dossier.Document
    history: tuple[dossier.Document, ...]
    circle: Circle
    text: str | None = None

    @property
    def banner(self) -> Banner:
        """The patient, as the page shows them."""
        return banner_of(self.patient)

    @property
    def patient_name(self) -> str:
        """The patient, as buttons name them."""
        return name_of(self.patient)

    @property
    def base(self) -> str:
        """The address of the dossier."""
        return f"/dossiers/{self.patient.dossier}"

    @property
    def address(self) -> str:
        """The address of the document."""
        return f"{self.base}/documents/{self.document.head.id}"

    @property
    def newest(self) -> dossier.Document:
        """The current version."""
        return self.history[0]

    @property
    def media_type(self) -> clinical.MediaType:
        """What the bytes turned out to be."""
        return clinical.MediaType(self.document.description.media_type)

    @property
    def names_another_patient(self) -> bool:
        """Whether the file itself says that it is of somebody else (THR-17)."""
        found = self.document.description.dicom
        return found is not None and clinical.names_another_patient(found, self.patient.identity)

    def may(self, action: access.Action) -> bool:
        """Tell whether an act on this document may be offered."""
        return not self.newest.is_withdrawn and self.circle.may(action, self.document.head.section)

    @property
    def may_hide(self) -> bool:
        """Whether closing this document to somebody may be offered: to the patient, and who acts for them."""
        return self.circle.controls and not self.newest.is_withdrawn

    @property
    def may_reserve(self) -> bool:
        """Whether a professional may be offered to reserve it to the patient: when somebody acts for them, or may."""
        carer = self.circle.relation is access.Relation.CARE_TEAM and self.may(access.Action.SHARE)
        born, today = self.patient.identity.birth_date, self.circle.at.date()
        is_minor = (today.year - born.year, today.month, today.day) < (_ADULT_AT, born.month, born.day)
        return carer and (is_minor or bool(self.circle.acting))

    def sees(self, words: Words) -> str:
        """Say who reads this document."""
        head = self.document.head
        return tell_audience(
            words,
            self.circle.audience(head.section, head.id, self.history[-1].description.author),
            PATIENT_WORDS[self.banner.sex],
        )


def open_for_reading(
    uow: kernel.UnitOfWork, permit: access.Permit, entry: access.EntryId, version: int | None = None
) -> Opened:
    """Return a document in clear, under a permit to read it.

    Raises:
        AccessRefused: no such version.
        PermitMismatch: the permit does not reach this document.
        SealBroken: the stored bytes fail authentication.
    """
    history = dossier.history_of(uow, permit, entry)
    found = next((one for one in history if version in (None, one.version)), None)
    if found is None:
        raise access.AccessRefused("no-such-version")
    text = _beginning(uow, permit, found)
    return Opened(dossier.identity_of(uow, permit), found, history, circle_of(uow, permit), text)


def _beginning(uow: kernel.UnitOfWork, permit: access.Permit, document: dossier.Document) -> str | None:
    """Return the first 64 KiB of a text, None for anything else: the reading that the permit was made for."""
    if document.description.media_type != clinical.MediaType.TEXT:
        return None
    content = dossier.open_content(
        uow,
        permit,
        document.head.id,
        document.version,
        choose=lambda served: dossier.Span(0, min(served.size_bytes, MOST_TEXT_BYTES)),
    )
    return clinical.read_text(b"".join(bytes(piece) for piece in content.read(0, content.span.length)))
