"""An answer as FHIR AuditEvents, in the profiles of IHE BALP: one for each deed that opened or changed something.

An event stands for a group of like acts: `period` spans them, `recorded` is the last. Whoever reads them finds the
patient, the entry with its version, who, from where, in which role and for which purpose.
Source: IHE ITI Basic Audit Log Patterns 1.1 (PatientRead, PatientQuery, PatientCreate, PatientUpdate); FHIR R4.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid5

from serment import access, dossier
from serment.vigilance.touched import Answer, Deed

_PROFILE = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.Patient"
_EVENT = "http://terminology.hl7.org/CodeSystem/audit-event-type"
_INTERACTION = "http://hl7.org/fhir/restful-interaction"
_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_ENTITY = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
_SOURCE = "http://terminology.hl7.org/CodeSystem/security-source-type"
_IP_ADDRESS, _URI = "2", "5"
_SOURCE_ROLE, _DESTINATION_ROLE = ("110153", "Source Role ID"), ("110152", "Destination Role ID")
#: Identifiers of events are drawn from what they say, so that the same answer gives the same events.
_NAMES = UUID("6f1d2c0e-6a52-5d36-9a0c-9f2f2b7a4b11")

_REASONS: Mapping[str, str] = MappingProxyType({
    access.Purpose.CARE: "TREAT", access.Purpose.EMERGENCY: "ETREAT", access.Purpose.PATIENT_REQUEST: "PATRQT",
    access.Purpose.ADMINISTRATION: "HOPERAT", access.Purpose.RESEARCH: "HRESCH", access.Purpose.LEGAL: "HLEGAL",
})  # fmt: skip


@dataclass(frozen=True)
class _Pattern:
    """One profile of BALP: its name, what was done, and which way the data went."""

    name: str
    action: str
    interaction: str
    leaves: bool = False


_READ = _Pattern("Read", "R", "read", leaves=True)
_VREAD = _Pattern("Read", "R", "vread", leaves=True)
_QUERY = _Pattern("Query", "E", "search")
_CREATE = _Pattern("Create", "C", "create")
_UPDATE = _Pattern("Update", "U", "update")
_PATTERNS: Mapping[str, _Pattern] = MappingProxyType({
    "dossier.read": _READ, dossier.CONTENT_OPENED: _VREAD, "dossier.list": _QUERY, "dossier.file": _CREATE,
    "dossier.amend": _UPDATE, "dossier.withdraw": _UPDATE,
})  # fmt: skip


def write_audit_events(answers: Iterable[Answer], server: str) -> dict[str, Any]:
    """Return the answers as a Bundle of type `collection`; `server` is the address of this installation."""
    every = [event for answer in answers for event in _events(answer, server)]
    entries = [{"fullUrl": f"urn:uuid:{event['id']}", "resource": event} for event in every]
    return {"resourceType": "Bundle", "type": "collection", **({"entry": entries} if entries else {})}


def _events(answer: Answer, server: str) -> Iterator[dict[str, Any]]:
    for number, deed in enumerate(answer.deeds):
        pattern = _PATTERNS.get(deed.kind)
        if pattern is not None and not deed.refused:
            identifier = uuid5(_NAMES, f"{answer.organisation}/{answer.asked_at.isoformat()}/{number}")
            yield {"resourceType": "AuditEvent", "id": str(identifier), **_event(deed, pattern, server)}


def _event(deed: Deed, pattern: _Pattern, server: str) -> dict[str, Any]:
    return {
        "meta": {"profile": [f"{_PROFILE}{pattern.name}"]},
        "type": {"system": _EVENT, "code": "rest", "display": "Restful Operation"},
        "subtype": [{"system": _INTERACTION, "code": pattern.interaction, "display": pattern.interaction}],
        "action": pattern.action,
        "period": {"start": deed.first_at.isoformat(), "end": deed.last_at.isoformat()},
        "recorded": deed.last_at.isoformat(),
        "outcome": "0",
        "outcomeDesc": f"{deed.kind}, {deed.times} times",
        "purposeOfEvent": [_reason(deed)],
        "agent": [_client(deed, pattern), _server(server, pattern), _user(deed)],
        "source": {
            "observer": {"display": server},
            "type": [{"system": _SOURCE, "code": "4", "display": "Application Server"}],
        },
        "entity": [_patient(deed), _query(deed) if pattern is _QUERY else _data(deed)],
    }


def _client(deed: Deed, pattern: _Pattern) -> dict[str, Any]:
    """The program in front of the person; of what leaves it is the destination, else the source."""
    return {
        "type": _concept(_DICOM, *(_DESTINATION_ROLE if pattern.leaves else _SOURCE_ROLE)),
        "who": {"display": deed.origin},
        "requestor": False,
        "network": _network(deed.origin),
    }


def _server(server: str, pattern: _Pattern) -> dict[str, Any]:
    return {
        "type": _concept(_DICOM, *(_SOURCE_ROLE if pattern.leaves else _DESTINATION_ROLE)),
        "who": {"display": server},
        "requestor": False,
        "network": {"address": server, "type": _URI},
    }


def _user(deed: Deed) -> dict[str, Any]:
    identifier = {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{deed.account}"}
    return {
        "type": _concept(_PARTICIPATION, "IRCP", "information recipient"),
        "role": [{"text": deed.role}],
        "who": {"identifier": identifier} if deed.account else {"display": deed.role},
        "requestor": True,
        "purposeOfUse": [_reason(deed)],
    }


def _network(origin: str) -> dict[str, str]:
    """Return the address at the end of an origin such as `web 203.0.113.7`."""
    address = origin.rpartition(" ")[2]
    try:
        return {"address": str(ip_address(address)), "type": _IP_ADDRESS}
    except ValueError:
        return {"address": origin, "type": _URI}


def _patient(deed: Deed) -> dict[str, Any]:
    return {
        "what": {"reference": f"Patient/{deed.dossier}"},
        "type": {"system": _ENTITY, "code": "1", "display": "Person"},
        "role": {"system": _ROLE, "code": "1", "display": "Patient"},
    }


def _data(deed: Deed) -> dict[str, Any]:
    return {
        "what": {"reference": _reference(deed)},
        "type": {"system": _ENTITY, "code": "2", "display": "System Object"},
        "role": {"system": _ROLE, "code": "4", "display": "Domain Resource"},
        **({"description": _extent(deed)} if deed.object is not None else {}),
    }


def _query(deed: Deed) -> dict[str, Any]:
    asked = f"Patient?_id={deed.dossier}" if deed.shows_name else f"DocumentReference?patient={deed.dossier}"
    return {
        "type": {"system": _ENTITY, "code": "2", "display": "System Object"},
        "role": {"system": _ROLE, "code": "24", "display": "Query"},
        "description": asked,
        "query": b64encode(asked.encode()).decode(),
    }


def _reference(deed: Deed) -> str:
    if deed.entry is None or deed.entry == access.EntryId(deed.dossier):
        return f"Patient/{deed.dossier}"
    version = "" if deed.version is None else f"/_history/{deed.version}"
    return f"DocumentReference/{deed.entry}{version}"


def _extent(deed: Deed) -> str:
    distinct = sum(end - begin for begin, end in deed.spans)
    return (
        f"object {deed.object}: {distinct} of {deed.size_bytes} bytes, {deed.sent_bytes} sent, "
        f"{deed.drawings} drawings"
    )


def _reason(deed: Deed) -> dict[str, Any]:
    code = _REASONS.get(deed.purpose)
    return _concept(_REASON, code) if code else {"text": deed.purpose}


def _concept(system: str, code: str, display: str = "") -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, **({"display": display} if display else {})}]}
