"""The owner's factors: list, add, remove. Each change asks for a step-up, and is told (ASVS 6.3.7, 7.5.1)."""

from dataclasses import dataclass

from serment.identity.ceremonies import store as ceremonies
from serment.identity.ceremonies.store import Ceremony, Purpose
from serment.identity.directory.accounts import open_account
from serment.identity.directory.organisations import is_demonstration
from serment.identity.entrance import Entrance
from serment.identity.errors import (
    FactorNotConfirmed,
    FactorNotFound,
    LastFactor,
    NotADemonstration,
    PasskeyNeeded,
)
from serment.identity.events.trail import Event, leave_trace
from serment.identity.factors import store
from serment.identity.factors.additions import (
    ConfirmedFactor,
    Factor,
    FactorKind,
    PasskeyRegistration,
    TotpConfirmation,
    add_factor,
    challenge_registration,
    confirm_registration,
    confirm_totp_seed,
    factors_of,
)
from serment.identity.factors.anchors import anchor_factor_gone
from serment.identity.factors.demands import uses_passkeys_only
from serment.identity.factors.passkeys import PasskeyChallenge
from serment.identity.factors.proofs import Owner
from serment.identity.factors.recovery_codes import replace_recovery_codes
from serment.identity.factors.totp import code_of_step, draw_seed, provisioning_uri, step_at
from serment.identity.model import Caller, FactorId, Restriction
from serment.identity.rules import Rules
from serment.identity.sealing import OFFERED_SEED, SEED, seal_text, unseal_text
from serment.identity.sessions.sessions import insist_session_lives, lift_restriction, require_step_up
from serment.identity.vocabulary import EventKind
from serment.kernel import AccountId, UnitOfWork


@dataclass(frozen=True)
class TotpOffer:
    """A seed to take into an application; it counts once its first code was given."""

    token: str
    seed: str
    uri: str


def list_factors(uow: UnitOfWork, caller: Caller) -> tuple[Factor, ...]:
    """Return the caller's second factors, oldest first."""
    return factors_of(uow, _owner(caller))


def recovery_codes_left(uow: UnitOfWork, caller: Caller) -> int:
    """Return how many of the caller's recovery codes are unused."""
    return store.count_unused_recovery_codes(uow, caller.account)


def begin_totp(entrance: Entrance, caller: Caller) -> TotpOffer:
    """Offer the seed of a further authenticator application.

    Raises:
        StepUpNeeded: prove a factor again first.
        PasskeyNeeded: the caller uses passkeys only.
    """
    seed = draw_seed()
    with entrance.database.unit_of_work() as uow:
        require_step_up(caller, uow.now)
        _insist_on_codes(uow, caller, entrance.rules)
        login = open_account(uow, caller.account).login
        sealed = seal_text(uow, caller.organisation, OFFERED_SEED, caller.account, seed)
        ceremony = Ceremony(Purpose.TOTP_ADDITION, caller.account, sealed)
        token = ceremonies.begin(uow, ceremony, entrance.rules.lives.factor_offer)
    return TotpOffer(token, seed, provisioning_uri(seed, login, entrance.relying_party.name))


def confirm_totp(entrance: Entrance, caller: Caller, token: str, confirmation: TotpConfirmation) -> Factor:
    """Add the offered application; a mistyped code leaves the offer open.

    Raises:
        StepUpNeeded: prove a factor again first.
        PasskeyNeeded: the caller uses passkeys only.
        SessionUnknown: the session was ended meanwhile.
        FactorNotConfirmed: the code is not that of the seed now, or the offer is not the caller's or ran out.
    """
    with entrance.database.unit_of_work() as uow:
        require_step_up(caller, uow.now)
        insist_session_lives(uow, caller)
        _insist_on_codes(uow, caller, entrance.rules)
        ceremony = ceremonies.take(uow, token, Purpose.TOTP_ADDITION)
        if ceremony is None or ceremony.account != caller.account:
            raise FactorNotConfirmed("offer")
        seed = unseal_text(uow, caller.organisation, OFFERED_SEED, caller.account, ceremony.payload)
        return _add(uow, caller, confirm_totp_seed(seed, confirmation, uow.now))


def begin_passkey_registration(entrance: Entrance, caller: Caller) -> PasskeyChallenge:
    """Return the challenge to register a further passkey.

    Raises:
        StepUpNeeded: prove a factor again first.
    """
    with entrance.database.unit_of_work() as uow:
        require_step_up(caller, uow.now)
        account = open_account(uow, caller.account)
        known = store.passkeys_of(uow, caller.account)
        return challenge_registration(uow, entrance.relying_party, account, entrance.rules.lives, known=known)


