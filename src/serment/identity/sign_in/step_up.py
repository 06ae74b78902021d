"""Prove a second factor again before a sensitive act (ASVS 7.5)."""

from serment import ledger
from serment.identity.ceremonies import store as ceremonies
from serment.identity.ceremonies.store import Ceremony, Purpose
from serment.identity.entrance import Entrance
from serment.identity.errors import StepUpRefused
from serment.identity.events.trail import Event, leave_trace
from serment.identity.factors.demands import uses_passkeys_only
from serment.identity.factors.passkeys import PasskeyChallenge, assertion_options
from serment.identity.factors.proofs import (
    FactorProof,
    Owner,
    PreparedProof,
    method_of,
    prepare_proof,
    use_proof,
)
from serment.identity.model import Caller, Method
from serment.identity.rules import Rules
from serment.identity.sessions.sessions import OpenedSession, raise_session
from serment.identity.throttling import throttle
from serment.identity.vocabulary import EventKind
from serment.kernel import UnitOfWork


def begin_passkey_step_up(entrance: Entrance, caller: Caller) -> PasskeyChallenge:
    """Return a challenge for one of the caller's own passkeys."""
    with entrance.database.unit_of_work() as uow:
        ceremony = Ceremony(Purpose.PASSKEY_STEP_UP, caller.account)
        token = ceremonies.begin(uow, ceremony, entrance.rules.lives.passkey_challenge)
    return PasskeyChallenge(token, assertion_options(entrance.relying_party, token))


def step_up(entrance: Entrance, caller: Caller, proof: FactorProof, token: str) -> OpenedSession:
    """Return the caller with a factor proved just now, and the token that takes the place of theirs.

    Raises:
        Throttled: too many proofs in too little time.
        StepUpRefused: the proof is not one of this account, or was used before.
    """
    with entrance.database.reading() as uow:
        bucket = throttle.proof_again_bucket(uow, caller, entrance.rules.throttle)
    throttle.admit(entrance.database, [bucket])
    prepared = prepare_proof(entrance.database, entrance.relying_party, proof)
    with entrance.database.unit_of_work() as uow:
        proved = _proves(uow, entrance.rules, caller, prepared)
        raised = raise_session(uow, caller, token) if proved else None
        if raised is not None:
            throttle.give_back(uow, [bucket])
    # Raised after the commit: what the attempt used up stays used up.
    if raised is None:
        raise StepUpRefused(str(caller.session))
    return raised


def _proves(uow: UnitOfWork, rules: Rules, caller: Caller, proof: PreparedProof) -> bool:
    owner = Owner(caller.account, caller.organisation)
    detail = {"method": method_of(proof).value, "session": str(caller.session)}
    counts = method_of(proof) is Method.PASSKEY or not uses_passkeys_only(uow, rules, caller.role)
    if not counts or use_proof(uow, owner, proof, lambda work, it: _take(work, caller, it)) is None:
        _trace(uow, caller, EventKind.STEP_UP_REFUSED, ledger.Outcome.REFUSED, detail)
        return False
    _trace(uow, caller, EventKind.STEPPED_UP, ledger.Outcome.ALLOWED, detail)
    return True


def _take(uow: UnitOfWork, caller: Caller, challenge: str) -> bool:
    ceremony = ceremonies.take(uow, challenge, Purpose.PASSKEY_STEP_UP)
    return ceremony is not None and ceremony.account == caller.account


def _trace(
    uow: UnitOfWork, caller: Caller, kind: EventKind, outcome: ledger.Outcome, detail: dict[str, str]
) -> None:
    event = Event(kind, caller.organisation, caller.actor, caller.account, outcome=outcome, detail=detail)
    leave_trace(uow, event)
