"""The oracle: who may do what with which entry, said a second time and in another way.

It looks at a graph of people, teams, dossiers and what was given to whom, and answers one question about one entry
with yes or no: first the ways that could open it, then what takes it away. It imports nothing of the product: words
are plain strings, and its table of rights is its own. `tests/matrix/test_oracle.py` holds it against the decision.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

#: Rights by the way in and by profession or quality: section, then letters. L list, R read, F file, A amend,
#: W withdraw, S share.
Rights = Mapping[tuple[str, str], Mapping[str, str]]

LETTERS = {"list": "L", "read": "R", "file": "F", "amend": "A", "withdraw": "W", "share": "S"}
SECTIONS = ("identity", "clinical", "imaging", "measurements", "exchanges", "sensitive")


def _row(*cells: str) -> Mapping[str, str]:
    return {section: cell for section, cell in zip(SECTIONS, cells, strict=True) if cell}


SHIPPED: Rights = {
    #                              identity  clinical  imaging   measure   exchanges sensitive
    ("patient", ""): _row("LR", "LRFS", "LRFS", "LRFS", "LRFS", "LR"),
    ("delegate", "parent"): _row("LR", "LRFS", "LRFS", "LRFS", "LRFS", "LR"),
    ("delegate", "guardian"): _row("LR", "LRFS", "LRFS", "LRFS", "LRFS", "LR"),
    ("delegate", "trusted-person"): _row("LR", "LR", "LR", "LR", "LR", "LR"),
    ("care", "physician"): _row("LRFAWS", "LRFAWS", "LRFAWS", "LRFAWS", "LRFAWS", "LRFAWS"),
    ("care", "radiologist"): _row("LRFAWS", "LRFAWS", "LRFAWS", "", "LRFAWS", ""),
    ("care", "biologist"): _row("LR", "LRFAW", "", "", "LRFAW", ""),
    ("care", "nurse"): _row("LRFAW", "LRFAW", "LRF", "LRFAW", "LRFAW", ""),
    ("care", "pharmacist"): _row("LR", "LRFAW", "", "", "LRFAW", ""),
    ("care", "secretary"): _row("LRFAW", "F", "F", "", "F", ""),
    ("house", "physician"): _row("L", "", "", "", "", ""),
    ("house", "radiologist"): _row("L", "", "", "", "", ""),
    ("house", "biologist"): _row("L", "", "", "", "", ""),
    ("house", "nurse"): _row("L", "", "", "", "", ""),
    ("house", "pharmacist"): _row("L", "", "", "", "", ""),
    ("house", "secretary"): _row("L", "", "", "", "", ""),
    ("emergency", "physician"): _row("LR", "LR", "LR", "LR", "", "LR"),
    ("emergency", "radiologist"): _row("LR", "LR", "LR", "", "", ""),
    ("emergency", "nurse"): _row("LR", "LR", "", "LR", "", ""),
    ("emergency", "pharmacist"): _row("LR", "LR", "", "", "", ""),
}  # fmt: skip


@dataclass(frozen=True)
class Rules:
    """The table of rights, and who does what is no act on a section."""

    rights: Rights
    manages_team: Collection[str] = ("physician", "nurse")
    reads_trail: Collection[str] = ("physician",)
    opens_emergency: Collection[str] = ("physician", "radiologist", "nurse", "pharmacist")

    def has(self, way: str, who: str, section: str, action: str) -> bool:
        """Tell whether a cell of the table is open."""
        return LETTERS[action] in self.rights.get((way, who), {}).get(section, "")


@dataclass(frozen=True)
class Person:
    """Somebody with an account: where, in which role, of which profession, in which teams."""

    name: int
    house: int
    role: str
    profession: str = "none"
    teams: frozenset[int] = frozenset()
    closed: bool = False
    frozen: bool = False
    #: An access key: to which sections, and whether it files as well.
    key: tuple[frozenset[str], bool] | None = None


@dataclass(frozen=True)
class Edge:
    """Something that was given to a person or to a team, from an instant to another."""

    to: int | None = None
    team: int | None = None
    begins: int = 0
    ends: int | None = None

    def holds_for(self, who: Person, now: int) -> bool:
        """Tell whether it is theirs, now."""
        theirs = self.to == who.name or (self.team is not None and self.team in who.teams)
        return theirs and self.begins <= now and (self.ends is None or now < self.ends)


@dataclass(frozen=True)
class Grant(Edge):
    """An opening of sections, or of some entries in them, for a purpose; somebody answers for it."""

    sections: frozenset[str] = frozenset()
    entries: frozenset[int] | None = None
    purpose: str = "care"
    keeper_has_left: bool = False


@dataclass(frozen=True)
class Mandate(Edge):
    """The quality in which somebody acts for the patient, and on which sections."""

    kind: str = "parent"
    sections: frozenset[str] | None = None


@dataclass(frozen=True)
class Opening(Edge):
    """An emergency: which sections, and whether a life was at risk."""

    sections: frozenset[str] = frozenset()
    vital: bool = False


@dataclass(frozen=True)
class Bar:
    """What the patient closed: against a person, professionals or delegates; everything, a section or an entry."""

    against: str
    person: int | None = None
    section: str | None = None
    entry: int | None = None


@dataclass(frozen=True)
class Dossier:
    """One dossier and everything around it; `house` is None where nobody keeps it."""

    house: int | None
    patients: frozenset[int] = frozenset()
    care: tuple[Edge, ...] = ()
    grants: tuple[Grant, ...] = ()
    mandates: tuple[Mandate, ...] = ()
    openings: tuple[Opening, ...] = ()
    bars: tuple[Bar, ...] = ()
    #: Who filed each entry.
    filed_by: Mapping[int, int] = field(default_factory=dict)
    dead: bool = False


@dataclass(frozen=True)
class Question:
    """May this person do this, for this purpose, at this instant?"""

    who: Person
    action: str
    purpose: str
    now: int


def allows_whole(question: Question, dossier: Dossier, rules: Rules) -> bool:
    """Answer for an act on the dossier as a whole."""
    who = question.who
    if _is_shut_out(question, dossier) or who.key is not None:
        return False
    colleague = who.role == "professional" and who.house == dossier.house
    cares = who.role == "professional" and any(part.holds_for(who, question.now) for part in dossier.care)
    speaks = who.name in dossier.patients or _speaks_for(question, dossier)
    oversees = who.role == "dpo" and who.house == dossier.house
    return {
        "join-team": colleague,
        "open-emergency": colleague and who.profession in rules.opens_emergency,
        "manage-team": cares and who.profession in rules.manages_team,
        "control": speaks,
        "read-trail": speaks or oversees or (cares and who.profession in rules.reads_trail),
    }[question.action]


def allows(question: Question, dossier: Dossier, rules: Rules, section: str, entry: int | None) -> bool:
    """Answer for one entry of a section, or for the section as a whole (None): some way opens it, nothing closes it."""
    opened = _is_opened(question, dossier, rules, section, entry)
    return opened and not _is_closed(question, dossier, rules, section, entry)


def touches(question: Question, dossier: Dossier, rules: Rules, section: str) -> bool:
    """Answer whether anything of a section is opened, before the patient's restrictions: they close entries only."""
    if _is_opened(question, dossier, rules, section, None):
        return True
    named = {one for grant in dossier.grants for one in grant.entries or ()}
    return any(_is_opened(question, dossier, rules, section, entry) for entry in named)


