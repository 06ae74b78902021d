"""Going on beyond what is usual: with a reason and a factor, once, to a second limit; and who reads the reasons."""

from dataclasses import replace

from serment import identity, kernel, ledger
from serment.access.brake import policy, store
from serment.access.brake.baselines import BASELINES
from serment.access.brake.checks import anchor_lift
from serment.access.brake.errors import NothingHeld
from serment.access.brake.model import LOOKS_INTO, Filled, Hold, Lift, LiftId, Reason
from serment.access.brake.office import insist_on_office
from serment.access.brake.sealing import LIFT_WORDS, seal_words, unseal_words
from serment.access.brake.spending import standing
from serment.access.brake.traces import brake_trace


def give_reason(uow: kernel.UnitOfWork, caller: identity.Caller, reason: Reason) -> Lift:
    """Say why one goes on: to a second limit for a day, or to one first look when the organisation's are spent.

    Raises:
        StepUpNeeded: prove a factor again first.
        AccountFrozen: the account was stopped; a reason of its own does not start it again.
        NothingHeld: nothing is asked of this account.
    """
    identity.require_step_up(caller, uow.now)
    held = standing(uow, caller).held
    if held is None:
        raise NothingHeld(str(caller.account))
    given = Lift(LiftId(kernel.new_id()), caller.account, held, uow.now, reason)
    if held is Hold.ACCOUNT:
        store.lift(uow, caller.account, policy.microseconds(uow.now + BASELINES.lift))
    else:
        store.give_pass(uow, caller.account)
    sealed = seal_words(uow, caller.organisation, LIFT_WORDS, given.id, reason.words)
    store.add_lift(uow, given, caller.organisation, sealed)
    anchor_lift(uow, given, caller.organisation, sealed)
    detail = {"lift": str(given.id), "budget": held.value, "reason": reason.code.value}
    ledger.record(uow, brake_trace("brake.reason-given", caller, detail))
    return given


def own_hold(uow: kernel.UnitOfWork, caller: identity.Caller) -> Hold | None:
    """Return why a reason is asked of the caller, if one is.

    Raises:
        AccountFrozen: the account was stopped.
    """
    return standing(uow, caller).held


def own_budget(uow: kernel.UnitOfWork, caller: identity.Caller) -> tuple[Filled, ...]:
    """Return how much of each of their budgets the caller has used."""
    state = store.load_state(uow, caller.account)
    budget = policy.budget_of(BASELINES, caller.role, caller.profession, state)
    return policy.filled(state, budget, uow.now)


def reasons_given(uow: kernel.UnitOfWork, caller: identity.Caller, limit: int = 50) -> tuple[Lift, ...]:
    """Return the reasons given in the caller's organisation, newest first; it leaves a trace.

    Raises:
        NotPermitted: the caller neither protects data nor administers.
        AccountFrozen: the caller's account was stopped.
    """
    insist_on_office(uow, caller, LOOKS_INTO)
    rows = store.load_lifts(uow, caller.organisation, limit)
    ledger.record(uow, brake_trace("brake.reasons-read", caller, {"lifts": str(len(rows))}))
    return tuple(
        replace(given, reason=replace(given.reason, words=_words(uow, caller.organisation, given, sealed)))
        for given, sealed in rows
    )


def _words(uow: kernel.UnitOfWork, organisation: kernel.OrganisationId, given: Lift, sealed: bytes) -> str:
    return unseal_words(uow, organisation, LIFT_WORDS, given.id, sealed)
