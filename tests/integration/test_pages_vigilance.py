"""The officer's pages: incidents and their end, who was touched, the files and the letters of it."""

import csv
import io
import re

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from serment import access, identity, kernel, ledger, vigilance
from serment.edge.desk import Desk
from support.dossier import House
from support.edge import SignIn
from support.identity import confirm_identity, make_account, make_organisation, signed_in

PAGE = {"accept": "text/html"}
ASKED = {"since": "2026-03-12T09:00", "until": "2026-03-12T11:00", "reason": "Compte arrêté"}


@pytest.fixture
def house(embedded_house: House) -> House:
    """The pages say the same on both kinds of database."""
    return embedded_house


@pytest.fixture
def officer(house: House) -> identity.Caller:
    with house.database.unit_of_work() as uow:
        return signed_in(uow, make_account(uow, house.organisation, identity.Role.DPO, name="Sacha Duval"))


@pytest.fixture
def client(house: House, desk: Desk, client_for: SignIn, officer: identity.Caller) -> TestClient:
    """The officer, who has just proved a factor."""
    signed = client_for(officer)
    confirm(house, desk, signed)
    return signed


def confirm(house: House, desk: Desk, client: TestClient) -> None:
    with house.database.unit_of_work() as uow:
        confirm_identity(uow, client.cookies[desk.pages.cookies.name("session")])


def ask(client: TestClient, by: str, subject: str, **other: str) -> Response:
    said = {"by": by, "subject": subject, **ASKED, **other}
    return client.post("/touched", data=said, follow_redirects=False)


def login_of(house: House, caller: identity.Caller) -> str:
    with house.database.reading() as uow:
        return identity.open_account(uow, caller.account).login


def log_of(house: House) -> list[ledger.Trace]:
    """Return what vigilance left in the security log, the oldest first."""
    with house.database.reading() as uow:
        log = ledger.read_security_log(uow, house.organisation.id, limit=50)
    return [one.trace for one in reversed(log) if one.trace.kind.startswith("vigilance.")]


def freeze(house: House) -> vigilance.Incident:
    kind = vigilance.IncidentKind.ACCOUNT_FROZEN
    report = vigilance.Report(house.organisation.id, kind, account=house.nurse.account)
    with house.database.unit_of_work() as uow:
        return vigilance.open_incident(uow, identity.worker_of(house.organisation.id), report)


def test_who_was_touched_is_asked_shown_and_taken_away(house: House, client: TestClient) -> None:
    filed = house.file()
    content = house.read(house.physician, filed.head.id)

    answered = ask(client, "account", login_of(house, house.physician))
    address = answered.headers["location"]
    page, named = client.get(address).text, client.get(f"{address}?names").text
    lines = list(csv.DictReader(io.StringIO(client.get(f"{address}/table.csv").text)))
    events = client.get(f"{address}/events.json")

    assert answered.status_code == 303
    assert "1 patient touché" in page
    assert ("Zoé" in page, "Zoé" in named) == (False, True)
    (taken,) = [line for line in lines if line["what"] == "dossier.content"]
    assert (taken["patient"], taken["sent_bytes"]) == (str(house.martin), str(len(content)))
    assert events.headers["content-type"].startswith("application/fhir+json")
    assert "attachment" in events.headers["content-disposition"]
    assert "Camille Essai" in page


def test_letters_name_each_patient_and_hold_what_the_officer_wrote(house: House, client: TestClient) -> None:
    house.read(house.physician, house.file().head.id)
    address = ask(client, "session", str(house.physician.session)).headers["location"]

    said = {"done": "Compte fermé <le jour même>.\nAutre ligne", "contact": "dpo@example.test"}
    letters = client.post(f"{address}/letters", data=said).text

    assert letters.count('<article class="letter">') == 1
    assert "Zoé MARTIN" in letters
    assert "Compte fermé &lt;le jour même&gt;." in letters
    assert "<p>Autre ligne</p>" in letters
    assert len(re.findall("document a été ouvert", letters)) == 1


def test_nobody_touched_is_said(house: House, client: TestClient) -> None:
    address = ask(client, "account", str(house.nurse.account)).headers["location"]

    assert "Aucun patient n’a été touché." in client.get(address).text