def _is_opened(question: Question, dossier: Dossier, rules: Rules, section: str, entry: int | None) -> bool:
    if _is_shut_out(question, dossier) or not _key_turns(question, section):
        return False
    ways = {"patient": (_as_patient, _as_delegate), "professional": (_in_care, _let_in, _at_home, _in_haste)}
    return any(way(question, dossier, rules, section, entry) for way in ways.get(question.who.role, ()))


def _is_shut_out(question: Question, dossier: Dossier) -> bool:
    who = question.who
    if dossier.house is None or who.closed or who.frozen:
        return True
    return dossier.dead and who.role == "patient"


def _key_turns(question: Question, section: str) -> bool:
    if question.who.key is None:
        return True
    sections, files = question.who.key
    return section in sections and question.action in {"list", "read", *(["file"] if files else [])}


def _as_patient(question: Question, dossier: Dossier, rules: Rules, section: str, _entry: int | None) -> bool:
    return question.who.name in dossier.patients and rules.has("patient", "", section, question.action)


def _as_delegate(
    question: Question, dossier: Dossier, rules: Rules, section: str, _entry: int | None
) -> bool:
    if question.who.name in dossier.patients:
        return False
    return any(
        mandate.holds_for(question.who, question.now)
        and (mandate.sections is None or section == "identity" or section in mandate.sections)
        and rules.has("delegate", mandate.kind, section, question.action)
        for mandate in dossier.mandates
    )


