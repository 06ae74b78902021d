from collections.abc import Callable
from datetime import date

import pytest
from starlette.testclient import TestClient

from serment import access, identity
from serment.edge.desk import Desk
from support.dossier import House
from support.edge import SignIn
from support.identity import confirm_identity

Confirm = Callable[[TestClient], TestClient]
_ON = {"deceased_on": "2026-03-11"}


@pytest.fixture
def house(embedded_house: House) -> House:
    """On SQLite: what pages ask of the database is held on both kinds by the tests of `access`."""
    return embedded_house


@pytest.fixture
def confirmed(house: House, desk: Desk) -> Confirm:
    def step_up(client: TestClient) -> TestClient:
        with house.database.unit_of_work() as uow:
            confirm_identity(uow, client.cookies[desk.pages.cookies.name("session")])
        return client

    return step_up


def died_on(house: House) -> date | None:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.READ, house.martin)
        return access.death_of(uow, permit)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("’", "'")


def test_death_is_declared_then_taken_back(house: House, client_for: SignIn, confirmed: Confirm) -> None:
    base, patient = f"/dossiers/{house.martin}", client_for(house.patient)
    client = confirmed(client_for(house.physician))
    before = patient.get(base).status_code
    asked = plain(client.get(f"{base}/death").text)
    client.post(f"{base}/death", data=_ON)
    during, shown = patient.get(base).status_code, plain(client.get(f"{base}/access").text)
    client.post(f"{base}/death/retract")

    assert (before, during, patient.get(base).status_code) == (200, 404, 200)
    assert "Le compte du patient n'ouvre plus ce dossier" in asked
    assert "Décès déclaré au 11 mars 2026" in shown
    assert died_on(house) is None


def test_day_of_death_is_corrected(house: House, client_for: SignIn, confirmed: Confirm) -> None:
    base, client = f"/dossiers/{house.martin}/death", confirmed(client_for(house.physician))
    client.post(base, data=_ON)

    shown = plain(client.get(base).text)
    again = client.post(base, data=_ON)
    client.post(base, data={"deceased_on": "2026-03-10"})

    assert "Le décès est déclaré au 11 mars 2026" in shown
    assert again.status_code == 422
    assert died_on(house) == date(2026, 3, 10)


@pytest.mark.parametrize("day", ["2026-03-13", "1970-03-11", "yesterday"])
def test_day_that_cannot_be_it_is_told(
    house: House, client_for: SignIn, confirmed: Confirm, day: str
) -> None:
    client = confirmed(client_for(house.physician))

    answer = client.post(f"/dossiers/{house.martin}/death", data={"deceased_on": day})

    assert answer.status_code == 422
    assert "Jour du décès : donnez un jour" in plain(answer.text)
    assert died_on(house) is None


def test_declaring_and_taking_back_ask_who_it_is(
    house: House, client_for: SignIn, confirmed: Confirm
) -> None:
    base, client = f"/dossiers/{house.martin}/death", client_for(house.physician)
    led = client.post(base, data=_ON, follow_redirects=False)
    undeclared = died_on(house)
    confirmed(client_for(house.physician)).post(base, data=_ON)
    led_back = client.post(f"{base}/retract", follow_redirects=False)

    for answer in (led, led_back):
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/account/step-up?next=%2Fdossiers%2F")
    assert undeclared is None
    assert died_on(house) == date(2026, 3, 11)


def test_death_is_declared_by_those_who_lead_the_care(
    house: House, client_for: SignIn, confirmed: Confirm
) -> None:
    base = f"/dossiers/{house.martin}/death"
    house.admit(house.secretary)
    biologist = house.caller(identity.Profession.BIOLOGIST)
    house.admit(biologist)

    for caller in (house.patient, house.secretary, biologist, house.caller()):
        client = confirmed(client_for(caller))
        assert client.get(base).status_code == 404
        assert client.post(base, data=_ON).status_code == 404
        assert client.post(f"{base}/retract").status_code == 404
    assert died_on(house) is None


def test_taking_back_what_nobody_declared_is_told(
    house: House, client_for: SignIn, confirmed: Confirm
) -> None:
    client = confirmed(client_for(house.physician))

    assert client.post(f"/dossiers/{house.martin}/death/retract").status_code == 422
