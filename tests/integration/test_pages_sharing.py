from datetime import timedelta
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from serment import access, identity, kernel, ledger
from serment.edge.desk import Desk
from serment.identity.directory import store as directory
from support.dossier import House
from support.edge import SignIn
from support.identity import (
    confirm_identity,
    make_administrator,
    make_organisation,
    make_professional,
    signed_in,
)


@pytest.fixture
def client(house: House, client_for: SignIn) -> TestClient:
    return client_for(house.physician)


def grants(house: House) -> tuple[access.Grant, ...]:
    with house.database.unit_of_work() as uow:
        section = access.Section.IDENTITY
        permit = access.decide(uow, house.patient, access.Action.READ, house.martin, section=section)
        return access.grants_of(uow, permit)


def kinds(house: House) -> list[str]:
    return [trace.kind for trace in house.trail()]


def outsider(house: House) -> identity.Caller:
    with house.database.unit_of_work() as uow:
        return signed_in(uow, make_professional(uow, make_organisation(uow, "Hôpital de la Vallée")))


def login_of(house: House, account: kernel.AccountId) -> str:
    with house.database.reading() as uow:
        return identity.open_account(uow, account).login


def test_document_is_shared_with_a_colleague_in_two_taps(house: House, client_for: SignIn) -> None:
    entry, colleague = house.file(title="Lettre").head.id, house.caller()
    client = client_for(house.physician)
    chosen = client.get(f"/dossiers/{house.martin}/share?entry={entry}").text

    said = {"entry": str(entry), "days": "30", "to": f"account:{colleague.account}"}
    client.post(f"/dossiers/{house.martin}/share", data=said)

    assert f'value="account:{colleague.account}"' in chosen
    (grant,) = grants(house)
    assert (grant.request.account, grant.request.entries) == (colleague.account, frozenset({entry}))
    assert grant.request.sections == frozenset({access.Section.CLINICAL})
    assert grant.request.ends_at - grant.given_at == timedelta(days=30)
    assert client_for(colleague).get(f"/dossiers/{house.martin}/documents/{entry}").status_code == 200


def test_shared_document_says_that_a_guest_sees_it(house: House, client: TestClient) -> None:
    entry = house.file().head.id
    said = {"entry": str(entry), "days": "7", "to": f"account:{house.caller().account}"}

    client.post(f"/dossiers/{house.martin}/share", data=said)

    shown = client.get(f"/dossiers/{house.martin}").text
    assert "équipe de soins (1), 1 personne invitée et la patiente" in shown


def test_sections_are_confirmed_before_they_are_shared(house: House, client: TestClient) -> None:
    said = {"section": ["clinical", "imaging"], "days": "7", "to": f"account:{house.caller().account}"}

    asked = client.post(f"/dossiers/{house.martin}/share", data=said)
    before = grants(house)
    client.post(f"/dossiers/{house.martin}/share", data={**said, "confirmed": "yes"})

    assert "lira ces parties du dossier de MARTIN Zoé" in asked.text
    assert before == ()
    (grant,) = grants(house)
    assert grant.request.entries is None
    assert grant.request.sections == {access.Section.CLINICAL, access.Section.IMAGING}


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"days": "7", "to": "account:nobody"}, "au moins une partie"),
        ({"section": "clinical", "to": "account:nobody"}, "à qui ouvrir"),
        ({"section": "clinical", "to": "login", "login": "personne"}, "exactement cet identifiant"),
        ({"section": "clinical", "to": ""}, "à qui ouvrir"),
    ],
)
def test_share_with_a_fault_is_told(
    house: House, client: TestClient, said: dict[str, str], fault: str
) -> None:
    answer = client.post(f"/dossiers/{house.martin}/share", data=said)

    assert answer.status_code == 422
    assert fault in answer.text
    assert grants(house) == ()


def test_share_that_opens_nothing_is_refused_with_its_reason(house: House, client: TestClient) -> None:
    biologist = house.caller(identity.Profession.BIOLOGIST)
    said = {"section": "imaging", "days": "7", "to": f"account:{biologist.account}", "confirmed": "yes"}

    answer = client.post(f"/dossiers/{house.martin}/share", data=said)

    assert answer.status_code == 422
    assert "ne lui permet pas de lire" in answer.text


def test_share_outside_is_confirmed_then_asks_for_a_step_up(house: House, client: TestClient) -> None:
    entry, other = house.file().head.id, outsider(house)
    said = {"entry": str(entry), "days": "7", "to": "login", "login": login_of(house, other.account)}

    asked = client.post(f"/dossiers/{house.martin}/share", data=said)
    confirmed = {**said, "to": f"account:{other.account}", "confirmed": "yes"}
    sent = client.post(f"/dossiers/{house.martin}/share", data=confirmed, follow_redirects=False)

    assert "travaille dans une autre organisation" in asked.text
    assert sent.status_code == 303
    assert sent.headers["location"].startswith("/account/step-up?next=%2Fdossiers%2F")
    assert grants(house) == ()


