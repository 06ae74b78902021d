"""Sign-in in two steps that look the same whatever was right (AUT-09).

Step one always gives a pending token; step two has one refusal for every cause. Which password was right is
known to nobody before the second factor is.
"""

import hmac
import secrets
from dataclasses import dataclass

from serment.identity.ceremonies import store as ceremonies
from serment.identity.ceremonies.store import Ceremony, Purpose
from serment.identity.directory import store as directory
from serment.identity.directory.store import SealedAccount
from serment.identity.entrance import Entrance
from serment.identity.errors import SignInRefused
from serment.identity.factors import store as factors
from serment.identity.factors.proofs import (
    FactorProof,
    Owner,
    PreparedProof,
    TotpCode,
    UsedFactor,
    prepare_proof,
    use_proof,
)
from serment.identity.logins import tag_of_login
from serment.identity.model import AccountStatus, Visit
from serment.identity.sessions.sessions import OpenedSession, open_session
from serment.identity.sign_in import throttle
from serment.identity.sign_in.attempts import trace_begun, trace_refusal
from serment.identity.tokens import draw_token, keyed_digest
from serment.kernel import AccountId, OrganisationId, UnitOfWork, new_id

_TRIES = 3
_RIGHT = "right password"


@dataclass(frozen=True)
class Credentials:
    """What is typed in step one."""

    login: str
    password: str


@dataclass(frozen=True)
class PendingSignIn:
    """The way from step one to step two; it looks the same whatever the password was worth."""

    token: str


@dataclass(frozen=True)
class _Candidate:
    """The account that a login names, if any, and the password kept for it."""

    login_tag: bytes
    account: SealedAccount | None
    password_hash: str | None

    @property
    def id(self) -> AccountId | None:
        return None if self.account is None else self.account.id


def begin_sign_in(entrance: Entrance, credentials: Credentials, visit: Visit) -> PendingSignIn:
    """Take login and password, and return a pending sign-in whatever they are worth.

    Raises:
        Throttled: too many attempts for this login or from this network; nothing was hashed.
    """
    with entrance.database.reading() as uow:
        login_tag = tag_of_login(uow, credentials.login)
        buckets = throttle.sign_in_buckets(uow, login_tag, visit.origin, entrance.rules.throttle)
    throttle.admit(entrance.database, buckets)
    with entrance.database.reading() as uow:
        candidate = _candidate(uow, login_tag)
    right = entrance.hasher.matches(candidate.password_hash, credentials.password)
    renewed = _renewed(entrance, candidate, credentials.password) if right else None
    with entrance.database.unit_of_work() as uow:
        if renewed is not None and candidate.id is not None:
            factors.rehash_password(uow, candidate.id, old=candidate.password_hash or "", new=renewed)
        return _pending(uow, entrance, candidate, visit, right=right)


def finish_sign_in(entrance: Entrance, token: str, proof: FactorProof, visit: Visit) -> OpenedSession:
    """Take the second factor and open a session.

    A pending sign-in takes three answers, so that a mistyped code does not ask for the password again.

    Raises:
        SignInRefused: for every cause: no account, wrong password, wrong or used factor, expired, suspended.
    """
    prepared = prepare_proof(entrance.database, entrance.relying_party, proof)
    with entrance.database.unit_of_work() as uow:
        opened = _finish(uow, entrance, token, prepared, visit)
    # Raised after the commit: what the attempt used up stays used up.
    if opened is None:
        raise SignInRefused("sign-in")
    return opened


def _candidate(uow: UnitOfWork, login_tag: bytes) -> _Candidate:
    account = directory.find_by_login_tag(uow, login_tag)
    # The same two queries for a login without account.
    looked_up = AccountId(new_id()) if account is None else account.id
    return _Candidate(login_tag, account, factors.load_password(uow, looked_up))


def _renewed(entrance: Entrance, candidate: _Candidate, password: str) -> str | None:
    if candidate.password_hash is None or not entrance.hasher.is_outdated(candidate.password_hash):
        return None
    return entrance.hasher.hash(password)


def _pending(
    uow: UnitOfWork, entrance: Entrance, candidate: _Candidate, visit: Visit, *, right: bool
) -> PendingSignIn:
    token = draw_token()
    # Only the bearer of the token can tell a right password from a wrong one in a copy of this row.
    verdict = _verdict(token) if right else secrets.token_bytes(32)
    ceremony = Ceremony(Purpose.SIGN_IN, candidate.id, verdict, _TRIES)
    ceremonies.keep(uow, token, ceremony, entrance.rules.lives.pending_sign_in)
    trace_begun(uow, candidate.account, visit, right=right)
    return PendingSignIn(token)


def _verdict(token: str) -> bytes:
    return keyed_digest(token.encode("utf-8", "surrogatepass"), _RIGHT)


def _finish(
    uow: UnitOfWork, entrance: Entrance, token: str, proof: PreparedProof, visit: Visit
) -> OpenedSession | None:
    pending = ceremonies.look_at(uow, token, Purpose.SIGN_IN)
    if pending is None:
        return None
    account = directory.hold_account(uow, pending.account or AccountId(new_id()))
    if ceremonies.spend_try(uow, token, Purpose.SIGN_IN) is None:
        return None
    right = hmac.compare_digest(pending.payload, _verdict(token))
    used = _use_second_factor(uow, entrance, account, proof, right=right)
    if used is None or account is None or not right or account.status is not AccountStatus.ACTIVE:
        trace_refusal(uow, account, visit, proof)
        return None
    ceremonies.end(uow, token)
    buckets = throttle.sign_in_buckets(uow, account.login_tag, visit.origin, entrance.rules.throttle)
    throttle.give_back(uow, buckets)
    return open_session(uow, account, visit, used.method, entrance.rules.sessions)


def _use_second_factor(
    uow: UnitOfWork, entrance: Entrance, account: SealedAccount | None, proof: PreparedProof, *, right: bool
) -> UsedFactor | None:
    """Try the factor, whatever the password was; guesses at codes are counted behind a right password only.

    Counted for anybody, they would let a stranger lock the owner's codes (THR-01).
    """
    owner = Owner(AccountId(new_id()), OrganisationId(new_id()))
    if right and account is not None:
        owner = Owner(account.id, account.organisation)
    bucket = throttle.bucket(uow, entrance.rules.throttle.second_factor, "second factor", owner.account.bytes)
    if isinstance(proof, TotpCode) and throttle.longest_wait(uow, [bucket]):
        return None
    used = use_proof(uow, owner, proof, Purpose.PASSKEY_SIGN_IN)
    if used is not None and isinstance(proof, TotpCode):
        throttle.give_back(uow, [bucket])
    return used
