from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from threading import Barrier

import pytest
from sqlalchemy import text

from serment import access, identity, kernel, ledger
from serment.access import Action, Measure, Purpose
from serment.access.brake import policy, spending, store
from serment.access.brake.baselines import BASELINES
from serment.access.brake.checks import check_stops
from support.brake import (
    be_frozen,
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
    together,
    use_up,
    used_by,
)
from support.dossier import House
from support.identity import make_administrator, make_organisation, signed_in
from support.vault import change

#: The house's own patient was opened already: so many more fit below the first limit, and below the second.
FIRST, SECOND = 29, 59


def frozen(house: House, caller: identity.Caller) -> access.Freeze:
    """Run an account over both limits; return what stopped it."""
    be_frozen(house, caller)
    with house.database.recorded_reading() as uow:
        return access.freezes(uow, officer(house))[0]


def test_the_first_limit_asks_a_reason_and_the_second_freezes(house: House) -> None:
    dossiers = many(house, 70, house.physician)

    first = open_until_stopped(house, house.physician, dossiers)
    say_why(house, house.physician)
    second = open_until_stopped(house, house.physician, dossiers)

    assert (first, second) == (FIRST, SECOND)
    with pytest.raises(access.AccountFrozen):
        open_one(house, house.physician, house.martin)
    assert [trace.kind for trace in security(house)] == [
        "brake.held",
        "brake.reason-given",
        "brake.frozen",
    ]


def test_the_same_in_units_of_work_whose_rollback_takes_nothing_back(house: House) -> None:
    dossiers = many(house, 4, house.physician)
    use_up(house, house.physician, FIRST - 1)

    def decide(dossier: kernel.DossierId) -> None:
        with house.database.unit_of_work() as uow:
            access.decide(uow, house.physician, Action.READ, dossier, section=access.Section.CLINICAL)

    decide(dossiers[0])
    for _ in range(2):
        with pytest.raises(access.BudgetSpent):
            decide(dossiers[1])
    say_why(house, house.physician)
    use_up(house, house.physician, SECOND - FIRST - 1)
    decide(dossiers[1])
    with pytest.raises(access.AccountFrozen):
        decide(dossiers[2])

    looking = officer(house)
    with house.database.recorded_reading() as uow:
        (found,) = access.freezes(uow, looking)
        jobs = uow.connection.execute(text("SELECT kind FROM jobs")).scalars().all()
    assert (found.account, found.measure) == (house.physician.account, Measure.DOSSIERS)
    assert jobs.count(access.ALARM_JOB) == 1
    assert [trace.kind for trace in security(house)].count("brake.frozen") == 1


def test_a_dossier_is_counted_once_a_day(embedded_house: House, clock: kernel.SettableClock) -> None:
    house = embedded_house
    dossiers = many(house, 3, house.physician)

    for _ in range(20):
        assert open_until_stopped(house, house.physician, dossiers) == 3
    before = state_of(house, house.physician).levels
    clock.advance(timedelta(days=1))
    open_one(house, house.physician, dossiers[0])

    assert state_of(house, house.physician).levels != before


def test_a_refusal_is_traced_and_who_is_held_goes_on_with_the_patients_of_the_day(
    embedded_house: House, clock: kernel.SettableClock
) -> None:
    house = embedded_house
    be_held(house, house.physician)
    open_one(house, house.physician, house.martin)
    clock.advance(timedelta(days=1))

    with pytest.raises(access.BudgetSpent):
        open_one(house, house.physician, house.martin)

    refused = house.trail()[-1]
    assert (refused.outcome, refused.detail["because"]) == (ledger.Outcome.REFUSED, "budget-spent")


def test_a_stopped_account_learns_nothing_of_any_dossier(embedded_house: House) -> None:
    house = embedded_house
    frozen(house, house.physician)
    nowhere = kernel.DossierId(kernel.new_id())
    entry = access.EntryId(kernel.new_id())

    for dossier in (house.martin, nowhere):
        with house.database.recorded_reading() as uow:
            with pytest.raises(access.AccountFrozen):
                access.decide(uow, house.physician, Action.LIST, dossier)
            with pytest.raises(access.AccountFrozen):
                access.foresee(uow, house.physician, Action.READ, dossier)
            with pytest.raises(access.AccountFrozen):
                access.refuse_absent(uow, house.physician, Action.READ, dossier, entry)
            with pytest.raises(access.AccountFrozen):
                access.decide_listed(uow, house.physician, [dossier])


