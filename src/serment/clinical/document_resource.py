"""A document description as a FHIR R4 DocumentReference, and back without loss."""

import base64
import binascii
from datetime import UTC, date, datetime
from uuid import UUID

from serment import kernel
from serment.clinical.documents import DocumentDescription, DocumentKind, DocumentStatus
from serment.clinical.errors import RequestMalformed, ResourceMalformed
from serment.clinical.fhir_json import (
    Json,
    JsonObject,
    expect_type,
    find,
    first,
    member,
    number,
    objects,
    text,
)
from serment.clinical.imaging import DicomInstance, decode_instance, encode_instance
from serment.clinical.patches import Patch, decode_patches, encode_patches

_OURS = "urn:x-serment:"
_KINDS = f"{_OURS}document-kind"
_SECTIONS = f"{_OURS}section"
_ACCOUNTS = f"{_OURS}account"
_FILE_NAME = f"{_OURS}file-name"
_EXACT_SIZE = f"{_OURS}size"
_PATCHES = f"{_OURS}patches"
_DICOM = f"{_OURS}dicom-instance"
_ADDED_BY_PATIENT = f"{_OURS}added-by-patient"
_PAGES = f"{_OURS}pages"
_LOINC = "http://loinc.org"
_UUID = "urn:uuid:"
_LARGEST_INTEGER = 2**31 - 1


def document_to_fhir(
    description: DocumentDescription, *, resource_id: UUID, subject: kernel.DossierId
) -> JsonObject:
    """Return the description as a DocumentReference about the Patient whose logical id is the dossier's."""
    extensions = _extensions(description)
    return {
        "resourceType": "DocumentReference",
        "id": str(resource_id),
        **({"extension": extensions} if extensions else {}),
        "status": description.status.value,
        "type": {"coding": [{"system": _LOINC, "code": description.kind.loinc}]},
        "category": [{"coding": [{"system": _KINDS, "code": description.kind.value}]}],
        "subject": {"reference": f"Patient/{subject}"},
        "date": description.filed_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "author": [
            {
                "identifier": {"system": _ACCOUNTS, "value": _UUID + str(description.author)},
                "display": description.author_name,
            }
        ],
        "securityLabel": [{"coding": [{"system": _SECTIONS, "code": description.section}]}],
        "content": [{"attachment": _attachment(description)}],
    }


def document_from_fhir(resource: JsonObject) -> DocumentDescription:
    """Return the description that `document_to_fhir` wrote.

    Raises:
        ResourceMalformed: a member is missing, or is not of its kind.
    """
    expect_type(resource, "DocumentReference")
    author = first(objects(resource, "author"), "author")
    attachment = member(first(objects(resource, "content"), "content"), "attachment")
    extensions = objects(resource, "extension")
    try:
        return DocumentDescription(
            title=text(attachment, "title"),
            kind=DocumentKind(_code(resource, "category")),
            document_date=date.fromisoformat(text(attachment, "creation")),
            filed_at=datetime.fromisoformat(text(resource, "date")),
            author=kernel.AccountId(UUID(text(member(author, "identifier"), "value"))),
            author_name=text(author, "display"),
            section=_code(resource, "securityLabel"),
            media_type=text(attachment, "contentType"),
            size_bytes=_read_size(attachment),
            object_id=UUID(text(attachment, "url")),
            file_name=_read_extension(extensions, _FILE_NAME, "valueString"),
            status=DocumentStatus(text(resource, "status")),
            patches=_read_patches(extensions),
            dicom=_read_dicom(extensions),
            added_by_patient=find(extensions, "url", _ADDED_BY_PATIENT) is not None,
            pages=_read_pages(extensions),
        )
    except ValueError as cause:
        raise ResourceMalformed("DocumentReference") from cause


def _attachment(description: DocumentDescription) -> JsonObject:
    """FHIR's unsignedInt ends at 2 GiB: a larger size stands in an extension, in words of its own."""
    attachment: JsonObject = {
        "contentType": description.media_type,
        "url": _UUID + str(description.object_id),
        "title": description.title,
        "creation": description.document_date.isoformat(),
    }
    if description.size_bytes <= _LARGEST_INTEGER:
        attachment["size"] = description.size_bytes
    else:
        attachment["extension"] = [{"url": _EXACT_SIZE, "valueString": str(description.size_bytes)}]
    return attachment


def _extensions(description: DocumentDescription) -> list[Json]:
    found: list[Json] = []
    if description.file_name:
        found.append({"url": _FILE_NAME, "valueString": description.file_name})
    if description.added_by_patient:
        found.append({"url": _ADDED_BY_PATIENT, "valueBoolean": True})
    if description.pages:
        found.append({"url": _PAGES, "valueUnsignedInt": description.pages})
    if description.patches:
        encoded = base64.b64encode(encode_patches(description.patches)).decode()
        found.append({"url": _PATCHES, "valueBase64Binary": encoded})
    if description.dicom is not None:
        found.append({"url": _DICOM, "valueString": encode_instance(description.dicom)})
    return found


def _code(resource: JsonObject, name: str) -> str:
    concept = first(objects(resource, name), name)
    return text(first(objects(concept, "coding"), "coding"), "code")


def _read_size(attachment: JsonObject) -> int:
    exact = find(objects(attachment, "extension"), "url", _EXACT_SIZE)
    return number(attachment, "size") if exact is None else int(text(exact, "valueString"))


def _read_extension(extensions: tuple[JsonObject, ...], url: str, name: str) -> str:
    found = find(extensions, "url", url)
    return "" if found is None else text(found, name)


def _read_pages(extensions: tuple[JsonObject, ...]) -> int:
    found = find(extensions, "url", _PAGES)
    return 0 if found is None else number(found, "valueUnsignedInt")


def _read_patches(extensions: tuple[JsonObject, ...]) -> tuple[Patch, ...]:
    encoded = _read_extension(extensions, _PATCHES, "valueBase64Binary")
    if not encoded:
        return ()
    try:
        return decode_patches(base64.b64decode(encoded, validate=True))
    except (binascii.Error, RequestMalformed) as cause:
        raise ResourceMalformed("patches") from cause


def _read_dicom(extensions: tuple[JsonObject, ...]) -> DicomInstance | None:
    encoded = _read_extension(extensions, _DICOM, "valueString")
    return decode_instance(encoded) if encoded else None
