from datetime import UTC, datetime, timedelta

import pytest

from serment import kernel
from serment.access.brake import policy
from serment.access.brake.baselines import BASELINES, read_baselines
from serment.access.brake.model import GAUGES, FreezeId, Gauge, Hold, Measure, State, Window
from serment.access.brake.policy import Finding
from serment.access.model import Action, Relation
from serment.identity import Profession, Role

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
HOUR = Gauge(Measure.DOSSIERS, Window.HOUR)
DAY = Gauge(Measure.DOSSIERS, Window.DAY)
PHYSICIAN = BASELINES.of(Role.PROFESSIONAL, Profession.PHYSICIAN)


def filled_by(count: int, now: datetime = NOW, budget: dict[Gauge, float] | None = None) -> dict[Gauge, int]:
    asked = policy.costs(budget or PHYSICIAN, Measure.DOSSIERS, 1)
    return {cost.gauge: policy.microseconds(now) + count * cost.total for cost in asked}


def weigh(state: State, now: datetime = NOW) -> Finding:
    return policy.weigh(state, policy.costs(PHYSICIAN, Measure.DOSSIERS, 1), now, BASELINES.second)


def test_every_profession_and_role_has_a_budget_for_every_gauge() -> None:
    professions = [one for one in Profession if one is not Profession.NONE]
    people = [(Role.PROFESSIONAL, one) for one in professions] + [(one, Profession.NONE) for one in Role]
    missing = {
        (role, gauge)
        for role, profession in people
        for gauge in set(GAUGES) - set(BASELINES.of(role, profession))
    }

    # A month of names would stop the work on a breach: hour and day alone bound what an officer's inquiries find.
    assert missing == {(Role.DPO, Gauge(Measure.NAMES, Window.MONTH))}
    assert set(BASELINES.weights) == set(Relation) - {Relation.PATIENT}


def test_own_patients_cost_less_than_strangers() -> None:
    weights = BASELINES.weights

    assert weights[Relation.CARE_TEAM] < min(weights[Relation.GRANT], weights[Relation.EMERGENCY])


@pytest.mark.parametrize(
    ("measure", "relation", "weight"),
    [
        (Measure.DOSSIERS, Relation.CARE_TEAM, 1.0),
        (Measure.DOSSIERS, Relation.GRANT, 2.0),
        (Measure.NAMES, Relation.SAME_ORGANISATION, 1.0),
        (Measure.TIES, Relation.SAME_ORGANISATION, 1.0),
    ],
)
def test_dossiers_are_weighed_by_the_relation_names_and_ties_are_not(
    measure: Measure, relation: Relation, weight: float
) -> None:
    assert policy.weight_of(BASELINES, measure, relation) == weight


def test_a_profession_widens_nothing_for_who_does_not_exercise_it() -> None:
    assert BASELINES.of(Role.ADMINISTRATOR, Profession.PHYSICIAN) == BASELINES.roles[Role.ADMINISTRATOR]


def test_baselines_that_name_something_unknown_are_refused() -> None:
    with pytest.raises(KeyError):
        read_baselines("[rules]\n")


@pytest.mark.parametrize(
    ("action", "relation", "measure"),
    [
        (Action.READ, Relation.PATIENT, None),
        (Action.READ_TRAIL, Relation.PATIENT, None),
        (Action.FILE, Relation.CARE_TEAM, None),
        (Action.READ, Relation.CARE_TEAM, Measure.DOSSIERS),
        (Action.LIST, Relation.GRANT, Measure.DOSSIERS),
        (Action.AMEND, Relation.CARE_TEAM, Measure.DOSSIERS),
        (Action.READ_TRAIL, Relation.DATA_PROTECTION, Measure.DOSSIERS),
        (Action.READ, Relation.EMERGENCY, Measure.DOSSIERS),
        (Action.LIST, Relation.SAME_ORGANISATION, Measure.NAMES),
        (Action.JOIN_TEAM, Relation.SAME_ORGANISATION, Measure.TIES),
        (Action.OPEN_EMERGENCY, Relation.SAME_ORGANISATION, Measure.TIES),
    ],
)
def test_acts_are_counted_as_what_they_reach(
    action: Action, relation: Relation, measure: Measure | None
) -> None:
    assert policy.measure_of(action, relation) is measure


