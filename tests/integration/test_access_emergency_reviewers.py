"""Who looks at an emergency opening, at which, until when; and what each word around it leaves in the trail."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from serment import access, dossier, identity, kernel, ledger
from serment.access import Action, OpeningId, Purpose, ReviewVerdict
from serment.access.emergency import store
from serment.identity import Profession, Role
from support.dossier import MARTIN, House
from support.emergency import asking, make_team, open_for, permit_for, stepped_up
from support.identity import make_account, make_administrator, make_organisation, make_professional, signed_in

#: What is done with an opening by whoever opened, and by whoever looks at it.
Act = Callable[[kernel.UnitOfWork, access.Permit, OpeningId], object]
OWN: dict[str, Act] = {
    "end": access.end_emergency,
    "complete": lambda uow, permit, opening: access.complete_emergency(
        uow, permit, opening, "Arrêt au bloc."
    ),
    "answer": lambda uow, permit, opening: access.answer_question(uow, permit, opening, "Le réanimateur."),
    "read": access.own_words,
}
LOOKS: dict[str, Act] = {
    "ask": lambda uow, permit, opening: access.ask_opener(uow, permit, opening, "Qui était présent ?"),
    "close": lambda uow, permit, opening: access.close_review(
        uow, permit, opening, ReviewVerdict.JUSTIFIED, "Vu avec la garde."
    ),
    "read": access.reviewed_words,
}


@pytest.fixture
def house(embedded_house: House) -> House:
    """On SQLite: who may look does not depend on the database."""
    return embedded_house


@pytest.fixture
def opener(house: House) -> identity.Caller:
    """A physician of the house, in no care team, who proved a factor just now."""
    return stepped_up(house, house.caller())


@pytest.fixture
def head(house: House, opener: identity.Caller) -> identity.Caller:
    return head_of(house, opener)


@pytest.fixture
def officer(house: House) -> identity.Caller:
    return officer_of(house, house.organisation)


def head_of(
    house: House, *members: identity.Caller, profession: Profession = Profession.PHYSICIAN
) -> identity.Caller:
    """The head of a new team of some people."""
    with house.database.unit_of_work() as uow:
        chief = signed_in(uow, make_professional(uow, house.organisation, profession, "Alex Tête"))
        make_team(uow, house, chief, *members)
    return chief


def officer_of(house: House, organisation: identity.Organisation) -> identity.Caller:
    with house.database.unit_of_work() as uow:
        return signed_in(uow, make_account(uow, organisation, Role.DPO, name="Noa Garde"))


def suspend(house: House, somebody: identity.Caller) -> None:
    with house.database.unit_of_work() as uow:
        administrator = signed_in(uow, make_administrator(uow, house.organisation))
        identity.suspend_account(uow, administrator, somebody.account)


def waits_for(house: House, opening: access.EmergencyOpening, opener: identity.Caller) -> object:
    """The colleague for whom an opening waits."""
    return own_review(house, opener, opening).reviewer


def own_review(
    house: House, opener: identity.Caller, opening: access.EmergencyOpening
) -> access.EmergencyReview:
    with house.database.reading() as uow:
        return access.own_opening(uow, opener, opening.id)


def looks(house: House, caller: identity.Caller, opening: access.EmergencyOpening) -> tuple[bool, bool]:
    """Whether an opening stands in somebody's list, and whether they may look at it."""
    with house.database.reading() as uow:
        listed = opening.id in {one.opening.id for one in access.pending_reviews(uow, caller)}
        try:
            access.reviewed_opening(uow, caller, opening.id)
        except access.OpeningNotFound:
            return listed, False
    return listed, True


# Who looks.


def test_head_and_officer_of_the_house_look(
    house: House, opener: identity.Caller, head: identity.Caller, officer: identity.Caller
) -> None:
    opening = open_for(house, opener)

    assert looks(house, head, opening) == looks(house, officer, opening) == (True, True)


def test_officer_of_another_house_does_not_look(house: House, opener: identity.Caller) -> None:
    with house.database.unit_of_work() as uow:
        clinic = make_organisation(uow, "Clinique des Pins")
    opening = open_for(house, opener)

    assert looks(house, officer_of(house, clinic), opening) == (False, False)


def test_nobody_looks_at_their_own_opening_whatever_their_office_became(
    house: House, opener: identity.Caller
) -> None:
    opening = open_for(house, opener)

    with house.database.reading() as uow, pytest.raises(access.OpeningNotFound):
        access.reviewed_opening(uow, replace(opener, role=Role.DPO), opening.id)


def test_head_who_opens_waits_for_the_officer(house: House, officer: identity.Caller) -> None:
    chief = stepped_up(house, head_of(house, house.nurse))
    opening = open_for(house, chief)

    assert waits_for(house, opening, chief) is None
    assert looks(house, chief, opening) == (False, False)
    assert looks(house, officer, opening) == (True, True)


