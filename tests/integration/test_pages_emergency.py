import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from serment import access, identity, kernel
from serment.edge.desk import Desk
from serment.edge.pages.emergency.acts import permit_of_opener, permit_of_reviewer
from serment.edge.pages.emergency.opening import Asked, EmergencyPage
from serment.edge.pages.emergency.proving import Proved
from support.dossier import MARTIN, House
from support.edge import SignIn
from support.identity import (
    confirm_identity,
    enrol,
    make_account,
    make_administrator,
    make_organisation,
    make_patient_account,
    make_professional,
    signed_in,
)

WHY = {"reason": "life-at-risk", "section": "clinical", "minutes": "60"}
SECRET = "Choc anaphylactique au bloc"


@pytest.fixture
def house(embedded_house: House) -> House:
    return embedded_house


@pytest.fixture
def stranger(house: House) -> identity.Caller:
    """A physician of the house who takes no part in the care."""
    return house.caller()


@pytest.fixture
def confirmed(house: House, desk: Desk, client_for: SignIn, stranger: identity.Caller) -> TestClient:
    """The stranger's client, a factor proved just now."""
    return confirm(house, desk, client_for(stranger))


@pytest.fixture
def officer(house: House) -> identity.Caller:
    with house.database.unit_of_work() as uow:
        return signed_in(uow, make_account(uow, house.organisation, identity.Role.DPO, name="Noa Garde"))


def confirm(house: House, desk: Desk, client: TestClient) -> TestClient:
    with house.database.unit_of_work() as uow:
        confirm_identity(uow, client.cookies[desk.pages.cookies.name("session")])
    return client


def address(house: House, end: str = "") -> str:
    return f"/dossiers/{house.martin}/emergency{end}"


def live(house: House, caller: identity.Caller) -> tuple[access.EmergencyOpening, ...]:
    with house.database.reading() as uow:
        return access.live_openings(uow, caller)


def test_threshold_offers_the_emergency_and_it_opens_in_two_taps(
    house: House, confirmed: TestClient, stranger: identity.Caller
) -> None:
    entry = house.file(title="Allergies graves").head.id
    document = f"/dossiers/{house.martin}/documents/{entry}"
    threshold, before = confirmed.get(f"/dossiers/{house.martin}"), confirmed.get(document)
    form = confirmed.get(address(house))

    opened = confirmed.post(address(house), data=WHY)

    assert f'href="{address(house)}"' in threshold.text
    assert before.status_code == 404
    assert "Ouvrir en urgence le dossier de MARTIN Zoé" in form.text
    assert opened.url.path == f"/dossiers/{house.martin}"
    assert "Allergies graves" in opened.text
    assert "Dossier ouvert en urgence jusqu’à" in opened.text
    assert confirmed.get(document).status_code == 200
    assert [one.account for one in live(house, stranger)] == [stranger.account]


def test_form_asks_for_the_least_unless_told_otherwise(house: House, confirmed: TestClient) -> None:
    form = confirmed.get(address(house)).text

    ticked = re.findall(r'name="section" value="(\w+)" checked', form)
    offered = re.findall(r'name="section" value="(\w+)"', form)
    assert ticked == ["clinical"]
    assert offered == ["clinical", "imaging", "measurements", "sensitive"]
    assert 'name="minutes" value="60" checked' in form
    assert 'name="delay" value="" checked' in form


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"reason": ""}, "Choisissez la raison"),
        ({"reason": "curiosity"}, "Choisissez la raison"),
        ({"section": ""}, "au moins une partie"),
        ({"section": "identity"}, "au moins une partie"),
        ({"section": "exchanges"}, "au moins une partie"),
        ({"reason": "other"}, "en quelques mots"),
        ({"delay": "patient-at-risk"}, "en quelques mots"),
        ({"words": "x" * 1001}, "en quelques mots"),
    ],
)
def test_form_with_a_fault_says_so_and_opens_nothing(
    house: House, confirmed: TestClient, stranger: identity.Caller, said: dict[str, str], fault: str
) -> None:
    answer = confirmed.post(address(house), data={**WHY, **said})

    assert answer.status_code == 422
    assert fault in answer.text
    assert live(house, stranger) == ()