def test_a_freeze_stops_that_account_alone(embedded_house: House) -> None:
    house = embedded_house
    colleague = house.caller()
    shared = many(house, 2, house.physician, colleague)
    open_one(house, colleague, shared[0])
    frozen(house, house.physician)

    open_one(house, colleague, shared[1])
    open_one(house, house.patient, house.martin)


def test_a_patient_reads_their_own_dossier_without_a_budget(embedded_house: House) -> None:
    house = embedded_house
    for _ in range(3):
        open_one(house, house.patient, house.martin)

    assert state_of(house, house.patient).levels == {}


def test_filing_unseen_costs_nothing(embedded_house: House) -> None:
    house = embedded_house
    dossiers = many(house, 3, house.physician)
    use_up(house, house.physician, FIRST)

    with house.database.unit_of_work() as uow:
        for dossier in dossiers:
            access.decide(
                uow, house.physician, Action.FILE, dossier, section=access.Section.CLINICAL,
                entry=access.EntryId(kernel.new_id()),
            )  # fmt: skip

    assert open_until_stopped(house, house.physician, dossiers) == 0


def test_names_of_strangers_have_a_budget_and_own_patients_none(embedded_house: House) -> None:
    house = embedded_house
    own, strangers = many(house, 40, house.physician), many(house, 101, house.nurse)

    def list_all(dossiers: list[kernel.DossierId]) -> int:
        with house.database.recorded_reading() as uow:
            return len(access.decide_listed(uow, house.physician, dossiers))

    assert [list_all(own) for _ in range(5)] == [40] * 5
    assert [list_all(strangers[:50]), list_all(strangers[50:100])] == [50, 50]
    with pytest.raises(access.BudgetSpent) as stopped:
        list_all(strangers[100:])
    assert stopped.value.measure is Measure.NAMES
    by = officer(house)
    with house.database.unit_of_work() as uow:
        reading = access.decide(uow, by, Action.READ_TRAIL, strangers[100])
        held = [
            one.trace for one in access.read_trail(uow, reading) if one.trace.actor == house.physician.actor
        ]
    assert [(one.kind, one.outcome) for one in held] == [("dossier.list", ledger.Outcome.REFUSED)]


def test_joining_many_patients_has_a_budget(embedded_house: House) -> None:
    house = embedded_house
    strangers = many(house, 16, house.nurse)
    for dossier in strangers[:15]:
        join(house, house.physician, dossier)

    with pytest.raises(access.BudgetSpent) as stopped:
        join(house, house.physician, strangers[15])

    assert stopped.value.measure is Measure.TIES


def test_patients_of_inquiries_have_a_budget_and_each_counts_once_a_day(house: House) -> None:
    by, (asked, other) = officer(house), many(house, 2)

    budget = BASELINES.of(by.role, by.profession)
    before = inquire(house, by, asked)
    spent = policy.at_once(policy.costs(budget, Measure.NAMES, 100_000))
    with house.database.unit_of_work() as uow:
        store.fill(uow, by.account, by.organisation, spent)

    assert (before, inquire(house, by, asked, asked)) == (1, 1)
    with pytest.raises(access.BudgetSpent):
        inquire(house, by, asked, other)
    say_why(house, by)
    assert inquire(house, by, asked, other) == 2
    with house.database.unit_of_work() as uow:
        store.fill(uow, by.account, by.organisation, spent)
    (third,) = many(house, 1)
    with pytest.raises(access.AccountFrozen):
        inquire(house, by, third)


def test_volume_has_a_budget_and_a_patients_own_has_none(embedded_house: House) -> None:
    house = embedded_house
    entry = house.file().head.id

    def take(caller: identity.Caller, size_bytes: int) -> None:
        with house.database.recorded_reading() as uow:
            permit = access.decide(uow, caller, Action.READ, house.martin, section=access.Section.CLINICAL)
            access.spend_volume(uow, permit, size_bytes)

    house.read(house.physician, entry)
    assert state_of(house, house.physician).levels[access.Gauge(Measure.BYTES, access.Window.HOUR)] > 0
    take(house.patient, 10**12)
    take(house.patient, 10**12)
    take(house.physician, 5 * 10**9)
    with pytest.raises(access.BudgetSpent):
        take(house.physician, 10**6)
    with pytest.raises(access.BudgetSpent):
        house.read(house.physician, entry)


