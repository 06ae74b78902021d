import pytest
from starlette.testclient import TestClient

from serment import ledger
from support.dossier import House
from support.edge import SignIn
from support.identity import make_administrator, signed_in

NEW = {
    "family_name": "Bernard",
    "birth_name": "",
    "given_names": "Léa, Rose",
    "birth_date": "1988-07-02",
    "sex": "female",
    "birth_place_code": "75056",
    "ins": "",
}


@pytest.fixture
def client(house: House, client_for: SignIn) -> TestClient:
    return client_for(house.physician)


def dossier_address(text: str) -> str:
    return text.partition('href="/dossiers/')[2].partition('"')[0]


def test_home_leads_whoever_is_signed_out_to_the_entrance(client: TestClient) -> None:
    client.cookies.clear()

    answer = client.get("/", follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_home_shows_what_others_filed_and_my_patients(house: House, client: TestClient) -> None:
    house.file(title="Lettre du médecin")
    house.file(by=house.patient, title="Photographie du genou")

    shown = client.get("/").text

    assert "Photographie du genou" in shown
    assert "Lettre du médecin" not in shown
    assert f'href="/dossiers/{house.martin}"' in shown
    assert "MARTIN Zoé" in shown


def test_home_leads_patients_and_administrators_to_their_own_pages(house: House, client_for: SignIn) -> None:
    with house.database.unit_of_work() as uow:
        administrator = signed_in(uow, make_administrator(uow, house.organisation))

    places = [
        client_for(caller).get("/", follow_redirects=False).headers["location"]
        for caller in (house.patient, administrator)
    ]

    assert places == ["/mine", "/administration/people"]


@pytest.mark.parametrize("asked", ["12/03/1970 mar", "12031970 DUR", "1970-03-12", "12 mars 1970 zo"])
def test_search_finds_by_birth_date_and_letters(client: TestClient, asked: str) -> None:
    assert "MARTIN Zoé" in client.post("/patients/find", data={"q": asked}).text


def test_search_by_name_alone_looks_among_my_patients_only(house: House, client_for: SignIn) -> None:
    mine = client_for(house.physician).post("/patients/find", data={"q": "dur zoe"}).text
    others = client_for(house.caller()).post("/patients/find", data={"q": "martin"}).text

    assert "MARTIN Zoé" in mine
    assert "Parmi vos patients seulement" in mine
    assert "MARTIN" not in others


def test_search_that_is_not_understood_keeps_what_was_typed(client: TestClient) -> None:
    answer = client.post("/patients/find", data={"q": "31/02/1970"})

    assert answer.status_code == 422
    assert 'value="31/02/1970"' in answer.text


def test_stranger_is_offered_to_declare_their_care_instead_of_a_link(
    house: House, client_for: SignIn
) -> None:
    colleague = client_for(house.caller())

    found = colleague.post("/patients/find", data={"q": "12/03/1970"}).text

    assert f'action="/dossiers/{house.martin}/join"' in found
    assert f'href="/dossiers/{house.martin}"' not in found


def test_joining_opens_the_dossier_and_is_traced(house: House, client_for: SignIn) -> None:
    house.file(title="Lettre au confrère")
    colleague = client_for(house.caller())
    before = colleague.get(f"/dossiers/{house.martin}").text

    after = colleague.post(f"/dossiers/{house.martin}/join").text

    assert "Lettre au confrère" not in before
    assert "Je participe aux soins de MARTIN Zoé" in before.replace("\u00a0", " ")
    assert "Lettre au confrère" in after
    assert "care-team.joined" in [trace.kind for trace in house.trail()]


def test_new_patient_gets_a_dossier(client: TestClient) -> None:
    answer = client.post("/patients/new", data={**NEW, "checked": "on"})

    assert answer.status_code == 200
    assert "BERNARD Léa" in answer.text
    assert "identité validée" in answer.text


def test_new_patient_with_an_ins_is_retrieved_and_found_by_it(client: TestClient) -> None:
    client.post("/patients/new", data={**NEW, "ins": "2 55 08 14 168 025 38"})

    found = client.post("/patients/find", data={"q": "255081416802538"}).text

    assert "BERNARD Léa" in found


def test_new_patient_very_like_another_is_asked_about_first(house: House, client: TestClient) -> None:
    twin = {**NEW, "family_name": "Martins", "given_names": "Zoé", "birth_date": "1970-03-12"}

    asked = client.post("/patients/new", data=twin)
    opened = client.post("/patients/new", data={**twin, "sure": "yes"}, follow_redirects=False)

    assert f'href="/dossiers/{house.martin}"' in asked.text
    assert 'name="sure"' in asked.text
    assert opened.status_code == 303


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("family_name", ""),
        ("given_names", " , "),
        ("birth_date", "1988-02-31"),
        ("birth_date", "2087-01-01"),
        ("birth_date", "1788-01-01"),
        ("sex", "other"),
        ("birth_place_code", "7505"),
        ("ins", "255081416802539"),
        ("birth_name", "x" * 101),
    ],
)
def test_new_patient_with_a_fault_is_told_beside_the_field(
    client: TestClient, field: str, value: str
) -> None:
    answer = client.post("/patients/new", data={**NEW, field: value})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert field == "given_names" or 'value="Léa, Rose"' in answer.text


def test_new_patient_is_refused_to_patients(house: House, client_for: SignIn) -> None:
    client = client_for(house.patient)

    assert client.get("/patients/new").status_code == 404
    assert client.post("/patients/new", data=NEW).status_code == 404


def test_identity_is_corrected_as_a_new_version(house: House, client: TestClient) -> None:
    form = client.get(f"/dossiers/{house.martin}/identity").text
    said = {**NEW, "family_name": "Martin", "given_names": "Zoé", "birth_date": "1970-03-12", "version": "1"}

    answer = client.post(f"/dossiers/{house.martin}/identity", data=said)
    stale = client.post(f"/dossiers/{house.martin}/identity", data=said)

    assert 'value="Zoé, Anne"' in form
    assert "Identité corrigée" in answer.text
    assert stale.status_code == 409


def test_identity_with_a_fault_is_shown_again(house: House, client: TestClient) -> None:
    answer = client.post(f"/dossiers/{house.martin}/identity", data={**NEW, "sex": ""})

    assert answer.status_code == 422
    assert 'id="sex-error"' in answer.text


def test_identity_is_refused_to_strangers_as_if_absent(house: House, client_for: SignIn) -> None:
    answer = client_for(house.caller()).get(f"/dossiers/{house.martin}/identity")

    assert answer.status_code == 404
    assert house.trail()[-1].outcome is ledger.Outcome.REFUSED


def test_near_names_are_told_apart(house: House, client: TestClient) -> None:
    twin = {**NEW, "family_name": "Martin", "given_names": "Zoe", "birth_date": "1970-03-12", "sure": "yes"}
    client.post("/patients/new", data=twin)

    shown = client.get("/patients").text

    assert shown.count("vérifiez la date de naissance") == 2
