"""A session that waits for a new password: where it is led, what it is told, and how it goes on."""

from datetime import timedelta

import pytest

from serment import identity, kernel
from serment.edge.desk import Desk
from serment.identity.directory.store import load_account
from serment.identity.passwords.conditions import flag_password
from serment.identity.passwords.store import set_flag
from support.entrance import SESSION, NewVisitor, Visitor, confirmed_visitor, signed_in_visitor
from support.identity import (
    PASSWORD,
    VISIT,
    Person,
    enrol_somebody,
    make_administrator,
    make_professional,
    open_session_of,
)

HERE, PAGE = "/account/security", "/account/security/password"
NEW_PASSWORD = "lanterne prairie 27 tisserand"
Flag = identity.PasswordFlag


@pytest.fixture
def person(doors: Desk, clock: kernel.SettableClock) -> Person:
    enrolled = enrol_somebody(doors.entrance, identity.Role.PATIENT)
    clock.advance(timedelta(seconds=60))
    return enrolled


@pytest.fixture
def waiting(doors: Desk, person: Person, new_visitor: NewVisitor) -> Visitor:
    """A browser whose session was opened for the change alone."""
    visitor = new_visitor()
    with doors.database.unit_of_work() as uow:
        opened = open_session_of(uow, person.account, restriction=identity.Restriction.PASSWORD_CHANGE)
    visitor.plant(SESSION, opened.token)
    return visitor


@pytest.mark.parametrize(
    ("flag", "sentence", "in_english"),
    [
        (Flag.BREACHED, "liste de mots de passe volés ailleurs", "stolen elsewhere"),
        (Flag.PROVED_ELSEWHERE, "a donné votre mot de passe", "Someone else gave"),
        (Flag.DEMANDED, "vous demande de changer", "asks you to change"),
        (None, "trop ancien", "too old"),
    ],
)
def test_page_says_why_in_both_languages(
    doors: Desk, person: Person, waiting: Visitor, flag: Flag | None, sentence: str, in_english: str
) -> None:
    with doors.database.unit_of_work() as uow:
        if flag is not None:
            set_flag(uow, person.account, flag)

    assert sentence in waiting.open(HERE).text
    assert waiting.address == f"{PAGE}?next=%2Faccount%2Fsecurity"
    waiting.send("/preferences", language="en")
    assert in_english in waiting.open(PAGE).text


def test_page_offers_nothing_but_the_change_and_the_way_out(waiting: Visitor) -> None:
    page = waiting.open(HERE).text

    assert 'action="/sign-out"' in page
    assert 'class="rail-link"' not in page
    assert "data-close" not in page


def test_change_leads_on_to_what_was_asked_for(waiting: Visitor) -> None:
    waiting.open("/account/security?seen=all")

    waiting.send(PAGE, current=PASSWORD, password=NEW_PASSWORD, again=NEW_PASSWORD)

    assert (waiting.status, waiting.address) == (200, "/account/security?seen=all")
    assert "Mot de passe changé" in waiting.text


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        ("doctolib2026", "figure dans une liste de mots de passe volés"),
        (PASSWORD, "choisissez-en un autre"),
        ("Schtroumpf2026", "se devine trop facilement"),
    ],
)
def test_refused_password_is_said_and_the_session_still_waits(
    waiting: Visitor, new: str, sentence: str
) -> None:
    waiting.open(HERE)

    waiting.send(PAGE, current=PASSWORD, password=new, again=new)

    assert (waiting.status, sentence in waiting.text) == (422, True)
    assert waiting.open(HERE).address == f"{PAGE}?next=%2Faccount%2Fsecurity"


def test_change_after_long_asks_for_a_factor_first(
    doors: Desk, person: Person, waiting: Visitor, clock: kernel.SettableClock
) -> None:
    clock.advance(timedelta(minutes=11))

    assert waiting.open(PAGE).address.startswith("/account/step-up")
    code = identity.code_at(person.seed, doors.database.clock.now())
    waiting.send("/account/step-up", code=code)
    assert waiting.address == PAGE


def test_owner_reads_what_happened(doors: Desk, person: Person, waiting: Visitor) -> None:
    with doors.database.unit_of_work() as uow:
        account = load_account(uow, person.account)
        assert account is not None
        flag_password(uow, account, Flag.BREACHED, VISIT)
    waiting.open(PAGE)
    waiting.send(PAGE, current=PASSWORD, password=NEW_PASSWORD, again=NEW_PASSWORD)

    page = waiting.open("/account/security").text

    assert "Mot de passe trouvé dans une liste de mots de passe volés" in page
    assert "Mot de passe changé" in page


def test_administrator_demands_a_change_from_the_page_of_the_person(
    doors: Desk, person: Person, new_visitor: NewVisitor
) -> None:
    at_work = signed_in_visitor(doors, new_visitor(), person.account)
    with doors.database.unit_of_work() as uow:
        account = load_account(uow, person.account)
        assert account is not None
        practice = identity.open_organisation(uow, account.organisation)
        administrator = make_administrator(uow, practice)
        without = make_professional(uow, practice)
    visitor = signed_in_visitor(doors, new_visitor(), administrator.id)
    page = f"/administration/people/{person.account}"
    assert visitor.open(f"{page}/password").address.startswith("/account/step-up")
    confirmed_visitor(doors, visitor)

    assert f"{page}/password" in visitor.open(page).text
    visitor.open(f"{page}/password").send(f"{page}/password")

    assert (visitor.address, "Changement de mot de passe demandé" in visitor.text) == (page, True)
    assert "vous demande de changer" in at_work.open(HERE).text
    assert f"{without.id}/password" not in visitor.open(f"/administration/people/{without.id}").text
