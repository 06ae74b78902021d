"""A world for the matrix: two organisations, everybody who may stand around a dossier, documents in every section.

People have the names that the table of `tests/matrix/table.py` gives them. What was made once is kept as an image of
the row database, and put back after each act that changed something.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid5

from starlette.types import ASGIApp

from serment import access, clinical, dossier, identity, kernel, vault
from serment.access import Action, GrantRequest, Purpose, Section
from serment.app.asgi import create_app, shell_settings
from serment.app.preparation import make_ready
from serment.app.settings import Settings, read_settings
from serment.app.wiring import Installation, open_installation
from serment.app.worker import integrate_all
from serment.edge.shell.cookies import Cookies
from serment.edge.shell.csrf import session_seed_of
from serment.edge.shell.signing import Signer
from serment.identity import Profession, Role
from serment.identity.directory import store as directory
from serment.identity.factors import store as factors
from serment.vault.store import key_metadata
from support.films import ct_series
from support.haste import hasten
from support.identity import confirm_identity, make_account, make_organisation, open_session_of
from support.installation import ORIGIN
from support.keys import EVERY_SECTION, bearer, make_key_of

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
BORN = date(1970, 3, 12)

#: Who is here: of which house (A keeps the dossier), in which role, of which profession.
PEOPLE: Mapping[str, tuple[str, Role, Profession]] = {
    "physician": ("A", Role.PROFESSIONAL, Profession.PHYSICIAN),
    "nurse": ("A", Role.PROFESSIONAL, Profession.NURSE),
    "secretary": ("A", Role.PROFESSIONAL, Profession.SECRETARY),
    "radiologist": ("A", Role.PROFESSIONAL, Profession.RADIOLOGIST),
    "biologist": ("A", Role.PROFESSIONAL, Profession.BIOLOGIST),
    "pharmacist": ("A", Role.PROFESSIONAL, Profession.PHARMACIST),
    "teammate": ("A", Role.PROFESSIONAL, Profession.PHYSICIAN),
    "former": ("A", Role.PROFESSIONAL, Profession.PHYSICIAN),
    "colleague": ("A", Role.PROFESSIONAL, Profession.PHYSICIAN),
    "desk": ("A", Role.PROFESSIONAL, Profession.SECRETARY),
    "rescuer": ("A", Role.PROFESSIONAL, Profession.PHYSICIAN),
    "sleeper": ("A", Role.PROFESSIONAL, Profession.PHYSICIAN),
    "expert": ("B", Role.PROFESSIONAL, Profession.PHYSICIAN),
    "reader": ("B", Role.PROFESSIONAL, Profession.NURSE),
    "unfit": ("B", Role.PROFESSIONAL, Profession.NURSE),
    "invited": ("B", Role.PROFESSIONAL, Profession.RADIOLOGIST),
    "late": ("B", Role.PROFESSIONAL, Profession.PHYSICIAN),
    "revoked": ("B", Role.PROFESSIONAL, Profession.PHYSICIAN),
    "orphan": ("B", Role.PROFESSIONAL, Profession.PHYSICIAN),
    "scholar": ("B", Role.PROFESSIONAL, Profession.PHYSICIAN),
    "stranger": ("B", Role.PROFESSIONAL, Profession.PHYSICIAN),
    "patient": ("A", Role.PATIENT, Profession.NONE),
    "neighbour": ("A", Role.PATIENT, Profession.NONE),
    "guardian": ("A", Role.PATIENT, Profession.NONE),
    "confidant": ("A", Role.PATIENT, Profession.NONE),
    "administrator": ("A", Role.ADMINISTRATOR, Profession.NONE),
    "dpo": ("A", Role.DPO, Profession.NONE),
    "other administrator": ("B", Role.ADMINISTRATOR, Profession.NONE),
    "other dpo": ("B", Role.DPO, Profession.NONE),
}
#: Machines with a key of somebody: to which sections, for what.
KEYS: Mapping[str, tuple[str, frozenset[str], identity.KeyScope]] = {
    "key of all": ("physician", EVERY_SECTION, identity.KeyScope.READ),
    "key of some": ("physician", frozenset({"clinical"}), identity.KeyScope.READ),
    "key of nurse": ("nurse", EVERY_SECTION, identity.KeyScope.READ_AND_FILE),
    "key of expert": ("expert", EVERY_SECTION, identity.KeyScope.READ),
    "key of desk": ("desk", frozenset({"identity"}), identity.KeyScope.READ),
    "key of patient": ("patient", EVERY_SECTION, identity.KeyScope.READ),
    "key of stranger": ("stranger", EVERY_SECTION, identity.KeyScope.READ),
}
#: What lies in the dossier: in which section, and who filed it.
DOCUMENTS: Mapping[str, tuple[Section, str]] = {
    "letter": (Section.CLINICAL, "physician"),
    "note": (Section.CLINICAL, "nurse"),
    "image": (Section.IMAGING, "physician"),
    "measure": (Section.MEASUREMENTS, "physician"),
    "message": (Section.EXCHANGES, "physician"),
    "secret": (Section.SENSITIVE, "physician"),
    "gone": (Section.CLINICAL, "physician"),
}


@dataclass
class World:
    """An installation, the people in it by their names, and where everything is."""

    installation: Installation
    app: ASGIApp
    houses: dict[str, identity.Organisation] = field(default_factory=dict)
    people: dict[str, identity.Caller] = field(default_factory=dict)
    credentials: dict[str, dict[str, str]] = field(default_factory=dict)
    dossiers: dict[str, kernel.DossierId] = field(default_factory=dict)
    entries: dict[str, UUID] = field(default_factory=dict)
    things: dict[str, UUID] = field(default_factory=dict)

    @property
    def rows(self) -> kernel.Database:
        """The row database."""
        return self.installation.rows

    def decide(self, uow: kernel.UnitOfWork, name: str, action: Action) -> access.Permit:
        """Decide for somebody, on the dossier that the matrix is about."""
        return access.decide(uow, self.people[name], action, self.dossiers["martin"])

    @contextmanager
    def put_back(self) -> Iterator[None]:
        """Put every row back, on leaving, to what it is now."""
        with closing(self.image()) as image:
            try:
                yield
            finally:
                self.restore(image)

    def image(self) -> sqlite3.Connection:
        """Return an image of the row database."""
        kept = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(self._raw()) as rows:
            rows.backup(kept)
        return kept

    def restore(self, image: sqlite3.Connection) -> None:
        """Put an image back."""
        with closing(self._raw()) as rows:
            image.backup(rows)

    def _raw(self) -> sqlite3.Connection:
        rows = sqlite3.connect(self.rows.url.removeprefix("sqlite:///"), check_same_thread=False)
        rows.execute("PRAGMA synchronous=OFF")
        return rows


@contextmanager
def opened_world(folder: Path) -> Iterator[World]:
    """Make the world, and give it back at the end."""
    clock = kernel.SettableClock(NOW)
    installation = open_installation(_installed(folder / "data"), ORIGIN, clock=clock)
    try:
        hasten(installation.rows)
        world = World(installation, create_app(installation))
        _settle(world)
        yield world
    finally:
        installation.close()


def _installed(data: Path) -> Settings:
    """Make an empty installation; its tables come without their history, which other tests tell."""
    settings = make_ready(read_settings(data), "FR")
    tables = {settings.keys_database_url: key_metadata, settings.rows_url: kernel.metadata}
    for url, metadata in tables.items():
        database = kernel.Database(url, clock=kernel.SystemClock())
        database.create_tables(metadata)
        database.close()
    return settings


def _settle(world: World) -> None:
    _found_houses(world)
    _open_dossiers(world)
    _file_documents(world)
    _tie(world)
    _entrust(world)
    _rescue(world)
    _read(world)
    _begin_episodes(world)
    _furnish_administration(world)
    _give_credentials(world)


def _found_houses(world: World) -> None:
    with world.rows.unit_of_work() as uow:
        world.houses = {"A": make_organisation(uow), "B": make_organisation(uow, "Hôpital de la Vallée")}
        for name, (house, role, profession) in PEOPLE.items():
            account = make_account(
                uow, world.houses[house], role, profession=profession, name=f"Essai {name}"
            )
            world.people[name] = open_session_of(uow, account).caller
            world.things[f"account of {name}"] = account.id
        administrator = world.people["administrator"]
        for name, members in {"T": ("teammate",), "V": ()}.items():
            team = identity.create_team(uow, administrator, f"Equipe {name}").id
            world.things[f"team {name}"] = team
            for member in members:
                identity.add_member(uow, administrator, team, world.people[member].account)
        other = world.people["other administrator"]
        world.things["team I"] = identity.create_team(uow, other, "Imagerie").id
        identity.add_member(
            uow, other, identity.TeamId(world.things["team I"]), world.people["invited"].account
        )


def _open_dossiers(world: World) -> None:
    """One dossier that everything is about; another of the same house, another of the other house, and none."""
    opening = {"martin": "physician", "other": "former", "foreign": "stranger"}
    with world.rows.unit_of_work() as uow:
        for name, opener in opening.items():
            who = clinical.PatientIdentity(
                family_name=name.capitalize(), birth_name=name.capitalize(), given_names=("Zoé",),
                first_given_name="Zoé", birth_date=BORN, sex=clinical.Sex.FEMALE,
            )  # fmt: skip
            world.dossiers[name] = dossier.create_dossier(uow, world.people[opener], who)
    world.dossiers["absent"] = kernel.DossierId(kernel.new_id())


def _file_documents(world: World) -> None:
    with world.rows.unit_of_work() as uow:
        nurse = world.people["nurse"].account
        access.admit_to_care_team(uow, world.decide(uow, "physician", Action.MANAGE_TEAM), account=nurse)
    for name, (section, author) in DOCUMENTS.items():
        _file(world, name, section, world.people[author])
    with world.rows.unit_of_work() as uow:
        entry = access.EntryId(world.entries["gone"])
        physician, martin = world.people["physician"], world.dossiers["martin"]
        reading = dossier.decide_entry(uow, physician, Action.READ, martin, entry)
        before = dossier.open_document(uow, reading, entry)
        permit = dossier.decide_entry(uow, physician, Action.WITHDRAW, martin, entry)
        dossier.withdraw_document(uow, permit, before, "Erreur de dossier")


def _file(world: World, name: str, section: Section, author: identity.Caller) -> None:
    """File a document, under the identifier that `PUT /files/…/<name>` would give it."""
    martin = world.dossiers["martin"]
    entry = access.EntryId(uuid5(martin, f"{author.account}/{name}"))
    world.entries[name] = entry
    kind = clinical.DocumentKind.IMAGE if section is Section.IMAGING else clinical.DocumentKind.LETTER
    draft = dossier.Draft(f"titre-{name}", kind, date(2026, 3, 10), f"{name}.txt")
    if section is Section.IMAGING:
        with world.rows.unit_of_work() as uow:
            filing = dossier.plan_filing(uow, author, martin, draft, entry)
            reception = dossier.Reception(uow.part(vault.ObjectStore), filing)
        reception.write(memoryview(next(ct_series(1, side=16))))
        reception.flush()
        dossier.conclude(world.rows, author, reception)
        return
    with world.rows.unit_of_work() as uow:
        permit = access.decide(uow, author, Action.FILE, martin, section=section, entry=entry)
        writer = uow.part(vault.ObjectStore).begin(vault.Scope(permit.organisation, martin, section.value))
        writer.write(memoryview(f"contenu-{name}".encode()))
        writer.flush_part()
        stored = vault.finish_object(uow, writer)
        size = len(f"contenu-{name}")
        content = dossier.Content(stored.id, section, size, clinical.MediaType.TEXT.value)
        dossier.file_document(uow, permit, entry, draft, content)


def _tie(world: World) -> None:
    """Let everybody take the place that their name says."""
    _take_into_care(world)
    _let_in(world)
    _invite_patients(world)
    with world.rows.unit_of_work() as uow:
        directory.set_status(uow, world.people["sleeper"].account, identity.AccountStatus.SUSPENDED)


def _take_into_care(world: World) -> None:
    with world.rows.unit_of_work() as uow:
        for name in ("secretary", "radiologist", "biologist", "pharmacist", "former", "sleeper"):
            permit = world.decide(uow, "physician", Action.MANAGE_TEAM)
            access.admit_to_care_team(uow, permit, account=world.people[name].account)
        permit = world.decide(uow, "physician", Action.MANAGE_TEAM)
        access.admit_to_care_team(uow, permit, team=identity.TeamId(world.things["team T"]))
        access.end_participation(uow, permit, account=world.people["former"].account)


def _let_in(world: World) -> None:
    clinical_alone, letter = (
        frozenset({Section.CLINICAL}),
        frozenset({access.EntryId(world.entries["letter"])}),
    )
    asked = {
        "expert": (clinical_alone, None, Purpose.CARE),
        "reader": (clinical_alone, letter, Purpose.CARE),
        "unfit": (frozenset({Section.SENSITIVE}), None, Purpose.CARE),
        "late": (clinical_alone, None, Purpose.CARE),
        "revoked": (clinical_alone, None, Purpose.CARE),
        "orphan": (clinical_alone, None, Purpose.CARE),
        "scholar": (clinical_alone, None, Purpose.RESEARCH),
    }
    with world.rows.unit_of_work() as uow:
        permit, until = world.decide(uow, "physician", Action.SHARE), uow.now + timedelta(days=30)
        for name, (sections, entries, purpose) in asked.items():
            ends_at = uow.now + timedelta(seconds=1) if name == "late" else until
            account = world.people[name].account
            request = GrantRequest(account, None, sections, entries, purpose, ends_at)
            giver = world.decide(uow, "teammate", Action.SHARE) if name == "orphan" else permit
            given = access.grant_access(uow, giver, request)
            world.things[f"grant to {name}"] = given.id
            if name == "revoked":
                access.revoke_grant(uow, permit, given.id)
        team = identity.TeamId(world.things["team I"])
        request = GrantRequest(None, team, frozenset({Section.IMAGING}), None, Purpose.CARE, until)
        access.grant_access(uow, permit, request)
    clock = world.installation.clock
    assert isinstance(clock, kernel.SettableClock)
    clock.advance(timedelta(minutes=1))


def _invite_patients(world: World) -> None:
    """Tie the patient's own account; and, to the same dossier, one that is not enrolled yet and one that sleeps.

    Only who is linked after a former account was closed stands beside it: these two are closed while the patient's own
    is tied, and given afterwards the statuses that routes about them ask for.
    """
    statuses = {"waiting": identity.AccountStatus.INVITED, "dormant": identity.AccountStatus.DORMANT}
    with world.rows.unit_of_work() as uow:
        permit = world.decide(uow, "physician", Action.SHARE)
        for name in statuses:
            account = make_account(uow, world.houses["A"], Role.PATIENT, name=f"Essai {name}")
            access.link_patient(uow, permit, account.id)
            directory.set_status(uow, account.id, identity.AccountStatus.DEPARTED)
            world.things[f"account of {name}"] = account.id
        access.link_patient(uow, permit, world.people["patient"].account)
        for name, status in statuses.items():
            directory.set_status(uow, kernel.AccountId(world.things[f"account of {name}"]), status)


def _entrust(world: World) -> None:
    """Have a trusted person for one section, a guardian for all, and a door closed to somebody who has no key to it."""
    confidant, guardian = world.people["confidant"].account, world.people["guardian"].account
    with world.rows.unit_of_work() as uow:
        until = uow.now + timedelta(days=30)
        trusted = access.DelegationRequest(
            access.DelegateKind.TRUSTED_PERSON, frozenset({Section.CLINICAL}), until
        )
        own = world.decide(uow, "patient", Action.CONTROL)
        given = access.delegate(uow, own, trusted, account=confidant, born_on=BORN)
        world.things["trust"] = given.id
        guarded = access.DelegationRequest(access.DelegateKind.GUARDIAN, proof="Jugement du 3 mars")
        sharing = world.decide(uow, "physician", Action.SHARE)
        given = access.delegate(uow, sharing, guarded, account=guardian, born_on=BORN)
        world.things["guardianship"] = given.id
        newcomer = make_account(uow, world.houses["A"], Role.PATIENT, name="Essai newcomer").id
        directory.set_status(uow, newcomer, identity.AccountStatus.INVITED)
        given = access.delegate(uow, sharing, guarded, account=newcomer, born_on=BORN)
        world.things["offered"] = given.id
        stranger = world.people["stranger"].account
        closed = access.RestrictionRequest(access.Against.PERSON, stranger, Section.SENSITIVE)
        world.things["restriction"] = access.restrict(uow, own, closed).id


def _rescue(world: World) -> None:
    """Have one emergency opening, of one section."""
    request = access.EmergencyRequest(
        access.EmergencyReason.CANNOT_SPEAK, frozenset({Section.MEASUREMENTS}), timedelta(minutes=30)
    )
    with world.rows.unit_of_work() as uow:
        permit = world.decide(uow, "rescuer", Action.OPEN_EMERGENCY)
        stepped_up = replace(permit, caller=replace(permit.caller, stepped_up_at=uow.now))
        world.things["opening"] = access.open_emergency(uow, stepped_up, request).id


def _read(world: World) -> None:
    """Have somebody read, so that there is a line of the trail to contest; and the trail under a signed head."""
    with world.rows.unit_of_work() as uow:
        nurse, martin = world.people["nurse"], world.dossiers["martin"]
        access.decide(uow, nurse, Action.READ, martin, section=Section.CLINICAL)
        lines = access.read_trail(uow, world.decide(uow, "patient", Action.READ_TRAIL))
        world.things["line"] = next(one.id for one in lines if one.trace.kind == "dossier.read")
    integrate_all(world.installation)


def _begin_episodes(world: World) -> None:
    """Have one episode of care that goes on, and one that is over."""
    request = access.EpisodeRequest(access.EpisodeKind.VISITS, "Suivi", Section.CLINICAL, timedelta(days=7))
    with world.rows.unit_of_work() as uow:
        leading = world.decide(uow, "physician", Action.MANAGE_TEAM)
        filing, reading = (world.decide(uow, "physician", one) for one in (Action.FILE, Action.READ))
        for name in ("open", "closed"):
            world.things[f"{name} episode"] = access.open_episode(uow, leading, filing, request).id
        over = access.EpisodeId(world.things["closed episode"])
        access.close_episode(uow, leading, reading, over, access.Closing(uow.now, timedelta(0)))


def _furnish_administration(world: World) -> None:
    """Have somebody in each situation that an administrator mends, and the nurse at the head of a team."""
    statuses = {"asleep": identity.AccountStatus.DORMANT, "awaited": identity.AccountStatus.INVITED}
    administrator = world.people["administrator"]
    with world.rows.unit_of_work() as uow:
        for name in ("asleep", "awaited", "leaver", "locked"):
            account = make_account(uow, world.houses["A"], Role.PROFESSIONAL, profession=Profession.NURSE)
            directory.set_status(uow, account.id, statuses.get(name, identity.AccountStatus.ACTIVE))
            world.things[f"account of {name}"] = account.id
        nurse, team = world.people["nurse"].account, identity.TeamId(world.things["team V"])
        stepped_up = replace(administrator, stepped_up_at=uow.now)
        identity.add_member(uow, administrator, team, nurse)
        identity.name_head(uow, stepped_up, team, nurse)
        leaver, locked = (kernel.AccountId(world.things[f"account of {one}"]) for one in ("leaver", "locked"))
        factors.set_password(uow, world.people["pharmacist"].account, "no hash at all")
        access.let_go(uow, stepped_up, leaver, uow.now + timedelta(days=9))
        identity.open_recovery(uow, identity.RecoveryRules(), stepped_up, locked)


def _give_credentials(world: World) -> None:
    """Give each person a session that proved a factor just now, and to some of them a key."""
    settings = shell_settings(world.installation)
    cookie = Cookies(settings.scheme).name("session")
    with world.rows.unit_of_work() as uow:
        for name, caller in world.people.items():
            opened = open_session_of(uow, caller.account)
            confirm_identity(uow, opened.token)
            world.people[name] = replace(opened.caller, stepped_up_at=uow.now)
            proof = Signer(settings.secret).proof("csrf", session_seed_of(opened.token))
            world.things[f"session of {name}"] = opened.caller.session
            world.credentials[name] = {"cookie": f"{cookie}={opened.token}", "x-serment-csrf": proof}
    for name, (owner, sections, scope) in KEYS.items():
        made = make_key_of(world.rows, world.people[owner], sections=sections, scope=scope)
        world.credentials[name] = bearer(made.token)
        world.things[f"key of {owner}"] = made.key.id
    world.credentials["nobody"] = {}
    with world.rows.unit_of_work() as uow:
        physician, draft = (
            world.people["physician"],
            dossier.Draft("Envoi", clinical.DocumentKind.LETTER, BORN),
        )
        filing = dossier.plan_filing(uow, physician, world.dossiers["martin"], draft)
        upload = dossier.begin_upload(uow, physician, filing, 5, most_bytes=100)
        world.things["upload of physician"] = upload.id
