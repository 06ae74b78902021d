"""Accounts that were stopped: who looks into them, and who lets them go on."""

from dataclasses import dataclass, replace

from serment import identity, kernel, ledger
from serment.access.brake import policy, store
from serment.access.brake.baselines import BASELINES
from serment.access.brake.checks import anchor_freeze
from serment.access.brake.errors import FreezeNotFound
from serment.access.brake.model import LOOKS_INTO, Filled, Freeze, FreezeId
from serment.access.brake.office import insist_on_office
from serment.access.brake.sealing import FREEZE_WORDS, seal_words, unseal_words
from serment.access.brake.traces import brake_trace


@dataclass(frozen=True)
class LookedInto:
    """A freeze beside what its account used of its budgets until then; no patient is named."""

    freeze: Freeze
    used: tuple[Filled, ...]


def freezes(uow: kernel.UnitOfWork, caller: identity.Caller, limit: int = 50) -> tuple[Freeze, ...]:
    """Return the freezes of the caller's organisation: those that hold first, then the newest; it leaves a trace.

    Raises:
        NotPermitted: the caller neither protects data nor administers.
        AccountFrozen: the caller's account was stopped too.
    """
    insist_on_office(uow, caller, LOOKS_INTO)
    rows = store.load_freezes(uow, caller.organisation, limit)
    detail = {"freezes": str(len(rows))}
    ledger.record(uow, brake_trace("brake.freezes-listed", caller, detail))
    return tuple(replace(found, words=_words(uow, found, sealed)) for found, sealed in rows)


def look_into(uow: kernel.UnitOfWork, caller: identity.Caller, freeze: FreezeId) -> LookedInto:
    """Return one freeze that holds, for somebody who may end it; looking leaves a trace.

    Raises:
        NotPermitted: the caller neither protects data nor administers.
        FreezeNotFound: none of the caller's organisation, or it is over, or the caller's own.
        AccountFrozen: the caller's account was stopped too: two of them do not let each other go.
    """
    found = _held(uow, caller, freeze)
    state = store.load_state(uow, found.account)
    owner = identity.open_account(uow, found.account)
    budget = policy.budget_of(BASELINES, owner.role, owner.profession, state)
    _trace(uow, caller, "brake.looked-into", found)
    return LookedInto(found, policy.filled(state, budget, found.frozen_at))


def unfreeze(uow: kernel.UnitOfWork, caller: identity.Caller, freeze: FreezeId, words: str) -> None:
    """Let an account go on after a look, with budgets begun anew; `words` say what was found.

    Raises:
        StepUpNeeded: prove a factor again first.
        NotPermitted, FreezeNotFound, AccountFrozen: as `look_into`.
        ValueError: no words.
    """
    found = _held(uow, caller, freeze)
    identity.require_step_up(caller, uow.now)
    if not words.strip():
        raise ValueError("what was found is said")
    sealed = seal_words(uow, found.organisation, FREEZE_WORDS, found.id, words.strip())
    if not store.end_freeze(uow, found, caller.account, sealed):
        raise FreezeNotFound(str(freeze))
    anchor_freeze(uow, replace(found, ended_at=uow.now, ended_by=caller.account), sealed)
    _trace(uow, caller, "brake.freeze-ended", found)


def _held(uow: kernel.UnitOfWork, caller: identity.Caller, freeze: FreezeId) -> Freeze:
    insist_on_office(uow, caller, LOOKS_INTO)
    found = store.load_freeze(uow, freeze)
    if found is None or found.ended_at is not None or found.organisation != caller.organisation:
        raise FreezeNotFound(str(freeze))
    if found.account == caller.account:
        raise FreezeNotFound(str(freeze))
    return found


def _words(uow: kernel.UnitOfWork, found: Freeze, sealed: bytes | None) -> str:
    return "" if sealed is None else unseal_words(uow, found.organisation, FREEZE_WORDS, found.id, sealed)


def _trace(uow: kernel.UnitOfWork, caller: identity.Caller, kind: str, found: Freeze) -> None:
    detail = {"freeze": str(found.id), "account": str(found.account)}
    ledger.record(uow, brake_trace(kind, caller, detail))
