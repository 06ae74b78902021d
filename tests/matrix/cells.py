"""The cells of the matrix: who, through which route, to what, in which state; and what the table says of each."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from matrix.requests import FORMS, OF_THE_FIRST, QUERIES, request_for
from matrix.table import CONFIRMED, CONFIRMED_BY_ALL, OTHERWISE, OUTSIDE, THINGS, Row
from matrix.wire import Answer, Request
from matrix.world import DOCUMENTS, PEOPLE, World
from serment.access import Action, Section
from serment.edge.acts import Act, Need, Where, Who
from serment.identity import Role

LETTERS: Mapping[Action, str] = {
    Action.LIST: "L", Action.READ: "R", Action.FILE: "F", Action.AMEND: "A", Action.WITHDRAW: "W", Action.SHARE: "S",
    Action.JOIN_TEAM: "J", Action.MANAGE_TEAM: "M", Action.READ_TRAIL: "T",
    Action.CONTROL: "C", Action.OPEN_EMERGENCY: "E",
}  # fmt: skip
#: The thing that stands for a section where a route names a section.
STANDS_FOR: Mapping[Section, str] = {
    Section.IDENTITY: "identity", Section.CLINICAL: "letter", Section.IMAGING: "image",
    Section.MEASUREMENTS: "measure", Section.EXCHANGES: "message", Section.SENSITIVE: "secret",
}  # fmt: skip
#: Routes that list documents, and which documents each shows: what is withdrawn is on none of them.
LISTED = tuple(name for name in DOCUMENTS if name != "gone")
LISTS: Mapping[str, tuple[str, ...]] = {
    "GET /dossiers/{dossier:uuid}": LISTED,
    "GET /dossiers/{dossier:uuid}/images": ("image",),
    "GET /files/{dossier:uuid}": LISTED,
    "GET /fhir/DocumentReference": LISTED,
    "POST /fhir/DocumentReference/_search": LISTED,
}
#: Only the image can be shown there; only what somebody sent has a reference of theirs.
#: The first page of professionals, and that of patients; each leads others to their own.
ROLE_PAGES: Mapping[str, Role] = {"GET /": Role.PROFESSIONAL, "GET /mine": Role.PATIENT}
#: Routes that find patients, by which letter of `acts`.
FINDING: Mapping[str, str] = {
    "GET /": "P", "GET /mine": "P", "GET /patients": "P", "POST /patients/find": "N", "POST /fhir/Patient/_search": "N",
}  # fmt: skip
ONLY_IMAGES = ("GET /dossiers/{dossier:uuid}/images/{entry:uuid}",)
OWN_REFERENCE = "GET /files/{dossier:uuid}/{reference:reference}"

#: Refusals that are told, to whoever was let in, and are no answer about a dossier.
_HELD = {
    "identity.recovery.second-person-too-new": "in",
    "identity.passkey.needed": "in",
    "identity.step-up.needed": "to confirm",
    "access.account-frozen": "held",
}
#: In a form that is shown again: the way to prove a factor anew, or the place for it.
_FACTOR_ASKED = ('href="/account/step-up', 'name="code"')
#: What is somebody's, on a dossier: whose emergency it is.
ONLY_FOR: Mapping[str, tuple[str, ...]] = {
    "POST /dossiers/{dossier:uuid}/emergency/{opening:uuid}/end": ("rescuer",),
}
#: Who controls the dossier ends, or answers for, what others opened, also of what is closed to themself.
OF_OPENINGS = (
    "POST /dossiers/{dossier:uuid}/access/revoke",
    "POST /dossiers/{dossier:uuid}/access/take-over",
)
#: Parameters of things that are somebody's own: the address names the physician's.
OWN_THINGS = ("{session:uuid}", "{upload:uuid}", "{key:uuid}")
#: Made up in addresses: nobody has one here.
NOBODYS_THINGS = (
    "{device:uuid}",
    "{factor:uuid}",
    "{link:uuid}",
    "{opening:uuid}",
    "{freeze:uuid}",
    "{inquiry:uuid}",
    "{incident:uuid}",
)


@dataclass(frozen=True)
class Cell:
    """One request, and the word that the table has for its answer: `in`, `absent` or `out`."""

    who: str
    door: str
    thing: str
    request: Request
    expected: str
    #: What the answer must show, and what it must not, by the names of the documents.
    shown: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    #: Documents whose titles stand nowhere in the answer: those that the person does not find.
    untold: frozenset[str] = frozenset()

    @property
    def count(self) -> int:
        """How many cells of the table the request tells: itself, and each document that it shows or hides."""
        return 1 + len(self.shown) + len(self.hidden)


def cells_of(
    world: World, acts: Mapping[str, Act], rows: Mapping[str, Row], place: str = "martin"
) -> Iterator[Cell]:
    """Return every cell of one dossier: each person at each route that is decided about it, on each thing."""
    for door, act in acts.items():
        if act.who == {Who.DECIDED} and (place == "martin" or _names_a_dossier(door)):
            for who, row in _asking(door, rows):
                yield from _cells_at(world, door, act, (who, row), place)


def unconfirmed(cell: Cell) -> Cell:
    """Return the same cell for somebody who proved no factor within the last minutes."""
    asked = cell.expected == "in" or (cell.door in CONFIRMED_BY_ALL and cell.expected == "absent")
    return replace(cell, expected="to confirm") if asked and cell.door in CONFIRMED else cell


def cells_of_roles(
    world: World, acts: Mapping[str, Act], table: Mapping[str, Mapping[str, str]]
) -> Iterator[Cell]:
    """Return every cell of what is no act on a dossier: accounts, people, teams; and those whom no session lets in."""
    for door, act in acts.items():
        column = "+".join(who.value for who in Who if who in act.who)
        for who, cells in table.items():
            if column in cells and " /fhir/" not in door:
                request = request_for(world, door, who, {})
                word = _otherwise(who, door) or _said(cells[column], door)
                yield Cell(who, door, "-", request, word)
        if Who.ANYONE not in act.who and Who.DECIDED not in act.who:
            for who in OUTSIDE:
                yield Cell(who, door, "-", request_for(world, door, who, {}), "out")


def cells_of_finding(world: World, rows: Mapping[str, Row]) -> Iterator[Cell]:
    """Return who finds the patient among their own, and who finds them by their birth date."""
    for door, letter in FINDING.items():
        for who, row in _asking(door, rows):
            request = request_for(world, door, who, {})
            if row.out or who == "nobody":
                yield Cell(who, door, "-", request, "out")
                continue
            leads_here = door not in ROLE_PAGES or PEOPLE[who][1] is ROLE_PAGES[door]
            shown = frozenset({"martin"}) if letter in row.acts and leads_here else frozenset()
            yield Cell(who, door, "-", request, "in", shown, frozenset({"martin"}) - shown)


def _otherwise(who: str, door: str) -> str | None:
    return OTHERWISE.get((who, door)) or OTHERWISE.get(("*", door))


def _said(cell: str, door: str) -> str:
    """Return the word for a sign of the table of roles; after a slash it is about what the address names."""
    of_somebody = any(name in door for name in ("{account:uuid}", "{team:uuid}", *OWN_THINGS))
    if any(name in door for name in NOBODYS_THINGS):
        return "absent"
    return {"o": "in", "-": "absent"}[cell.split("/")[-1 if of_somebody else 0]]


def _names_a_dossier(door: str) -> bool:
    """Tell whether it names the dossier itself, and not an entry or an account of the first one."""
    things = ("/access/patient/", "{episode:", "{opening:", "{trace:")
    of_the_first = door in OF_THE_FIRST or any(one in door for one in things)
    return not of_the_first and (
        "{dossier:" in door or "{patient:" in door or door in QUERIES or door in FORMS
    )


def _asking(door: str, rows: Mapping[str, Row]) -> Iterable[tuple[str, Row]]:
    """Machines come by the face that takes keys, people by all others; who is nobody comes by both."""
    keys = " /fhir/" in door
    return ((who, row) for who, row in rows.items() if who == "nobody" or who.startswith("key of") == keys)


def _cells_at(world: World, door: str, act: Act, asking: tuple[str, Row], place: str) -> Iterator[Cell]:
    who, row = asking
    for thing in _things(door):
        known = _known(world, place, thing)
        request = request_for(world, door, who, known)
        if row.out or who == "nobody":
            yield Cell(who, door, thing, request, "out")
            continue
        if row.instead:
            yield Cell(who, door, thing, request, row.instead)
            continue
        allowed = all(_allows(row, need, thing) for need in act.needs) and _is_there(door, who, thing)
        if door in OF_OPENINGS:
            allowed |= "C" in row.acts
        # Episodes lie in a section, as what is filed there; those here are the physician's, as the letter is.
        sees_episode = "{episode:" not in door or "R" in row.things["letter"]
        let_in = allowed and sees_episode and _otherwise(who, door) != "absent"
        seen = frozenset(name for name in LISTS.get(door, ()) if "L" in row.things[name] and let_in)
        shown = seen if place == "martin" else frozenset()
        hidden = frozenset(DOCUMENTS) - shown if door in LISTS else frozenset()
        untold = frozenset(
            name for name in DOCUMENTS if place != "martin" or not row.things[name] & {"L", "R"}
        )
        yield Cell(who, door, thing, request, "in" if let_in else "absent", shown, hidden, untold)


def _things(door: str) -> tuple[str, ...]:
    if "{entry:uuid}" in door or "{binary}" in door or door == OWN_REFERENCE:
        return tuple(DOCUMENTS)
    return ("dossier",)


def _known(world: World, place: str, thing: str) -> dict[str, str]:
    dossier = str(world.dossiers[place])
    known = {"dossier": dossier, "patient": dossier, "reference": "nouveau"}
    if thing in DOCUMENTS:
        entry = world.entries[thing]
        known |= {"entry": str(entry), "binary": f"{entry}.1", "reference": thing}
    return known


def _allows(row: Row, need: Need, thing: str) -> bool:
    letter = LETTERS[need.action]
    match need.where:
        case Where.ANYWHERE:
            return any(letter in row.things[one] for one in THINGS)
        case Where.WHOLE:
            return letter in row.acts
        case Where.CIRCLE:
            return "V" in row.acts
        case Where.ENTRY:
            return letter in row.things[thing]
        case _:
            return letter in row.things[STANDS_FOR[need.where]]


def _is_there(door: str, who: str, thing: str) -> bool:
    if door in ONLY_IMAGES:
        return thing == "image"
    if door.endswith("/reserve"):
        return who not in {"patient", "guardian"} and thing != "gone"
    if door in ONLY_FOR:
        return who in ONLY_FOR[door]
    return door != OWN_REFERENCE or DOCUMENTS[thing][1] == who


def outcome_of(answer: Answer) -> str:
    """Return what an answer means, in the words of the table."""
    sent_away = answer.status == 303 and answer.location.startswith("/sign-in")
    if answer.status == 401 or sent_away or "problem:request.forged" in answer.text:
        return "out"
    if answer.status == 404:
        return "absent"
    if answer.status == 303 and answer.location.startswith("/account/step-up"):
        return "to confirm"
    if answer.status == 403:
        return _held_back(answer)
    return "in" if answer.status < 500 else f"broken ({answer.status})"


def _held_back(answer: Answer) -> str:
    """Let in as far as a rule of another kind, such as a passkey that an administrator must use."""
    if answer.headers.get("content-type", "").startswith("application/fhir"):
        return "held"
    if any(sign in answer.text for sign in _FACTOR_ASKED):
        return "to confirm"
    held = answer.text.partition("urn:serment:problem:")[2].partition('"')[0]
    return _HELD.get(held, f"held back ({held})")


def faults_of(world: World, cell: Cell, answer: Answer) -> list[str]:
    """Say where an answer is not what the table says."""
    named = f"{cell.who} · {cell.door} · {cell.thing}"
    found = outcome_of(answer)
    faults = (
        []
        if found == cell.expected
        else [f"{named}: {found} ({answer.status}), the table says {cell.expected}"]
    )
    if found == "in":
        named_there = {**world.entries, "martin": world.dossiers["martin"]}
        there = {name for name, known in named_there.items() if str(known) in answer.text}
        faults += [f"{named}: shows {name}" for name in sorted(there & cell.hidden)]
        faults += [f"{named}: does not show {name}" for name in sorted(cell.shown - there)]
    faults += [f"{named}: tells of {name}" for name in sorted(cell.untold) if f"titre-{name}" in answer.text]
    return faults
