from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from serment import access, identity
from serment.access import Action, Matrix, Relation, Section
from serment.edge.desk import Desk
from serment.identity import Profession
from support.dossier import House
from support.edge import SignIn
from support.identity import (
    confirm_identity,
    make_account,
    make_administrator,
    make_organisation,
    open_session_of,
    signed_in,
)

_MATRIX = "/administration/matrix"
_NURSE = "relation=care-team&who=nurse"
#: The nurse's row as it is shipped, and the same with sensitive data.
_AS_SHIPPED = "identity=lrfaw&clinical=lrfaw&imaging=lrf&measurements=lrfaw&exchanges=lrfaw&whole=m"
_SENSITIVE = f"base=0&{_NURSE}&{_AS_SHIPPED}&sensitive=lr"
Confirm = Callable[[TestClient], None]


@pytest.fixture
def house(embedded_house: House) -> House:
    """On SQLite: what pages ask of the database is held on both kinds by the tests of `access`."""
    return embedded_house


@pytest.fixture
def administrator(house: House) -> identity.Caller:
    with house.database.unit_of_work() as uow:
        return signed_in(uow, make_administrator(uow, house.organisation))


@pytest.fixture
def client(client_for: SignIn, administrator: identity.Caller) -> TestClient:
    return client_for(administrator)


@pytest.fixture
def confirm(house: House, desk: Desk) -> Confirm:
    def step_up(client: TestClient) -> None:
        with house.database.unit_of_work() as uow:
            confirm_identity(uow, client.cookies[desk.pages.cookies.name("session")])

    return step_up


def held(house: House) -> Matrix:
    with house.database.reading() as uow:
        return access.current_matrix(uow, house.organisation.id)


def form(query: str) -> dict[str, str]:
    return dict(part.split("=") for part in query.split("&"))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


def test_matrix_as_shipped_is_read(client: TestClient) -> None:
    shown = plain(client.get(_MATRIX).text)

    assert "Règles livrées avec Serment" in shown
    assert "retrouve le nom" in shown
    assert f'href="{_MATRIX}/edit?relation=care-team&amp;who=nurse"' in shown


def test_row_is_a_form_of_what_holds(client: TestClient) -> None:
    shown = client.get(f"{_MATRIX}/edit?{_NURSE}").text

    assert 'name="clinical" value="a" checked' in shown
    assert 'name="sensitive" value="r" checked' not in shown
    assert 'name="whole" value="m" checked' in shown
    assert 'name="whole" value="t" checked' not in shown


def test_change_is_told_in_people_and_dossiers_before_it_is_adopted(
    house: House, client: TestClient, confirm: Confirm
) -> None:
    house.admit(house.nurse)
    asked = client.get(f"{_MATRIX}/preview?{_SENSITIVE}")
    before = held(house)
    confirm(client)
    client.post(f"{_MATRIX}/adopt", data=form(_SENSITIVE))

    assert "Ce changement donne à 1 personne un accès de plus à 1 dossier." in plain(asked.text)
    assert before == access.SHIPPED
    after = held(house)
    assert after.version == 1
    assert after.allows(Relation.CARE_TEAM, Profession.NURSE, Section.SENSITIVE, Action.READ)
    assert after.manages_team == access.SHIPPED.manages_team


