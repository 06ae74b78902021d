"""How often somebody opens in an emergency, beside their peers: seen by themselves, so that a habit is noticed early."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from statistics import median, quantiles

from serment import identity, kernel
from serment.access.emergency import store
from serment.access.emergency.model import EmergencyRate, EmergencyReview

RATE_DAYS = 90
#: With fewer peers, a figure would tell of one of them.
LEAST_PEERS = 5
_OWN_DAYS = 366


def emergency_rate(uow: kernel.UnitOfWork, caller: identity.Caller) -> EmergencyRate:
    """Return how often the caller opened in the last 90 days, beside active colleagues of their profession."""
    since = uow.now - timedelta(days=RATE_DAYS)
    counts = store.count_openings(uow, caller.organisation, caller.profession, since)
    return rate_among(counts, caller.account, identity.peers_of(uow, caller))


def rate_among(
    counts: Mapping[kernel.AccountId, int], own: kernel.AccountId, peers: Collection[kernel.AccountId]
) -> EmergencyRate:
    """Return a rate from counts; a peer who never opened counts as none."""
    theirs = [counts.get(peer, 0) for peer in peers]
    if len(theirs) < LEAST_PEERS:
        return EmergencyRate(RATE_DAYS, counts.get(own, 0), len(theirs), None, None)
    ninth = quantiles(theirs, n=10, method="inclusive")[8]
    return EmergencyRate(RATE_DAYS, counts.get(own, 0), len(theirs), float(median(theirs)), ninth)


def own_openings(uow: kernel.UnitOfWork, caller: identity.Caller) -> tuple[EmergencyReview, ...]:
    """Return the caller's own openings of the last year, newest first, and how the look at each stands."""
    return store.reviews_of(uow, caller.account, uow.now - timedelta(days=_OWN_DAYS))
