"""Sign-in with a passkey alone: possession and user verification are two factors in one (AUT-01).

Passwords and passkeys never slow each other down: no bucket of the one counts the other.
"""

from dataclasses import replace

from serment.identity.devices.devices import remember_device
from serment.identity.directory import store as directory
from serment.identity.directory.store import SealedAccount
from serment.identity.entrance import Entrance
from serment.identity.errors import SignInRefused
from serment.identity.factors.lanes import Lane
from serment.identity.factors.passkeys import PasskeyChallenge, assertion_options
from serment.identity.factors.proofs import (
    CheckedAssertion,
    Owner,
    PasskeyAssertion,
    UsedFactor,
    prepare_proof,
    use_proof,
)
from serment.identity.model import AccountStatus, Visit
from serment.identity.rules import Rules
from serment.identity.sessions.sessions import OpenedSession, open_session
from serment.identity.sign_in.attempts import Attempt, trace_refusal
from serment.identity.throttling import throttle
from serment.identity.throttling.challenges import draw_challenge, is_alive, spend_challenge
from serment.kernel import UnitOfWork


def begin_passkey_sign_in(entrance: Entrance) -> PasskeyChallenge:
    """Return a challenge for any passkey of this installation; touches no database."""
    challenge = draw_challenge(entrance.keyring, entrance.database.clock.now())
    return PasskeyChallenge(challenge, assertion_options(entrance.relying_party, challenge))


def finish_passkey_sign_in(entrance: Entrance, assertion: PasskeyAssertion, visit: Visit) -> OpenedSession:
    """Open a session for the owner of a passkey used with user verification: two factors in one (AUT-01).

    What no passkey of ours has signed is refused without a write or a trace, so that nobody fills the trail or
    keeps writers waiting by guessing (THR-01).

    Raises:
        SignInRefused: for every cause.
    """
    life = entrance.rules.lives.passkey_challenge
    if not is_alive(entrance.keyring, assertion.challenge, entrance.database.clock.now(), life):
        raise SignInRefused("passkey")
    proof = prepare_proof(entrance.database, entrance.relying_party, assertion)
    if not isinstance(proof, CheckedAssertion) or proof.used is None:
        raise SignInRefused("passkey")
    with entrance.database.unit_of_work() as uow:
        opened = _finish(uow, entrance, proof, visit)
    # Raised after the commit: what the attempt used up stays used up.
    if opened is None:
        raise SignInRefused("passkey")
    return opened


def _finish(
    uow: UnitOfWork, entrance: Entrance, proof: CheckedAssertion, visit: Visit
) -> OpenedSession | None:
    account = None if proof.used is None else directory.hold_account(uow, proof.used.passkey.account)
    if account is None or _came_too_often(uow, account, entrance.rules):
        return None
    used = _use(uow, entrance, account, proof)
    if used is None or account.status is not AccountStatus.ACTIVE:
        trace_refusal(uow, account, Attempt(visit, proof, Lane.UNKNOWN))
        return None
    known = remember_device(uow, account, visit, entrance.rules.devices)
    visit = replace(visit, device_token=known)
    opened = open_session(uow, account, visit, used.method, entrance.rules.sessions)
    return replace(opened, device_token=known)


def _came_too_often(uow: UnitOfWork, account: SealedAccount, rules: Rules) -> bool:
    """Count a use of a passkey whose signature held: only its holder fills this, and nobody the trail with it."""
    return bool(
        throttle.longest_wait(
            uow, [throttle.bucket(uow, rules.throttle.passkey, "passkey", account.id.bytes)]
        )
    )


def _use(
    uow: UnitOfWork, entrance: Entrance, account: SealedAccount, proof: CheckedAssertion
) -> UsedFactor | None:
    owner = Owner(account.id, account.organisation)
    life = entrance.rules.lives.passkey_challenge
    return use_proof(uow, owner, proof, lambda work, challenge: spend_challenge(work, challenge, life))
