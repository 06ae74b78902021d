"""Random graphs of relations, small and dense; and the same graph as the facts that a decision is given."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from typing import TypeVar
from uuid import UUID

from serment import identity, kernel
from serment.access.matrix import SHIPPED as SHIPPED_MATRIX
from serment.access.matrix import Matrix
from serment.access.matrix.bounds import check as check_bounds
from serment.access.matrix.errors import MatrixInvalid
from serment.access.model import (
    Action,
    Against,
    DelegateKind,
    EntryId,
    GrantRequest,
    OpeningId,
    Purpose,
    Relation,
    Restricted,
    Section,
    Ties,
)
from serment.access.model import Bar as ModelBar
from serment.access.model import Mandate as ModelMandate
from serment.access.model import Opening as ModelOpening
from serment.identity import Caller, KeyScope, Profession, Role
from support.oracle import (
    LETTERS,
    SECTIONS,
    SHIPPED,
    Bar,
    Dossier,
    Edge,
    Grant,
    Mandate,
    Opening,
    Person,
    Question,
    Rules,
)

NOW = 10
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
HOUSES, TEAMS, NAMES = (1, 2), (1, 2, 3), (1, 2, 3, 4)
PROFESSIONS = tuple(one.value for one in Profession if one is not Profession.NONE)
ACTIONS = tuple(one.value for one in Action)
#: Two entries in each section, by number.
ENTRIES = {section: (10 * place + 1, 10 * place + 2) for place, section in enumerate(SECTIONS, start=1)}
SECTION_OF = {entry: section for section, entries in ENTRIES.items() for entry in entries}
PURPOSES = ("care", "care", "care", "research")
KINDS = tuple(one.value for one in DelegateKind)
_WAYS = {
    "patient": Relation.PATIENT, "delegate": Relation.DELEGATE, "care": Relation.CARE_TEAM,
    "house": Relation.SAME_ORGANISATION, "emergency": Relation.EMERGENCY,
}  # fmt: skip


Piece = TypeVar("Piece")


@dataclass(frozen=True)
class Case:
    """One graph, one question about it, and the rules that hold."""

    dossier: Dossier
    question: Question
    rules: Rules
    matrix: Matrix


class Pool:
    """Pieces that graphs are made of, drawn once: a graph is a random choice among them."""

    def __init__(self, random: Random, size: int = 400) -> None:
        self._random = random
        self.people = [_person(random) for _ in range(size)]
        self.parts = [_edge(random) for _ in range(size)]
        self.grants = [_grant(random) for _ in range(size)]
        self.mandates = [_mandate(random) for _ in range(size)]
        self.openings = [_opening(random) for _ in range(size)]
        self.bars = [_bar(random) for _ in range(size)]
        self.filings = [{entry: random.choice(NAMES) for entry in SECTION_OF} for _ in range(size)]
        self.versions = [*([shipped()] * 20), *(draw_rules(random) for _ in range(20))]

    def case(self) -> Case:
        """Draw a graph with one person in it who asks something."""
        random = self._random
        who, (rules, matrix) = random.choice(self.people), random.choice(self.versions)
        question = Question(who, random.choice(ACTIONS), random.choice(PURPOSES), NOW)
        return Case(self._dossier(who), question, rules, matrix)

    def _dossier(self, who: Person) -> Dossier:
        random, patient = self._random, who.role == "patient"
        house = None if random.random() < 0.02 else random.choice(HOUSES)
        return Dossier(
            house,
            frozenset({1}) if patient and random.random() < 0.4 else frozenset({2}),
            self._some(self.parts, 3),
            self._some(self.grants, 3),
            self._some(self.mandates, 2) if patient else (),
            (random.choice(self.openings),) if random.random() < 0.3 else (),
            self._some(self.bars, random.choice((0, 0, 1, 2, 3))),
            random.choice(self.filings),
            dead=random.random() < 0.05,
        )

    def _some(self, pieces: list[Piece], most: int) -> tuple[Piece, ...]:
        """Take up to so many; seldom the same twice."""
        return tuple(self._random.choices(pieces, k=int(self._random.random() * (most + 1))))


def draw_rules(random: Random) -> tuple[Rules, Matrix]:
    """Draw a version of the matrix that an administrator could adopt: the shipped one with some cells otherwise."""
    matrix = SHIPPED_MATRIX
    for _ in range(random.randrange(30)):
        (relation, who), section = random.choice(list(matrix.rows)), random.choice(list(Section))
        letters = [action for action in Action if action.value in LETTERS and random.random() < 0.5]
        changed = matrix.with_rights(relation, who, section, letters)
        try:
            check_bounds(changed)
        except MatrixInvalid:
            continue
        matrix = changed
    return _rules_of(matrix), matrix


def shipped() -> tuple[Rules, Matrix]:
    """Return the matrix that is shipped, and what the oracle has for it: a table of its own."""
    return Rules(SHIPPED), SHIPPED_MATRIX


def _rules_of(matrix: Matrix) -> Rules:
    names = {relation: way for way, relation in _WAYS.items()}
    rights = {
        (names[relation], "" if who is None else who.value): {
            section.value: "".join(LETTERS[action.value] for action in actions)
            for section, actions in row.items()
        }
        for (relation, who), row in matrix.rows.items()
    }
    return Rules(rights)


def _person(random: Random) -> Person:
    role = random.choices(("professional", "patient", "administrator", "dpo"), (12, 5, 1, 1))[0]
    profession = random.choice(PROFESSIONS) if role == "professional" else "none"
    teams = frozenset(team for team in TEAMS if random.random() < 0.3)
    key = None
    if role in {"professional", "patient"} and random.random() < 0.15:
        key = (_sections(random), random.random() < 0.5)
    return Person(
        1, random.choice(HOUSES), role, profession, teams, closed=random.random() < 0.03,
        frozen=random.random() < 0.03, key=key,
    )  # fmt: skip


def _to(random: Random) -> dict[str, int]:
    if random.random() < 0.25:
        return {"team": random.choice(TEAMS)}
    return {"to": 1 if random.random() < 0.7 else random.choice(NAMES)}


def _edge(random: Random) -> Edge:
    begins, ends = _times(random)
    return Edge(**_to(random), begins=begins, ends=ends)


def _times(random: Random) -> tuple[int, int | None]:
    """Now is 10: most hold now, some begin later, some ended, a few begin or end this very instant."""
    begins = random.choice((0, 0, 0, 0, NOW, NOW + 1))
    return begins, random.choice((None, None, NOW + 5, NOW + 1, NOW, NOW - 1))


def _grant(random: Random) -> Grant:
    sections = _sections(random)
    entries = None
    if random.random() < 0.4:
        entries = frozenset(
            one for one, section in SECTION_OF.items() if section in sections and random.random() < 0.5
        )
    times = {"ends": random.choice((NOW + 5, NOW + 5, NOW + 1, NOW, NOW - 1))}
    return Grant(
        **_to(random), **times, sections=sections, entries=entries or None, purpose=random.choice(PURPOSES),
        keeper_has_left=random.random() < 0.1,
    )  # fmt: skip


def _mandate(random: Random) -> Mandate:
    sections = _sections(random) if random.random() < 0.5 else None
    to = 1 if random.random() < 0.7 else random.choice(NAMES)
    begins, ends = _times(random)
    return Mandate(to=to, begins=begins, ends=ends, kind=random.choice(KINDS), sections=sections)


def _opening(random: Random) -> Opening:
    return Opening(
        to=1, ends=random.choice((NOW + 5, NOW)), sections=_sections(random), vital=random.random() < 0.5
    )


def _bar(random: Random) -> Bar:
    against = random.choice(("person", "professionals", "delegates"))
    person = random.choice((1, 1, 2)) if against == "person" else None
    section = random.choice((None, *SECTIONS[1:]))
    entry = None if section is None or random.random() < 0.5 else random.choice(ENTRIES[section])
    return Bar(against, person, section, entry)


def _sections(random: Random) -> frozenset[str]:
    return frozenset(one for one in SECTIONS if random.random() < 0.4) or frozenset({"clinical"})


@cache
def caller_of(who: Person) -> Caller:
    """Return the person as the product knows them."""
    account, organisation = kernel.AccountId(UUID(int=who.name)), kernel.OrganisationId(UUID(int=who.house))
    limits = None
    if who.key is not None:
        scope = KeyScope.READ_AND_FILE if who.key[1] else KeyScope.READ
        limits = identity.KeyLimits(identity.AccessKeyId(UUID(int=7)), identity.Face.FHIR, who.key[0], scope)
    session = identity.SessionId(UUID(int=8))
    role, profession = Role(who.role), Profession(who.profession)
    return Caller(account, organisation, role, profession, session, "Essai", "web", key=limits)


def ties_of(dossier: Dossier, question: Question) -> Ties:
    """Return the facts that hold now between the person and the dossier, as the stores would give them."""
    who, now = question.who, question.now
    openings = [one for one in dossier.openings if one.holds_for(who, now)]
    return Ties(
        organisation=None if dossier.house is None else kernel.OrganisationId(UUID(int=dossier.house)),
        is_patient=who.name in dossier.patients,
        in_care_team=any(part.holds_for(who, now) for part in dossier.care),
        grants=tuple(
            _request(one) for one in dossier.grants if one.holds_for(who, now) and not one.keeper_has_left
        ),
        delegations=tuple(
            ModelMandate(DelegateKind(one.kind), None if one.sections is None else _named(one.sections))
            for one in dossier.mandates
            if one.holds_for(who, now)
        ),
        opening=_model_opening(openings[0]) if openings else None,
        restricted=_restricted(dossier, who),
        deceased_on=date(2026, 1, 1) if dossier.dead else None,
        stands=not who.closed,
        frozen=who.frozen,
    )


@cache
def _request(grant: Grant) -> GrantRequest:
    entries = None if grant.entries is None else frozenset(map(entry_id, grant.entries))
    ends_at = BEGINNING + timedelta(hours=grant.ends or 0)
    return GrantRequest(None, None, _named(grant.sections), entries, Purpose(grant.purpose), ends_at)


@cache
def _model_opening(one: Opening) -> ModelOpening:
    return ModelOpening(OpeningId(UUID(int=9)), _named(one.sections), BEGINNING, one.vital)


def _restricted(dossier: Dossier, who: Person) -> Restricted | None:
    """Bars against another person bear on nobody else."""
    bars = [bar for bar in dossier.bars if bar.person in {None, who.name}]
    if not bars:
        return None
    own = frozenset(entry_id(entry) for entry, author in dossier.filed_by.items() if author == who.name)
    return Restricted(tuple(map(_model_bar, bars)), own)


@cache
def _model_bar(bar: Bar) -> ModelBar:
    section = None if bar.section is None else Section(bar.section)
    return ModelBar(Against(bar.against), section, None if bar.entry is None else entry_id(bar.entry))


def _named(sections: frozenset[str]) -> frozenset[Section]:
    return frozenset(map(Section, sections))


@cache
def entry_id(number: int) -> EntryId:
    """Return an entry's identifier."""
    return EntryId(UUID(int=number))
