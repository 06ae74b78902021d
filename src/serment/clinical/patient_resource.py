"""A patient identity as a FHIR R4 Patient, after the French core profile, and back.

The official name holds the birth traits, the usual name those of daily life. The reliability of the identity is
PROV or VALI in the French table 0445; with or without an INS, that tells the four states apart.
"""

from datetime import date
from uuid import UUID

from serment.clinical.errors import IdentityMalformed, ResourceMalformed
from serment.clinical.fhir_json import (
    Json,
    JsonObject,
    expect_type,
    find,
    first,
    member,
    objects,
    text,
    texts,
)
from serment.clinical.identity import IdentityStatus, PatientIdentity, Sex
from serment.clinical.ins import Ins, InsAuthority

_CORE = "https://hl7.fr/ig/fhir/core"
_RELIABILITY = f"{_CORE}/StructureDefinition/fr-core-identity-reliability"
_RELIABILITY_SYSTEM = f"{_CORE}/CodeSystem/fr-core-cs-v2-0445"
_INSEE_CODE = f"{_CORE}/StructureDefinition/fr-core-address-insee-code"
_IDENTIFIER_TYPE = f"{_CORE}/CodeSystem/fr-core-cs-v2-0203"
_BIRTH_PLACE = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"
_PLACES = "https://mos.esante.gouv.fr/NOS/TRE_R13-Commune/FHIR/TRE-R13-Commune"
_TYPE_CODES = {
    InsAuthority.NIR: "INS-NIR",
    InsAuthority.NIA: "INS-NIA",
    InsAuthority.TEST_NIR: "INS-NIR-TEST",
    InsAuthority.DEMO_NIR: "INS-NIR-DEMO",
}
_OID = "urn:oid:"
_RELIABILITY_CODES = {
    IdentityStatus.PROVISIONAL: "PROV",
    IdentityStatus.RETRIEVED: "PROV",
    IdentityStatus.VALIDATED: "VALI",
    IdentityStatus.QUALIFIED: "VALI",
}
_STATES = {
    ("PROV", False): IdentityStatus.PROVISIONAL,
    ("PROV", True): IdentityStatus.RETRIEVED,
    ("VALI", False): IdentityStatus.VALIDATED,
    ("VALI", True): IdentityStatus.QUALIFIED,
}


def patient_to_fhir(identity: PatientIdentity, *, resource_id: UUID) -> JsonObject:
    """Return the identity as a FHIR R4 Patient with that logical id."""
    resource: JsonObject = {
        "resourceType": "Patient",
        "id": str(resource_id),
        "extension": _extensions(identity),
        "name": [
            {"use": "official", "family": identity.birth_name, "given": list(identity.given_names)},
            {"use": "usual", "family": identity.family_name, "given": [identity.first_given_name]},
        ],
        "gender": identity.sex.value,
        "birthDate": identity.birth_date.isoformat(),
    }
    if identity.ins is not None:
        resource["identifier"] = [_identifier(identity.ins)]
    return resource


def patient_from_fhir(resource: JsonObject) -> PatientIdentity:
    """Return the identity that `patient_to_fhir` wrote.

    Raises:
        ResourceMalformed: a trait is missing, or is none.
    """
    expect_type(resource, "Patient")
    names = objects(resource, "name")
    official, usual = find(names, "use", "official"), find(names, "use", "usual")
    if official is None or usual is None:
        raise ResourceMalformed("name")
    ins = _read_ins(resource)
    extensions = objects(resource, "extension")
    try:
        return PatientIdentity(
            family_name=text(usual, "family"),
            birth_name=text(official, "family"),
            given_names=texts(official, "given"),
            first_given_name=next(iter(texts(usual, "given")), ""),
            birth_date=date.fromisoformat(text(resource, "birthDate")),
            sex=Sex(text(resource, "gender")),
            birth_place_code=_read_place(extensions),
            status=_read_status(extensions, with_ins=ins is not None),
            ins=ins,
        )
    except (ValueError, IdentityMalformed) as cause:
        raise ResourceMalformed("Patient") from cause


def _identifier(ins: Ins) -> JsonObject:
    coding: Json = [{"system": _IDENTIFIER_TYPE, "code": _TYPE_CODES[ins.authority]}]
    return {
        "use": "official",
        "type": {"coding": coding},
        "system": _OID + ins.authority.value,
        "value": ins.matricule,
    }


def _extensions(identity: PatientIdentity) -> list[Json]:
    status = {"system": _RELIABILITY_SYSTEM, "code": _RELIABILITY_CODES[identity.status]}
    found: list[Json] = [
        {"url": _RELIABILITY, "extension": [{"url": "identityStatus", "valueCoding": {**status}}]},
    ]
    if identity.birth_place_code:
        coding: Json = {"system": _PLACES, "code": identity.birth_place_code}
        place: Json = {"extension": [{"url": _INSEE_CODE, "valueCoding": coding}]}
        found.append({"url": _BIRTH_PLACE, "valueAddress": place})
    return found


def _read_ins(resource: JsonObject) -> Ins | None:
    for identifier in objects(resource, "identifier"):
        oid = text(identifier, "system").removeprefix(_OID)
        if oid in set(InsAuthority):
            try:
                return Ins(text(identifier, "value"), InsAuthority(oid))
            except IdentityMalformed as cause:
                raise ResourceMalformed("identifier") from cause
    return None


def _read_place(extensions: tuple[JsonObject, ...]) -> str:
    place = find(extensions, "url", _BIRTH_PLACE)
    if place is None:
        return ""
    inner = first(objects(member(place, "valueAddress"), "extension"), "extension")
    return text(member(inner, "valueCoding"), "code")


def _read_status(extensions: tuple[JsonObject, ...], *, with_ins: bool) -> IdentityStatus:
    reliability = find(extensions, "url", _RELIABILITY)
    if reliability is None:
        raise ResourceMalformed("extension")
    inner = first(objects(reliability, "extension"), "extension")
    state = _STATES.get((text(member(inner, "valueCoding"), "code"), with_ins))
    if state is None:
        raise ResourceMalformed("identityStatus")
    return state
