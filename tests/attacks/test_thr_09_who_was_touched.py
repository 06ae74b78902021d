"""THR-09: after an intrusion, who exactly was touched: an intruder's secret set, on every face, is what the report says.

The intruder keeps their own account of what came to them: patients, entries, objects, and which bytes. The officer
asks about the account, the session, the browser, the key, and must be told the same: no miss, and nothing more.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient
from typing_extensions import override

from serment import access, dossier, identity, kernel, vigilance
from serment.edge import fhir, pages, uploads
from serment.edge.desk import Desk
from serment.edge.shell import build_application
from serment.edge.shell.csrf import session_seed_of
from serment.edge.shell.signing import Signer
from support.dossier import MARTIN, PDF, House, PlainWorkbench
from support.identity import VISIT, make_account, make_professional, open_session_of, signed_in
from support.keys import bearer, make_key_of
from support.look import SETTINGS

PATIENTS = 4
LOOKS = 55


class Drawing(PlainWorkbench):
    """A workbench that draws something of anything."""

    @override
    def draw(self, media_type: str, content: bytes, *, page: int, side: int) -> dossier.Drawing:
        return dossier.Drawing("image/png", b"drawn")

    @override
    def frame(self, content: bytes, number: int) -> bytes:
        return b"\0\0\0\2{}drawn"


@dataclass
class Loot:
    """What the intruder knows to have taken, by one way in."""

    names: set[UUID] = field(default_factory=set)
    lists: set[UUID] = field(default_factory=set)
    entries: set[tuple[UUID, UUID]] = field(default_factory=set)
    taken: dict[UUID, set[int]] = field(default_factory=dict)
    drawn: dict[UUID, int] = field(default_factory=dict)

    @property
    def patients(self) -> set[UUID]:
        return self.names | self.lists | {about for about, _ in self.entries}

    def __or__(self, other: "Loot") -> "Loot":
        every = {
            thing: self.taken.get(thing, set()) | other.taken.get(thing, set())
            for thing in self.taken | other.taken
        }
        drawn = {
            thing: self.drawn.get(thing, 0) + other.drawn.get(thing, 0) for thing in self.drawn | other.drawn
        }
        return Loot(
            self.names | other.names, self.lists | other.lists, self.entries | other.entries, every, drawn
        )


@dataclass(frozen=True)
class Target:
    """A document that is there to be taken."""

    about: kernel.DossierId
    entry: access.EntryId
    object: UUID
    size: int


@dataclass(frozen=True)
class Scene:
    """A practice, somebody who came in by the account of a colleague, and everything that lies there."""

    house: House
    intruder: identity.Caller
    browse: TestClient
    program: TestClient
    key: UUID
    targets: tuple[Target, ...]

    def page(self, path: str, **headers: str) -> bytes:
        answer = self.browse.get(path, headers=headers)
        assert answer.status_code in {200, 206}, (path, answer.text)
        return answer.content

    def fhir(self, path: str, **headers: str) -> bytes:
        answer = self.program.get(f"/fhir/{path}", headers=headers)
        assert answer.status_code in {200, 206}, (path, answer.text)
        return answer.content


@pytest.fixture
def house(embedded_house: House) -> House:
    """What the kind of database could change, the tags, has its own tests on both."""
    return embedded_house


@pytest.fixture
def scene(house: House, desk: Desk) -> Scene:
    house.database.put_beside(Drawing(), dossier.Workbench)
    with house.database.unit_of_work() as uow:
        victim = make_professional(uow, house.organisation, name="Dominique Usurpé")
        opened = open_session_of(uow, victim)
    intruder = opened.caller
    house.admit(intruder)
    dossiers = [house.martin, *(_patient(house, intruder, number) for number in range(PATIENTS - 1))]
    targets = tuple(_file(house, intruder, about, number) for about in dossiers for number in range(3))
    made = make_key_of(house.database, intruder)
    application = build_application(
        [*uploads.routes(desk), *pages.routes(desk), *fhir.routes(desk)], desk.pages, SETTINGS
    )

    def client() -> TestClient:
        return TestClient(
            application,
            base_url="https://localhost:8443",
            raise_server_exceptions=False,
            client=("192.0.2.7", 9),
        )

    browse, program = client(), client()
    browse.cookies.set(desk.pages.cookies.name("session"), opened.token)
    browse.headers["x-serment-csrf"] = Signer(SETTINGS.secret).proof("csrf", session_seed_of(opened.token))
    program.headers.update(bearer(made.token))
    _colleagues_work(house, targets)
    return Scene(house, intruder, browse, program, UUID(str(made.key.id)), targets)


def _patient(house: House, intruder: identity.Caller, number: int) -> kernel.DossierId:
    who = replace(MARTIN, birth_date=date(1950 + number, 1, 2))
    with house.database.unit_of_work() as uow:
        opened = dossier.create_dossier(uow, house.physician, who)
        permit = access.decide(uow, house.physician, access.Action.MANAGE_TEAM, opened)
        access.admit_to_care_team(uow, permit, account=intruder.account)
    return opened


def _file(house: House, _intruder: identity.Caller, about: kernel.DossierId, number: int) -> Target:
    filed = replace(house, martin=about).file(PDF + bytes([number]) * (1000 + number))
    return Target(about, filed.head.id, filed.description.object_id, filed.description.size_bytes)


def _colleagues_work(house: House, targets: tuple[Target, ...]) -> None:
    """Others read the same things at the same time: none of it is the intruder's."""
    for target in targets[::4]:
        replace(house, martin=target.about).read(house.physician, target.entry)


