"""An example of a request for each route that needs more than its address; the others are sent with an empty form.

A new route needs a line here only when an empty form would be answered "absent" to those who are let in.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import uuid4

from matrix.wire import Request
from matrix.world import World

PARAMETER = re.compile(r"{(\w+)(?::(\w+))?}")
_TUS = {"tus-resumable": "1.0.0"}
_WHO = {"family_name": "Martin", "given_names": "Zoé", "birth_date": "1970-03-12", "sex": "female"}

#: Forms, by method and path; values in braces are what the world calls so.
FORMS: Mapping[str, Mapping[str, str]] = {
    "POST /patients/find": {"q": "12/03/1970"},
    "POST /patients/new": {**_WHO, "sure": "yes"},
    "POST /dossiers/{dossier:uuid}/identity": {**_WHO, "version": "1"},
    "POST /dossiers/{dossier:uuid}/documents/{entry:uuid}/amend": {
        "title": "Autre titre", "kind": "letter", "date": "2026-03-10", "reason": "Faute de frappe",
    },
    "POST /dossiers/{dossier:uuid}/documents/{entry:uuid}/withdraw": {"reason": "Erreur de dossier"},
    "POST /dossiers/{dossier:uuid}/access/admit": {"who": "account:{account of colleague}"},
    "POST /dossiers/{dossier:uuid}/access/end": {"who": "account:{account of biologist}"},
    "POST /dossiers/{dossier:uuid}/access/revoke": {"grant": "{grant to expert}"},
    "POST /dossiers/{dossier:uuid}/access/take-over": {"grant": "{grant to expert}"},
    "POST /dossiers/{dossier:uuid}/access/patient": {"login": "quelquun@example.test"},
    "POST /dossiers/{dossier:uuid}/share": {
        "section": "clinical", "days": "7", "to": "account:{account of stranger}", "confirmed": "yes",
    },
    "POST /dossiers/{dossier:uuid}/episodes": {
        "kind": "visits",
        "label": "Suivi",
        "section": "clinical",
        "days": "90",
    },
    "POST /dossiers/{dossier:uuid}/episodes/{episode:uuid}/close": {"ended_on": "2026-03-12", "days": "0"},
    "POST /dossiers/{dossier:uuid}/access/relatives/new": {
        "quality": "guardian",
        "proof": "Jugement du 3 mars",
        "account": "known",
    },
    "POST /dossiers/{dossier:uuid}/access/relatives/end": {
        "delegation": "{guardianship}",
        "reason": "Mainlevée",
    },
    "POST /dossiers/{dossier:uuid}/access/relatives/code": {"delegation": "{offered}"},
    "POST /dossiers/{dossier:uuid}/control/trust": {"section": "imaging", "last_day": "2026-04-01"},
    "POST /dossiers/{dossier:uuid}/control/trust/end": {"delegation": "{trust}"},
    "POST /dossiers/{dossier:uuid}/control/lift": {"restriction": "{restriction}"},
    "POST /dossiers/{dossier:uuid}/control/restrict": {
        "who": "professionals",
        "what": "imaging",
        "understood": "yes",
    },
    "POST /dossiers/{dossier:uuid}/documents/{entry:uuid}/hide": {"who": "professionals", "understood": "yes"},
    "POST /dossiers/{dossier:uuid}/emergency": {
        "reason": "cannot-speak",
        "section": "clinical",
        "minutes": "30",
    },
    "POST /dossiers/{dossier:uuid}/trail/notices": {"wish": "told"},
    "POST /dossiers/{dossier:uuid}/trail/contest/{trace:uuid}": {"words": "Qui est-ce ?"},
    "POST /emergencies/{opening:uuid}/words": {"words": "Vu."},
    "POST /emergencies/{opening:uuid}/answer": {"words": "Vu."},
    "POST /emergencies/{opening:uuid}/ask": {"words": "Pourquoi ?"},
    "POST /emergencies/{opening:uuid}/review": {"verdict": "justified", "words": "Vu."},
    "POST /administration/matrix/adopt": {
        "relation": "care-team",
        "who": "nurse",
        "base": "0",
        "imaging": "lra",
    },
    "POST /mine/renounce": {"delegation": "{trust}"},
    "POST /administration/people/new": {"login": "x", "name": "Essai", "role": "professional"},
    "POST /administration/teams/{team:uuid}/members": {"account": "{account of pharmacist}"},
    "POST /administration/teams/{team:uuid}/rhythm": {"days": "90"},
    "POST /fhir/Patient/_search": {"birthdate": "1970-03-12"},
    "POST /fhir/DocumentReference/_search": {"patient": "{dossier}"},
}  # fmt: skip
#: Headers and bytes of what is no form.
BYTES: Mapping[str, tuple[Mapping[str, str], bytes]] = {
    "POST /uploads/dossiers/{dossier:uuid}": ({**_TUS, "upload-length": "5"}, b""),
    "HEAD /uploads/{upload:uuid}": (_TUS, b""),
    "PATCH /uploads/{upload:uuid}": (
        {**_TUS, "content-type": "application/offset+octet-stream", "upload-offset": "0"},
        b"bytes",
    ),
    "DELETE /uploads/{upload:uuid}": (_TUS, b""),
    "PUT /files/{dossier:uuid}/{reference:reference}": ({"content-type": "text/plain"}, b"contenu"),
}
#: Their examples name what is of the first dossier: nobody finds it in another.
OF_THE_FIRST = tuple(
    door for door, form in FORMS.items() if re.search(r"/(access|control)/", door) and "{" in str(form)
)
_ROW = "relation=care-team&who=nurse"
QUERIES: Mapping[str, str] = {
    "GET /administration/matrix/edit": _ROW,
    "GET /administration/matrix/preview": f"{_ROW}&base=0&imaging=lra",
    "GET /fhir/DocumentReference": "patient={dossier}",
}
#: What an address names, where it is not the dossier and the entry of the cell: whose account, which team.
NAMED: tuple[tuple[str, str, str], ...] = (
    (r".*/access/patient/{account:uuid}/wake", "account", "account of dormant"),
    (r".*/access/patient/{account:uuid}/.*", "account", "account of patient"),
    (r".*/administration/people/{account:uuid}/wake", "account", "account of asleep"),
    (r".*/administration/people/{account:uuid}/reinstate", "account", "account of sleeper"),
    (r".*/administration/people/{account:uuid}/code", "account", "account of awaited"),
    (r".*/administration/people/{account:uuid}/departure/withdraw", "account", "account of leaver"),
    (r".*/administration/recoveries/{account:uuid}/.*", "account", "account of locked"),
    (r".*/administration/teams/{team:uuid}/.*", "account", "account of teammate"),
    (r".*{account:uuid}.*", "account", "account of pharmacist"),
    (r"/teams/.*", "team", "team V"),
    (r".*{team:uuid}.*", "team", "team T"),
    (r".*/reopen", "episode", "closed episode"),
    (r".*", "episode", "open episode"),
    (r".*", "opening", "opening"),
    (r".*", "trace", "line"),
    (r".*{session:uuid}.*", "session", "session of physician"),
    (r".*{upload:uuid}.*", "upload", "upload of physician"),
    (r".*/account/keys/{key:uuid}/.*", "key", "key of physician"),
)


def request_for(world: World, door: str, who: str, known: Mapping[str, str]) -> Request:
    """Return the request of somebody at a door: `known` are the dossier and the entry that it is about."""
    method, path = door.split(" ", 1)
    address = PARAMETER.sub(lambda found: _named(world, path, found[1], found[2], known), path)
    if door in QUERIES:
        address += "?" + QUERIES[door].format_map(known)
    headers, body = BYTES.get(door, ({}, b""))
    if method == "POST" and door not in BYTES:
        headers = {"content-type": "application/x-www-form-urlencoded"}
        body = urlencode(
            {name: _filled(world, value, known) for name, value in FORMS.get(door, {}).items()}
        ).encode()
    accept = "application/fhir+json" if path.startswith("/fhir/") else "application/problem+json"
    if "Binary" in path:
        accept = "*/*"
    return Request(method, address, {**headers, "accept": accept, **world.credentials[who]}, body)


def _filled(world: World, value: str, known: Mapping[str, str]) -> str:
    found = re.fullmatch(r"(.*){(.+)}", value)
    if found is None:
        return value
    return found[1] + str(known.get(found[2]) or world.things[found[2]])


def _named(world: World, path: str, name: str, convertor: str | None, known: Mapping[str, str]) -> str:
    if name in known:
        return known[name]
    for form, parameter, thing in NAMED:
        if parameter == name and re.fullmatch(form, path) and thing in world.things:
            return str(world.things[thing])
    return {"uuid": str(uuid4()), "place": "0", "int": "0"}.get(convertor or "", "x")
