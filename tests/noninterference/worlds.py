"""Random worlds: two houses, their people, dossiers full of documents, and ties of every kind, drawn from a seed.

Everything is done through the doors that people use, by somebody who may: what is refused is simply not there.
"""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path

from starlette.types import ASGIApp

from serment import access, clinical, dossier, identity, kernel, vault
from serment.access import Action, GrantRequest, Purpose, Section
from serment.app.asgi import create_app, shell_settings
from serment.app.wiring import Installation, open_installation
from serment.edge.shell.cookies import Cookies
from serment.edge.shell.csrf import session_seed_of
from serment.edge.shell.signing import Signer
from serment.identity import Profession, Role
from support.haste import hasten
from support.identity import make_account, make_organisation, open_session_of
from support.installation import ORIGIN, make_installed
from support.keys import EVERY_SECTION, bearer, make_key_of

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
BIRTH_DATES = (date(1970, 3, 12), date(2012, 5, 4))
#: Whoever there is in each world: house, role, profession.
CAST: Sequence[tuple[str, Role, Profession]] = (
    ("A", Role.PROFESSIONAL, Profession.PHYSICIAN),
    ("A", Role.PROFESSIONAL, Profession.PHYSICIAN),
    ("A", Role.PROFESSIONAL, Profession.NURSE),
    ("A", Role.PROFESSIONAL, Profession.SECRETARY),
    ("A", Role.PROFESSIONAL, Profession.RADIOLOGIST),
    ("A", Role.PROFESSIONAL, Profession.BIOLOGIST),
    ("B", Role.PROFESSIONAL, Profession.PHYSICIAN),
    ("B", Role.PROFESSIONAL, Profession.PHYSICIAN),
    ("B", Role.PROFESSIONAL, Profession.NURSE),
    ("A", Role.PATIENT, Profession.NONE),
    ("A", Role.PATIENT, Profession.NONE),
    ("B", Role.PATIENT, Profession.NONE),
    ("A", Role.PATIENT, Profession.NONE),
    ("A", Role.DPO, Profession.NONE),
    ("A", Role.ADMINISTRATOR, Profession.NONE),
)
DOSSIERS = (("A", 3), ("B", 2))
SECTIONS: tuple[Section, ...] = tuple(section for section in Section if section is not Section.IDENTITY)
LONG = timedelta(days=30)


@dataclass(frozen=True)
class Somebody:
    """One of the people: who they are to the server, and what their browser and their program show it."""

    name: str
    house: str
    caller: identity.Caller
    session: dict[str, str]
    key: dict[str, str] | None


@dataclass(frozen=True)
class Filed:
    """One document: where it lies, and under which section."""

    dossier: kernel.DossierId
    section: Section
    entry: access.EntryId


@dataclass
class World:
    """An installation and all that was drawn."""

    installation: Installation
    app: ASGIApp
    draw: random.Random
    people: list[Somebody] = field(default_factory=list)
    dossiers: dict[kernel.DossierId, str] = field(default_factory=dict)
    patients: dict[kernel.DossierId, Somebody] = field(default_factory=dict)
    filed: list[Filed] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> kernel.Database:
        """The row database."""
        return self.installation.rows

    @cached_property
    def named(self) -> frozenset[bytes]:
        """The identifiers of dossiers and documents, as pages write them."""
        known = [*self.dossiers, *(filed.entry for filed in self.filed)]
        return frozenset(str(each).encode() for each in known)

    def of(self, role: Role, house: str | None = None) -> list[Somebody]:
        """The people of a role, perhaps of one house."""
        return [one for one in self.people if one.caller.role is role and house in (None, one.house)]

    def count(self, what: str) -> None:
        """Note that something was done, so that a world without it is noticed."""
        self.done[what] = self.done.get(what, 0) + 1


@contextmanager
def opened_world(folder: Path, seed: int) -> Iterator[World]:
    """Make a world, and close it at the end."""
    installation = open_installation(make_installed(folder / "data"), ORIGIN, clock=kernel.SettableClock(NOW))
    try:
        hasten(installation.rows)
        world = World(installation, create_app(installation), random.Random(seed))
        _people(world)
        _dossiers(world)
        _patients(world)
        _care(world)
        _documents(world)
        for tie in (_share, _delegate, _restrict, _open_in_emergency):
            tie(world)
        yield world
    finally:
        installation.close()


