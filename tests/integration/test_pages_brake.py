import pytest
from starlette.testclient import TestClient

from serment import access, identity, ledger
from serment.access.brake import store as brake
from serment.edge.desk import Desk
from support.brake import be_frozen, be_held, many
from support.dossier import House
from support.edge import SignIn
from support.identity import confirm_identity, make_account, signed_in

WHY = {"reason": "on-call", "words": "Garde de week-end", "next": "/patients"}
PAGE = {"accept": "text/html"}


@pytest.fixture
def officer(embedded_house: House) -> identity.Caller:
    house = embedded_house
    with house.database.unit_of_work() as uow:
        return signed_in(uow, make_account(uow, house.organisation, identity.Role.DPO, name="Sacha Duval"))


@pytest.fixture
def house(embedded_house: House) -> House:
    """The pages say the same on both kinds of database."""
    return embedded_house


def token_of(client: TestClient, desk: Desk) -> str:
    return client.cookies[desk.pages.cookies.name("session")]


def confirm(house: House, desk: Desk, client: TestClient) -> None:
    with house.database.unit_of_work() as uow:
        confirm_identity(uow, token_of(client, desk))


def freeze(house: House) -> access.FreezeId:
    be_frozen(house, house.physician)
    with house.database.reading() as uow:
        found = brake.load_freezes(uow, house.organisation.id, 1)
    return found[0][0].id


def stop(house: House, caller: identity.Caller) -> None:
    """Stop an account, as the brake does when it runs over both limits."""
    with house.database.unit_of_work() as uow:
        brake.fill(uow, caller.account, caller.organisation, ())
        stopped = access.Freeze(
            brake.new_freeze_id(), caller.account, caller.organisation, access.Measure.DOSSIERS, uow.now
        )
        brake.freeze(uow, stopped)


def test_who_is_held_is_led_to_say_why_and_back(house: House, client_for: SignIn, desk: Desk) -> None:
    be_held(house, house.physician)
    client, new = client_for(house.physician), many(house, 1, house.physician)[0]

    led = client.get(f"/dossiers/{new}", headers=PAGE, follow_redirects=False)
    asked = client.get(led.headers["location"])
    unproved = client.post("/brake", data=WHY)
    confirm(house, desk, client)
    form = client.get(led.headers["location"])
    done = client.post("/brake", data={**WHY, "next": f"/dossiers/{new}/x"}, follow_redirects=False)

    assert led.headers["location"] == f"/brake?next=%2Fdossiers%2F{new}"
    assert "Confirmer mon identité" in asked.text
    assert "Confirmer mon identité" in unproved.text
    assert "30" in form.text
    assert "Garde ou astreinte" in form.text
    assert (done.status_code, done.headers["location"]) == (303, f"/dossiers/{new}/x")
    with house.database.reading() as uow:
        assert access.own_hold(uow, house.physician) is None


@pytest.mark.parametrize("missing", ["reason", "words"])
def test_reason_is_said_whole(house: House, client_for: SignIn, desk: Desk, missing: str) -> None:
    be_held(house, house.physician)
    client = client_for(house.physician)
    confirm(house, desk, client)

    answer = client.post("/brake", data={**WHY, missing: ""})

    assert answer.status_code == 422
    assert "Dites en quelques mots pourquoi." in answer.text
    with house.database.reading() as uow:
        assert access.own_hold(uow, house.physician) is access.Hold.ACCOUNT


def test_who_is_not_held_is_led_on(house: House, client_for: SignIn) -> None:
    client = client_for(house.physician)

    assert client.get("/brake?next=/patients", follow_redirects=False).headers["location"] == "/patients"
    assert client.get("/brake/frozen", follow_redirects=False).headers["location"] == "/"
    assert client.get("/brake?next=https://evil.test/", follow_redirects=False).headers["location"] == "/"


def test_what_a_form_carries_is_answered_with_the_way_on(house: House, client_for: SignIn) -> None:
    be_held(house, house.physician)
    new = many(house, 1, house.physician)[0]

    answer = client_for(house.physician).post(f"/dossiers/{new}/access/end", data={"who": "nobody"})

    assert answer.status_code == 429
    assert 'href="/brake"' in answer.text
    assert "Dire pourquoi" in answer.text


def test_stopped_account_reads_whom_to_ask(
    house: House, client_for: SignIn, officer: identity.Caller
) -> None:
    freeze(house)
    client = client_for(house.physician)

    led = client.get(f"/dossiers/{house.martin}", headers=PAGE, follow_redirects=False)
    home = client.get("/", headers=PAGE, follow_redirects=False)
    told = client.get("/brake/frozen")

    assert led.headers["location"].startswith("/brake/frozen?")
    assert home.headers["location"].startswith("/brake/frozen?")
    assert officer.name in told.text
    assert client.get("/brake", follow_redirects=False).headers["location"] == "/brake/frozen"
    assert client.post(f"/dossiers/{house.martin}/access/end", data={"who": "x"}).status_code == 403
    assert client.get(f"/files/{house.martin}").json()["type"] == "urn:serment:problem:access.account-frozen"