Look = Callable[[Scene, Loot, Loot, Target, Random], None]


def _take(loot: Loot, target: Target, first: int, got: bytes) -> None:
    loot.entries.add((target.about, target.entry))
    loot.taken.setdefault(target.object, set()).update(range(first, first + len(got)))


def _by_page(scene: Scene, web: Loot, _key: Loot, target: Target, _chance: Random) -> None:
    scene.page(f"/dossiers/{target.about}/documents/{target.entry}")
    web.entries.add((target.about, target.entry))


def _by_range(scene: Scene, web: Loot, _key: Loot, target: Target, chance: Random) -> None:
    first = chance.randrange(target.size)
    last = chance.randrange(first, target.size)
    path = f"/dossiers/{target.about}/documents/{target.entry}/content"
    got = scene.page(path, range=f"bytes={first}-{last}")
    assert len(got) == last - first + 1
    _take(web, target, first, got)


def _whole(scene: Scene, web: Loot, _key: Loot, target: Target, _chance: Random) -> None:
    _take(web, target, 0, scene.page(f"/dossiers/{target.about}/documents/{target.entry}/content"))


def _head(scene: Scene, web: Loot, _key: Loot, target: Target, _chance: Random) -> None:
    scene.browse.head(f"/dossiers/{target.about}/documents/{target.entry}/content")
    web.entries.add((target.about, target.entry))


def _drawn(scene: Scene, web: Loot, _key: Loot, target: Target, chance: Random) -> None:
    what = chance.choice(["preview/0", "frames/0"])
    scene.page(f"/dossiers/{target.about}/documents/{target.entry}/{what}")
    web.entries.add((target.about, target.entry))
    web.drawn[target.object] = web.drawn.get(target.object, 0) + 1


def _timeline(scene: Scene, web: Loot, _key: Loot, target: Target, _chance: Random) -> None:
    scene.page(f"/files/{target.about}")
    web.lists.add(target.about)


def _described(scene: Scene, _web: Loot, key: Loot, target: Target, _chance: Random) -> None:
    scene.fhir(f"DocumentReference/{target.entry}")
    key.entries.add((target.about, target.entry))


def _searched(scene: Scene, _web: Loot, key: Loot, target: Target, _chance: Random) -> None:
    scene.fhir(f"DocumentReference?patient={target.about}")
    key.lists.add(target.about)


def _binary(scene: Scene, _web: Loot, key: Loot, target: Target, chance: Random) -> None:
    first = chance.randrange(target.size)
    _take(key, target, first, scene.fhir(f"Binary/{target.entry}.1", range=f"bytes={first}-"))


def _binary_in_json(scene: Scene, _web: Loot, key: Loot, target: Target, _chance: Random) -> None:
    scene.fhir(f"Binary/{target.entry}.1", accept="application/fhir+json")
    _take(key, target, 0, bytes(target.size))


def _sent(scene: Scene, web: Loot, _key: Loot, target: Target, chance: Random) -> None:
    """Files something and takes it back by its reference: one's own upload is an entry like others."""
    body, reference = PDF + chance.randbytes(64), f"ref-{uuid4()}"
    filed = scene.browse.put(f"/files/{target.about}/{reference}", content=body).json()
    assert scene.page(f"/files/{target.about}/{reference}") == body
    with scene.house.database.unit_of_work() as uow:
        entry = access.EntryId(UUID(filed["entry"]))
        permit = dossier.decide_entry(uow, scene.house.physician, access.Action.READ, target.about, entry)
        thing = dossier.open_document(uow, permit, entry).description.object_id
    _take(web, replace(target, entry=entry, object=thing), 0, body)