def test_share_outside_goes_through_once_stepped_up(house: House, client: TestClient, desk: Desk) -> None:
    entry, other = house.file().head.id, outsider(house)
    with house.database.unit_of_work() as uow:
        confirm_identity(uow, client.cookies[desk.pages.cookies.name("session")])
    said = {"entry": str(entry), "days": "7", "to": f"account:{other.account}"}
    back = f"/dossiers/{house.martin}/share?entry={entry}&days=7&to=account:{other.account}"

    assert "Confirmer le partage" in client.get(back).text
    client.post(f"/dossiers/{house.martin}/share", data={**said, "confirmed": "yes"})

    assert [grant.request.account for grant in grants(house)] == [other.account]


def test_share_is_refused_to_those_who_may_not(house: House, client_for: SignIn) -> None:
    house.admit(house.nurse)
    entry = house.file().head.id
    nurse = client_for(house.nurse)
    said = {"entry": str(entry), "days": "7", "to": f"account:{house.caller().account}"}

    assert nurse.get(f"/dossiers/{house.martin}/share?entry={entry}").status_code == 404
    assert nurse.post(f"/dossiers/{house.martin}/share", data=said).status_code == 404
    assert nurse.get(f"/dossiers/{house.martin}/share?entry=not-an-id").status_code == 404
    assert grants(house) == ()


def test_patient_shares_their_own_document(house: House, client_for: SignIn) -> None:
    entry, colleague = house.file().head.id, house.caller()
    said = {"entry": str(entry), "days": "7", "to": f"account:{colleague.account}"}

    client_for(house.patient).post(f"/dossiers/{house.martin}/share", data=said)

    assert [grant.given_by for grant in grants(house)] == [house.patient.account]


def test_grant_is_closed(house: House, client_for: SignIn) -> None:
    entry, colleague = house.file().head.id, house.caller()
    client = client_for(house.physician)
    said = {"entry": str(entry), "days": "7", "to": f"account:{colleague.account}"}
    client.post(f"/dossiers/{house.martin}/share", data=said)
    (grant,) = grants(house)

    page = client.get(f"/dossiers/{house.martin}/access").text
    client.post(f"/dossiers/{house.martin}/access/revoke", data={"grant": str(grant.id)})

    assert f'value="{grant.id}"' in page
    assert client_for(colleague).get(f"/dossiers/{house.martin}/documents/{entry}").status_code == 404
    again = client.post(f"/dossiers/{house.martin}/access/revoke", data={"grant": str(grant.id)})
    unreadable = client.post(f"/dossiers/{house.martin}/access/revoke", data={"grant": "x"})
    assert (again.status_code, unreadable.status_code) == (404, 404)


def test_colleague_and_team_are_admitted_and_their_part_ended(house: House, client: TestClient) -> None:
    colleague = house.caller(identity.Profession.NURSE)
    with house.database.unit_of_work() as uow:
        administrator = signed_in(uow, make_administrator(uow, house.organisation))
        team = identity.create_team(uow, administrator, "Suivi des plaies")
        identity.add_member(uow, administrator, team.id, colleague.account)
    base = f"/dossiers/{house.martin}/access"

    for code in (f"account:{colleague.account}", f"team:{team.id}"):
        assert f'value="{code}"' in client.get(base).text
        client.post(f"{base}/admit", data={"who": code})
    there = client.get(base).text
    for code in (f"account:{colleague.account}", f"team:{team.id}"):
        client.post(f"{base}/end", data={"who": code})
    after = client.get(base).text

    assert "Suivi des plaies" in there
    assert "équipe de 1 personne" in there
    assert "2 participations passées" in after.replace("\u00a0", " ")
    assert kinds(house).count("care-team.joined") == 2
    assert kinds(house).count("care-team.left") == 2


def test_nobody_of_another_organisation_enters_the_team(house: House, client: TestClient) -> None:
    answer = client.post(
        f"/dossiers/{house.martin}/access/admit", data={"who": f"account:{outsider(house).account}"}
    )

    assert answer.status_code == 422
    assert "care-team.joined" not in kinds(house)


def test_end_of_a_part_that_nobody_takes_is_a_conflict(house: House, client: TestClient) -> None:
    who = f"account:{house.caller().account}"

    assert client.post(f"/dossiers/{house.martin}/access/end", data={"who": who}).status_code == 409