def _people(world: World) -> None:
    settings = shell_settings(world.installation)
    cookie = Cookies(settings.scheme).name("session")
    with world.rows.unit_of_work() as uow:
        houses = {"A": make_organisation(uow), "B": make_organisation(uow, "Hôpital de la Vallée")}
        opened = []
        for number, (house, role, profession) in enumerate(CAST):
            name = f"Essai {number} {role.value}"
            account = make_account(uow, houses[house], role, profession=profession, name=name)
            opened.append((name, house, open_session_of(uow, account)))
    for name, house, session in opened:
        caller = replace(session.caller, stepped_up_at=NOW)
        proof = Signer(settings.secret).proof("csrf", session_seed_of(session.token))
        shown = {"cookie": f"{cookie}={session.token}", "x-serment-csrf": proof}
        world.people.append(Somebody(name, house, caller, shown, _key(world, caller)))
    _teams(world)


def _key(world: World, caller: identity.Caller) -> dict[str, str] | None:
    if caller.role not in {Role.PROFESSIONAL, Role.PATIENT}:
        return None
    sections = frozenset(world.draw.sample(sorted(EVERY_SECTION), 3)) | {"identity", "clinical"}
    return bearer(make_key_of(world.rows, caller, sections=sections).token)


def _teams(world: World) -> None:
    (administrator,) = world.of(Role.ADMINISTRATOR)
    with world.rows.unit_of_work() as uow:
        team = identity.create_team(uow, administrator.caller, "Equipe T").id
        for one in world.draw.sample(world.of(Role.PROFESSIONAL, "A"), 2):
            identity.add_member(uow, administrator.caller, team, one.caller.account)


def _dossiers(world: World) -> None:
    """Names and birth dates are few, so that searches find several people at once."""
    for house, count in DOSSIERS:
        for _ in range(count):
            opener = world.draw.choice(_physicians(world, house))
            name = world.draw.choice(("Martin", "Durand"))
            who = clinical.PatientIdentity(
                family_name=name, birth_name=name, given_names=("Zoé",), first_given_name="Zoé",
                birth_date=world.draw.choice(BIRTH_DATES), sex=clinical.Sex.FEMALE,
            )  # fmt: skip
            with world.rows.unit_of_work() as uow:
                world.dossiers[dossier.create_dossier(uow, opener.caller, who)] = house


def _physicians(world: World, house: str) -> list[Somebody]:
    found = world.of(Role.PROFESSIONAL, house)
    return [one for one in found if one.caller.profession is Profession.PHYSICIAN]


def _decided(
    world: World, uow: kernel.UnitOfWork, where: kernel.DossierId, action: Action
) -> access.Permit | None:
    """Let somebody decide who may, if there is anybody."""
    candidates = world.of(Role.PROFESSIONAL, world.dossiers[where])
    if action is Action.CONTROL:
        candidates = [world.patients[where]] if where in world.patients else []
    for one in world.draw.sample(candidates, len(candidates)):
        try:
            return access.decide(uow, replace(one.caller, stepped_up_at=uow.now), action, where)
        except access.AccessRefused:
            continue
    return None


def _patients(world: World) -> None:
    """Tie accounts of the house to some dossiers; one account is left for somebody's relative."""
    for house in ("A", "B"):
        free = world.of(Role.PATIENT, house)[:2]
        for where in [one for one, at in world.dossiers.items() if at == house]:
            if free and world.draw.random() < 0.8:
                with world.rows.unit_of_work() as uow:
                    permit = _decided(world, uow, where, Action.SHARE)
                    assert permit is not None
                    world.patients[where] = free.pop()
                    access.link_patient(uow, permit, world.patients[where].caller.account)
                    world.count("patient")


def _care(world: World) -> None:
    for where, house in world.dossiers.items():
        colleagues = world.of(Role.PROFESSIONAL, house)
        for one in world.draw.sample(colleagues, world.draw.randint(0, 2)):
            with world.rows.unit_of_work() as uow:
                permit = _decided(world, uow, where, Action.MANAGE_TEAM)
                if permit is None:
                    continue
                try:
                    access.admit_to_care_team(uow, permit, account=one.caller.account)
                    world.count("care")
                except access.AlreadyInCareTeam:
                    continue


def _documents(world: World) -> None:
    for where, house in world.dossiers.items():
        for number in range(world.draw.randint(2, 6)):
            section = world.draw.choice(SECTIONS)
            everybody = [*world.of(Role.PROFESSIONAL, house), *world.of(Role.PATIENT, house)]
            for author in world.draw.sample(everybody, len(everybody)):
                if _file(world, author.caller, where, section, f"titre-{number}-{world.draw.random():.6f}"):
                    break