def test_adopting_asks_who_it_is_and_leads_back_to_the_preview(house: House, client: TestClient) -> None:
    answer = client.post(f"{_MATRIX}/adopt", data=form(_SENSITIVE), follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith(
        "/account/step-up?next=%2Fadministration%2Fmatrix%2Fpreview%3F"
    )
    assert held(house) == access.SHIPPED


def test_professions_of_the_whole_dossier_are_changed_with_their_row(
    house: House, client: TestClient, confirm: Confirm
) -> None:
    confirm(client)
    client.post(f"{_MATRIX}/adopt", data=form(f"base=0&{_NURSE}&{_AS_SHIPPED}t"))

    assert held(house).reads_trail == {Profession.PHYSICIAN, Profession.NURSE}
    assert held(house).manages_team == access.SHIPPED.manages_team
    assert held(house).opens_emergency == access.SHIPPED.opens_emergency


def test_versions_are_read_and_gone_back_to(house: House, client: TestClient, confirm: Confirm) -> None:
    confirm(client)
    client.post(f"{_MATRIX}/adopt", data=form(_SENSITIVE))
    first = plain(client.get(f"{_MATRIX}/versions/1").text)
    shipped = plain(client.get(f"{_MATRIX}/versions/0").text)
    asked = plain(client.get(f"{_MATRIX}/preview?base=1&version=0").text)
    client.post(f"{_MATRIX}/adopt", data={"base": "1", "version": "0"})

    assert "1 changement depuis la version précédente" in first
    assert "Alix Essai" in first
    assert "Ces règles ne sont plus en vigueur" in shipped
    assert "se ferme : lit" in asked
    assert held(house).rows == access.SHIPPED.rows
    assert held(house).version == 2
    assert client.get(f"{_MATRIX}/versions/7").status_code == 404


@pytest.mark.parametrize(
    ("query", "said", "place"),
    [
        (
            f"base=0&{_NURSE}&{_AS_SHIPPED}&sensitive=r",
            "Pour lire, il faut voir les titres",
            "Infirmier, infirmière",
        ),
        (
            "base=0&relation=care-team&who=secretary&identity=lrfaw&clinical=lr",
            "ne lit rien de clinique",
            "Secrétariat",
        ),
        (
            "base=0&relation=same-organisation&who=nurse&identity=l&clinical=l",
            "retrouve un nom, et rien d'autre",
            "Infirmier, infirmière",
        ),
        ("base=0&relation=patient&who=&identity=lr", "la loi le lui garantit", "Le patient lui-même"),
    ],
    ids=["sense", "reception", "strangers", "patient"],
)
def test_what_the_law_forbids_is_told_and_not_adopted(
    house: House, client: TestClient, confirm: Confirm, query: str, said: str, place: str
) -> None:
    asked = client.get(f"{_MATRIX}/preview?{query}")
    confirm(client)
    answer = client.post(f"{_MATRIX}/adopt", data=form(query))

    assert (asked.status_code, answer.status_code) == (422, 422)
    assert said in plain(asked.text)
    assert f'<p class="small">{place}' in plain(asked.text)
    assert "/adopt" not in asked.text
    assert held(house) == access.SHIPPED


def test_change_of_rules_that_were_replaced_meanwhile_is_a_conflict(
    house: House, client: TestClient, confirm: Confirm
) -> None:
    confirm(client)
    client.post(f"{_MATRIX}/adopt", data=form(_SENSITIVE))

    assert client.get(f"{_MATRIX}/preview?{_SENSITIVE}").status_code == 409
    assert client.post(f"{_MATRIX}/adopt", data=form(_SENSITIVE)).status_code == 409
    assert held(house).version == 1


@pytest.mark.parametrize(
    "query",
    [
        "",
        "base=0",
        "base=0&relation=grant&who=nurse",
        "base=0&relation=care-team&who=none",
        "relation=patient&who=",
    ],
)
def test_address_that_names_no_change_is_absent(client: TestClient, query: str) -> None:
    assert client.get(f"{_MATRIX}/preview?{query}").status_code == 404
    assert client.get(f"{_MATRIX}/edit?relation=care-team&who=none").status_code == 404


def test_matrix_is_read_by_the_protection_officer_and_changed_by_administrators_alone(
    house: House, client_for: SignIn, confirm: Confirm
) -> None:
    with house.database.unit_of_work() as uow:
        officer = signed_in(uow, make_account(uow, house.organisation, identity.Role.DPO))
    reads = client_for(officer)
    confirm(reads)

    shown = reads.get(_MATRIX)
    assert shown.status_code == 200
    assert "/edit?" not in shown.text
    for caller in (officer, house.physician, house.patient):
        client = client_for(caller)
        confirm(client)
        assert client.get(f"{_MATRIX}/edit?{_NURSE}").status_code == 404
        assert client.get(f"{_MATRIX}/preview?{_SENSITIVE}").status_code == 404
        assert client.post(f"{_MATRIX}/adopt", data=form(_SENSITIVE)).status_code == 404
    for caller in (house.physician, house.patient):
        assert client_for(caller).get(_MATRIX).status_code == 404
        assert client_for(caller).get(f"{_MATRIX}/versions/0").status_code == 404
    assert held(house) == access.SHIPPED


def test_matrix_is_that_of_one_organisation(
    house: House, client: TestClient, confirm: Confirm, client_for: SignIn
) -> None:
    confirm(client)
    client.post(f"{_MATRIX}/adopt", data=form(_SENSITIVE))
    with house.database.unit_of_work() as uow:
        elsewhere = make_administrator(uow, make_organisation(uow, "Hôpital de la Vallée"))
        open_session_of(uow, elsewhere)
        other = signed_in(uow, elsewhere)

    assert client_for(other).get(f"{_MATRIX}/versions/1").status_code == 404
    assert "Règles livrées avec Serment : votre organisation" in plain(client_for(other).get(_MATRIX).text)
