"""What this face can do, for anybody who asks: the CapabilityStatement."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from serment.edge.desk import Desk
from serment.edge.fhir.asking import insist_on_json
from serment.edge.fhir.resources import answer

#: When what is stated here last changed.
_DATE = "2026-11-21"
_SECURITY = (
    "An access key of one person, made by that person: 'Authorization: DPoP' with a proof (RFC 9449) for a key bound "
    "to a public key, 'Authorization: Bearer' for any other. No cookie, no password."
)
_PATIENT_SEARCH = (
    "By POST to Patient/_search only: an address would keep who the patient is. Give identifier (the INS, with or "
    "without its system), or birthdate, with family if known."
)


class Capabilities:
    """Says which resources and interactions there are."""

    def __init__(self, desk: Desk) -> None:
        self._base = f"{desk.entrance.relying_party.origin}/fhir"

    def show(self, request: Request) -> Response:
        """Answer with the statement; it is the same for everybody, and needs no key."""
        insist_on_json(request)
        return answer(self._statement())

    def _statement(self) -> dict[str, Any]:
        return {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "date": _DATE,
            "kind": "instance",
            "software": {"name": "Serment"},
            "implementation": {"description": "Serment", "url": self._base},
            "fhirVersion": "4.0.1",
            "format": ["application/fhir+json"],
            "rest": [{"mode": "server", "security": _security(), "resource": _resources()}],
        }


def _security() -> dict[str, Any]:
    return {"cors": False, "description": _SECURITY}


def _resources() -> list[dict[str, Any]]:
    read, search = {"code": "read"}, {"code": "search-type"}
    return [
        {
            "type": "Patient",
            "interaction": [read, {**search, "documentation": _PATIENT_SEARCH}],
            "versioning": "versioned",
            "searchParam": [
                {"name": "identifier", "type": "token", "documentation": _PATIENT_SEARCH},
                {"name": "birthdate", "type": "date", "documentation": "One day."},
                {"name": "family", "type": "string", "documentation": "Only beside birthdate."},
            ],
        },
        {
            "type": "DocumentReference",
            "interaction": [read, search],
            "versioning": "versioned",
            "searchParam": [{"name": "patient", "type": "reference", "documentation": "Required."}],
        },
        {"type": "Binary", "interaction": [read]},
    ]