def test_two_workers_at_once_do_not_spend_one_budget_twice(house: House) -> None:
    """Each thread reads before the other has written: what is written is looked at again where it is written."""
    dossiers = many(house, 6, house.physician)
    use_up(house, house.physician, 27)
    reached = Barrier(6)

    def work(dossier: kernel.DossierId) -> Callable[[], None]:
        def run() -> None:
            with house.database.recorded_reading() as uow:
                access.decide(uow, house.physician, Action.LIST, dossier)
                reached.wait()

        return run

    ended = together([work(dossier) for dossier in dossiers])

    assert [type(error) for error in ended] == [access.BudgetSpent] * 4
    with house.database.reading() as uow:
        marked = uow.connection.execute(text("SELECT count(*) FROM brake_marks")).scalar_one()
    assert marked == 3


def test_one_dossier_opened_by_two_workers_at_once_is_counted_once(house: House) -> None:
    (dossier,) = many(house, 1, house.physician)
    before, reached = used_by(house, house.physician, Measure.DOSSIERS), Barrier(2)

    def look() -> None:
        with house.database.recorded_reading() as uow:
            access.decide(uow, house.physician, Action.LIST, dossier)
            reached.wait()

    assert together([look, look]) == []

    assert used_by(house, house.physician, Measure.DOSSIERS) == before + 1


def test_workers_of_many_accounts_never_wait_for_each_other(house: House) -> None:
    callers = [house.caller() for _ in range(4)]
    dossiers = many(house, 12, *callers)
    strangers = many(house, 12, house.nurse)

    def work(turn: int) -> Callable[[], None]:
        def run() -> None:
            for at in range(12):
                caller = callers[(turn + at) % 4]
                open_one(house, caller, dossiers[at])
                with house.database.recorded_reading() as uow:
                    access.decide_listed(uow, caller, strangers[:2])

        return run

    assert together([work(turn) for turn in range(4)]) == []


def test_a_reason_asks_for_a_factor_and_for_a_hold(embedded_house: House) -> None:
    house = embedded_house
    reason = access.Reason(access.LiftReason.ROUND, "visite")
    proved = confirmed(house, house.physician)

    with pytest.raises(access.NothingHeld), house.database.unit_of_work() as uow:
        access.give_reason(uow, proved, reason)
    be_held(house, house.physician)
    with pytest.raises(identity.StepUpNeeded), house.database.unit_of_work() as uow:
        access.give_reason(uow, house.physician, reason)


def test_a_reason_holds_for_a_day(embedded_house: House, clock: kernel.SettableClock) -> None:
    house = embedded_house
    new = many(house, 2, house.physician)
    be_held(house, house.physician)
    say_why(house, house.physician)
    open_one(house, house.physician, new[0])

    clock.advance(timedelta(hours=25))
    use_up(house, house.physician, 30)

    with pytest.raises(access.BudgetSpent):
        open_one(house, house.physician, new[1])
    say_why(house, house.physician)
    open_one(house, house.physician, new[1])


def test_reasons_are_sealed_and_read_by_those_who_look_into_freezes(embedded_house: House) -> None:
    house = embedded_house
    be_held(house, house.physician)
    say_why(house, house.physician)
    looking = officer(house)

    with house.database.recorded_reading() as uow:
        (given,) = access.reasons_given(uow, looking)
        stored = uow.connection.execute(text("SELECT words_sealed FROM brake_lifts")).scalar_one()
        with pytest.raises(identity.NotPermitted):
            access.reasons_given(uow, house.physician)
    assert given.reason == access.Reason(access.LiftReason.ON_CALL, "garde de week-end")
    assert b"garde" not in bytes(stored)
    read = security(house)[-1]
    assert (read.kind, read.actor, read.detail) == ("brake.reasons-read", looking.actor, {"lifts": "1"})


@pytest.mark.parametrize("role", [identity.Role.DPO, identity.Role.ADMINISTRATOR])
def test_an_account_goes_on_after_a_look(embedded_house: House, role: identity.Role) -> None:
    house = embedded_house
    found, by = frozen(house, house.physician), officer(embedded_house, role)

    with house.database.recorded_reading() as uow:
        seen = access.look_into(uow, by, found.id)
    with house.database.unit_of_work() as uow:
        access.unfreeze(uow, confirmed(house, by), found.id, " Appelée : reprise de dossiers. ")

    used = {one.gauge: one.used for one in seen.used}
    assert used[access.Gauge(Measure.DOSSIERS, access.Window.HOUR)] == 61
    open_one(house, house.physician, house.martin)
    with house.database.recorded_reading() as uow:
        (ended,) = access.freezes(uow, by)
    assert (ended.ended_by, ended.words) == (by.account, "Appelée : reprise de dossiers.")
    looked = [trace.kind for trace in security(house)][-3:]
    assert looked == ["brake.looked-into", "brake.freeze-ended", "brake.freezes-listed"]