def test_form_and_its_opening_tell_the_patient_nothing_before_the_delay(
    house: House, confirmed: TestClient, stranger: identity.Caller, officer: identity.Caller
) -> None:
    with house.database.unit_of_work() as uow:
        wishing = access.decide(uow, house.patient, access.Action.CONTROL, house.martin)
        access.wish_for_notices(uow, wishing, access.Wish.TOLD)
    confirmed.get(address(house))
    asked = {**WHY, "words": "Violences", "delay": "patient-at-risk"}
    opened = confirmed.post(address(house), data=asked, follow_redirects=False)
    opening = live(house, stranger)[0]
    confirmed.get(f"/emergencies/{opening.id}")
    with house.database.unit_of_work() as uow:
        access.end_emergency(uow, permit_of_opener(uow, stranger, opening.id), opening.id)
        permit_of_opener(uow, stranger, opening.id)  # looks again, when the opening holds no more
        permit_of_reviewer(uow, officer, opening.id)
        reading = access.decide(uow, house.patient, access.Action.READ_TRAIL, house.martin)
        others = [
            (one.trace.kind, one.trace.category, one.trace.purpose)
            for one in access.read_trail(uow, reading)
            if one.trace.actor.account in {stranger.account, officer.account}
        ]
        notices = access.unseen_notices(uow, house.patient)

    assert (opened.status_code, notices) == (303, ())
    # What finding the name leaves, and nothing more.
    assert set(others) == {("dossier.list", "identity", "care")}


def test_unknown_clock_is_the_usual_one(
    house: House, confirmed: TestClient, stranger: identity.Caller
) -> None:
    confirmed.post(address(house), data={**WHY, "minutes": "9000"})

    (opening,) = live(house, stranger)
    assert opening.ends_at - opening.opened_at == timedelta(hours=1)


def test_without_a_proof_nothing_opens_and_words_are_kept(
    house: House, client_for: SignIn, stranger: identity.Caller
) -> None:
    answer = client_for(stranger).post(address(house), data={**WHY, "words": SECRET})

    assert answer.status_code == 403
    assert "identité n’est pas confirmée" in answer.text
    assert SECRET in answer.text
    assert live(house, stranger) == ()


