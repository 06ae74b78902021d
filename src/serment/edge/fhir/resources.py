"""Resources as they leave: what is stored, with its version and its place on this face, and without what is ours alone."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from starlette.responses import JSONResponse, Response

from serment import access, clinical, dossier, kernel
from serment.edge.shell import FHIR_JSON

Resource = dict[str, Any]
_SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
#: How the bytes are neutralised when they are served concerns nobody outside.
_PRIVATE = frozenset({"urn:x-serment:patches"})


def patient_resource(patient: dossier.Patient) -> Resource:
    """Return who a patient is."""
    resource = clinical.patient_to_fhir(patient.identity, resource_id=patient.dossier)
    return {**resource, "meta": {"versionId": str(patient.version)}}


def document_resource(document: dossier.Document, base: str) -> Resource:
    """Return one version of a document; its bytes are a Binary of this face."""
    head = document.head
    stored = clinical.document_to_fhir(document.description, resource_id=head.id, subject=head.dossier)
    return _outside(stored, base, head.id, document.version, document.recorded_at)


def listed_resource(line: dossier.Line, patient: kernel.DossierId, base: str) -> Resource:
    """Return what a list knows of a document; the whole of it is read by itself, with a decision of its own."""
    status = clinical.DocumentStatus.ENTERED_IN_ERROR if line.withdrawn else clinical.DocumentStatus.CURRENT
    said = clinical.DocumentDescription(
        title=line.title, kind=line.kind, document_date=line.document_date, filed_at=line.recorded_at,
        author=line.author, author_name=line.author_name, section=line.section.value,
        media_type=line.media_type, size_bytes=line.size_bytes, object_id=line.entry,
        status=status, added_by_patient=line.added_by_patient,
    )  # fmt: skip
    stored = clinical.document_to_fhir(said, resource_id=line.entry, subject=patient)
    resource = _outside(stored, base, line.entry, line.version, line.recorded_at)
    return {**resource, "meta": {**resource["meta"], "tag": [_SUBSETTED]}}


def bundle(found: Sequence[Resource], total: int, links: Mapping[str, str], base: str) -> Resource:
    """Return a page of a search; `total` counts what may be seen, and nothing else does."""
    entries = [
        {
            "fullUrl": f"{base}/{resource['resourceType']}/{resource['id']}",
            "resource": resource,
            "search": {"mode": "match"},
        }
        for resource in found
    ]
    said: Resource = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": total,
        "link": [{"relation": relation, "url": url} for relation, url in links.items()],
    }
    return {**said, "entry": entries} if entries else said


def answer(resource: Resource) -> Response:
    """Answer with a resource; its version is its entity tag."""
    version = resource.get("meta", {}).get("versionId")
    headers = {} if version is None else {"etag": f'W/"{version}"'}
    return JSONResponse(resource, headers=headers, media_type=FHIR_JSON)


def instant(at: datetime) -> str:
    """Return an instant as FHIR writes it, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _outside(
    stored: Mapping[str, Any], base: str, entry: access.EntryId, version: int, recorded_at: datetime
) -> Resource:
    attachment = {**stored["content"][0]["attachment"], "url": f"{base}/Binary/{entry}.{version}"}
    extensions = [one for one in stored.get("extension", ()) if one["url"] not in _PRIVATE]
    resource = {name: value for name, value in stored.items() if name != "extension"}
    return {
        **resource,
        **({"extension": extensions} if extensions else {}),
        "meta": {"versionId": str(version), "lastUpdated": instant(recorded_at)},
        "content": [{"attachment": attachment}],
    }
