"""THR-04: a valid account that reads far more than its owner would, by whatever face; and many such accounts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from starlette.testclient import TestClient

from serment import access, dossier, identity, kernel
from serment.access.brake import store
from serment.edge import fhir
from serment.edge.desk import Desk
from serment.edge.shell import build_application
from support.brake import be_frozen, be_held, many, open_until_stopped, say_why, use_up
from support.dossier import MARTIN, House
from support.edge import SignIn
from support.identity import confirm_identity
from support.keys import bearer, make_key_of
from support.look import SETTINGS

#: What a physician's account reaches at once, with a stolen session and with a factor (docs/security/read-brake.md).
SESSION, FACTOR = 30, 60

Face = Callable[[kernel.DossierId], int]


@pytest.fixture
def house(embedded_house: House) -> House:
    """What is counted is the same on both kinds of database: tests/integration/test_access_brake.py."""
    return embedded_house


@pytest.fixture
def own(house: House) -> list[kernel.DossierId]:
    """Ten of the physician's own patients; the house's own patient is one more, opened already."""
    made = []
    with house.database.unit_of_work() as uow:
        for number in range(10):
            patient = replace(MARTIN, birth_date=date(1950, 1, 1) + timedelta(days=number))
            made.append(dossier.create_dossier(uow, house.physician, patient))
    return made


@pytest.fixture
def faces(house: House, client_for: SignIn, desk: Desk) -> dict[str, Face]:
    """Each way to open a dossier over HTTP; the status is the answer's."""
    pages = client_for(house.physician)
    machines = TestClient(
        build_application(fhir.routes(desk), desk.pages, SETTINGS),
        base_url="https://localhost:8443",
        client=("192.0.2.7", 50),
    )
    shown = bearer(make_key_of(house.database, house.physician).token)

    def search(one: kernel.DossierId) -> int:
        said = {"patient": str(one)}
        return machines.post("/fhir/DocumentReference/_search", data=said, headers=shown).status_code

    return {
        "timeline": lambda one: pages.get(f"/dossiers/{one}").status_code,
        "access": lambda one: pages.get(f"/dossiers/{one}/access").status_code,
        "trail": lambda one: pages.get(f"/dossiers/{one}/trail").status_code,
        "share": lambda one: pages.get(f"/dossiers/{one}/share").status_code,
        "files": lambda one: pages.get(f"/files/{one}").status_code,
        "fhir patient": lambda one: machines.get(f"/fhir/Patient/{one}", headers=shown).status_code,
        "fhir documents": search,
    }


def test_every_face_spends_the_same_budget_and_is_stopped_by_it(
    house: House, own: list[kernel.DossierId], faces: dict[str, Face]
) -> None:
    """Whoever changes faces gains nothing: the last dossiers that fit are opened by one face each, then none by any."""
    use_up(house, house.physician, SESSION - 1 - len(faces))

    fitting = {name: face(one) for (name, face), one in zip(faces.items(), own, strict=False)}
    stopped = {name: face(own[-1]) for name, face in faces.items()}

    assert fitting == dict.fromkeys(faces, 200)
    assert stopped == dict.fromkeys(faces, 429)


def test_scraper_with_a_factor_is_frozen_on_every_face_and_nobody_else_is(
    house: House, own: list[kernel.DossierId], faces: dict[str, Face], client_for: SignIn
) -> None:
    dossiers = many(house, 3, house.physician)
    use_up(house, house.physician, FACTOR - 3)
    open_until_stopped(house, house.physician, dossiers)
    say_why(house, house.physician)

    assert open_until_stopped(house, house.physician, dossiers) == 2
    assert {name: face(own[0]) for name, face in faces.items()} == dict.fromkeys(faces, 403)
    assert client_for(house.patient).get("/mine").status_code == 200


def test_contents_are_counted_by_the_bytes_that_leave(house: House, client_for: SignIn) -> None:
    """A scraper that stays in one dossier takes its bytes again and again: the volume stops it."""
    entry = house.file(b"%PDF-1.7\n" + bytes(3_000_000) + b"\n%%EOF\n").head.id
    client, address = client_for(house.physician), f"/dossiers/{house.martin}/documents/{entry}/content"
    with house.database.recorded_reading() as uow:
        section = access.Section.CLINICAL
        permit = access.decide(uow, house.physician, access.Action.READ, house.martin, section=section)
        access.spend_volume(uow, permit, 3_995_000_000)

    taken = [client.get(address).status_code for _ in range(4)]
    ranged = client.get(address, headers={"range": "bytes=0-9"}).status_code

    assert taken == [200, 200, 429, 429]
    assert ranged == 429


def test_names_are_not_harvested_by_searching(house: House, client_for: SignIn, desk: Desk) -> None:
    """Birth date after birth date: the names of an organisation are not read off its search (30 million were, once)."""
    born = date(1980, 5, 5)
    with house.database.unit_of_work() as uow:
        for number in range(25):
            patient = replace(MARTIN, birth_date=born, family_name=f"Essai{number}")
            dossier.create_dossier(uow, house.nurse, patient)
    client = client_for(house.physician)

    statuses = [client.post("/patients/find", data={"q": "05/05/1980"}).status_code for _ in range(5)]
    key = bearer(make_key_of(house.database, house.physician).token)
    machine = TestClient(
        build_application(fhir.routes(desk), desk.pages, SETTINGS),
        base_url="https://localhost:8443",
        client=("192.0.2.7", 50),
    )
    by_fhir = machine.post("/fhir/Patient/_search", data={"birthdate": "1980-05-05"}, headers=key)

    assert statuses == [200, 200, 200, 200, 429]
    assert by_fhir.status_code == 429
    assert "Essai" not in by_fhir.text


def test_reason_without_a_factor_opens_nothing(
    house: House, own: list[kernel.DossierId], client_for: SignIn, desk: Desk
) -> None:
    """A stolen session says why as often as it likes."""
    be_held(house, house.physician)
    client = client_for(house.physician)
    said = {"reason": "on-call", "words": "garde", "next": "/"}

    client.post("/brake", data=said)
    stolen = client.get(f"/dossiers/{own[-1]}").status_code
    with house.database.unit_of_work() as uow:
        confirm_identity(uow, client.cookies[desk.pages.cookies.name("session")])
    client.post("/brake", data=said)

    assert stolen == 429
    assert client.get(f"/dossiers/{own[-1]}").status_code == 200


def test_many_accounts_join_few_strangers_together(house: House) -> None:
    """Ten stolen accounts, each well within its own budget: the organisation's first looks stop them."""
    thieves = [house.caller() for _ in range(10)]
    strangers = many(house, 40, house.nurse)
    joined = 0
    for number, one in enumerate(strangers):
        try:
            with house.database.unit_of_work() as uow:
                permit = access.decide(uow, thieves[number % 10], access.Action.JOIN_TEAM, one)
                access.join_care_team(uow, permit)
        except access.BudgetSpent:
            continue
        joined += 1

    assert joined == 30


def test_frozen_account_does_not_let_itself_go(house: House) -> None:
    """Neither a new reason nor an administrator's page helps whoever was frozen."""
    be_frozen(house, house.physician)

    with pytest.raises(access.AccountFrozen):
        say_why(house, house.physician)
    acting = replace(house.physician, role=identity.Role.ADMINISTRATOR)
    with house.database.recorded_reading() as uow:
        (own, _) = store.load_freezes(uow, house.organisation.id, 1)[0]
        with pytest.raises(access.AccountFrozen):
            access.freezes(uow, acting)
        with pytest.raises(access.AccountFrozen):
            access.look_into(uow, acting, own.id)
