"""A patient's lost factors: recovered from their dossier, by who may invite them, and by nobody else (THR-07)."""

import re

import pytest
from starlette.testclient import TestClient

from serment import identity
from serment.edge.desk import Desk
from support.dossier import House
from support.edge import SignIn
from support.identity import confirm_identity, make_administrator, make_professional, signed_in

_CODE = re.compile(r"data-code>([A-Z2-7-]+)<")


@pytest.fixture
def address(house: House) -> str:
    return f"/dossiers/{house.martin}/access/patient/{house.patient.account}/recovery"


def confirmed(desk: Desk, client: TestClient) -> TestClient:
    """Let whoever is signed in have confirmed just now that it is still they."""
    with desk.database.unit_of_work() as uow:
        confirm_identity(uow, client.cookies[desk.pages.cookies.name("session")])
    return client


def recovery_of(house: House) -> identity.Recovery | None:
    with house.database.reading() as uow:
        return identity.own_recovery(uow, house.patient)


def test_patient_recovery_is_opened_by_their_physician_and_waits_a_day(
    house: House, desk: Desk, client_for: SignIn, address: str
) -> None:
    client = confirmed(desk, client_for(house.physician))
    assert "en personne" in client.get(address).text

    answer = client.post(address)

    assert _CODE.search(answer.text) is not None
    found = recovery_of(house)
    assert found is not None
    assert found.works_from == found.opened_at + desk.entrance.rules.recovery.patient
    client.post(f"{address}/stop")
    assert recovery_of(house) is None


def test_patient_recovery_asks_for_a_step_up(house: House, client_for: SignIn, address: str) -> None:
    assert client_for(house.physician).post(address, follow_redirects=False).status_code != 200
    assert recovery_of(house) is None


def test_patient_recovery_is_not_there_for_administrators_and_strangers(
    house: House, desk: Desk, client_for: SignIn, address: str
) -> None:
    with house.database.unit_of_work() as uow:
        organisation = identity.open_organisation(uow, house.physician.organisation)
        others = [signed_in(uow, make(uow, organisation)) for make in (make_administrator, make_professional)]

    for other in others:
        client = confirmed(desk, client_for(other))
        assert client.get(address).status_code == 404
        assert client.post(address).status_code == 404
    assert recovery_of(house) is None


def test_patient_recovery_is_of_that_dossiers_patient_only(
    house: House, desk: Desk, client_for: SignIn
) -> None:
    client = confirmed(desk, client_for(house.physician))
    another = f"/dossiers/{house.martin}/access/patient/{house.physician.account}/recovery"

    assert client.post(another).status_code == 404
