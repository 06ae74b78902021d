import pytest
from starlette.testclient import TestClient

from serment import access, identity
from serment.access.explanation import _REASONS, explain
from serment.edge.pages.service.explanation_words import ASK_WORDS, EXPLANATION_WORDS, TIE_WORDS
from support.dossier import House
from support.edge import SignIn
from support.identity import make_account, make_organisation, signed_in


def officer(house: House, organisation: identity.Organisation | None = None) -> identity.Caller:
    with house.database.unit_of_work() as uow:
        return signed_in(uow, make_account(uow, organisation or house.organisation, identity.Role.DPO))


@pytest.fixture
def house(embedded_house: House) -> House:
    """On SQLite: what pages ask of the database is held on both kinds by the tests of `access`."""
    return embedded_house


@pytest.fixture
def client(house: House, client_for: SignIn) -> TestClient:
    return client_for(officer(house))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("’", "'")


def test_each_decision_is_explained_in_full(house: House, client: TestClient, client_for: SignIn) -> None:
    base = f"/dossiers/{house.martin}"
    client_for(house.physician).get(f"{base}/access")
    client_for(house.caller()).get(f"{base}/access")

    shown = plain(client.get(f"{base}/explanations").text)

    assert "La personne participe aux soins de ce patient" in shown
    assert "<code>care-team</code>" in shown
    assert "<strong>Camille Essai</strong>" in shown
    assert '<a class="inline-target" href="/administration/matrix/versions/0">tels que livrés</a>' in shown
    assert "équipe de soins" in shown


def test_refusals_are_shown_alone_with_whom_to_ask(
    house: House, client: TestClient, client_for: SignIn
) -> None:
    base = f"/dossiers/{house.martin}"
    house.admit(house.secretary)
    client_for(house.secretary).post(f"{base}/access/end", data={"who": f"account:{house.physician.account}"})

    shown = plain(client.get(f"{base}/explanations?only=refused").text)

    assert "La personne ne conduit pas les soins" in shown
    assert "À qui s'adresser : un membre de l'équipe de soins." in shown
    assert "La personne participe aux soins de ce patient" not in shown


def test_page_of_older_decisions(house: House, client: TestClient) -> None:
    with house.database.unit_of_work() as uow:
        for _ in range(201):
            access.decide(uow, house.physician, access.Action.READ, house.martin)
    base = f"/dossiers/{house.martin}/explanations"

    shown = client.get(base).text
    (older,) = {part.split('"')[0] for part in shown.split("before=")[1:]}

    assert "Plus récents" in client.get(f"{base}?before={older}").text
    assert client.get(f"{base}?before=not-an-id").status_code == 200


def test_explanations_are_for_whoever_reads_the_trail(house: House, client_for: SignIn) -> None:
    base = f"/dossiers/{house.martin}/explanations"
    with house.database.unit_of_work() as uow:
        elsewhere = make_organisation(uow, "Hôpital de la Vallée")

    house.admit(house.secretary)

    for caller in (house.physician, house.patient):
        shown = client_for(caller).get(base)
        assert shown.status_code == 200
        assert "/administration/matrix" not in shown.text
    for caller in (house.secretary, house.caller(), officer(house, elsewhere)):
        assert client_for(caller).get(base).status_code == 404


def test_reading_explanations_is_traced(house: House, client: TestClient) -> None:
    client.get(f"/dossiers/{house.martin}/explanations")

    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, access.Action.READ_TRAIL, house.martin)
        kinds = [one.trace.actor.role for one in access.read_trail(uow, permit)]
    assert "dpo" in kinds


def test_every_explanation_has_its_words() -> None:
    codes = {code for code, _ in _REASONS.values()} | {explain("nonsense").code}

    assert codes <= EXPLANATION_WORDS.keys()
    assert TIE_WORDS.keys() == set(access.Relation)
    assert ASK_WORDS.keys() == set(access.Ask) - {access.Ask.NOBODY}
