from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import jsonschema_rs
import pytest

from serment import clinical, kernel
from serment.clinical.fhir_json import Json, JsonObject

RESOURCE = UUID("8e1d8a2c-9f43-4f3a-9a70-0d9a6e1f0c11")
SUBJECT = kernel.DossierId(UUID("c0ffee00-0000-4000-8000-000000000001"))
PLAIN = clinical.DocumentDescription(
    title="Numération formule sanguine",
    kind=clinical.DocumentKind.LABORATORY_RESULT,
    document_date=date(2026, 3, 11),
    filed_at=datetime(2026, 3, 12, 9, 0, 0, 123456, tzinfo=UTC),
    author=kernel.AccountId(UUID("c0ffee00-0000-4000-8000-000000000002")),
    author_name="Dr Inès Caron",
    section="clinical",
    media_type="application/pdf",
    size_bytes=48_213,
    object_id=UUID("c0ffee00-0000-4000-8000-000000000003"),
)
IMAGE = replace(
    PLAIN,
    kind=clinical.DocumentKind.IMAGE,
    media_type="application/dicom",
    file_name="IM-0001.dcm",
    status=clinical.DocumentStatus.SUPERSEDED,
    patches=(clinical.Patch(0, bytes(128)), clinical.Patch(300, b"\x01\x02")),
    dicom=clinical.DicomInstance(
        "1.2.3", "1.2.3.4", "1.2.3.4.5", window_center=40.0, pixel_spacing=(0.5, 0.5)
    ),
    added_by_patient=True,
    pages=12,
)
HUGE = replace(PLAIN, size_bytes=40 * 2**30)


@pytest.mark.parametrize("description", [PLAIN, IMAGE, HUGE])
def test_document_survives_the_way_through_fhir(
    description: clinical.DocumentDescription, fhir_r4: jsonschema_rs.Validator
) -> None:
    resource = clinical.document_to_fhir(description, resource_id=RESOURCE, subject=SUBJECT)

    fhir_r4.validate(resource)
    assert clinical.document_from_fhir(resource) == description


@pytest.mark.parametrize("kind", list(clinical.DocumentKind))
def test_every_kind_of_document_survives(
    kind: clinical.DocumentKind, fhir_r4: jsonschema_rs.Validator
) -> None:
    resource = clinical.document_to_fhir(replace(PLAIN, kind=kind), resource_id=RESOURCE, subject=SUBJECT)

    fhir_r4.validate(resource)
    assert clinical.document_from_fhir(resource).kind is kind


def test_document_reads_as_any_fhir_client_expects() -> None:
    resource = clinical.document_to_fhir(PLAIN, resource_id=RESOURCE, subject=SUBJECT)

    assert resource["status"] == "current"
    assert resource["type"] == {"coding": [{"system": "http://loinc.org", "code": "11502-2"}]}
    assert resource["subject"] == {"reference": f"Patient/{SUBJECT}"}
    assert resource["date"] == "2026-03-12T09:00:00.123456+00:00"
    assert resource["content"] == [
        {
            "attachment": {
                "contentType": "application/pdf",
                "url": f"urn:uuid:{PLAIN.object_id}",
                "title": PLAIN.title,
                "creation": "2026-03-11",
                "size": 48_213,
            }
        }
    ]
    assert "extension" not in resource


def _set(name: str, value: Json) -> Callable[[JsonObject], None]:
    return lambda resource: resource.__setitem__(name, value)


@pytest.mark.parametrize(
    "damage",
    [
        _set("resourceType", "Patient"),
        _set("status", "gone"),
        _set("author", []),
        _set("content", [{}]),
        _set("content", [{"attachment": {"size": True}}]),
        _set("category", [{"coding": [{"code": "unknown"}]}]),
        _set("date", "yesterday"),
        _set("extension", [{"url": "urn:x-serment:patches", "valueBase64Binary": "!"}]),
        _set("extension", [{"url": "urn:x-serment:patches", "valueBase64Binary": "AAAA"}]),
        _set("extension", [{"url": "urn:x-serment:dicom-instance", "valueString": "{"}]),
        _set("extension", [{"url": "urn:x-serment:dicom-instance", "valueString": "{}"}]),
        _set("extension", [{"url": "urn:x-serment:file-name", "valueString": 1}]),
    ],
)
def test_document_from_fhir_names_what_is_malformed(damage: Callable[[JsonObject], None]) -> None:
    resource = clinical.document_to_fhir(PLAIN, resource_id=RESOURCE, subject=SUBJECT)
    damage(resource)

    with pytest.raises(clinical.ResourceMalformed):
        clinical.document_from_fhir(resource)


def test_document_from_fhir_refuses_a_size_that_is_no_number() -> None:
    resource = clinical.document_to_fhir(PLAIN, resource_id=RESOURCE, subject=SUBJECT)
    resource["content"][0]["attachment"]["size"] = True  # type: ignore[index,call-overload]  # written by us above

    with pytest.raises(clinical.ResourceMalformed, match="size"):
        clinical.document_from_fhir(resource)


@pytest.mark.parametrize(
    "damage",
    [_set("category", "x"), _set("category", ["x"]), _set("author", [{"identifier": 3}]), _set("date", 3)],
)
def test_document_from_fhir_refuses_members_of_another_shape(damage: Callable[[JsonObject], None]) -> None:
    resource = clinical.document_to_fhir(PLAIN, resource_id=RESOURCE, subject=SUBJECT)
    damage(resource)

    with pytest.raises(clinical.ResourceMalformed):
        clinical.document_from_fhir(resource)