def test_code_is_proved_on_the_page_itself_and_renews_the_session(
    house: House, desk: Desk, client_for: SignIn, clock: kernel.SettableClock
) -> None:
    with house.database.unit_of_work() as uow:
        administrator = signed_in(uow, make_administrator(uow, house.organisation))
        invitation = identity.Invitation(
            "garde", "Sacha Garde", identity.Role.PROFESSIONAL, identity.Profession.NURSE
        )
        code = identity.invite(uow, administrator, invitation)
    person = enrol(desk.entrance, "garde", code)
    with house.database.unit_of_work() as uow:
        caller = signed_in(uow, person.account)
    clock.advance(timedelta(minutes=1))
    client = client_for(caller)
    name = desk.pages.cookies.name("session")
    token = client.cookies[name]

    wrong = client.post(address(house), data={**WHY, "code": "000000"})
    proof = {"code": identity.code_at(person.seed, clock.now())}
    right = client.post(address(house), data={**WHY, **proof}, follow_redirects=False)

    assert wrong.status_code == 403
    assert [one.profession for one in live(house, caller)] == [identity.Profession.NURSE]
    assert f"{name}=" in right.headers["set-cookie"]
    assert token not in right.headers["set-cookie"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_form_is_absent_for_whoever_may_not_open(
    house: House, desk: Desk, client_for: SignIn, officer: identity.Caller, method: str
) -> None:
    with house.database.unit_of_work() as uow:
        outside = signed_in(uow, make_professional(uow, make_organisation(uow, "Clinique de la Baie")))
        administrator = signed_in(uow, make_administrator(uow, house.organisation))

    for caller in (house.secretary, house.patient, officer, outside, administrator):
        client = confirm(house, desk, client_for(caller))
        assert client.request(method, address(house), data=WHY).status_code == 404


def test_opening_is_ended_from_the_strip_of_any_page(
    house: House, confirmed: TestClient, stranger: identity.Caller
) -> None:
    confirmed.post(address(house), data=WHY)
    (opening,) = live(house, stranger)
    strip = confirmed.get("/patients").text

    confirmed.post(address(house, f"/{opening.id}/end"))

    assert f'action="{address(house, f"/{opening.id}/end")}"' in strip
    assert live(house, stranger) == ()
    assert "Terminer maintenant" not in confirmed.get("/patients").text


def test_patient_reads_of_it_on_the_first_page_until_they_say_so(
    house: House, confirmed: TestClient, client_for: SignIn, stranger: identity.Caller
) -> None:
    confirmed.post(address(house), data={**WHY, "words": SECRET})
    (opening,) = live(house, stranger)
    patient = client_for(house.patient)

    told = patient.get("/mine").text
    patient.post(address(house, f"/{opening.id}/read"))

    assert "Votre dossier a été ouvert en urgence" in told
    assert "Raison\xa0: La vie du patient est en danger." in told
    assert SECRET in told
    assert "ouvert en urgence" not in patient.get("/mine").text


def test_notice_is_the_patients_to_put_away(
    house: House, confirmed: TestClient, client_for: SignIn, stranger: identity.Caller
) -> None:
    confirmed.post(address(house), data=WHY)
    (opening,) = live(house, stranger)

    for caller in (house.physician, stranger):
        assert client_for(caller).post(address(house, f"/{opening.id}/read")).status_code == 404

    assert "ouvert en urgence" in client_for(house.patient).get("/mine").text


def test_opener_is_asked_for_words_and_gives_them_once(
    house: House, confirmed: TestClient, stranger: identity.Caller
) -> None:
    confirmed.post(address(house), data=WHY)
    (opening,) = live(house, stranger)
    home = confirmed.get("/").text

    given = confirmed.post(f"/emergencies/{opening.id}/words", data={"words": SECRET})
    again = confirmed.post(f"/emergencies/{opening.id}/words", data={"words": "Autre chose"})

    assert "Expliquez votre ouverture en urgence" in home
    assert SECRET in given.text
    assert again.status_code == 409
    assert "Expliquez votre ouverture" not in confirmed.get("/").text


def test_officer_asks_is_answered_and_closes(
    house: House,
    confirmed: TestClient,
    client_for: SignIn,
    stranger: identity.Caller,
    officer: identity.Caller,
) -> None:
    entry = house.file(title="Allergies graves").head.id
    confirmed.post(address(house), data={**WHY, "words": SECRET})
    confirmed.get(f"/dossiers/{house.martin}/documents/{entry}")
    (opening,) = live(house, stranger)
    one, client = f"/emergencies/{opening.id}", client_for(officer)

    home, queue, page = (client.get(path).text for path in ("/", "/emergencies", one))
    client.post(f"{one}/ask", data={"words": "Qui était là ?"})
    asked = confirmed.get("/").text
    confirmed.post(f"{one}/answer", data={"words": "Le réanimateur."})
    answered = client.get(one).text
    client.post(f"{one}/review", data={"verdict": "justified", "words": "Confirmé par le bloc."})

    assert "1 ouverture en urgence à examiner" in home
    assert f'href="{one}"' in queue
    assert "MARTIN" not in queue
    assert SECRET in page
    assert "1 document" in page
    assert "On vous pose une question" in asked
    assert "Le réanimateur." in answered
    assert "Confirmé par le bloc." in client.get(one).text
    told = client_for(house.patient).get("/mine").text
    assert "Examinée par Noa Garde\xa0: justifiée." in told
    assert "Confirmé par le bloc." in told
    assert "Le réanimateur." not in told


def test_overdue_review_is_an_alarm_on_the_first_page(
    house: House,
    confirmed: TestClient,
    client_for: SignIn,
    officer: identity.Caller,
    clock: kernel.SettableClock,
) -> None:
    confirmed.post(address(house), data=WHY)
    clock.advance(timedelta(days=8))

    home, queue = (client_for(officer).get(path).text for path in ("/", "/emergencies"))

    assert "1 ouverture en urgence n’a pas été examinée à temps" in home
    assert "En retard depuis le" in queue


@pytest.mark.parametrize("end", ["", "/words", "/answer", "/ask", "/review"])
def test_opening_of_others_is_absent(
    house: House, confirmed: TestClient, client_for: SignIn, stranger: identity.Caller, end: str
) -> None:
    confirmed.post(address(house), data=WHY)
    (opening,) = live(house, stranger)
    said = {"words": "Quelques mots", "verdict": "justified"}

    for caller in (house.physician, house.patient, house.secretary):
        client = client_for(caller)
        method = "POST" if end else "GET"
        assert client.request(method, f"/emergencies/{opening.id}{end}", data=said).status_code == 404


@pytest.mark.parametrize("end", ["ask", "review"])
def test_opener_does_not_look_at_their_own_opening(
    house: House, confirmed: TestClient, stranger: identity.Caller, end: str
) -> None:
    confirmed.post(address(house), data=WHY)
    (opening,) = live(house, stranger)

    answer = confirmed.post(
        f"/emergencies/{opening.id}/{end}", data={"words": "Tout va bien", "verdict": "justified"}
    )

    assert answer.status_code == 404
    assert "Votre avis" not in confirmed.get(f"/emergencies/{opening.id}").text


def test_list_is_for_professionals_and_the_officer(house: House, client_for: SignIn) -> None:
    assert client_for(house.patient).get("/emergencies").status_code == 404
    shown = client_for(house.physician).get("/emergencies").text
    assert "Vous\xa0: 0 ouverture en urgence en 90 jours." in shown


def test_words_stand_in_no_address_and_no_trace(house: House, confirmed: TestClient) -> None:
    answer = confirmed.post(address(house), data={**WHY, "words": SECRET}, follow_redirects=False)

    assert parse_qs(urlsplit(answer.headers["location"]).query) == {}
    assert not [trace for trace in house.trail() if SECRET in str(trace)]


def test_many_wrong_codes_are_slowed_down_and_open_nothing(
    house: House, client_for: SignIn, stranger: identity.Caller
) -> None:
    client = client_for(stranger)

    answers = [client.post(address(house), data={**WHY, "code": "000000"}) for _ in range(12)]

    assert (answers[0].status_code, answers[-1].status_code) == (403, 429)
    assert "Trop d’essais" in answers[-1].text
    assert int(answers[-1].headers["retry-after"]) > 0
    assert live(house, stranger) == ()


def test_what_is_refused_after_the_proof_leads_back_in_the_same_session(
    house: House, desk: Desk, stranger: identity.Caller
) -> None:
    """The token that was renewed meanwhile must reach the browser, or its owner would be signed out in an emergency."""
    page, asked = EmergencyPage(desk), Asked(reason="life-at-risk")
    request = Request({"type": "http", "path_params": {"dossier": house.martin}})

    led = page._open(request, Proved(stranger, "renewed"), asked)
    with pytest.raises(identity.StepUpNeeded):
        page._open(request, Proved(stranger), asked)

    carried = Proved(stranger, "renewed").carry(desk, led)
    assert (carried.status_code, carried.headers["location"]) == (303, address(house))
    assert "renewed" in carried.headers["set-cookie"]


def test_head_of_the_team_closes_by_the_page(
    house: House, confirmed: TestClient, client_for: SignIn, stranger: identity.Caller
) -> None:
    head = house.caller()
    with house.database.unit_of_work() as uow:
        administrator = signed_in(uow, make_administrator(uow, house.organisation))
        team = identity.create_team(uow, administrator, "Urgences")
        for one in (head, stranger):
            identity.add_member(uow, administrator, team.id, one.account)
        identity.name_head(uow, administrator, team.id, head.account)
    confirmed.post(address(house), data=WHY)
    (opening,) = live(house, stranger)
    client, place = client_for(head), f"/emergencies/{opening.id}"

    page = client.get(place).text
    client.post(f"{place}/review", data={"verdict": "unjustified", "words": "Le patient allait bien."})

    assert "Votre avis" in page
    assert "/trail" not in page
    assert "Non justifiée" in confirmed.get(place).text
    assert "Le patient allait bien." in client_for(house.patient).get("/mine").text


def test_trusted_person_reads_of_no_opening(house: House, confirmed: TestClient, client_for: SignIn) -> None:
    with house.database.unit_of_work() as uow:
        friend = signed_in(uow, make_patient_account(uow, house.organisation, "Ange Martin"))
        permit = access.decide(uow, house.patient, access.Action.CONTROL, house.martin)
        request = access.DelegationRequest(
            access.DelegateKind.TRUSTED_PERSON,
            frozenset({access.Section.CLINICAL}),
            uow.now + timedelta(days=90),
        )
        access.delegate(uow, permit, request, account=friend.account, born_on=MARTIN.birth_date)
    confirmed.post(address(house), data=WHY)

    shown = client_for(friend).get("/mine").text

    assert "Cabinet des Tilleuls" in shown
    assert "ouvert en urgence" not in shown
