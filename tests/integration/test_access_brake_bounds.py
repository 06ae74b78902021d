"""What the brake does to one account, in one organisation, on one day, it does to no other."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from serment import access, identity, kernel
from serment.access import Action, Measure, Relation
from serment.access.brake import policy, spending, store
from serment.access.brake.baselines import BASELINES
from support.brake import (
    be_held,
    confirmed,
    inquire,
    join,
    many,
    officer,
    open_one,
    open_until_stopped,
    say_why,
    security,
    state_of,
    stop,
    use_up,
    used_by,
)
from support.dossier import House
from support.identity import make_organisation, make_professional, signed_in
from support.vault import change

Looking = Callable[[kernel.UnitOfWork, identity.Caller], object]
LOOKING: dict[str, Looking] = {
    "stopped accounts": access.freezes,
    "reasons": access.reasons_given,
    "one stopped account": lambda uow, caller: access.look_into(uow, caller, store.new_freeze_id()),
}


@pytest.fixture
def house(embedded_house: House) -> House:
    """Whose rows they are is asked alike on both kinds of database; the rest is in tests/integration/test_access_brake.py."""
    return embedded_house


@pytest.fixture
def colleague(house: House) -> identity.Caller:
    """A second physician of the house, who opened a patient of their own today."""
    caller = house.caller()
    (dossier,) = many(house, 1, caller)
    open_one(house, caller, dossier)
    return caller


@pytest.fixture
def stranger(house: House) -> identity.Caller:
    """A physician of another organisation."""
    with house.database.unit_of_work() as uow:
        elsewhere = make_organisation(uow, "Hôpital de la Vallée")
        return signed_in(uow, make_professional(uow, elsewhere, name="Maxime Essai"))


def ended(house: House, found: access.Freeze) -> None:
    by = confirmed(house, officer(house))
    with house.database.unit_of_work() as uow:
        access.unfreeze(uow, by, found.id, "vu")


def spend_first_looks(house: House) -> None:
    """Fill what all accounts of the house may look at without a relation."""
    with house.database.unit_of_work() as uow:
        budget = BASELINES.of_organisation(1)
        spent = policy.at_once(policy.costs(budget, Measure.TIES, 10_000))
        store.fill(uow, house.organisation.id, house.organisation.id, spent)


def test_a_reason_lets_its_own_account_alone_go_on(house: House, colleague: identity.Caller) -> None:
    be_held(house, house.physician)
    be_held(house, colleague)

    say_why(house, house.physician)

    assert state_of(house, house.physician).held is None
    assert state_of(house, colleague).held is access.Hold.ACCOUNT


def test_first_looks_are_asked_a_reason_for_by_each_account_alone(
    house: House, colleague: identity.Caller
) -> None:
    strangers = many(house, 2, house.nurse)
    spend_first_looks(house)

    with pytest.raises(access.BudgetSpent):
        join(house, house.physician, strangers[0])
    untouched = state_of(house, colleague).held
    with pytest.raises(access.BudgetSpent):
        join(house, colleague, strangers[1])
    say_why(house, house.physician)

    assert (untouched, state_of(house, colleague).held) == (None, access.Hold.ORGANISATION)
    with pytest.raises(access.BudgetSpent):
        join(house, colleague, strangers[1])
    join(house, house.physician, strangers[0])


def test_a_first_look_that_the_organisation_stops_leaves_a_trace(house: House) -> None:
    (dossier,) = many(house, 1, house.nurse)
    spend_first_looks(house)

    with pytest.raises(access.BudgetSpent):
        join(house, house.physician, dossier)

    (held,) = security(house)
    assert (held.kind, held.actor) == ("brake.held", house.physician.actor)
    assert held.detail == {"measure": "ties", "budget": "organisation"}


def test_an_emergency_opens_though_the_organisation_has_no_first_look_left(house: House) -> None:
    (dossier,) = many(house, 1, house.nurse)
    spend_first_looks(house)

    with house.database.unit_of_work() as uow:
        spending.spend(uow, house.physician, dossier, Action.OPEN_EMERGENCY, Relation.SAME_ORGANISATION)

    assert state_of(house, house.physician).held is None


def test_what_an_account_is_asked_itself_outlasts_what_the_organisation_asks(house: House) -> None:
    be_held(house, house.physician)

    with house.database.unit_of_work() as uow:
        store.hold(uow, house.physician.account, access.Hold.ORGANISATION)

    assert state_of(house, house.physician).held is access.Hold.ACCOUNT


def test_whoever_is_held_is_told_so_again_and_traced_as_held_once(house: House) -> None:
    dossier = be_held(house, house.physician)

    with pytest.raises(access.BudgetSpent):
        open_one(house, house.physician, dossier)

    assert [trace.kind for trace in security(house)] == ["brake.held"]


def test_whoever_is_held_still_receives_what_has_no_bytes(house: House) -> None:
    be_held(house, house.physician)

    with house.database.unit_of_work() as uow:
        spending.spend_bytes(uow, house.physician, Relation.CARE_TEAM, 0)
        with pytest.raises(access.BudgetSpent):
            spending.spend_bytes(uow, house.physician, Relation.CARE_TEAM, 1)


def test_a_look_that_is_stopped_takes_nothing_from_who_opened_the_same_today(
    house: House, colleague: identity.Caller
) -> None:
    (shared,) = many(house, 1, house.physician, colleague)
    open_one(house, colleague, shared)
    before = state_of(house, colleague, shared)
    use_up(house, house.physician, 30)

    assert open_until_stopped(house, house.physician, [shared]) == 0

    assert before.marked
    assert state_of(house, colleague, shared) == before


def test_a_look_that_is_stopped_forgets_nothing_of_the_day_before(
    house: House, clock: kernel.SettableClock
) -> None:
    clock.advance(timedelta(days=1))
    use_up(house, house.physician, 30)

    assert open_until_stopped(house, house.physician, [house.martin]) == 0

    yesterday = policy.day_of(clock.now()) - 1
    with house.database.reading() as uow:
        assert store.finished_days(uow, 10) == [(house.physician.account, yesterday, 1)]


def test_a_patient_joined_is_counted_again_when_opened(house: House) -> None:
    (dossier,) = many(house, 1, house.nurse)
    before = used_by(house, house.physician, Measure.DOSSIERS)

    join(house, house.physician, dossier)
    open_one(house, house.physician, dossier)

    assert used_by(house, house.physician, Measure.TIES) == 1
    assert used_by(house, house.physician, Measure.DOSSIERS) == before + 1


def test_a_patient_opened_is_counted_again_when_joined(house: House) -> None:
    """Who left a care team and joins it again makes a tie, though they opened the dossier that day."""
    assert state_of(house, house.physician, house.martin).marked

    with house.database.unit_of_work() as uow:
        spending.spend(uow, house.physician, house.martin, Action.JOIN_TEAM, Relation.SAME_ORGANISATION)

    assert used_by(house, house.physician, Measure.TIES) == 1


def test_patients_of_inquiries_are_counted_for_each_officer_and_each_day(
    house: House, clock: kernel.SettableClock
) -> None:
    first, second = officer(house), officer(house)
    (asked,) = many(house, 1)
    inquire(house, first, asked)

    inquire(house, second, asked)
    assert used_by(house, second, Measure.NAMES) == 1

    clock.advance(timedelta(days=1))
    inquire(house, first, asked)
    assert used_by(house, first, Measure.NAMES) == 1


def test_a_stop_that_ends_lets_its_own_account_alone_go(house: House, colleague: identity.Caller) -> None:
    mine, theirs = stop(house, house.physician), stop(house, colleague)

    ended(house, mine)

    open_one(house, house.physician, house.martin)
    assert state_of(house, colleague).freeze == theirs.id
    with house.database.recorded_reading() as uow:
        listed = {one.id: one.ended_at is None for one in access.freezes(uow, officer(house))}
    assert listed == {mine.id: False, theirs.id: True}


def test_a_stop_that_ends_leaves_the_budgets_of_others(house: House, colleague: identity.Caller) -> None:
    before = state_of(house, colleague)

    ended(house, stop(house, house.physician))

    assert state_of(house, colleague) == before


def test_a_stop_that_ends_leaves_another_of_the_same_account(house: House) -> None:
    """A row put back from a copy: what nobody looked into goes on."""
    first, second = stop(house, house.physician), stop(house, house.physician)

    ended(house, first)

    assert state_of(house, house.physician).freeze == second.id


def test_a_stop_that_ends_frees_no_row_that_was_made_to_name_it(
    house: House, colleague: identity.Caller
) -> None:
    found = stop(house, house.physician)
    change(house.database, "UPDATE brake_gauges SET freeze = (SELECT id FROM brake_freezes)")

    ended(house, found)

    assert state_of(house, house.physician).freeze is None
    assert state_of(house, colleague).freeze == found.id


def test_of_two_who_end_one_stop_the_first_did(house: House) -> None:
    found, first, second = stop(house, house.physician), officer(house), officer(house)

    with house.database.unit_of_work() as uow:
        done = [store.end_freeze(uow, found, by.account, b"sealed") for by in (first, second)]
        left = store.load_freeze(uow, found.id)

    assert done == [True, False]
    assert left == replace(found, ended_at=house.database.clock.now(), ended_by=first.account)


def test_what_is_looked_into_is_the_stop_that_was_named(house: House, colleague: identity.Caller) -> None:
    both, by = [stop(house, one) for one in (house.physician, colleague)], officer(house)

    with house.database.recorded_reading() as uow:
        seen = [access.look_into(uow, by, found.id).freeze for found in both]

    assert seen == both


def test_a_stop_that_is_over_or_that_nobody_knows_is_not_looked_into(house: House) -> None:
    over, by = stop(house, house.physician), officer(house)
    ended(house, over)

    with house.database.recorded_reading() as uow:
        for freeze in (over.id, store.new_freeze_id()):
            with pytest.raises(access.FreezeNotFound):
                access.look_into(uow, by, freeze)


def test_an_office_sees_the_stops_and_reasons_of_its_own_organisation(
    house: House, stranger: identity.Caller
) -> None:
    for caller in (house.physician, stranger):
        with house.database.unit_of_work() as uow:
            store.fill(uow, caller.account, caller.organisation, ())
            store.hold(uow, caller.account, access.Hold.ACCOUNT)
        say_why(house, caller)
        stop(house, caller)

    by = officer(house)
    with house.database.recorded_reading() as uow:
        stopped, given = access.freezes(uow, by), access.reasons_given(uow, by)

    assert [one.account for one in stopped] == [house.physician.account]
    assert [one.account for one in given] == [house.physician.account]


@pytest.mark.parametrize("looking", LOOKING.values(), ids=LOOKING)
def test_stops_and_reasons_are_shown_to_an_office_in_person(house: House, looking: Looking) -> None:
    everything = frozenset(section.value for section in access.Section)
    key = identity.AccessKeyId(kernel.new_id())
    limits = identity.KeyLimits(key, identity.Face.FHIR, everything, identity.KeyScope.READ_AND_FILE)

    for caller in (house.physician, house.patient, replace(officer(house), key=limits)):
        with house.database.recorded_reading() as uow, pytest.raises(identity.NotPermitted):
            looking(uow, caller)


def test_a_day_is_learned_once_and_for_its_own_account(
    house: House, colleague: identity.Caller, clock: kernel.SettableClock
) -> None:
    """Of two workers that learn one day, the second changes nothing."""
    mine, today = house.physician.account, policy.day_of(clock.now())
    clock.advance(timedelta(days=1))

    with house.database.unit_of_work() as uow:
        store.learn(uow, mine, today, {"usual": 5.0, "active_days": 1})
        store.learn(uow, mine, today, {"usual": 9.0, "active_days": 2})
        left = store.finished_days(uow, 10)

    assert left == [(colleague.account, today, 1)]
    learned, other = state_of(house, house.physician), state_of(house, colleague)
    assert (learned.usual, learned.active_days) == (5.0, 1)
    assert (other.usual, other.active_days) == (0.0, 0)