@pytest.mark.parametrize(
    ("by", "subject", "other", "said"),
    [
        ("account", "nobody@example.test", {}, "Aucun compte"),
        ("account", "", {}, "Aucun compte"),
        ("session", "camille", {}, "Donnez le numéro"),
        ("session", "00000000-0000-0000-0000-000000000001", {"since": "hier"}, "Donnez un jour"),
        ("session", "00000000-0000-0000-0000-000000000001", {"until": "2026-03-12T08:00"}, "La fin vient"),
    ],
)
def test_a_question_that_cannot_be_asked_is_shown_again(
    client: TestClient, by: str, subject: str, other: dict[str, str], said: str
) -> None:
    again = ask(client, by, subject, **other)

    assert again.status_code == 422
    assert said in again.text


def test_a_login_of_another_organisation_is_told_from_none_by_nothing(
    house: House, client: TestClient
) -> None:
    with house.database.unit_of_work() as uow:
        elsewhere = make_organisation(uow, "Clinique du Parc")
    stranger = house.caller(organisation=elsewhere)

    known = ask(client, "account", login_of(house, stranger))
    unknown = ask(client, "account", "0" * len(login_of(house, stranger)))

    assert (known.status_code, unknown.status_code) == (422, 422)
    assert "Aucun compte" in known.text


def test_asking_takes_a_second_factor(house: House, client_for: SignIn, officer: identity.Caller) -> None:
    unproved = client_for(officer)

    led = unproved.get("/touched?by=account", headers=PAGE, follow_redirects=False)
    refused = ask(unproved, "session", str(house.physician.session))

    assert led.headers["location"].startswith("/account/step-up?next=%2Ftouched%3Fby%3Daccount")
    assert refused.status_code in {303, 403}
    assert "/touched/" not in refused.headers.get("location", "")


def test_nobody_but_the_officer_of_the_organisation_has_these_pages(
    house: House, desk: Desk, client: TestClient, client_for: SignIn
) -> None:
    address = ask(client, "session", str(house.physician.session)).headers["location"]
    incident = freeze(house)
    with house.database.unit_of_work() as uow:
        elsewhere = make_organisation(uow, "Clinique du Parc")
        foreign = signed_in(uow, make_account(uow, elsewhere, identity.Role.DPO))
        administrator = signed_in(uow, make_account(uow, house.organisation, identity.Role.ADMINISTRATOR))
    stranger = client_for(foreign)
    confirm(house, desk, stranger)
    own = ["/incidents", "/touched"]
    theirs = [f"/incidents/{incident.id}", address, f"{address}/table.csv", f"{address}/events.json"]

    assert [stranger.get(path).status_code for path in theirs] == [404] * 4
    assert stranger.post(f"{address}/letters", data={}).status_code == 404
    assert stranger.post(f"/incidents/{incident.id}", data={"answer": "Vu"}).status_code == 404
    for caller in (house.physician, house.patient, administrator):
        other = client_for(caller)
        confirm(house, desk, other)
        assert [other.get(path).status_code for path in own + theirs] == [404] * 6
        assert ask(other, "session", str(house.physician.session)).status_code == 404


def test_looking_at_an_answer_is_in_the_security_log(house: House, client: TestClient) -> None:
    address = ask(client, "session", str(house.physician.session)).headers["location"]
    client.get(f"{address}/table.csv")
    client.get("/touched")

    asked, kept, read, listed = log_of(house)
    assert [one.kind.removeprefix("vigilance.inquiry.") for one in (asked, kept, read, listed)] == [
        "asked", "kept", "read", "listed",
    ]  # fmt: skip
    assert kept.detail["inquiry"] == read.detail["inquiry"] == address.removeprefix("/touched/")
    assert {one.purpose for one in (asked, kept, read, listed)} == {"legal"}


def test_an_incident_is_shown_and_closed(house: House, client: TestClient, desk: Desk) -> None:
    incident = freeze(house)
    address = f"/incidents/{incident.id}"

    listed, shown = client.get("/incidents").text, client.get(address).text
    empty = client.post(address, data={"answer": " "})
    confirm(house, desk, client)
    closed = client.post(address, data={"answer": "Garde, vérifié"}, follow_redirects=False)

    assert address in listed
    assert "rail-count" in listed
    assert "rail-count" not in client.get("/incidents").text
    assert f"/touched?by=account&amp;subject={house.nurse.account}" in shown
    assert (empty.status_code, closed.status_code) == (422, 303)
    assert "Garde, vérifié" in client.get(address).text
    assert client.post(address, data={"answer": "Encore"}).status_code == 409