def test_the_first_limit_asks_and_the_second_freezes() -> None:
    lifted = policy.microseconds(NOW) + 1

    assert weigh(State(filled_by(29))) is Finding.FITS
    assert weigh(State(filled_by(30))) is Finding.ASK
    assert weigh(State(filled_by(30), lifted_until=lifted)) is Finding.FITS
    assert weigh(State(filled_by(59), lifted_until=lifted)) is Finding.FITS
    assert weigh(State(filled_by(60), lifted_until=lifted)) is Finding.FREEZE


def test_whoever_is_held_stays_held_when_the_gauge_has_emptied() -> None:
    state = State(filled_by(30), held=Hold.ACCOUNT)

    assert weigh(state, NOW + timedelta(hours=9)) is Finding.ASK
    assert weigh(State(filled_by(30)), NOW + timedelta(hours=9)) is Finding.FITS


def test_whoever_is_held_goes_on_once_a_reason_was_given() -> None:
    lifted = State({}, held=Hold.ACCOUNT, lifted_until=policy.microseconds(NOW) + 1)

    assert weigh(lifted) is Finding.FITS


def test_what_the_organisation_asks_does_not_stop_ordinary_work() -> None:
    assert weigh(State({}, held=Hold.ORGANISATION)) is Finding.FITS


def test_a_freeze_stands_before_everything() -> None:
    frozen = State({}, freeze=FreezeId(kernel.new_id()))
    asked = policy.costs(PHYSICIAN, Measure.DOSSIERS, 1)

    assert weigh(frozen) is Finding.FROZEN
    assert policy.weigh_emergency(frozen, asked, NOW, 2.0) is Finding.FROZEN


def test_an_emergency_is_never_asked_and_is_stopped_at_the_second_limit() -> None:
    asked = policy.costs(PHYSICIAN, Measure.DOSSIERS, 1)

    assert policy.weigh_emergency(State(filled_by(59), held=Hold.ACCOUNT), asked, NOW, 2.0) is Finding.FITS
    assert policy.weigh_emergency(State(filled_by(60)), asked, NOW, 2.0) is Finding.FREEZE


def test_a_large_object_fits_by_itself_and_the_next_does_not() -> None:
    asked = policy.costs(PHYSICIAN, Measure.BYTES, 50e9)
    after = {cost.gauge: policy.microseconds(NOW) + cost.total for cost in asked}

    assert policy.weigh(State({}), asked, NOW, 2.0) is Finding.FITS
    assert policy.weigh(State(after), policy.costs(PHYSICIAN, Measure.BYTES, 1e6), NOW, 2.0) is Finding.ASK


def test_history_moves_a_budget_within_its_bounds_and_only_once_there_is_enough() -> None:
    learning = BASELINES.learning
    factors = [
        policy.factor_of(learning, PHYSICIAN, State({}, usual=usual, active_days=days))
        for usual, days in [(5.0, 9), (5.0, 10), (30.0, 10), (60.0, 10), (500.0, 10)]
    ]

    assert factors == [1.0, 0.5, 1.0, 2.0, 2.0]


def test_history_moves_nothing_where_a_day_of_dossiers_has_no_budget() -> None:
    known = State({}, usual=30.0, active_days=10)
    unlimited = {gauge: units for gauge, units in PHYSICIAN.items() if gauge != DAY}

    assert policy.factor_of(BASELINES.learning, unlimited, known) == 1.0


def test_the_usual_day_is_a_mean_at_first_and_then_moves_by_a_tenth() -> None:
    usual = 0.0
    for day in range(10):
        usual = policy.usual_after(usual, day, 40)

    assert usual == pytest.approx(40)
    assert policy.usual_after(40, 10, 240) == pytest.approx(60)


def test_an_organisation_has_room_for_its_people() -> None:
    ties = Gauge(Measure.TIES, Window.DAY)

    assert BASELINES.of_organisation(3)[ties] == 60
    assert BASELINES.of_organisation(500)[ties] == 5000


def test_what_is_filled_is_told_in_dossiers() -> None:
    told = {one.gauge: one.used for one in policy.filled(State(filled_by(30)), PHYSICIAN, NOW)}

    assert (told[HOUR], told[DAY]) == (30, 30)
    assert told[Gauge(Measure.NAMES, Window.HOUR)] == 0