def _file(
    world: World, author: identity.Caller, where: kernel.DossierId, section: Section, title: str
) -> bool:
    entry = access.EntryId(kernel.new_id())
    kind = world.draw.choice((clinical.DocumentKind.LETTER, clinical.DocumentKind.LABORATORY_RESULT))
    draft = dossier.Draft(title, kind, date(2026, 3, world.draw.randint(1, 11)), "note.txt")
    content = f"contenu de {title}".encode()
    try:
        with world.rows.unit_of_work() as uow:
            permit = access.decide(uow, author, Action.FILE, where, section=section, entry=entry)
            scope = vault.Scope(permit.organisation, where, section.value)
            writer = uow.part(vault.ObjectStore).begin(scope)
            writer.write(memoryview(content))
            writer.flush_part()
            stored = vault.finish_object(uow, writer)
            kept = dossier.Content(stored.id, section, len(content), clinical.MediaType.TEXT.value)
            dossier.file_document(uow, permit, entry, draft, kept)
    except access.AccessRefused:
        return False
    world.filed.append(Filed(where, section, entry))
    world.count("document")
    return True


def _share(world: World) -> None:
    for where in world.dossiers:
        for one in world.draw.sample(world.of(Role.PROFESSIONAL), 2):
            with world.rows.unit_of_work() as uow:
                permit = _decided(world, uow, where, Action.SHARE)
                if permit is None:
                    continue
                sections = [section for section in SECTIONS if section in permit.reach]
                chosen = frozenset(world.draw.sample(sections, min(2, len(sections))))
                inside = [
                    filed for filed in world.filed if filed.dossier == where and filed.section in chosen
                ]
                few = None
                if inside and world.draw.random() < 0.5:
                    filed = world.draw.choice(inside)
                    chosen, few = frozenset({filed.section}), frozenset({filed.entry})
                asked = GrantRequest(one.caller.account, None, chosen, few, Purpose.CARE, uow.now + LONG)
                try:
                    access.grant_access(uow, permit, asked)
                    world.count("grant")
                except access.GrantInvalid:
                    continue


def _delegate(world: World) -> None:
    relative = world.of(Role.PATIENT, "A")[-1]
    for where, house in world.dossiers.items():
        if house != "A" or world.draw.random() < 0.4:
            continue
        with world.rows.unit_of_work() as uow:
            permit = _decided(world, uow, where, Action.SHARE)
            if permit is None:
                continue
            asked = access.DelegationRequest(access.DelegateKind.PARENT, proof="Livret de famille")
            try:
                access.delegate(uow, permit, asked, account=relative.caller.account, born_on=BIRTH_DATES[1])
                world.count("delegation")
            except (access.DelegationInvalid, access.AlreadyDelegate):
                continue


def _restrict(world: World) -> None:
    """Have patients close what they like: one document, a section, everything; to one person, or to all professionals."""
    against = tuple(access.Against)
    for where, filed in [(one.dossier, one) for one in world.filed]:
        if where not in world.patients or world.draw.random() < 0.6:
            continue
        with world.rows.unit_of_work() as uow:
            permit = _decided(world, uow, where, Action.CONTROL)
            assert permit is not None
            whom = world.draw.choice(against)
            account = None
            if whom is access.Against.PERSON:
                account = world.draw.choice(world.of(Role.PROFESSIONAL)).caller.account
            section, entry = world.draw.choice(
                (
                    (filed.section, filed.entry),
                    (filed.section, filed.entry),
                    (filed.section, None),
                    (None, None),
                )
            )
            asked = access.RestrictionRequest(whom, account, section, entry)
            try:
                access.restrict(uow, permit, asked)
                world.count("restriction")
            except access.RestrictionInvalid:
                continue


def _open_in_emergency(world: World) -> None:
    reasons = (access.EmergencyReason.LIFE_AT_RISK, access.EmergencyReason.CANNOT_SPEAK)
    for where, house in world.dossiers.items():
        if world.draw.random() < 0.5:
            continue
        one = world.draw.choice(_physicians(world, house))
        sections = frozenset(world.draw.sample((Section.CLINICAL, Section.IMAGING), world.draw.randint(1, 2)))
        asked = access.EmergencyRequest(world.draw.choice(reasons), sections, timedelta(hours=1), "Essai")
        with world.rows.unit_of_work() as uow:
            caller = replace(one.caller, stepped_up_at=uow.now)
            try:
                permit = access.decide(uow, caller, Action.OPEN_EMERGENCY, where)
                access.open_emergency(uow, permit, asked)
                world.count("emergency")
            except (access.AccessRefused, access.EmergencyInvalid):
                continue
