"""Who may have a password looked at: decided before anything is hashed or compared (AUT-06 to AUT-08).

Known browsers have buckets of their own, so that no attack on an account or from a network stops them. Unknown ones
are counted by login, by network and by both; while most of what they try fails, each try asks for a proof of work.
What depends on the login is never told: such a try is refused like a wrong one, without its hash.
"""

from dataclasses import dataclass

from serment.identity.devices.devices import known_device
from serment.identity.devices.tokens import device_in
from serment.identity.directory import store as directory
from serment.identity.directory.store import SealedAccount
from serment.identity.entrance import Entrance
from serment.identity.errors import Throttled, WorkDemanded
from serment.identity.factors import store as factors
from serment.identity.factors.lanes import Lane
from serment.identity.model import DeviceId, Visit
from serment.identity.sign_in.attempts import trace_throttled
from serment.identity.sign_in.claims import Claim, open_claim
from serment.identity.throttling import store, throttle
from serment.identity.throttling.throttle import Bucket
from serment.identity.throttling.work import draw_work, spendable_work
from serment.kernel import AccountId, UnitOfWork, new_id


@dataclass(frozen=True)
class Admitted:
    """A try whose password may be looked at: for which account, in which lane, and where it was counted."""

    account: SealedAccount | None
    password_hash: str | None
    device: DeviceId | None
    buckets: tuple[Bucket, ...]

    @property
    def lane(self) -> Lane:
        """Return where its hash waits."""
        return Lane.UNKNOWN if self.device is None else Lane.KNOWN


def claim_in(entrance: Entrance, token: str) -> Claim | None:
    """Return what a pending sign-in claims; None when it is not ours or ran out."""
    claim = open_claim(entrance.keyring, token)
    now = entrance.database.clock.now()
    if claim is None or now - claim.begun_at >= entrance.rules.lives.pending_sign_in:
        return None
    return claim


def claimed_device(entrance: Entrance, token: str, visit: Visit) -> DeviceId | None:
    """Return the known browser that a try comes from, as its cookies say; costs microseconds, touches no database."""
    # Most of a flood brings no token at all, and is not even opened.
    claim = claim_in(entrance, token) if visit.device_token else None
    return None if claim is None else device_in(entrance.keyring, visit.device_token, claim.login_tag)


def insist_on_work(entrance: Entrance, device: DeviceId | None, work: str | None) -> None:
    """Return when a try may go on to be looked at; costs microseconds and touches no database.

    The edge asks before it gives a try a thread, so that a flood is answered by arithmetic alone. One piece of work
    passes once in each process; `admit` takes it once over all.

    Raises:
        WorkDemanded: unknown browsers are asked for work now, and this one brings none, or some that was seen.
    """
    if device is not None or not entrance.pressure.is_high():
        return
    now = entrance.database.clock.now()
    done = None if work is None else spendable_work(entrance.keyring, work, now)
    if done is None or not entrance.pressure.sees_first(*done, now):
        raise WorkDemanded


def work_challenge(entrance: Entrance, token: str, visit: Visit) -> str | None:
    """Return the work to put in the page of the second step, while it is asked of this browser; else None."""
    entrance.pressure.share(entrance.database)
    if not entrance.pressure.is_high():
        return None
    if claimed_device(entrance, token, visit) is not None:
        return None
    return draw_work(entrance.keyring, entrance.database.clock.now(), entrance.rules.work)


def admit(entrance: Entrance, claim: Claim, visit: Visit, work: str | None) -> Admitted | None:
    """Count a try and let it in; None when its login was tried too often, which is told to its owner alone.

    Raises:
        WorkDemanded: unknown browsers are asked for work now, and this one brings none, or some used before.
        Throttled: too many tries from this network; nothing was counted.
    """
    with entrance.database.unit_of_work() as uow:
        account = directory.find_by_login_tag(uow, claim.login_tag)
        device = known_device(uow, account, device_in(entrance.keyring, visit.device_token, claim.login_tag))
        # The same queries for a login without account.
        password_hash = factors.load_password(uow, AccountId(new_id()) if account is None else account.id)
        if device is not None:
            buckets = _count_device(uow, entrance, claim, device)
        else:
            buckets = _count_unknown(uow, entrance, claim, visit, worked=_spend(uow, entrance, work))
        if buckets is None:
            _tell_owner(uow, entrance, account, claim, visit)
            return None
        return Admitted(account, password_hash, device, buckets)


def _count_device(
    uow: UnitOfWork, entrance: Entrance, claim: Claim, device: DeviceId
) -> tuple[Bucket, ...] | None:
    allowance = entrance.rules.throttle.account_and_device
    bucket = throttle.bucket(uow, allowance, "sign-in device", claim.login_tag, device.bytes)
    return None if throttle.longest_wait(uow, [bucket]) else (bucket,)


def _count_unknown(
    uow: UnitOfWork, entrance: Entrance, claim: Claim, visit: Visit, *, worked: bool
) -> tuple[Bucket, ...] | None:
    rules = entrance.rules.throttle
    if not worked and entrance.pressure.is_high():
        raise WorkDemanded
    source = throttle.source_bucket(uow, visit.origin, rules, worked=worked)
    of_login = throttle.login_buckets(uow, claim.login_tag, visit.origin, rules, worked=worked)
    for_source, for_login = throttle.waits_in_order(uow, [source], of_login)
    if for_source:
        raise Throttled(for_source)
    return None if for_login else (source, *of_login)


def _spend(uow: UnitOfWork, entrance: Entrance, work: str | None) -> bool:
    done = None if work is None else spendable_work(entrance.keyring, work, uow.now)
    return done is not None and store.spend(uow, *done)


def _tell_owner(
    uow: UnitOfWork, entrance: Entrance, account: SealedAccount | None, claim: Claim, visit: Visit
) -> None:
    """Tell the owner that tries at their login are no longer looked at, once an hour."""
    allowance = entrance.rules.throttle.told_of_throttling
    told = throttle.bucket(uow, allowance, "told of throttling", claim.login_tag)
    if not throttle.longest_wait(uow, [told]):
        trace_throttled(uow, account, visit)