def test_unfreezing_is_refused_to_everybody_else(embedded_house: House) -> None:
    house = embedded_house
    found, by = frozen(house, house.physician), officer(house)
    with house.database.unit_of_work() as uow:
        stranger = signed_in(uow, make_administrator(uow, make_organisation(uow, "Hôpital de la Vallée")))

    def unfreeze(caller: identity.Caller, words: str = "vu") -> None:
        with house.database.unit_of_work() as uow:
            access.unfreeze(uow, caller, found.id, words)

    with pytest.raises(identity.NotPermitted):
        unfreeze(confirmed(house, house.nurse))
    with pytest.raises(access.FreezeNotFound):
        unfreeze(confirmed(house, stranger))
    with pytest.raises(identity.StepUpNeeded):
        unfreeze(by)
    with pytest.raises(ValueError, match="found"):
        unfreeze(confirmed(house, by), "  ")
    with pytest.raises(access.AccountFrozen):
        open_one(house, house.physician, house.martin)


def test_nobody_unfreezes_themselves_though_their_row_says_that_they_are_not_stopped(
    embedded_house: House,
) -> None:
    house = embedded_house
    by = officer(house)
    with house.database.unit_of_work() as uow:
        own = access.Freeze(store.new_freeze_id(), by.account, by.organisation, Measure.DOSSIERS, uow.now)
        store.freeze(uow, own)

    with pytest.raises(access.FreezeNotFound), house.database.unit_of_work() as uow:
        access.unfreeze(uow, confirmed(house, by), own.id, "moi-même")


def test_an_officer_who_was_stopped_lets_nobody_go(embedded_house: House) -> None:
    house = embedded_house
    found, by = frozen(house, house.physician), officer(house)
    stop(house, by)

    with pytest.raises(access.AccountFrozen), house.database.unit_of_work() as uow:
        access.unfreeze(uow, confirmed(house, by), found.id, "vu")
    with pytest.raises(access.AccountFrozen):
        open_one(house, house.physician, house.martin)


def test_first_looks_of_many_accounts_share_a_budget_and_ordinary_work_does_not(
    embedded_house: House,
) -> None:
    """Each account stays within its own budget; together they reach the organisation's, which asks for a reason each."""
    house = embedded_house
    callers = [house.caller() for _ in range(5)]
    strangers = many(house, 32, house.nurse)
    own = many(house, 1, *callers)

    for at, dossier in enumerate(strangers[:30]):
        join(house, callers[at % 5], dossier)
    with pytest.raises(access.BudgetSpent):
        join(house, callers[0], strangers[30])
    with pytest.raises(access.BudgetSpent) as stopped:
        join(house, callers[0], strangers[30])
    assert stopped.value.hold is access.Hold.ORGANISATION
    open_one(house, callers[0], own[0])

    assert say_why(house, callers[0]).hold is access.Hold.ORGANISATION
    join(house, callers[0], strangers[30])
    with pytest.raises(access.BudgetSpent):
        join(house, callers[0], strangers[31])


def test_an_emergency_is_not_held_up_by_the_first_limit(embedded_house: House) -> None:
    """It brought a reason and a factor; only the second limit stops it, for a spree of them is an attack."""
    house = embedded_house
    be_held(house, house.physician)

    def open_emergency(dossier: kernel.DossierId) -> None:
        with house.database.unit_of_work() as uow:
            action, relation = Action.OPEN_EMERGENCY, access.Relation.SAME_ORGANISATION
            spending.spend(uow, house.physician, dossier, action, relation)
            spending.spend(uow, house.physician, dossier, Action.READ, access.Relation.EMERGENCY)

    for dossier in many_ids(15):
        open_emergency(dossier)
    with pytest.raises(access.AccountFrozen):
        for dossier in many_ids(16):
            open_emergency(dossier)


def many_ids(count: int) -> list[kernel.DossierId]:
    return [kernel.DossierId(kernel.new_id()) for _ in range(count)]