def test_member_of_the_same_team_does_not_look(house: House, opener: identity.Caller) -> None:
    colleague = house.caller()
    chief = head_of(house, opener, colleague)
    opening = open_for(house, opener)

    assert waits_for(house, opening, opener) == chief.account
    assert looks(house, colleague, opening) == (False, False)


def test_head_of_another_team_does_not_look(house: House, opener: identity.Caller) -> None:
    other = head_of(house, house.nurse)
    opening = open_for(house, opener)

    assert waits_for(house, opening, opener) is None
    assert looks(house, other, opening) == (False, False)


def test_head_whose_profession_opens_no_dossier_in_an_emergency_does_not_look(
    house: House, opener: identity.Caller
) -> None:
    secretary = head_of(house, opener, profession=Profession.SECRETARY)
    opening = open_for(house, opener)

    assert waits_for(house, opening, opener) is None
    assert looks(house, secretary, opening) == (False, False)


def test_opening_does_not_wait_for_a_head_who_is_away(
    house: House, opener: identity.Caller, head: identity.Caller
) -> None:
    suspend(house, head)

    opening = open_for(house, opener)

    assert waits_for(house, opening, opener) is None


def test_head_who_was_suspended_is_shown_nothing(
    house: House, opener: identity.Caller, head: identity.Caller
) -> None:
    open_for(house, opener)
    suspend(house, head)

    with house.database.reading() as uow, pytest.raises(identity.NotPermitted):
        access.pending_reviews(uow, head)


# To whom it is offered.


@pytest.mark.parametrize(
    ("changes", "offered"),
    [
        ({}, True),
        ({"profession": Profession.SECRETARY}, False),
        ({"role": Role.ADMINISTRATOR}, False),
        ({"organisation": kernel.OrganisationId(kernel.new_id())}, False),
    ],
    ids=["physician", "secretary", "administrator", "stranger to the house"],
)
def test_emergency_is_offered_to_whom_it_would_be_allowed_and_to_nobody_else(
    house: House, opener: identity.Caller, changes: dict[str, Any], offered: bool
) -> None:
    caller = replace(opener, **changes)

    with house.database.reading() as uow:
        said = access.may_open_emergency(uow, caller, house.organisation.id)

    assert said == opens(house, caller) == offered


def opens(house: House, caller: identity.Caller) -> bool:
    try:
        return bool(open_for(house, caller))
    except access.AccessRefused:
        return False


# At which opening, and until when.


def test_opening_that_never_was_is_not_found(
    house: House, opener: identity.Caller, officer: identity.Caller
) -> None:
    nothing = OpeningId(kernel.new_id())

    with house.database.reading() as uow:
        with pytest.raises(access.OpeningNotFound):
            access.own_opening(uow, opener, nothing)
        with pytest.raises(access.OpeningNotFound):
            access.reviewed_opening(uow, officer, nothing)


@pytest.mark.parametrize("act", LOOKS.values(), ids=LOOKS)
def test_permit_of_another_dossier_is_for_no_look(
    house: House, opener: identity.Caller, head: identity.Caller, act: Act
) -> None:
    with house.database.unit_of_work() as uow:
        other = dossier.create_dossier(uow, head, MARTIN)
    opening = open_for(house, opener)

    with pytest.raises(access.OpeningNotFound), house.database.unit_of_work() as uow:
        act(uow, access.decide(uow, head, Action.LIST, other), opening.id)


@pytest.mark.parametrize("act", OWN.values(), ids=OWN)
def test_permit_that_has_ended_is_for_nothing_around_ones_own_opening(
    house: House, opener: identity.Caller, clock: kernel.SettableClock, act: Act
) -> None:
    opening = open_for(house, opener, asking(words=""))

    late_permit_is_refused(house, clock, opener, opening, act)


@pytest.mark.parametrize("act", LOOKS.values(), ids=LOOKS)
def test_permit_that_has_ended_is_for_no_look(
    house: House, opener: identity.Caller, head: identity.Caller, clock: kernel.SettableClock, act: Act
) -> None:
    late_permit_is_refused(house, clock, head, open_for(house, opener), act)


def late_permit_is_refused(
    house: House,
    clock: kernel.SettableClock,
    caller: identity.Caller,
    opening: access.EmergencyOpening,
    act: Act,
) -> None:
    with house.database.unit_of_work() as uow:
        permit = permit_for(house, uow, caller)
    clock.advance(timedelta(minutes=5, seconds=1))

    with pytest.raises(access.PermitMismatch), house.database.unit_of_work() as uow:
        act(uow, permit, opening.id)


# What is listed.


