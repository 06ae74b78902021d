"""Logout that the provider asks for, without the browser: OpenID Connect Back-Channel Logout 1.0."""

from datetime import timedelta

from serment.identity.directory import store as directory
from serment.identity.errors import TokenRefused
from serment.identity.federation import store
from serment.identity.federation.claims import LOGOUT_LIFE, SKEW, LogoutNotice
from serment.identity.federation.journeys import DETOUR_LIFE, Federation, digest_at
from serment.identity.federation.traces import trace_end_by_provider
from serment.identity.model import Caller, Visit
from serment.identity.rules import Allowance
from serment.identity.sessions import store as sessions
from serment.identity.sources import network_of
from serment.identity.throttling import throttle
from serment.identity.unproved import trace_unproved
from serment.identity.vocabulary import EventKind
from serment.kernel import UnitOfWork

#: Tokens that do not hold, by source; those that do are given back, however many come at the end of a shift.
REFUSED_TOKENS = Allowance(30, timedelta(seconds=2))
#: How often such a token is traced, wherever it came from: anybody sends them, from as many networks as they like.
TRACED_REFUSALS = Allowance(30, timedelta(minutes=1))


def receive_logout(federation: Federation, token: str, visit: Visit) -> int:
    """End exactly the sessions that a logout token names; return how many there were.

    Raises:
        Throttled: too many tokens from this network that did not hold.
        TokenRefused: it does not hold, or was used before.
        ProviderUnavailable: its key had to be asked for and could not; the provider tries again.
    """
    database = federation.entrance.database
    with database.reading() as uow:
        bucket = throttle.bucket(uow, REFUSED_TOKENS, "federated logout", network_of(visit.origin))
    throttle.admit(database, [bucket])
    try:
        notice = federation.client.read_logout_token(token)
        with database.unit_of_work() as uow:
            throttle.give_back(uow, [bucket])
            return _end(uow, federation, notice, visit)
    except TokenRefused as fact:
        with database.unit_of_work() as uow:
            _trace_refusal(uow, visit, fact)
        raise


def came_by_provider(uow: UnitOfWork, caller: Caller) -> bool:
    """Tell whether the provider opened the caller's session, so that it has one of its own to end."""
    return store.is_federated(uow, caller.session)


def _trace_refusal(uow: UnitOfWork, visit: Visit, fact: TokenRefused) -> None:
    """Trace a token that does not hold, as long as they are few: nobody fills the trail with them (THR-01)."""
    traced = throttle.bucket(uow, TRACED_REFUSALS, "federated logout traced")
    if not throttle.longest_wait(uow, [traced]):
        trace_unproved(uow, EventKind.LOGOUT_REFUSED, None, visit, {"refused": str(fact)})


def _end(uow: UnitOfWork, federation: Federation, notice: LogoutNotice, visit: Visit) -> int:
    issuer = federation.client.provider.issuer
    kept_until = uow.now + LOGOUT_LIFE + SKEW + SKEW
    store.use_logout_token(uow, digest_at(uow, issuer, "jti", notice.jti), kept_until)
    if notice.sid is not None:
        # A sign-in under way in that session must not open what was closed meanwhile.
        store.note_over(uow, digest_at(uow, issuer, "over", notice.sid), uow.now + DETOUR_LIFE)
    named = store.take_sessions(
        uow,
        sid_digest=None if notice.sid is None else digest_at(uow, issuer, "sid", notice.sid),
        sub_digest=None if notice.sub is None else digest_at(uow, issuer, "sub", notice.sub),
    )
    return sum(_end_one(uow, each, visit) for each in named)


def _end_one(uow: UnitOfWork, named: store.FederatedSession, visit: Visit) -> bool:
    account = directory.load_account(uow, named.account)
    if account is None or not sessions.end_session(uow, named.account, named.session):
        return False
    trace_end_by_provider(uow, account, visit, str(named.session))
    return True
