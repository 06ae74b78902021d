"""Count attempts before anything is hashed or compared, in the database that all workers share (AUT-06).

Buckets have keyed names: the database does not say which networks or logins were tried.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile

from serment import vault
from serment.identity.errors import Throttled
from serment.identity.model import Caller
from serment.identity.rules import Allowance, ThrottleRules
from serment.identity.sources import network_of
from serment.identity.throttling import policy, store
from serment.identity.tokens import keyed_digest
from serment.kernel import Database, UnitOfWork


@dataclass(frozen=True)
class Bucket:
    """One counter: its keyed name and what it allows."""

    name: bytes
    allowance: Allowance


def login_buckets(
    uow: UnitOfWork, login_tag: bytes, origin: str, rules: ThrottleRules, *, worked: bool
) -> tuple[Bucket, ...]:
    """Return the buckets of a login tried by an unknown browser; one that has `worked` finds more room.

    They are made from the login as typed, so that one without account is throttled like the others.
    """
    if worked:
        return (bucket(uow, rules.account_worked, "sign-in account worked", login_tag),)
    network = network_of(origin)
    return (
        bucket(uow, rules.account, "sign-in account", login_tag),
        bucket(uow, rules.account_and_source, "sign-in account source", login_tag, network),
    )


def source_bucket(uow: UnitOfWork, origin: str, rules: ThrottleRules, *, worked: bool = False) -> Bucket:
    """Return the bucket of a source network, one for every way in; browsers that have `worked` share another."""
    if worked:
        return bucket(uow, rules.source_worked, "source worked", network_of(origin))
    return bucket(uow, rules.source, "source", network_of(origin))


def bucket(uow: UnitOfWork, allowance: Allowance, *parts: str | bytes) -> Bucket:
    """Return the bucket named by those parts."""
    key = uow.part(vault.Keyring).secret("identity-throttle")
    return Bucket(keyed_digest(key, *parts), allowance)


def proof_again_bucket(uow: UnitOfWork, caller: Caller, rules: ThrottleRules) -> Bucket:
    """Return the bucket of proofs asked again within a session: step-up, current password.

    One a session: whoever stole one must not keep its owner, in another, from proving a factor and ending it.
    """
    return bucket(uow, rules.proof_again, "proof again", caller.account.bytes, caller.session.bytes)


def longest_wait(uow: UnitOfWork, buckets: Sequence[Bucket]) -> timedelta:
    """Let an attempt into all the buckets, or into none: then return how long to wait."""
    return waits_in_order(uow, buckets)[0]


def waits_in_order(uow: UnitOfWork, *groups: Sequence[Bucket]) -> tuple[timedelta, ...]:
    """Let an attempt into one group of buckets after the other, up to the first that is full.

    Returns how long to wait for each group; a full one and those after it count nothing. All buckets are taken at
    once, in the order of their names, so that two attempts never wait for each other.
    """
    named = [each for group in groups for each in group]
    remembered = store.lock_buckets(uow, [each.name for each in named])
    admissions = {each.name: policy.admit(remembered[each.name], uow.now, each.allowance) for each in named}
    waits = [max(admissions[each.name].wait for each in group) for group in groups]
    open_groups = takewhile(lambda pair: pair[1] <= timedelta(0), zip(groups, waits, strict=True))
    counted = {each.name for group, _ in open_groups for each in group}
    store.fill_buckets(uow, {name: admissions[name].full_until for name in counted})
    return tuple(max(wait, timedelta(0)) for wait in waits)


def admit(database: Database, buckets: Sequence[Bucket]) -> None:
    """Let an attempt in, in a transaction of its own.

    Raises:
        Throttled: one of the buckets is full; nothing was counted.
    """
    with database.unit_of_work() as uow:
        wait = longest_wait(uow, buckets)
    if wait:
        raise Throttled(wait)


def give_back(uow: UnitOfWork, buckets: Sequence[Bucket]) -> None:
    """Take the attempt of the right person out of the buckets again."""
    remembered = store.lock_buckets(uow, [each.name for each in buckets])
    lighter = {each.name: policy.give_back(remembered[each.name], each.allowance) for each in buckets}
    store.fill_buckets(uow, lighter)