def _speaks_for(question: Question, dossier: Dossier) -> bool:
    """Parents and guardians act in all things; a trusted person does not."""
    return question.who.role == "patient" and any(
        mandate.kind != "trusted-person" and mandate.holds_for(question.who, question.now)
        for mandate in dossier.mandates
    )


def _in_care(question: Question, dossier: Dossier, rules: Rules, section: str, _entry: int | None) -> bool:
    reads = rules.has("care", question.who.profession, section, question.action)
    return reads and any(part.holds_for(question.who, question.now) for part in dossier.care)


def _let_in(question: Question, dossier: Dossier, rules: Rules, section: str, entry: int | None) -> bool:
    """A grant opens reading, never beyond the profession; with it comes the name of the patient."""
    who = question.who
    if question.action not in {"list", "read"}:
        return False
    for grant in dossier.grants:
        stands = grant.holds_for(who, question.now) and not grant.keeper_has_left
        if not stands or grant.purpose != question.purpose:
            continue
        readable = {one for one in grant.sections if rules.has("care", who.profession, one, question.action)}
        if section == "identity" and readable:
            return True
        if section in readable and (grant.entries is None or entry in grant.entries):
            return True
    return False


def _at_home(question: Question, dossier: Dossier, rules: Rules, section: str, _entry: int | None) -> bool:
    at_home = question.who.house == dossier.house
    return at_home and rules.has("house", question.who.profession, section, question.action)


def _in_haste(question: Question, dossier: Dossier, rules: Rules, section: str, _entry: int | None) -> bool:
    opened = _hastened(question, dossier, rules, question.action)
    return section in opened or (section == "identity" and bool(opened))


def _hastened(
    question: Question, dossier: Dossier, rules: Rules, action: str, *, vital: bool = False
) -> set[str]:
    """Return the sections that an emergency opens now."""
    who = question.who
    if who.house != dossier.house or who.key is not None or question.action not in {"list", "read"}:
        return set()
    return {
        section
        for opening in dossier.openings
        if opening.holds_for(who, question.now) and (opening.vital or not vital)
        for section in opening.sections
        if rules.has("emergency", who.profession, section, action)
    }


def _is_closed(question: Question, dossier: Dossier, rules: Rules, section: str, entry: int | None) -> bool:
    """What the patient closed is absent, but for the patient, for who filed it, and for filing more."""
    who = question.who
    if who.name in dossier.patients or question.action == "file" or section == "identity":
        return False
    if entry is not None and dossier.filed_by.get(entry) == who.name:
        return False
    gives_way = section in _hastened(question, dossier, rules, "read", vital=True)
    return any(_bears(bar, who, section, entry) and not (bar.against == "professionals" and gives_way)
               for bar in dossier.bars)  # fmt: skip


def _bears(bar: Bar, who: Person, section: str, entry: int | None) -> bool:
    kept_away = {
        "person": bar.person == who.name,
        "professionals": who.role == "professional",
        "delegates": who.role != "professional",
    }[bar.against]
    if bar.entry is not None:
        return kept_away and bar.entry == entry
    return kept_away and bar.section in {None, section}
