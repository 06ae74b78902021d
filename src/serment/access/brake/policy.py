"""The arithmetic of the brake: what an act costs, whether it fits, what is learned. Pure; no I/O, no clock.

A gauge is one instant, until when it is filled (the generic cell rate algorithm): it empties with the clock, so that
no row is reset and every worker reads the same level.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import Enum, auto

from serment.access.brake.baselines import Baselines, Learning
from serment.access.brake.model import Budget, Cost, Filled, Gauge, Hold, Measure, State, Window
from serment.access.model import Action, Relation
from serment.identity import Profession, Role

_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: What tells nothing of a dossier, and so costs nothing.
_TELLS_NOTHING = frozenset({Action.FILE})
_TIES = frozenset({Action.JOIN_TEAM, Action.OPEN_EMERGENCY})
#: Bytes are admitted by the megabyte: an object is served whole or not at all.
_UNITS = {Measure.BYTES: 1_000_000.0}
#: How much of a new day moves what is usual.
_MOVES = 0.1


class Finding(Enum):
    """What the brake finds of one act."""

    FITS = auto()
    ASK = auto()
    FREEZE = auto()
    FROZEN = auto()


def microseconds(moment: datetime) -> int:
    """Return an instant as the rows hold it."""
    return (moment - _EPOCH) // _MICROSECOND


def day_of(moment: datetime) -> int:
    """Return the number of a day, in UTC."""
    return (moment - _EPOCH).days


def measure_of(action: Action, relation: Relation) -> Measure | None:
    """Return what an allowed act is counted as; None when it is not: one's own dossier, and filing unseen."""
    if relation is Relation.PATIENT or action in _TELLS_NOTHING:
        return None
    if action in _TIES:
        return Measure.TIES
    return Measure.NAMES if relation is Relation.SAME_ORGANISATION else Measure.DOSSIERS


def weight_of(baselines: Baselines, measure: Measure, relation: Relation) -> float:
    """Return how many units an act is: dossiers cost by the relation, names and ties one each."""
    return baselines.weights[relation] if measure is Measure.DOSSIERS else 1.0


def budget_of(baselines: Baselines, role: Role, profession: Profession, state: State) -> Budget:
    """Return what an account may reach: the baseline of who its owner is, moved by its own history."""
    baseline = baselines.of(role, profession)
    factor = factor_of(baselines.learning, baseline, state)
    return {gauge: units * factor for gauge, units in baseline.items()}


def factor_of(learning: Learning, baseline: Budget, state: State) -> float:
    """Return by how much an account's own history widens or narrows its budgets; 1 until enough is known."""
    day = baseline.get(Gauge(Measure.DOSSIERS, Window.DAY))
    if state.active_days < learning.after_days or not day:
        return 1.0
    return min(max(learning.times_usual * state.usual / day, learning.least), learning.most)


def usual_after(usual: float, active_days: int, count: int) -> float:
    """Return the usual day once one more is known: the mean of the first ten, then moved a tenth by each."""
    return usual + (count - usual) * max(_MOVES, 1 / (active_days + 1))


def costs(budget: Budget, measure: Measure, units: float) -> tuple[Cost, ...]:
    """Return what so many units fill of every gauge of a measure."""
    unit = _UNITS.get(measure, 1.0)
    return tuple(
        Cost(gauge, _share(gauge, units / fits), _share(gauge, min(unit, units) / fits))
        for gauge, fits in budget.items()
        if gauge.measure is measure
    )


def at_once(asked: Collection[Cost]) -> tuple[Cost, ...]:
    """Return what something fills that is asked for whole, however much it is: each gauge to its brim, and no further."""
    return tuple(replace(cost, total=min(cost.total, _length(cost.gauge))) for cost in asked)


def weigh(state: State, asked: Collection[Cost], now: datetime, second: float) -> Finding:
    """Say whether an act fits, given where the account stands before it."""
    if state.freeze is not None:
        return Finding.FROZEN
    lifted = is_lifted(state, now)
    if state.held is Hold.ACCOUNT and not lifted:
        return Finding.ASK
    if fits(state.levels, asked, now, second if lifted else 1.0):
        return Finding.FITS
    return Finding.FREEZE if lifted else Finding.ASK


def weigh_emergency(state: State, asked: Collection[Cost], now: datetime, second: float) -> Finding:
    """Say whether an emergency fits: it has brought a reason and a factor, so that none is asked for again."""
    if state.freeze is not None:
        return Finding.FROZEN
    return Finding.FITS if fits(state.levels, asked, now, second) else Finding.FREEZE


def fits(levels: Mapping[Gauge, int], asked: Collection[Cost], now: datetime, times: float) -> bool:
    """Tell whether one more unit fits in every gauge; the act may then be larger, by itself alone."""
    at = microseconds(now)
    return all(
        max(levels.get(cost.gauge, 0) - at, 0) + cost.unit <= round(_length(cost.gauge) * times)
        for cost in asked
    )


def is_lifted(state: State, now: datetime) -> bool:
    """Tell whether a reason was given, so that the second limit holds."""
    return state.lifted_until > microseconds(now)


def filled(state: State, budget: Budget, now: datetime) -> tuple[Filled, ...]:
    """Return how much of each budget is used now."""
    at = microseconds(now)
    return tuple(
        Filled(
            gauge, round(max(state.levels.get(gauge, 0) - at, 0) / _length(gauge) * fits_in), round(fits_in)
        )
        for gauge, fits_in in budget.items()
    )


def _length(gauge: Gauge) -> int:
    return gauge.window.length // _MICROSECOND


def _share(gauge: Gauge, share: float) -> int:
    return int(_length(gauge) * share)
