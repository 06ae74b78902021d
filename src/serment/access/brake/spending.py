"""Spend the budgets of an account, act by act; stop the act that does not fit.

What is spent is written beside the trace of the act and survives a rollback as it does. In a recorded reading it is
written at the end, before anything is served: whoever was overtaken by another worker meanwhile is stopped there.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import assert_never

from serment import identity, kernel, ledger
from serment.access.alarms import Alarm, raise_alarm
from serment.access.brake import policy, store
from serment.access.brake.baselines import BASELINES
from serment.access.brake.checks import anchor_freeze
from serment.access.brake.errors import AccountFrozen, BudgetSpent
from serment.access.brake.model import Cost, Freeze, Hold, Measure, State
from serment.access.brake.policy import Finding
from serment.access.brake.traces import brake_trace
from serment.access.model import Action, Permit, Relation

#: Rows of accounts are written before those of organisations: two transactions never wait for each other.
_ACCOUNTS, _ORGANISATIONS = "brake 1", "brake 2"


def spend(
    uow: kernel.UnitOfWork,
    caller: identity.Caller,
    dossier: kernel.DossierId,
    action: Action,
    relation: Relation | None,
) -> None:
    """Count one act that the rules allow by a relation; of one that they refuse (None) look at the account alone.

    Raises:
        AccountFrozen: the account opens nothing, whatever the dossier.
        BudgetSpent: a reason is asked for first.
    """
    state = standing(uow, caller, dossier)
    if relation is None:
        return
    measure = policy.measure_of(action, relation)
    if measure is None or (measure is Measure.DOSSIERS and state.marked):
        return
    emergency = action is Action.OPEN_EMERGENCY or relation is Relation.EMERGENCY
    units = policy.weight_of(BASELINES, measure, relation)
    place = frozenset({dossier} if measure is Measure.DOSSIERS else ())
    _spend(uow, state, _Spending(caller, measure, _costs(caller, state, measure, units), place, emergency))
    if measure is not Measure.DOSSIERS:
        _spend_together(uow, caller, measure, units, emergency=emergency)


def spend_names(uow: kernel.UnitOfWork, caller: identity.Caller, count: int) -> None:
    """Count patients shown by name to somebody without a relation to them; of nobody (0), look at the account alone.

    Raises: as `spend`.
    """
    state = standing(uow, caller)
    if count:
        asked = _costs(caller, state, Measure.NAMES, count)
        _spend(uow, state, _Spending(caller, Measure.NAMES, asked))
        _spend_together(uow, caller, Measure.NAMES, count)


def spend_trails(
    uow: kernel.UnitOfWork, caller: identity.Caller, dossiers: Collection[kernel.DossierId]
) -> None:
    """Count patients whose trails an inquiry opens, each once a day; of nobody, look at the account alone.

    However many they are, they fill their budget once: a breach is asked for whole, and the next one takes a reason.

    Raises: as `spend`.
    """
    state = standing(uow, caller)
    new = frozenset(dossiers) - store.marked_among(uow, caller.account, dossiers)
    if new:
        asked = policy.at_once(_costs(caller, state, Measure.NAMES, len(new)))
        _spend(uow, state, _Spending(caller, Measure.NAMES, asked, new))


def spend_volume(uow: kernel.UnitOfWork, permit: Permit, size_bytes: int) -> None:
    """Count bytes of a dossier that are about to leave; a patient may take all of their own.

    Raises: as `spend`.
    """
    spend_bytes(uow, permit.caller, permit.relation, size_bytes)


def spend_bytes(
    uow: kernel.UnitOfWork, caller: identity.Caller, relation: Relation | None, size_bytes: int
) -> None:
    """Count bytes that a caller takes by a relation.

    Raises: as `spend`.
    """
    if relation is Relation.PATIENT or not size_bytes:
        return
    state = standing(uow, caller)
    asked = _costs(caller, state, Measure.BYTES, size_bytes)
    emergency = relation is Relation.EMERGENCY
    _spend(uow, state, _Spending(caller, Measure.BYTES, asked, emergency=emergency))


def standing(
    uow: kernel.UnitOfWork, caller: identity.Caller, dossier: kernel.DossierId | None = None
) -> State:
    """Return where the caller's account stands.

    Raises:
        AccountFrozen: it opens nothing.
    """
    state = store.load_state(uow, caller.account, dossier)
    if state.freeze is not None:
        raise AccountFrozen(str(caller.account))
    return state


@dataclass(frozen=True)
class _Spending:
    """What one act takes of an account's own budget; called, it is written, or objected to.

    What is spent for `dossiers` is spent once a day for them.
    """

    caller: identity.Caller
    measure: Measure
    asked: tuple[Cost, ...]
    dossiers: frozenset[kernel.DossierId] = frozenset()
    emergency: bool = False

    def weigh(self, uow: kernel.UnitOfWork, state: State) -> Finding:
        """Say whether it fits, from where the account stood before."""
        rule = policy.weigh_emergency if self.emergency else policy.weigh
        return rule(state, self.asked, uow.now, BASELINES.second)

    def __call__(self, uow: kernel.UnitOfWork) -> Exception | None:
        """Fill the gauges where that fits, else leave them and stop the account."""
        account = self.caller.account
        before = store.fill(uow, account, self.caller.organisation, self.asked)
        marked = store.mark(uow, account, self.dossiers)
        if self.dossiers and not marked:
            store.empty(uow, account, self.asked)
            return None
        finding = self.weigh(uow, before)
        if finding is Finding.FITS:
            return None
        store.empty(uow, account, self.asked)
        store.unmark(uow, account, marked)
        return _stop(uow, self.caller, self.measure, finding)


@dataclass(frozen=True)
class _SpendingTogether:
    """What one look without a relation takes of the organisation's budget; called, it is written, or objected to."""

    caller: identity.Caller
    measure: Measure
    units: float
    emergency: bool

    def __call__(self, uow: kernel.UnitOfWork) -> Exception | None:
        """Fill the gauges; beyond them, go on with a pass alone."""
        organisation = self.caller.organisation
        budget = BASELINES.of_organisation(identity.count_professionals(uow, organisation))
        asked = policy.costs(budget, self.measure, self.units)
        before = store.fill(uow, organisation, organisation, asked)
        if self.emergency or policy.fits(before.levels, asked, uow.now, 1.0):
            return None
        if store.use_pass(uow, self.caller.account):
            return None
        store.empty(uow, organisation, asked)
        store.hold(uow, self.caller.account, Hold.ORGANISATION)
        _trace(uow, self.caller, "brake.held", {"measure": self.measure.value, "budget": "organisation"})
        return BudgetSpent(self.measure, Hold.ORGANISATION)