def test_what_was_closed_is_listed_for_the_officer_of_its_house(
    house: House, opener: identity.Caller, officer: identity.Caller
) -> None:
    """Neither what still waits, nor what was closed in another house."""
    closed, waiting = open_for(house, opener), open_for(house, opener)
    with house.database.unit_of_work() as uow:
        LOOKS["close"](uow, permit_for(house, uow, officer, Action.READ_TRAIL), closed.id)
        elsewhere = replace(waiting, id=OpeningId(kernel.new_id()), organisation=make_organisation(uow).id)
        store.insert_opening(uow, elsewhere, vital=True)
        store.insert_review(uow, access.EmergencyReview(elsewhere, None, uow.now))
        store.write_review(uow, elsewhere.id, closed_at=uow.now)

    with house.database.reading() as uow:
        listed = access.closed_reviews(uow, officer)

    assert [one.opening.id for one in listed] == [closed.id]


def test_own_openings_are_those_of_the_last_year(
    house: House, opener: identity.Caller, clock: kernel.SettableClock
) -> None:
    opening = open_for(house, opener)
    open_for(house, stepped_up(house, house.caller()))

    clock.advance(timedelta(days=366))
    within = own_openings(house, opener)
    clock.advance(timedelta(microseconds=1))

    assert (within, own_openings(house, opener)) == ([opening.id], [])


def own_openings(house: House, caller: identity.Caller) -> list[OpeningId]:
    with house.database.reading() as uow:
        return [one.opening.id for one in access.own_openings(uow, caller)]


def test_look_is_overdue_from_the_day_by_which_it_is_due_until_it_is_closed(
    house: House, opener: identity.Caller, officer: identity.Caller
) -> None:
    opening = open_for(house, opener)
    waiting = own_review(house, opener, opening)
    with house.database.unit_of_work() as uow:
        LOOKS["close"](uow, permit_for(house, uow, officer, Action.READ_TRAIL), opening.id)
    due, moment = waiting.due_at, timedelta(microseconds=1)

    assert [waiting.is_overdue(at) for at in (due - moment, due)] == [False, True]
    assert not own_review(house, opener, opening).is_overdue(due)


# What it leaves in the trail.


def test_words_question_and_answer_each_leave_a_trace_without_a_word(
    house: House, opener: identity.Caller, head: identity.Caller
) -> None:
    opening = open_for(house, opener, asking(words=""))

    for caller, act in ((opener, OWN["complete"]), (head, LOOKS["ask"]), (opener, OWN["answer"])):
        with house.database.unit_of_work() as uow:
            act(uow, permit_for(house, uow, caller), opening.id)

    traces = [one for one in house.trail() if one.kind.startswith("emergency.")][1:]
    assert [(one.kind, one.actor.account, one.purpose) for one in traces] == [
        ("emergency.completed", opener.account, Purpose.EMERGENCY),
        ("emergency.asked", head.account, Purpose.ADMINISTRATION),
        ("emergency.answered", opener.account, Purpose.ADMINISTRATION),
    ]
    about = {"opening": str(opening.id), "account": str(opener.account)}
    assert [one.detail for one in traces] == [about] * 3


def test_trace_of_an_opening_that_is_told_later_says_so(
    house: House, opener: identity.Caller, clock: kernel.SettableClock
) -> None:
    opening = open_for(house, opener, asking(delay=access.DelayReason.PATIENT_AT_RISK))
    clock.advance(timedelta(hours=72))

    (trace,) = [one for one in house.trail() if one.kind == "emergency.opened"]
    assert (trace.detail["delay"], trace.detail["told"]) == ("patient-at-risk", opening.tell_at.isoformat())


def test_alarm_names_the_head_for_whom_an_opening_waited(
    house: House, opener: identity.Caller, head: identity.Caller, clock: kernel.SettableClock
) -> None:
    awaited = {"reviewer": str(head.account)}

    assert alarm_of(house, clock, open_for(house, opener)) == awaited


def test_alarm_names_nobody_where_an_opening_waited_for_the_office(
    house: House, opener: identity.Caller, clock: kernel.SettableClock
) -> None:
    assert alarm_of(house, clock, open_for(house, opener)) == {}


def alarm_of(house: House, clock: kernel.SettableClock, opening: access.EmergencyOpening) -> dict[str, str]:
    """What the alarm about an opening says, besides which it is and by when it was due."""
    clock.advance(timedelta(days=7))
    with house.database.unit_of_work() as uow:
        access.alarm_overdue(uow)
    with house.database.reading() as uow:
        found = ledger.read_security_log(uow, house.organisation.id, limit=50)
    (alarm,) = [one.trace for one in found if one.trace.kind == "emergency.review-overdue"]
    assert alarm.detail["opening"] == str(opening.id)
    return {name: said for name, said in alarm.detail.items() if name not in {"opening", "due"}}