def test_account_is_let_go_on_after_a_look(
    house: House, client_for: SignIn, desk: Desk, officer: identity.Caller
) -> None:
    found = freeze(house)
    client = client_for(officer)

    listed = client.get("/brake/accounts")
    led = client.get(f"/brake/accounts/{found}", follow_redirects=False)
    confirm(house, desk, client)
    look = client.get(f"/brake/accounts/{found}")
    silent = client.post(f"/brake/accounts/{found}", data={"words": " "})
    done = client.post(f"/brake/accounts/{found}", data={"words": "Appelée : remplacement."})

    assert house.physician.name in listed.text
    assert "garde de week-end" in listed.text
    with house.database.reading() as uow:
        log = ledger.read_security_log(uow, house.organisation.id, limit=20)
    looked = [one.trace for one in log if one.trace.actor.account == officer.account]
    assert {"brake.freezes-listed", "brake.reasons-read"} <= {one.kind for one in looked}
    assert led.headers["location"].startswith("/account/step-up?")
    assert "61" in look.text
    assert silent.status_code == 422
    assert "Appelée : remplacement." in done.text
    assert "Aucun compte n’est arrêté." in done.text or "Aucun compte n&#39;est arrêté." in done.text
    assert client_for(house.physician).get(f"/dossiers/{house.martin}").status_code == 200


@pytest.mark.parametrize("way", ["/brake/accounts", "/brake/accounts/{freeze}"])
def test_stopped_accounts_are_nobody_elses_to_see(house: House, client_for: SignIn, way: str) -> None:
    address = way.format(freeze=freeze(house))

    for caller in (house.nurse, house.secretary, house.patient):
        assert client_for(caller).get(address).status_code == 404
    assert client_for(house.nurse).post(address, data={"words": "x"}).status_code in {404, 405}


def test_pages_of_the_brake_speak_english(house: House, client_for: SignIn, officer: identity.Caller) -> None:
    freeze(house)
    english = {"accept-language": "en"}

    assert "Your account is stopped" in client_for(house.physician).get("/brake/frozen", headers=english).text
    assert "Reasons given" in client_for(officer).get("/brake/accounts", headers=english).text


@pytest.mark.parametrize(
    "way",
    [
        "/incidents",
        "/touched",
        "/brake/accounts",
        "/emergencies",
        "/administration/matrix",
        "/administration/recoveries",
    ],
)
def test_an_officer_who_was_stopped_looks_at_nothing_and_reads_whom_to_ask(
    house: House, client_for: SignIn, officer: identity.Caller, way: str
) -> None:
    stop(house, officer)

    led = client_for(officer).get(way, headers=PAGE, follow_redirects=False)

    assert led.headers["location"].startswith("/brake/frozen?")


def test_an_administrator_who_was_stopped_sees_nobody_and_suspends_nobody(
    house: House, client_for: SignIn
) -> None:
    with house.database.unit_of_work() as uow:
        by = signed_in(uow, make_account(uow, house.organisation, identity.Role.ADMINISTRATOR))
    stop(house, by)
    client = client_for(by)

    led = client.get("/administration/people", headers=PAGE, follow_redirects=False)
    refused = client.post(f"/administration/people/{house.nurse.account}/suspend")

    assert led.headers["location"].startswith("/brake/frozen?")
    assert refused.status_code == 403
    with house.database.reading() as uow:
        assert identity.stands(uow, house.nurse.account)


def test_a_head_of_service_who_was_stopped_ends_no_membership(house: House, client_for: SignIn) -> None:
    with house.database.unit_of_work() as uow:
        by = signed_in(uow, make_account(uow, house.organisation, identity.Role.ADMINISTRATOR))
        team = identity.create_team(uow, by, "Cardiologie").id
        for member in (house.physician, house.nurse):
            identity.add_member(uow, by, team, member.account)
        identity.name_head(uow, by, team, house.physician.account)
    stop(house, house.physician)
    head, way = client_for(house.physician), f"/teams/{team}/review"

    led = head.get(way, headers=PAGE, follow_redirects=False)
    refused = head.post(way, data={f"verdict-{house.nurse.account}": "leaves"})

    assert led.headers["location"].startswith("/brake/frozen?")
    assert refused.status_code == 403
    with house.database.reading() as uow:
        assert identity.teams_of(uow, house.nurse.account) == {team}