def confirm_passkey(entrance: Entrance, caller: Caller, registration: PasskeyRegistration) -> Factor:
    """Add the registered passkey; a session that waited for it is free again.

    Raises:
        StepUpNeeded: prove a factor again first.
        SessionUnknown: the session was ended meanwhile.
        FactorNotConfirmed: it does not answer its challenge, here, with user verification, once.
    """
    confirmed = confirm_registration(entrance.relying_party, registration)
    with entrance.database.unit_of_work() as uow:
        require_step_up(caller, uow.now)
        insist_session_lives(uow, caller)
        lift_restriction(uow, caller, Restriction.FACTOR_ADDITION)
        return _add(uow, caller, confirmed)


def remove_factor(uow: UnitOfWork, caller: Caller, factor: FactorId, rules: Rules) -> None:
    """Remove a second factor and everything stored of it (LAW-72); never the last one that signs its owner in.

    Raises:
        StepUpNeeded: prove a factor again first.
        SessionUnknown: the session was ended meanwhile.
        FactorNotFound: the caller has no such factor.
        LastFactor: it is the only one left.
    """
    require_step_up(caller, uow.now)
    insist_session_lives(uow, caller)
    kinds = {each.id: each.kind for each in list_factors(uow, caller)}
    if factor not in kinds:
        raise FactorNotFound(str(factor))
    if not usable_factors(uow, caller, rules) - {factor}:
        raise LastFactor(str(factor))
    store.remove_factor(uow, caller.account, factor)
    anchor_factor_gone(uow, caller.organisation, factor)
    _trace(uow, caller, EventKind.FACTOR_REMOVED, {"factor": str(factor), "kind": kinds[factor].value})


def usable_factors(uow: UnitOfWork, caller: Caller, rules: Rules) -> frozenset[FactorId]:
    """Return the caller's factors that sign them in: passkeys alone where nothing else is used."""
    bare = uses_passkeys_only(uow, rules, caller.role)
    held = list_factors(uow, caller)
    return frozenset(each.id for each in held if each.kind is FactorKind.PASSKEY or not bare)


def renew_recovery_codes(uow: UnitOfWork, caller: Caller, rules: Rules) -> tuple[str, ...]:
    """Return ten new recovery codes, shown once; the former ones are worth nothing any more.

    Raises:
        StepUpNeeded: prove a factor again first.
        SessionUnknown: the session was ended meanwhile.
        PasskeyNeeded: the caller uses passkeys only.
    """
    require_step_up(caller, uow.now)
    insist_session_lives(uow, caller)
    _insist_on_codes(uow, caller, rules)
    _trace(uow, caller, EventKind.RECOVERY_CODES_RENEWED, {})
    return replace_recovery_codes(uow, caller.account)


def totp_code_now(uow: UnitOfWork, account: AccountId) -> str:
    """Return a code that signs a demonstration account in now: the coming one when the present one was used.

    Raises:
        NotADemonstration: this installation was not flagged as one before its first account.
        AccountNotFound: no such account.
        FactorNotFound: the account has no authenticator application.
    """
    if not is_demonstration(uow):
        raise NotADemonstration("totp")
    owner = open_account(uow, account)
    rows = store.totp_of(uow, account)
    if not rows:
        raise FactorNotFound(str(account))
    seed = unseal_text(uow, owner.organisation, SEED, rows[0].id, rows[0].seed_sealed)
    present = step_at(uow.now)
    return code_of_step(seed, present + 1 if rows[0].last_step >= present else present)


def _insist_on_codes(uow: UnitOfWork, caller: Caller, rules: Rules) -> None:
    if uses_passkeys_only(uow, rules, caller.role):
        raise PasskeyNeeded(str(caller.account))


def _owner(caller: Caller) -> Owner:
    return Owner(caller.account, caller.organisation)


def _add(uow: UnitOfWork, caller: Caller, confirmed: ConfirmedFactor) -> Factor:
    factor = add_factor(uow, _owner(caller), confirmed)
    _trace(uow, caller, EventKind.FACTOR_ADDED, {"factor": str(factor.id), "kind": factor.kind.value})
    return factor


def _trace(uow: UnitOfWork, caller: Caller, kind: EventKind, detail: dict[str, str]) -> None:
    event = Event(kind, caller.organisation, caller.actor, caller.account, detail=detail)
    leave_trace(uow, event)