def test_habits_are_learned_from_days_that_are_over_and_dossiers_forgotten(
    embedded_house: House, clock: kernel.SettableClock
) -> None:
    house = embedded_house
    dossiers = many(house, 6, house.physician)
    open_until_stopped(house, house.physician, dossiers)
    assert access.learn_habits(house.database) == 0

    for _ in range(11):
        clock.advance(timedelta(days=1))
        open_until_stopped(house, house.physician, dossiers)
        while access.learn_habits(house.database):
            pass

    learned = state_of(house, house.physician)
    assert learned.active_days == 11
    assert learned.usual == pytest.approx(6, abs=0.2)
    with house.database.reading() as uow:
        days = uow.connection.execute(text("SELECT count(DISTINCT day) FROM brake_marks")).scalar_one()
        budget = {one.gauge: one.of for one in access.own_budget(uow, house.physician)}
    assert days == 1
    assert budget[access.Gauge(Measure.DOSSIERS, access.Window.DAY)] == 45


def test_the_purpose_does_not_matter(embedded_house: House) -> None:
    house = embedded_house
    new = be_held(house, house.physician)

    with pytest.raises(access.BudgetSpent), house.database.unit_of_work() as uow:
        access.decide(uow, house.physician, Action.LIST, new, Purpose.EMERGENCY)


def checked(house: House) -> dict[str, list[tuple[bool, bool]]]:
    """Return by kind of place, in their order, whether each row is what the ledger vouches for, and whether it is sound."""
    found: dict[str, list[tuple[bool, bool]]] = {}
    with house.database.reading() as uow:
        for one in check_stops(uow):
            vouched = ledger.current_anchor(uow, one.place) == one.digest
            found.setdefault(one.place.split("/")[0], []).append((vouched, one.sound))
    return found


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE brake_gauges SET freeze = NULL", {"brake-freeze": [(False, True)]}),
        ("DELETE FROM brake_gauges", {"brake-freeze": [(False, True)]}),
        ("UPDATE brake_gauges SET subject = organisation", {"brake-freeze": [(False, True)]}),
        ("UPDATE brake_freezes SET ended_at = frozen_at", {"brake-freeze": [(False, True)]}),
        ("UPDATE brake_lifts SET at = '2030-01-01 00:00:00.000000'", {"brake-lift": [(False, True)]}),
        ("UPDATE brake_lifts SET words_sealed = X'00'", {"brake-lift": [(False, False)]}),
    ],
)
def test_a_stop_that_is_lifted_in_the_database_is_found(
    embedded_house: House, statement: str, found: dict[str, list[tuple[bool, bool]]]
) -> None:
    house = embedded_house
    frozen(house, house.physician)
    as_it_was = {"brake-freeze": [(True, True)], "brake-lift": [(True, True)]}
    assert checked(house) == as_it_was

    change(house.database, statement)

    assert checked(house) == as_it_was | found


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE brake_freezes SET ended_by = account", (False, True)),
        ("UPDATE brake_freezes SET words_sealed = X'00'", (False, False)),
    ],
)
def test_who_ended_a_stop_and_with_which_words_is_vouched_for(
    embedded_house: House, statement: str, found: tuple[bool, bool]
) -> None:
    house = embedded_house
    stopped, by = frozen(house, house.physician), officer(house)
    with house.database.unit_of_work() as uow:
        access.unfreeze(uow, confirmed(house, by), stopped.id, "vu")
    as_it_was = checked(house)["brake-freeze"]

    change(house.database, statement)

    assert (as_it_was, checked(house)["brake-freeze"]) == ([(True, True)], [found])


def test_a_stop_that_was_ended_stays_vouched_for(house: House) -> None:
    found, by = frozen(house, house.physician), officer(house)
    with house.database.unit_of_work() as uow:
        access.unfreeze(uow, confirmed(house, by), found.id, "vu")

    assert checked(house)["brake-freeze"] == [(True, True)]


def test_the_digest_of_a_stop_is_reckoned_as_the_format_says(embedded_house: House) -> None:
    """docs/formats/ledger.md: what somebody else's reader reckons too."""
    house = embedded_house
    found = frozen(house, house.physician)
    said = {
        "account": str(found.account), "ended": "", "ended_by": "", "frozen": found.frozen_at.isoformat(),
        "measure": "dossiers", "organisation": str(found.organisation), "stops": "yes", "words": "",
    }  # fmt: skip

    with house.database.reading() as uow:
        vouched = ledger.current_anchor(uow, f"brake-freeze/{found.id}")

    assert vouched == sha256(kernel.canonical_json(said)).digest()
