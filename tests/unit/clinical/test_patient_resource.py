from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serment import clinical
from serment.clinical.fhir_json import Json, JsonObject

RESOURCE = UUID("8e1d8a2c-9f43-4f3a-9a70-0d9a6e1f0c11")


def states(identity: clinical.PatientIdentity) -> list[clinical.PatientIdentity]:
    assert identity.ins is not None
    provisional = replace(identity, ins=None, status=clinical.IdentityStatus.PROVISIONAL)
    return [
        provisional,
        clinical.retrieve_ins(provisional, identity.ins),
        clinical.confirm_by_document(provisional),
        identity,
        replace(provisional, birth_place_code=""),
        replace(identity, ins=replace(identity.ins, authority=clinical.InsAuthority.NIA)),
    ]


def test_patient_survives_the_way_through_fhir(
    qualified: clinical.PatientIdentity, fhir_r4: jsonschema_rs.Validator
) -> None:
    for identity in states(qualified):
        resource = clinical.patient_to_fhir(identity, resource_id=RESOURCE)
        fhir_r4.validate(resource)
        assert clinical.patient_from_fhir(resource) == identity


def test_patient_carries_its_national_identifier(qualified: clinical.PatientIdentity) -> None:
    resource = clinical.patient_to_fhir(qualified, resource_id=RESOURCE)

    assert resource["identifier"] == [
        {
            "use": "official",
            "type": {
                "coding": [
                    {
                        "system": "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203",
                        "code": "INS-NIR-TEST",
                    }
                ]
            },
            "system": "urn:oid:1.2.250.1.213.1.4.10",
            "value": "269054958815780",
        }
    ]


def test_patient_ignores_identifiers_of_other_authorities(qualified: clinical.PatientIdentity) -> None:
    resource = clinical.patient_to_fhir(states(qualified)[0], resource_id=RESOURCE)
    resource["identifier"] = [{"system": "urn:oid:1.2.3", "value": "42"}]

    assert clinical.patient_from_fhir(resource).ins is None


def _set(name: str, value: Json) -> Callable[[JsonObject], None]:
    return lambda resource: resource.__setitem__(name, value)


def _drop(name: str) -> Callable[[JsonObject], None]:
    return lambda resource: resource.__delitem__(name)


@pytest.mark.parametrize(
    "damage",
    [
        _set("resourceType", "Person"),
        _drop("name"),
        _set("name", [{"use": "official", "family": "X", "given": ["A"]}]),
        _set("name", "X"),
        _set("name", ["X"]),
        _drop("gender"),
        _set("gender", "other"),
        _set("gender", 1),
        _set("birthDate", "2026-02-30"),
        _set("extension", []),
        _set(
            "extension",
            [{"url": "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability"}],
        ),
        _set("identifier", [{"system": "urn:oid:1.2.250.1.213.1.4.8", "value": "1"}]),
    ],
)
def test_patient_from_fhir_names_what_is_malformed(
    qualified: clinical.PatientIdentity, damage: Callable[[JsonObject], None]
) -> None:
    resource = clinical.patient_to_fhir(qualified, resource_id=RESOURCE)
    damage(resource)

    with pytest.raises(clinical.ResourceMalformed):
        clinical.patient_from_fhir(resource)


def test_patient_from_fhir_refuses_an_unknown_reliability(qualified: clinical.PatientIdentity) -> None:
    resource = clinical.patient_to_fhir(qualified, resource_id=RESOURCE)
    resource["extension"][0]["extension"][0]["valueCoding"]["code"] = "USUR"  # type: ignore[index,call-overload]  # written by us above

    with pytest.raises(clinical.ResourceMalformed):
        clinical.patient_from_fhir(resource)


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1).filter(str.strip)


@given(st.lists(NAMES, min_size=1, max_size=3), NAMES, NAMES, st.dates(), st.sampled_from(clinical.Sex))
def test_patient_with_any_names_survives(
    given_names: list[str], family: str, birth: str, day: object, sex: clinical.Sex
) -> None:
    identity = clinical.PatientIdentity(family, birth, tuple(given_names), given_names[0], day, sex)  # type: ignore[arg-type]  # a date

    assert clinical.patient_from_fhir(clinical.patient_to_fhir(identity, resource_id=RESOURCE)) == identity


@pytest.mark.parametrize("listed", [3, [3]])
def test_patient_from_fhir_refuses_given_names_that_are_no_texts(
    qualified: clinical.PatientIdentity, listed: Json
) -> None:
    resource = clinical.patient_to_fhir(qualified, resource_id=RESOURCE)
    resource["name"][0]["given"] = listed  # type: ignore[index,call-overload]  # written by us above

    with pytest.raises(clinical.ResourceMalformed, match="given"):
        clinical.patient_from_fhir(resource)
