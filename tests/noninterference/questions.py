"""What is asked of both stores: every face, about what there is, what is forbidden, and what never was."""

import random
import re
from collections.abc import Iterator, Sequence
from datetime import date
from urllib.parse import urlencode
from uuid import UUID
from zlib import crc32

from matrix.wire import Answer, Request
from noninterference.worlds import BIRTH_DATES, Filed, Somebody, World
from serment import kernel
from serment.edge.acts import read_acts

PARAMETER = re.compile(r"{(\w+)(?::(\w+))?}")
FORM = {"content-type": "application/x-www-form-urlencoded"}
#: Pages of one dossier and of one document: read from the list of routes, so that a new one is asked the day it is born.
ABOUT_DOSSIERS = tuple(
    path
    for method, path in (door.split(" ", 1) for door in read_acts())
    if method == "GET" and {name for name, _ in PARAMETER.findall(path)} == {"dossier"}
)
ABOUT_ENTRIES = tuple(
    path
    for method, path in (door.split(" ", 1) for door in read_acts())
    if method == "GET" and "{entry" in path and path.startswith("/dossiers/")
)
#: Without a parameter: lists of what is one's own to see.
LISTS = ("/", "/mine", "/patients")
FILTERS = ("?q=titre", "?kind=letter", "?section=clinical", "?withdrawn=yes", "?sort=kind")
#: What differs between any two answers: references, tokens and nonces; and instants to the second.
OWN = re.compile(
    rb"(?<![\w-])[2-9A-Z]{4}-[2-9A-Z]{4}(?![\w-])|(name=\"csrf\" value|data-csrf|nonce)=\"[^\"]*\"|\"[\w-]{43}\""
)
IDENTIFIER = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
OWN_HEADERS = {"x-serment-reference", "set-cookie", "content-security-policy", "content-length"}
ENTRIES_A_PERSON = 6
#: What somebody sees of an answer: its status, its headers, its bytes.
Seen = tuple[int, dict[str, str], bytes]


def questions_of(world: World, one: Somebody) -> Iterator[Request]:
    """Yield what somebody asks, the same for both stores."""
    draw = random.Random(f"{one.name} {len(world.filed)}")
    nowhere = kernel.DossierId(UUID(int=draw.getrandbits(128), version=4))
    dossiers = [*world.dossiers, nowhere]
    entries: list[tuple[UUID, UUID]] = [(filed.dossier, filed.entry) for filed in _chosen(world, draw)]
    entries.append((draw.choice(dossiers), UUID(int=draw.getrandbits(128), version=4)))
    yield from (Request("GET", path, one.session) for path in LISTS)
    yield from _searches(one)
    for where in dossiers:
        yield from (_page(one, path, dossier=where) for path in ABOUT_DOSSIERS)
        yield _page(one, f"/dossiers/{{dossier}}{draw.choice(FILTERS)}", dossier=where)
    for there, entry in entries:
        yield from (_page(one, path, dossier=there, entry=entry) for path in ABOUT_ENTRIES)
        yield _ranged(one, there, entry)
        yield from _spoilt(one, there, entry)
    if one.key is not None:
        yield from _programs(one.key, dossiers, [entry for _, entry in entries])


def _chosen(world: World, draw: random.Random) -> Sequence[Filed]:
    return draw.sample(world.filed, min(ENTRIES_A_PERSON, len(world.filed)))


def _page(one: Somebody, path: str, **named: UUID) -> Request:
    address = PARAMETER.sub(lambda found: str(named.get(found[1], "0")), path)
    # One in eight refusals comes as a page; the others say the same in fewer bytes.
    accept = "text/html" if crc32(address.encode()) % 8 == 0 else "application/problem+json"
    return Request("GET", address, {**one.session, "accept": accept})


def _ranged(one: Somebody, where: UUID, entry: UUID) -> Request:
    headers = {**one.session, "range": "bytes=2-5", "if-none-match": '"x"'}
    return Request("GET", f"/dossiers/{where}/documents/{entry}/content", headers)


def _spoilt(one: Somebody, where: UUID, entry: UUID) -> Iterator[Request]:
    """Acts that nobody can go through with: the refusal is what is compared."""
    headers = {**one.session, **FORM}
    for act in ("amend", "withdraw"):
        yield Request("POST", f"/dossiers/{where}/documents/{entry}/{act}", headers, b"title=&reason=")


def _searches(one: Somebody) -> Iterator[Request]:
    asked = [_french(born) for born in BIRTH_DATES] + ["Martin", "durand zoe", "Nobody", "01/01/1900"]
    for words in asked:
        yield Request("POST", "/patients/find", {**one.session, **FORM}, urlencode({"q": words}).encode())


def _french(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _programs(key: dict[str, str], dossiers: Sequence[UUID], entries: Sequence[UUID]) -> Iterator[Request]:
    for born in BIRTH_DATES:
        body = urlencode({"birthdate": born.isoformat()}).encode()
        yield Request("POST", "/fhir/Patient/_search", {**key, **FORM}, body)
    for where in dossiers:
        yield Request("GET", f"/fhir/Patient/{where}", key)
        yield Request("GET", f"/fhir/DocumentReference?patient={where}", key)
        body = urlencode({"patient": str(where), "_summary": "count"}).encode()
        yield Request("POST", "/fhir/DocumentReference/_search", {**key, **FORM}, body)
    for entry in entries:
        yield Request("GET", f"/fhir/DocumentReference/{entry}", key)
        yield Request("GET", f"/fhir/Binary/{entry}", key)


def seen(world: World, answer: Answer) -> Seen:
    """Return what somebody sees of an answer: status, headers and bytes, without what differs each time.

    Of identifiers, those of dossiers and documents stay; a trace has another one whenever it is left.
    """
    headers = {name: value for name, value in answer.headers.items() if name not in OWN_HEADERS}
    body = OWN.sub(b"", answer.body)
    return (
        answer.status,
        headers,
        IDENTIFIER.sub(lambda found: found[0] if found[0] in world.named else b"", body),
    )
