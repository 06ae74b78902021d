"""Sign-in in two steps that look the same whatever was right (AUT-09).

Step one seals what was typed and looks nothing up. Step two has one refusal for every cause: which password was
right is known to nobody before the second factor is. A password is hashed only behind the throttle, once a try.
"""

from dataclasses import dataclass, replace

from serment.identity.devices.devices import remember_device
from serment.identity.directory import store as directory
from serment.identity.directory.store import SealedAccount
from serment.identity.entrance import Entrance
from serment.identity.errors import SignInRefused, Throttled
from serment.identity.factors import store as factors
from serment.identity.factors.demands import uses_passkeys_only
from serment.identity.factors.lanes import Lane
from serment.identity.factors.proofs import (
    FactorProof,
    Owner,
    PreparedProof,
    TotpCode,
    UsedFactor,
    prepare_proof,
    use_proof,
)
from serment.identity.logins import login_tag
from serment.identity.model import AccountStatus, Visit
from serment.identity.password_policy.breached import digest_of_password
from serment.identity.passwords.conditions import flag_password, restriction_after_sign_in
from serment.identity.passwords.store import PasswordFlag
from serment.identity.rules import Rules
from serment.identity.sessions.sessions import OpenedSession, open_session
from serment.identity.sign_in.admission import Admitted, admit, claim_in
from serment.identity.sign_in.attempts import Attempt, trace_refusal
from serment.identity.sign_in.claims import Claim, seal_claim
from serment.identity.throttling import throttle
from serment.identity.throttling.challenges import spend_challenge
from serment.kernel import AccountId, OrganisationId, UnitOfWork, new_id


@dataclass(frozen=True)
class Credentials:
    """What is typed in step one."""

    login: str
    password: str


@dataclass(frozen=True)
class PendingSignIn:
    """The way from step one to step two; it looks the same whatever the password was worth."""

    token: str


def begin_sign_in(entrance: Entrance, credentials: Credentials) -> PendingSignIn:
    """Take login and password, and return a pending sign-in whatever they are worth; touches no database."""
    claim = Claim(
        login_tag=login_tag(entrance.keyring, credentials.login),
        password=entrance.hasher.pepper(credentials.password),
        breach_digest=digest_of_password(credentials.password),
        begun_at=entrance.database.clock.now(),
    )
    return PendingSignIn(seal_claim(entrance.keyring, claim))


def finish_sign_in(
    entrance: Entrance, token: str, proof: FactorProof, visit: Visit, *, work: str | None = None
) -> OpenedSession:
    """Take the second factor, look at both proofs, and open a session.

    Raises:
        SignInRefused: for every cause: no account, wrong password, wrong or used factor, expired, suspended, too
            many tries for that login.
        WorkDemanded: unknown browsers are asked for work now; nothing was looked at.
        Throttled: too many tries from this network, or too many hashes are waiting; nothing was looked at.
    """
    claim = claim_in(entrance, token)
    if claim is None:
        raise SignInRefused("claim")
    entrance.pressure.share(entrance.database)
    admitted = admit(entrance, claim, visit, work)
    opened = None if admitted is None else _look_at(entrance, claim, admitted, proof, visit)
    if admitted is None or admitted.lane is Lane.UNKNOWN:
        _note(entrance, opened)
    if opened is None:
        raise SignInRefused("sign-in")
    return opened


def _note(entrance: Entrance, opened: OpenedSession | None) -> None:
    if opened is None:
        entrance.pressure.note_failure()
    else:
        entrance.pressure.note_success()


def _look_at(
    entrance: Entrance, claim: Claim, admitted: Admitted, proof: FactorProof, visit: Visit
) -> OpenedSession | None:
    try:
        right = entrance.hasher.matches(admitted.password_hash, claim.password, admitted.lane)
    except Throttled:
        with entrance.database.unit_of_work() as uow:
            throttle.give_back(uow, admitted.buckets)
        raise
    prepared = prepare_proof(entrance.database, entrance.relying_party, proof)
    attempt = _Looked(entrance, claim, admitted, prepared, visit)
    with entrance.database.unit_of_work() as uow:
        # What a refused attempt used up stays used up: the refusal is raised after the commit.
        opened = _finish(uow, attempt, right=right)
    if opened is not None:
        _renew_hash(entrance, admitted, claim)
    return opened


def _renew_hash(entrance: Entrance, admitted: Admitted, claim: Claim) -> None:
    """Hash at today's cost once both factors were proved: a second hash before that tells that the first was right."""
    old = admitted.password_hash
    if admitted.account is None or old is None or not entrance.hasher.is_outdated(old):
        return
    try:
        renewed = entrance.hasher.hash(claim.password, admitted.lane)
    except Throttled:
        return  # at another sign-in
    with entrance.database.unit_of_work() as uow:
        factors.rehash_password(uow, admitted.account.id, old=old, new=renewed)


@dataclass(frozen=True)
class _Looked:
    entrance: Entrance
    claim: Claim
    admitted: Admitted
    proof: PreparedProof
    visit: Visit


def _finish(uow: UnitOfWork, attempt: _Looked, *, right: bool) -> OpenedSession | None:
    entrance, admitted, visit = attempt.entrance, attempt.admitted, attempt.visit
    account = directory.hold_account(
        uow, AccountId(new_id()) if admitted.account is None else admitted.account.id
    )
    used = _use_second_factor(uow, attempt, account, right=right)
    if used is None or account is None or not right or not _may_enter(uow, account, entrance.rules):
        said = Attempt(visit, attempt.proof, admitted.lane)
        trace_refusal(uow, account, said, worth="right" if right else "wrong")
        return None
    throttle.give_back(uow, admitted.buckets)
    restriction = restriction_after_sign_in(uow, entrance, account, attempt.claim.breach_digest, visit)
    known = remember_device(uow, account, visit, entrance.rules.devices)
    visit = replace(visit, device_token=known)
    opened = open_session(uow, account, visit, used.method, entrance.rules.sessions, restriction=restriction)
    return replace(opened, device_token=known)


def _may_enter(uow: UnitOfWork, account: SealedAccount, rules: Rules) -> bool:
    """Tell whether a right password lets an account in: administrators have none (LAW-71)."""
    by_password = not uses_passkeys_only(uow, rules, account.role)
    return account.status is AccountStatus.ACTIVE and by_password


def _use_second_factor(
    uow: UnitOfWork, attempt: _Looked, account: SealedAccount | None, *, right: bool
) -> UsedFactor | None:
    """Try the factor, whatever the password was; guesses at codes are counted behind a right password only.

    Counted for anybody, they would let a stranger lock the owner's codes (THR-01). Who guesses codes behind the
    right password has stolen it: the owner must choose another one.
    """
    rules = attempt.entrance.rules
    owner = Owner(AccountId(new_id()), OrganisationId(new_id()))
    if right and account is not None:
        owner = Owner(account.id, account.organisation)
    guesser = b"" if attempt.admitted.device is None else attempt.admitted.device.bytes
    bucket = throttle.bucket(uow, rules.throttle.second_factor, "second factor", owner.account.bytes, guesser)
    if isinstance(attempt.proof, TotpCode) and throttle.longest_wait(uow, [bucket]):
        if right and account is not None and attempt.admitted.lane is Lane.UNKNOWN:
            flag_password(uow, account, PasswordFlag.PROVED_ELSEWHERE, attempt.visit)
        return None
    used = use_proof(
        uow, owner, attempt.proof, lambda work, it: spend_challenge(work, it, rules.lives.passkey_challenge)
    )
    if used is not None and isinstance(attempt.proof, TotpCode):
        throttle.give_back(uow, [bucket])
    return used