def test_a_contest_says_until_when_the_patient_is_owed_an_answer(house: House, client: TestClient) -> None:
    kind, about = vigilance.IncidentKind.ACCESS_CONTESTED, house.nurse.account
    report = vigilance.Report(
        house.organisation.id, kind, about, house.martin, kernel.new_id(), "Qui est cette personne ?"
    )
    with house.database.unit_of_work() as uow:
        contest = vigilance.open_incident(uow, house.patient.actor, report)

    address = f"/incidents/{contest.id}"
    listed, shown = client.get("/incidents").text, client.get(address).text
    client.post(address, data={"answer": "Vu"})

    assert ("Réponse due au patient" in listed, "Réponse due au patient" in shown) == (True, True)
    assert "Réponse due au patient" not in client.get(address).text
    assert freeze(house).due_at is None


def test_an_incident_about_an_opening_leads_to_it(house: House, client: TestClient) -> None:
    opening = kernel.new_id()
    report = vigilance.Report(house.organisation.id, vigilance.IncidentKind.REVIEW_OVERDUE, reference=opening)
    with house.database.unit_of_work() as uow:
        late = vigilance.open_incident(uow, identity.worker_of(house.organisation.id), report)

    assert f"/emergencies/{opening}" in client.get(f"/incidents/{late.id}").text


def test_a_grant_is_asked_about_by_itself(house: House, client: TestClient) -> None:
    guest, other = house.caller(), house.caller()
    first, second = house.file(), house.file()
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.SHARE, house.martin)
        opened = [
            access.grant_access(
                uow,
                permit,
                access.GrantRequest(
                    who.account, None, frozenset({access.Section.CLINICAL}), frozenset({entry}), access.Purpose.CARE,
                    house.database.clock.now().replace(month=4),
                ),
            )
            for who, entry in ((guest, first.head.id), (other, second.head.id))
        ]  # fmt: skip
    house.read(guest, first.head.id)
    house.read(other, second.head.id)
    house.read(house.physician, first.head.id)

    address = ask(client, "grant", str(opened[0].id)).headers["location"]
    lines = list(csv.DictReader(io.StringIO(client.get(f"{address}/table.csv").text)))

    assert {line["account"] for line in lines} == {str(guest.account)}
    assert {line["entry"] for line in lines} == {str(first.head.id)}
    assert {line["what"] for line in lines} == {"dossier.read", "dossier.content"}


def test_looking_at_incidents_is_traced_where_they_stand(house: House, client: TestClient) -> None:
    incident = freeze(house)
    report = vigilance.Report(
        house.organisation.id,
        vigilance.IncidentKind.ACCESS_CONTESTED,
        dossier=house.martin,
        words="Pourquoi ?",
    )
    with house.database.unit_of_work() as uow:
        contest = vigilance.open_incident(uow, house.patient.actor, report)

    client.get("/incidents")
    client.get(f"/incidents/{incident.id}")
    client.get(f"/incidents/{contest.id}")

    opened, listed, read = log_of(house)
    assert [one.kind.removeprefix("vigilance.") for one in (opened, listed, read)] == [
        "incident.opened", "incidents.listed", "incident.read",
    ]  # fmt: skip
    assert (listed.detail, read.detail["incident"]) == ({"incidents": "2"}, str(incident.id))
    assert house.trail()[-1].kind == "vigilance.incident.read"


def test_who_was_touched_is_told_to_nobody_who_proved_no_factor_lately(
    house: House, client: TestClient, client_for: SignIn, officer: identity.Caller
) -> None:
    house.read(house.physician, house.file().head.id)
    address = ask(client, "session", str(house.physician.session)).headers["location"]
    unproved = client_for(officer)

    for path in (address, f"{address}?names", f"{address}/table.csv", f"/incidents/{freeze(house).id}"):
        led = unproved.get(path, headers=PAGE, follow_redirects=False)
        assert led.headers["location"].startswith("/account/step-up?")
    assert unproved.post(f"{address}/letters", data={}).status_code == 403
    answer = vigilance.Answer(
        house.organisation.id,
        vigilance.Question(vigilance.Link.SESSION, kernel.new_id(), house.database.clock.now(), house.database.clock.now()),
        house.database.clock.now(), 0, (),
    )  # fmt: skip
    with house.database.unit_of_work() as uow:
        with pytest.raises(identity.StepUpNeeded):
            vigilance.keep_answer(uow, officer, answer, "essai")
        with pytest.raises(identity.StepUpNeeded):
            vigilance.name_patients(uow, officer, [house.martin])