def test_team_is_managed_by_those_who_lead_the_care(house: House, client_for: SignIn) -> None:
    house.admit(house.secretary)
    secretary = client_for(house.secretary)
    who = f"account:{house.physician.account}"

    assert "/access/end" not in secretary.get(f"/dossiers/{house.martin}/access").text
    assert secretary.post(f"/dossiers/{house.martin}/access/end", data={"who": who}).status_code == 404
    assert house.trail()[-1].outcome is ledger.Outcome.REFUSED


def test_access_page_is_closed_to_guests(house: House, client_for: SignIn) -> None:
    entry, colleague = house.file().head.id, house.caller()
    said = {"entry": str(entry), "days": "7", "to": f"account:{colleague.account}"}
    client_for(house.physician).post(f"/dossiers/{house.martin}/share", data=said)

    assert client_for(colleague).get(f"/dossiers/{house.martin}/access").status_code == 404


def test_access_page_tells_what_each_profession_sees(house: House, client_for: SignIn) -> None:
    house.admit(house.nurse)
    house.admit(house.secretary)

    shown = client_for(house.patient).get(f"/dossiers/{house.martin}/access").text

    assert "lit, ajoute, corrige" in shown
    assert "classe sans lire" in shown
    assert "ne voit rien" in shown


def test_patient_is_invited_with_a_code_shown_once(desk: Desk, client: TestClient) -> None:
    _confirm(desk, client)
    new = {"family_name": "Bernard", "given_names": "Léa", "birth_date": "1988-07-02", "sex": "female"}
    opened = client.post("/patients/new", data=new, follow_redirects=False).headers["location"]
    assert "n'a pas encore d'accès".replace("'", "\u2019") in client.get(f"{opened}/access").text
    assert client.get(f"{opened}/access/patient").status_code == 200

    code = client.post(f"{opened}/access/patient", data={"login": "lea.bernard@example.test"})
    taken = client.post(f"{opened}/access/patient", data={"login": "lea.bernard@example.test"})
    malformed = client.post(f"{opened}/access/patient", data={"login": "   "})
    page = client.get(f"{opened}/access").text
    renewed = client.post(f"{opened}/access/patient/code")

    assert 'class="handed"' in code.text
    assert code.headers["cache-control"] == "no-store"
    assert (taken.status_code, malformed.status_code) == (422, 422)
    assert "pas encore utilisée" in page
    assert 'class="handed"' in renewed.text
    assert renewed.text != code.text


def _confirm(desk: Desk, client: TestClient) -> None:
    with desk.database.unit_of_work() as uow:
        confirm_identity(uow, client.cookies[desk.pages.cookies.name("session")])


def test_inviting_a_patient_asks_who_it_is(
    house: House, desk: Desk, client: TestClient, clock: kernel.SettableClock
) -> None:
    address, login = f"/dossiers/{house.martin}/access/patient", "zoe.martin@example.test"
    page = {"accept": "text/html"}

    led = client.get(address, headers=page, follow_redirects=False)
    typed = client.post(address, data={"login": login}, headers=page)
    assert led.headers["location"] == f"/account/step-up?{urlencode({'next': address})}"
    assert (typed.status_code, f'value="{login}"' in typed.text) == (403, True)

    _confirm(desk, client)
    with house.database.unit_of_work() as uow:
        directory.set_status(uow, house.patient.account, identity.AccountStatus.DEPARTED)
    page_of_access = client.get(f"/dossiers/{house.martin}/access").text
    assert ("Compte fermé" in page_of_access, f'href="{address}"' in page_of_access) == (True, True)
    assert 'class="handed"' in client.post(address, data={"login": login}).text
    clock.advance(timedelta(minutes=11))
    again = client.post(f"{address}/code", follow_redirects=False)
    back = urlencode({"next": f"/dossiers/{house.martin}/access"})
    assert again.headers["location"] == f"/account/step-up?{back}"


def test_code_is_renewed_for_nobody_once_enrolled(house: House, client: TestClient) -> None:
    assert client.post(f"/dossiers/{house.martin}/access/patient/code").status_code == 404


def test_mine_shows_the_patient_their_dossier(house: House, client_for: SignIn) -> None:
    house.file(title="Lettre de sortie")
    client = client_for(house.patient)

    shown = client.get("/mine").text

    assert "Lettre de sortie" in shown
    assert "1 soignant" in shown
    for way in ("", "/file", "/access", "/trail"):
        assert f'href="/dossiers/{house.martin}{way}"' in shown
        assert client.get(f"/dossiers/{house.martin}{way}").status_code == 200


def test_mine_leads_professionals_home(client: TestClient) -> None:
    assert client.get("/mine", follow_redirects=False).headers["location"] == "/"
