"""Proofs of a second factor: checked without a lock where that takes long, then used up in the transaction.

`prepare_proof` verifies signatures, outside any write transaction. `use_proof` decides, inside one: a code, a
challenge or a recovery code is good for one request only, whatever comes at the same time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from serment import ledger
from serment.identity.events.trail import Event, leave_trace
from serment.identity.factors import store
from serment.identity.factors.passkeys import UsedPasskey, credential_id_in, verify_assertion
from serment.identity.factors.recovery_codes import use_recovery_code
from serment.identity.factors.totp import matching_step
from serment.identity.model import FactorId, Method, RelyingParty
from serment.identity.sealing import SEED, unseal_text
from serment.identity.unproved import visitor_from
from serment.identity.vocabulary import EventKind
from serment.kernel import AccountId, Database, OrganisationId, UnitOfWork

_DECOY_SEED = "A" * 32


@dataclass(frozen=True)
class TotpCode:
    """The six digits that an authenticator application shows."""

    code: str


@dataclass(frozen=True)
class RecoveryCode:
    """One of the ten codes kept for a bad day."""

    code: str


@dataclass(frozen=True)
class PasskeyAssertion:
    """What navigator.credentials.get() answered, as JSON, to the challenge with that token."""

    challenge: str
    response_json: str


#: What proves a second factor.
FactorProof = TotpCode | RecoveryCode | PasskeyAssertion


@dataclass(frozen=True)
class CheckedAssertion:
    """An assertion whose signature was looked at: `used` is None when it does not hold."""

    challenge: str
    used: UsedPasskey | None


#: Uses a challenge up, in the transaction; False when it is none, was used, or was drawn for somebody else.
ChallengeTaker = Callable[[UnitOfWork, str], bool]
#: A proof whose slow part was checked.
PreparedProof = TotpCode | RecoveryCode | CheckedAssertion


@dataclass(frozen=True)
class Owner:
    """The account that a proof is for."""

    account: AccountId
    organisation: OrganisationId


@dataclass(frozen=True)
class UsedFactor:
    """What proved the account; a recovery code is no factor of the list."""

    method: Method
    factor: FactorId | None = None


def prepare_proof(database: Database, party: RelyingParty, proof: FactorProof) -> PreparedProof:
    """Do the slow part of checking a proof."""
    if not isinstance(proof, PasskeyAssertion):
        return proof
    return CheckedAssertion(proof.challenge, _verified(database, party, proof))


def use_proof(uow: UnitOfWork, owner: Owner, proof: PreparedProof, take: ChallengeTaker) -> UsedFactor | None:
    """Use up a proof of the owner's; None when it is not one, or was used before.

    `take` uses up the challenge that a passkey has answered.
    """
    match proof:
        case TotpCode(code):
            return _use_totp(uow, owner, code)
        case RecoveryCode(code):
            used = use_recovery_code(uow, owner.account, code)
            return UsedFactor(Method.RECOVERY_CODE) if used else None
        case CheckedAssertion(challenge, used_passkey):
            return _use_assertion(uow, owner, CheckedAssertion(challenge, used_passkey), take)
        case _:
            assert_never(proof)


def method_of(proof: PreparedProof) -> Method:
    """Return what kind of proof it is."""
    match proof:
        case TotpCode():
            return Method.TOTP
        case RecoveryCode():
            return Method.RECOVERY_CODE
        case CheckedAssertion():
            return Method.PASSKEY
        case _:
            assert_never(proof)


def _verified(database: Database, party: RelyingParty, proof: PasskeyAssertion) -> UsedPasskey | None:
    credential = credential_id_in(proof.response_json)
    if credential is None:
        return None
    with database.reading() as uow:
        passkey = store.find_passkey(uow, credential)
    if passkey is None:
        return None
    return verify_assertion(party, proof.challenge, proof.response_json, passkey)


def _use_totp(uow: UnitOfWork, owner: Owner, code: str) -> UsedFactor | None:
    rows = store.totp_of(uow, owner.account)
    if not rows:
        matching_step(_DECOY_SEED, code, uow.now)  # takes as long as with a seed (AUT-09)
    for row in rows:
        seed = unseal_text(uow, owner.organisation, SEED, row.id, row.seed_sealed)
        step = matching_step(seed, code, uow.now)
        if step is not None and store.accept_step(uow, row.id, step):
            return UsedFactor(Method.TOTP, row.id)
    return None


def _use_assertion(
    uow: UnitOfWork, owner: Owner, assertion: CheckedAssertion, take: ChallengeTaker
) -> UsedFactor | None:
    used = assertion.used
    if used is None or used.passkey.account != owner.account:
        return None
    if not take(uow, assertion.challenge):
        return None
    if not store.advance_passkey(uow, used.passkey, sign_count=used.sign_count, backed_up=used.backed_up):
        return None
    if used.counted_back:
        _tell_of_doubt(uow, owner, used)
    return UsedFactor(Method.PASSKEY, used.passkey.id)


def _tell_of_doubt(uow: UnitOfWork, owner: Owner, used: UsedPasskey) -> None:
    """Trace a counter that did not go on: the passkey may have been copied. Where from, the session tells."""
    doubt = Event(
        kind=EventKind.PASSKEY_DOUBTED,
        organisation=owner.organisation,
        actor=visitor_from("web"),
        about=owner.account,
        outcome=ledger.Outcome.REFUSED,
        detail={"factor": str(used.passkey.id)},
    )
    leave_trace(uow, doubt)