def test_an_account_elsewhere_is_told_from_none_by_nothing(house: House, client: TestClient) -> None:
    with house.database.unit_of_work() as uow:
        elsewhere = make_organisation(uow, "Clinique du Parc")
        stranger = make_account(uow, elsewhere, identity.Role.ADMINISTRATOR, name="Noa Ailleurs")

    for account in (stranger.id, kernel.new_id()):
        page = client.get(ask(client, "account", str(account)).headers["location"]).text
        assert f"Compte {account}" in page
        assert "Noa Ailleurs" not in page
        assert "Noa Ailleurs" not in client.get("/touched").text


def test_a_guest_who_acted_here_is_named(house: House, client: TestClient) -> None:
    with house.database.unit_of_work() as uow:
        elsewhere = make_organisation(uow, "Clinique du Parc")
    guest, entry = house.caller(organisation=elsewhere), house.file().head.id
    asked = access.GrantRequest(
        guest.account, None, frozenset({access.Section.CLINICAL}), frozenset({entry}), access.Purpose.CARE,
        house.database.clock.now().replace(month=4),
    )  # fmt: skip
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.SHARE, house.martin)
        access.grant_access(uow, permit, asked)
    house.read(guest, entry)

    assert guest.name in client.get(ask(client, "account", str(guest.account)).headers["location"]).text


def test_inquiries_are_told_apart_in_their_list(house: House, client: TestClient) -> None:
    house.read(house.physician, house.file().head.id)
    ask(client, "account", str(house.physician.account), reason="Compte arrêté le 12")

    listed = client.get("/touched").text

    assert f"Compte {house.physician.name} · 1 patient<" in listed
    assert "Compte arrêté le 12" in listed
    assert "MARTIN" not in listed
    assert "Dites pourquoi" in ask(client, "account", str(house.physician.account), reason=" ").text


def test_an_incident_is_put_down_by_hand(house: House, client: TestClient) -> None:
    said = {"words": "Une clé USB égarée.", "login": login_of(house, house.nurse)}

    silent = client.post("/incidents", data={"words": " ", "login": "personne@example.test"})
    shown = client.post("/incidents", data=said).text

    assert silent.status_code == 422
    assert "Écrivez ce qui s’est passé" in silent.text or "Écrivez ce qui s&#39;est passé" in silent.text
    assert "n&#39;a cet identifiant" in silent.text or "n’a cet identifiant" in silent.text
    assert ("Un incident a été signalé" in shown, "Une clé USB égarée." in shown) == (True, True)
    assert house.nurse.name in shown


def test_without_an_officer_an_administrator_is_shown_contests_and_nothing_around_them(
    house: House, desk: Desk, client_for: SignIn
) -> None:
    kind = vigilance.IncidentKind.ACCESS_CONTESTED
    with house.database.unit_of_work() as uow:
        report = vigilance.Report(
            house.organisation.id, kind, account=house.nurse.account, dossier=house.martin, words="Pourquoi ?"
        )
        contest = vigilance.open_incident(uow, house.patient.actor, report)
        administrator = signed_in(
            uow, make_account(uow, house.organisation, identity.Role.ADMINISTRATOR, name="Alix Essai")
        )
    client = client_for(administrator)
    unproved = client.get(f"/incidents/{contest.id}", headers=PAGE, follow_redirects=False)
    confirm(house, desk, client)

    listed, shown = client.get("/incidents").text, client.get(f"/incidents/{contest.id}").text
    client.post(f"/incidents/{contest.id}", data={"answer": "Vérifié."})

    assert unproved.headers["location"].startswith("/account/step-up")
    assert ("pas de délégué" in listed, 'id="report"' in listed, "/touched" in listed) == (True, False, False)
    assert ("Pourquoi ?" in shown, "/trail" in shown, "/touched" in shown) == (True, False, False)
    with house.database.reading() as uow:
        assert vigilance.count_open_incidents(uow, administrator) == 0
