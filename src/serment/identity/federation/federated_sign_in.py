"""Sign-in through the provider: whoever is linked comes in, for anybody else there is one refusal."""

from serment.identity.directory import store as directory
from serment.identity.directory.store import SealedAccount
from serment.identity.errors import ProviderUnavailable, SignInRefused, TokenRefused
from serment.identity.federation import store
from serment.identity.federation.client import Person
from serment.identity.federation.journeys import (
    Detour,
    Federation,
    ProviderAnswer,
    Quest,
    come_back,
    depart,
    digest_at,
    recognise,
)
from serment.identity.model import Method, Visit
from serment.identity.sessions.sessions import OpenedSession, open_session
from serment.identity.throttling import throttle
from serment.identity.unproved import trace_unproved
from serment.identity.vocabulary import EventKind
from serment.kernel import UnitOfWork


def begin_federated_sign_in(federation: Federation, visit: Visit) -> Detour:
    """Return the way to the provider, for anybody.

    Raises:
        Throttled: too many attempts from this network.
        ProviderUnavailable: it cannot be reached; the other ways in are not concerned.
    """
    entrance = federation.entrance
    with entrance.database.reading() as uow:
        source = throttle.source_bucket(uow, visit.origin, entrance.rules.throttle)
    throttle.admit(entrance.database, [source])
    return depart(federation, Quest.SIGN_IN, None)


def finish_federated_sign_in(
    federation: Federation, token: str, answer: ProviderAnswer, visit: Visit
) -> OpenedSession:
    """Open a session for the account that the person at the provider was linked with.

    An answer to no departure of this browser is not even traced: departures are counted when they begin, so that
    nobody fills the trail by guessing (THR-01).

    Raises:
        SignInRefused: for every cause: the provider refused, its word does not hold, nobody is linked, suspended.
        ProviderUnavailable: it did not answer.
    """
    back = come_back(federation, Quest.SIGN_IN, token, answer)
    if back is None:
        raise SignInRefused("federated")
    try:
        person = recognise(federation, back, answer)
    except (TokenRefused, ProviderUnavailable) as fact:
        with federation.entrance.database.unit_of_work() as uow:
            _trace_refusal(uow, None, visit, str(fact))
        if isinstance(fact, ProviderUnavailable):
            raise
        raise SignInRefused("federated") from None
    with federation.entrance.database.unit_of_work() as uow:
        opened = _open(uow, federation, person, visit)
    if opened is None:
        raise SignInRefused("federated")
    return opened


def _open(uow: UnitOfWork, federation: Federation, person: Person, visit: Visit) -> OpenedSession | None:
    issuer, entrance = federation.client.provider.issuer, federation.entrance
    subject = digest_at(uow, issuer, "subject", person.subject)
    account = _owner_of(uow, subject)
    refusal = _why_not(uow, federation, account, person)
    if refusal or account is None:
        _trace_refusal(uow, account, visit, refusal or "not linked")
        return None
    opened = open_session(uow, account, visit, Method.FEDERATED, entrance.rules.sessions)
    _remember(uow, federation, person, opened)
    link = store.find_link(uow, subject)
    if link is not None:
        store.note_use(uow, link.id)
    throttle.give_back(uow, [throttle.source_bucket(uow, visit.origin, entrance.rules.throttle)])
    return opened


def _owner_of(uow: UnitOfWork, subject: bytes) -> SealedAccount | None:
    """Return the linked account, held; the link is looked at again, for it may have ended meanwhile."""
    link = store.find_link(uow, subject)
    account = None if link is None else directory.hold_account(uow, link.account)
    still = store.find_link(uow, subject)
    same = link is not None and still is not None and link.id == still.id
    return account if same else None


def _why_not(
    uow: UnitOfWork, federation: Federation, account: SealedAccount | None, person: Person
) -> str | None:
    if account is None:
        return "not linked"
    if not directory.stands(uow, account.id):
        return "not active"
    if federation.bars(account.role):
        return "administrator"
    sid, issuer = person.proved.sid, federation.client.provider.issuer
    if sid is not None and store.is_over(uow, digest_at(uow, issuer, "over", sid)):
        return "over"
    return None


def _remember(uow: UnitOfWork, federation: Federation, person: Person, opened: OpenedSession) -> None:
    """Keep what the provider calls this session, so that it can end it."""
    issuer, proved = federation.client.provider.issuer, person.proved
    row = store.FederatedSession(
        session=opened.caller.session,
        account=opened.caller.account,
        sub_digest=digest_at(uow, issuer, "sub", proved.sub),
        sid_digest=None if proved.sid is None else digest_at(uow, issuer, "sid", proved.sid),
        ends_at=uow.now + federation.entrance.rules.sessions.absolute,
    )
    store.add_session(uow, row)


def _trace_refusal(uow: UnitOfWork, account: SealedAccount | None, visit: Visit, why: str) -> None:
    detail = {"method": Method.FEDERATED.value, "refused": why}
    trace_unproved(uow, EventKind.SIGN_IN_REFUSED, account, visit, detail)