LOOKS_OF_ALL_KINDS: tuple[Look, ...] = (
    _by_page, _by_range, _whole, _head, _drawn, _timeline, _described, _searched, _binary, _binary_in_json, _sent,
)  # fmt: skip


def _intrude(scene: Scene, seed: int) -> tuple[Loot, Loot]:
    chance, web, key = Random(seed), Loot(), Loot()
    chosen = chance.sample(scene.targets, len(scene.targets) * 2 // 3)
    for number in range(LOOKS):
        look = LOOKS_OF_ALL_KINDS[number % len(LOOKS_OF_ALL_KINDS)]
        look(scene, web, key, chance.choice(chosen), chance)
    return web, key


def _told(scene: Scene, link: vigilance.Link, subject: UUID, since: timedelta = timedelta(0)) -> Loot:
    """Ask as the officer does, and put the answer as the intruder put theirs."""
    now = scene.house.database.clock.now()
    question = vigilance.Question(
        link, subject, now - since - timedelta(seconds=1), now + timedelta(seconds=1)
    )
    with scene.house.database.unit_of_work() as uow:
        made = make_account(uow, scene.house.organisation, identity.Role.DPO, name="Dominique Garde")
        officer = replace(signed_in(uow, made), stepped_up_at=uow.now)
        answer = vigilance.ask(uow, officer, question)
    told = Loot()
    for deed in answer.deeds:
        if deed.spans and deed.object is not None:
            told.taken.setdefault(deed.object, set()).update(
                byte for begin, end in deed.spans for byte in range(begin, end)
            )
    for patient in answer.patients:
        told.names |= {patient.dossier} if patient.named else set()
        told.lists |= {patient.dossier} if patient.listed else set()
        told.entries |= {(patient.dossier, entry.entry) for entry in patient.entries}
        told.drawn |= {one.object: one.drawings for one in patient.objects if one.drawings}
        for one in patient.objects:
            assert one.distinct_bytes == len(told.taken.get(one.object, ()))
    assert answer.unopened == 0
    return told


def test_the_report_equals_what_the_intruder_took(scene: Scene) -> None:
    seed = Random().randrange(2**32)
    scene.house.database.clock.advance(timedelta(minutes=5))  # type: ignore[attr-defined] # the clock of the tests
    web, key = _intrude(scene, seed)

    assert _told(scene, vigilance.Link.ACCOUNT, scene.intruder.account) == web | key, f"seed {seed}"
    assert _told(scene, vigilance.Link.SESSION, scene.intruder.session) == web, f"seed {seed}"
    assert _told(scene, vigilance.Link.KEY, scene.key) == key, f"seed {seed}"
    assert web.patients
    assert key.patients


def test_what_happened_outside_the_window_is_not_told(scene: Scene) -> None:
    _intrude(scene, 7)
    scene.house.database.clock.advance(timedelta(days=1))  # type: ignore[attr-defined] # the clock of the tests

    assert _told(scene, vigilance.Link.ACCOUNT, scene.intruder.account) == Loot()
    assert _told(scene, vigilance.Link.ACCOUNT, scene.intruder.account, timedelta(days=1)) != Loot()


def test_a_browser_is_found_across_the_sessions_opened_in_it(scene: Scene) -> None:
    assert VISIT.device_token is None
    browser = identity.DeviceId(uuid4())
    caller = replace(scene.intruder, browser=browser)
    target = scene.targets[0]
    replace(scene.house, martin=target.about).read(caller, target.entry, 3, 5)

    told = _told(scene, vigilance.Link.BROWSER, browser)

    assert told.entries == {(target.about, target.entry)}
    assert told.taken == {target.object: set(range(target.size))}


def test_patients_see_that_somebody_asked(scene: Scene) -> None:
    target = scene.targets[0]
    assert target.about == scene.house.martin
    scene.house.read(scene.intruder, target.entry)
    _told(scene, vigilance.Link.ACCOUNT, scene.intruder.account)

    with scene.house.database.unit_of_work() as uow:
        permit = access.decide(uow, scene.house.patient, access.Action.READ_TRAIL, scene.house.martin)
        roles = [
            one.trace.actor.role
            for one in access.read_trail(uow, permit)
            if one.trace.kind == "dossier.read-trail"
        ]

    assert "dpo" in roles