def _spend(uow: kernel.UnitOfWork, state: State, spending: _Spending) -> None:
    """Stop at once whoever is seen to be over; let the others' spending be written, which looks again."""
    finding = spending.weigh(uow, state)
    if finding is Finding.ASK and state.held is Hold.ACCOUNT:
        raise BudgetSpent(spending.measure)
    turn = f"{_ACCOUNTS} {spending.caller.account}"
    if spending.dossiers:
        uow.insist_once(spending, turn=turn)
    else:
        uow.insist(spending, turn=turn)
    match finding:
        case Finding.FITS:
            return
        case Finding.ASK:
            raise BudgetSpent(spending.measure)
        case Finding.FREEZE | Finding.FROZEN:
            raise AccountFrozen(str(spending.caller.account))
        case _:
            assert_never(finding)


def _spend_together(
    uow: kernel.UnitOfWork,
    caller: identity.Caller,
    measure: Measure,
    units: float,
    *,
    emergency: bool = False,
) -> None:
    together = _SpendingTogether(caller, measure, units, emergency)
    uow.insist(together, turn=f"{_ORGANISATIONS} {caller.organisation}")


def _costs(caller: identity.Caller, state: State, measure: Measure, units: float) -> tuple[Cost, ...]:
    budget = policy.budget_of(BASELINES, caller.role, caller.profession, state)
    return policy.costs(budget, measure, units)


def _stop(uow: kernel.UnitOfWork, caller: identity.Caller, measure: Measure, finding: Finding) -> Exception:
    match finding:
        case Finding.ASK:
            store.hold(uow, caller.account, Hold.ACCOUNT)
            _trace(uow, caller, "brake.held", {"measure": measure.value, "budget": "account"})
            return BudgetSpent(measure)
        case Finding.FREEZE:
            _freeze(uow, caller, measure)
        case _:
            pass
    return AccountFrozen(str(caller.account))


def _freeze(uow: kernel.UnitOfWork, caller: identity.Caller, measure: Measure) -> None:
    """Stop this account alone, leave the trace, and ask for an incident."""
    frozen = Freeze(store.new_freeze_id(), caller.account, caller.organisation, measure, uow.now)
    store.freeze(uow, frozen)
    anchor_freeze(uow, frozen)
    _trace(uow, caller, "brake.frozen", {"measure": measure.value, "freeze": str(frozen.id)})
    raise_alarm(uow, Alarm.ACCOUNT_FROZEN, caller.organisation, account=caller.account, reference=frozen.id)


def _trace(uow: kernel.UnitOfWork, caller: identity.Caller, kind: str, detail: dict[str, str]) -> None:
    ledger.record(uow, brake_trace(kind, caller, detail, ledger.Outcome.REFUSED))
