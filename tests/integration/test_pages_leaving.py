"""Departures, sleeping accounts, heads and reviews, as people go through their pages."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from serment import access, identity, kernel
from serment.edge.desk import Desk
from support.dossier import House
from support.edge import SignIn
from support.entrance import SESSION, NewVisitor, Visitor
from support.identity import (
    confirm_identity,
    make_administrator,
    make_organisation,
    make_professional,
    open_session_of,
    signed_in,
)

PEOPLE, TEAMS, SLEEPING = "/administration/people", "/administration/teams", "/administration/sleeping"
DAY = timedelta(days=1)


@pytest.fixture
def practice(doors: Desk) -> identity.Organisation:
    with doors.database.unit_of_work() as uow:
        return make_organisation(uow)


@pytest.fixture
def administrator(doors: Desk, practice: identity.Organisation) -> identity.Account:
    with doors.database.unit_of_work() as uow:
        make_administrator(uow, practice)
        return make_administrator(uow, practice)


@pytest.fixture
def nurse(doors: Desk, practice: identity.Organisation) -> identity.Account:
    with doors.database.unit_of_work() as uow:
        return make_professional(uow, practice, identity.Profession.NURSE, name="Noé Tisserand")


@pytest.fixture
def visitor(doors: Desk, administrator: identity.Account, new_visitor: NewVisitor) -> Visitor:
    """The administrator, who proved a factor again just now."""
    return stepped_up(doors, new_visitor(), administrator)


def stepped_up(doors: Desk, visitor: Visitor, account: identity.Account) -> Visitor:
    with doors.database.unit_of_work() as uow:
        opened = open_session_of(uow, account)
        confirm_identity(uow, opened.token)
    visitor.plant(SESSION, opened.token)
    return visitor


def test_departure_now_closes_the_account_for_good(
    visitor: Visitor, nurse: identity.Account, doors: Desk
) -> None:
    with doors.database.unit_of_work() as uow:
        opened = open_session_of(uow, nurse)
    person = f"{PEOPLE}/{nurse.id}"

    page = visitor.open(f"{person}/departure")
    assert "Ce qui prend fin" in page.text
    page.send(f"{person}/departure", when="now")

    assert visitor.address == person
    assert "Parti" in visitor.text
    assert f"{person}/departure" not in visitor.text
    assert f"{person}/suspend" not in visitor.text
    assert visitor.open(f"{person}/departure").status == 404
    with pytest.raises(identity.SessionUnknown):
        identity.resume_session(doors.database, opened.token, "web 203.0.113.7")


def test_departure_is_announced_for_the_end_of_a_day_and_taken_back(
    visitor: Visitor, nurse: identity.Account, doors: Desk
) -> None:
    person = f"{PEOPLE}/{nurse.id}"
    visitor.open(f"{person}/departure").send(f"{person}/departure", when="later", last_day="2026-03-20")
    with doors.database.reading() as uow:
        leaves_at = identity.open_account(uow, nurse.id).leaves_at
    assert leaves_at is not None
    assert leaves_at.isoformat() == "2026-03-20T23:00:00+00:00"
    assert "Départ annoncé pour le" in visitor.text

    visitor.open(f"{person}/departure").send(f"{person}/departure/withdraw")
    with doors.database.reading() as uow:
        assert identity.open_account(uow, nurse.id).leaves_at is None


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"when": "later", "last_day": "2026-03-01"}, "à partir d'aujourd'hui"),
        ({"when": "later", "last_day": "hier"}, "un jour qui existe"),
        ({}, "une des réponses"),
    ],
)
def test_departure_says_what_is_wrong_with_its_day(
    visitor: Visitor, nurse: identity.Account, fields: dict[str, str], sentence: str
) -> None:
    person = f"{PEOPLE}/{nurse.id}"
    visitor.open(f"{person}/departure").send(f"{person}/departure", **fields)

    assert visitor.status == 422
    assert sentence in visitor.text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").replace("&#39;", "'")


def test_departure_and_waking_lead_to_the_second_factor_first(
    doors: Desk, administrator: identity.Account, nurse: identity.Account, new_visitor: NewVisitor
) -> None:
    visitor = new_visitor()
    with doors.database.unit_of_work() as uow:
        visitor.plant(SESSION, open_session_of(uow, administrator).token)

    for way in ("departure", "wake"):
        assert visitor.open(f"{PEOPLE}/{nurse.id}/{way}").address.startswith("/account/step-up")


def test_sleeping_account_is_listed_and_woken(
    doors: Desk, administrator: identity.Account, nurse: identity.Account, new_visitor: NewVisitor,
    clock: kernel.SettableClock,
) -> None:  # fmt: skip
    person = f"{PEOPLE}/{nurse.id}"
    clock.advance(80 * DAY)
    visitor = stepped_up(doors, new_visitor(), administrator)
    assert f'href="{person}"' in visitor.open(SLEEPING).text.partition('id="asleep"')[0]
    assert visitor.open(f"{person}/wake").status == 404

    clock.advance(10 * DAY)
    with doors.database.unit_of_work() as uow:
        identity.put_to_sleep(uow, identity.SleepRules())
    visitor = stepped_up(doors, new_visitor(), administrator)
    assert f'href="{person}"' in visitor.open(SLEEPING).text.partition('id="asleep"')[2]
    visitor.open(f"{person}/wake").send(f"{person}/wake")

    assert "Compte réveillé" in visitor.text
    with doors.database.reading() as uow:
        assert identity.stands(uow, nurse.id)


def test_head_is_named_and_reviews_the_team(
    doors: Desk, practice: identity.Organisation, administrator: identity.Account, nurse: identity.Account,
    new_visitor: NewVisitor, client_for: SignIn, clock: kernel.SettableClock,
) -> None:  # fmt: skip
    with doors.database.unit_of_work() as uow:
        head = make_professional(uow, practice, name="Camille Essai")
        caller = signed_in(uow, administrator)
        team = identity.create_team(uow, caller, "Cardiologie")
        for member in (head, nurse):
            identity.add_member(uow, caller, team.id, member.id)
    visitor = stepped_up(doors, new_visitor(), administrator)
    assert "pas de responsable" in visitor.open(f"{TEAMS}/{team.id}").text
    visitor.send(f"{TEAMS}/{team.id}/members/{head.id}/head")
    visitor.send(f"{TEAMS}/{team.id}/rhythm", days="90")
    assert "Prochaine revue le 10 juin 2026" in visitor.text.replace("\N{NO-BREAK SPACE}", " ")

    clock.advance(91 * DAY)
    with doors.database.unit_of_work() as uow:
        caller = signed_in(uow, head)
    client = client_for(caller)
    review = f"/teams/{team.id}/review"
    assert review in client.get("/").text
    page = client.get(review).text
    assert set(re.findall(r'name="verdict-([0-9a-f-]+)"', page)) == {str(nurse.id)}
    answer = client.post(review, data={f"verdict-{nurse.id}": "leaves"}, follow_redirects=False)

    assert answer.status_code == 303
    with doors.database.reading() as uow:
        assert [one.account for one in identity.members_of(uow, team.id)] == [head.id]
    for wrong in ({f"verdict-{nurse.id}": "perhaps"}, {"verdict-nobody": "stays"}):
        assert client.post(review, data=wrong).status_code == 422
    assert client.post(review, data={}, follow_redirects=False).status_code == 303


def test_sharing_of_a_leaver_is_taken_over_in_the_dossier(house: House, client_for: SignIn) -> None:
    colleague, friend = house.caller(), house.caller()
    house.admit(colleague)
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, colleague, access.Action.SHARE, house.martin)
        clinical = frozenset({access.Section.CLINICAL})
        request = access.GrantRequest(
            friend.account, None, clinical, None, access.Purpose.CARE, uow.now + 90 * DAY
        )
        grant = access.grant_access(uow, permit, request)
        office = open_session_of(uow, make_administrator(uow, house.organisation)).caller
        access.let_go(uow, replace(office, stepped_up_at=uow.now), colleague.account, uow.now + DAY)
    client, around = client_for(house.physician), f"/dossiers/{house.martin}/access"

    assert "Reprendre à mon compte" in client.get(around).text
    client.post(f"{around}/take-over", data={"grant": str(grant.id)})

    assert "Reprendre à mon compte" not in client.get(around).text
    assert client.post(f"{around}/take-over", data={"grant": "none"}).status_code == 404


def test_carer_wakes_the_account_of_the_patient(
    house: House, client_for: SignIn, clock: kernel.SettableClock
) -> None:
    clock.advance(401 * DAY)
    with house.database.unit_of_work() as uow:
        open_session_of(uow, house.physician.account)
        identity.put_to_sleep(uow, identity.SleepRules())
    client, around = client_for(house.physician), f"/dossiers/{house.martin}/access"
    wake = f"{around}/patient/{house.patient.account}/wake"

    assert wake in client.get(around).text
    assert client.post(wake).status_code == 403
    with house.database.unit_of_work() as uow:
        confirm_identity(uow, client.cookies[SESSION])
    assert "Réveiller le compte de Zoé Martin" in client.get(wake).text
    assert client.post(wake, follow_redirects=False).status_code == 303
    assert client.get(wake).status_code == 404
    assert client.post(f"{around}/patient/{house.nurse.account}/wake").status_code == 404
