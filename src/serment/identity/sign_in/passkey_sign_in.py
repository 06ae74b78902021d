"""Sign-in with a passkey alone: possession and user verification are two factors in one (AUT-01)."""

from serment.identity.ceremonies import store as ceremonies
from serment.identity.ceremonies.store import Ceremony, Purpose
from serment.identity.directory import store as directory
from serment.identity.directory.store import SealedAccount
from serment.identity.entrance import Entrance
from serment.identity.errors import SignInRefused
from serment.identity.factors.passkeys import PasskeyChallenge, assertion_options
from serment.identity.factors.proofs import (
    CheckedAssertion,
    Owner,
    PasskeyAssertion,
    PreparedProof,
    prepare_proof,
    use_proof,
)
from serment.identity.model import AccountStatus, Visit
from serment.identity.sessions.sessions import OpenedSession, open_session
from serment.identity.sign_in import throttle
from serment.identity.sign_in.attempts import trace_refusal
from serment.kernel import UnitOfWork


def begin_passkey_sign_in(entrance: Entrance, visit: Visit) -> PasskeyChallenge:
    """Return a challenge for any passkey of this installation.

    Raises:
        Throttled: too many attempts from this network.
    """
    with entrance.database.reading() as uow:
        source = throttle.source_bucket(uow, visit.origin, entrance.rules.throttle)
    throttle.admit(entrance.database, [source])
    with entrance.database.unit_of_work() as uow:
        life = entrance.rules.lives.passkey_challenge
        token = ceremonies.begin(uow, Ceremony(Purpose.PASSKEY_SIGN_IN), life)
    return PasskeyChallenge(token, assertion_options(entrance.relying_party, token))


def finish_passkey_sign_in(entrance: Entrance, assertion: PasskeyAssertion, visit: Visit) -> OpenedSession:
    """Open a session for the owner of a passkey used with user verification: two factors in one (AUT-01).

    A challenge takes one answer, and answers to none are not even traced: challenges are counted when they are
    given, so that nobody fills the trail or keeps writers waiting by guessing (THR-01).

    Raises:
        SignInRefused: for every cause.
    """
    with entrance.database.reading() as uow:
        if ceremonies.look_at(uow, assertion.challenge, Purpose.PASSKEY_SIGN_IN) is None:
            raise SignInRefused("passkey")
    prepared = prepare_proof(entrance.database, entrance.relying_party, assertion)
    with entrance.database.unit_of_work() as uow:
        opened = _finish_with_passkey(uow, entrance, prepared, visit)
        if opened is None:
            ceremonies.take(uow, assertion.challenge, Purpose.PASSKEY_SIGN_IN)
    if opened is None:
        raise SignInRefused("passkey")
    return opened


def _finish_with_passkey(
    uow: UnitOfWork, entrance: Entrance, proof: PreparedProof, visit: Visit
) -> OpenedSession | None:
    account = _owner_of(uow, proof)
    used = None
    if account is not None:
        owner = Owner(account.id, account.organisation)
        used = use_proof(uow, owner, proof, Purpose.PASSKEY_SIGN_IN)
    if used is None or account is None or account.status is not AccountStatus.ACTIVE:
        trace_refusal(uow, account, visit, proof)
        return None
    throttle.give_back(uow, [throttle.source_bucket(uow, visit.origin, entrance.rules.throttle)])
    return open_session(uow, account, visit, used.method, entrance.rules.sessions)


def _owner_of(uow: UnitOfWork, proof: PreparedProof) -> SealedAccount | None:
    if not isinstance(proof, CheckedAssertion) or proof.used is None:
        return None
    return directory.hold_account(uow, proof.used.passkey.account)
