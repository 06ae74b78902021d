"""Link and unlink: the owner begins it, signed in and stepped up; nothing is ever linked by a name or an address.

One person at a provider opens one account. Linking and unlinking are traced and told (ASVS 6.8.1, 7.5.1).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from serment import ledger
from serment.identity.errors import (
    LastFactor,
    LinkNotFound,
    LinkRefused,
    LinkTaken,
    NotPermitted,
    TokenRefused,
)
from serment.identity.factors import store as factors
from serment.identity.federation import store
from serment.identity.federation.anchors import anchor_link, anchor_link_gone
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
from serment.identity.federation.store import LinkId, LinkRow
from serment.identity.federation.traces import trace_of_owner
from serment.identity.model import Caller
from serment.identity.sealing import SUBJECT, seal_text, unseal_text
from serment.identity.sessions import store as sessions
from serment.identity.sessions.sessions import insist_session_lives, require_step_up
from serment.identity.throttling import throttle
from serment.identity.vocabulary import EventKind
from serment.kernel import AccountId, OrganisationId, UnitOfWork, new_id


@dataclass(frozen=True)
class LinkedIdentity:
    """An identity at a provider that opens the caller's account, as its owner sees it."""

    id: LinkId
    issuer: str
    subject: str
    linked_at: datetime
    last_used_at: datetime | None


def list_linked_identities(uow: UnitOfWork, caller: Caller) -> tuple[LinkedIdentity, ...]:
    """Return the caller's linked identities, oldest first."""
    return tuple(_in_clear(uow, caller.organisation, row) for row in store.links_of(uow, caller.account))


def begin_link(federation: Federation, caller: Caller) -> Detour:
    """Return the way to the provider, for the owner of an account who proved a factor just now.

    Raises:
        StepUpNeeded: prove a factor again first.
        NotPermitted: administrators come in with passkeys, where that rule is on.
        LinkTaken: the account has an identity of this provider already.
        Throttled: too many tries in too little time.
        ProviderUnavailable: it cannot be reached.
    """
    entrance, issuer = federation.entrance, federation.client.provider.issuer
    with entrance.database.reading() as uow:
        _require_owner(uow, federation, caller)
        if issuer in {row.issuer for row in store.links_of(uow, caller.account)}:
            raise LinkTaken(str(caller.account))
        bucket = throttle.proof_again_bucket(uow, caller, entrance.rules.throttle)
    throttle.admit(entrance.database, [bucket])
    return depart(federation, Quest.LINK, caller)


def finish_link(federation: Federation, caller: Caller, token: str, answer: ProviderAnswer) -> LinkedIdentity:
    """Link whoever the provider says came with the caller's account.

    Raises:
        LinkRefused: this session did not ask, or the provider's word does not hold.
        StepUpNeeded: the proof of the beginning is too old by now.
        SessionUnknown: the session was ended while the provider was asked.
        NotPermitted: administrators come in with passkeys, where that rule is on.
        LinkTaken: that person is linked already, here or elsewhere.
        ProviderUnavailable: it did not answer.
    """
    database = federation.entrance.database
    back = come_back(federation, Quest.LINK, token, answer)
    if back is None:
        raise LinkRefused(str(caller.session))
    if (back.account, back.session) != (caller.account, caller.session):
        _refuse(federation, caller, "session")
    with database.reading() as uow:
        _require_owner(uow, federation, caller)
    try:
        person = recognise(federation, back, answer)
    except TokenRefused as fact:
        _refuse(federation, caller, str(fact))
    try:
        with database.unit_of_work() as uow:
            return _link(uow, federation, caller, person)
    except LinkTaken:
        _trace_refusal(federation, caller, "taken")
        raise


def unlink(uow: UnitOfWork, caller: Caller, link: LinkId) -> None:
    """Remove a linked identity and everything stored of it; the last way in always stays.

    Sessions that it opened end with it, but for the one that the caller is in.

    Raises:
        StepUpNeeded: prove a factor again first.
        SessionUnknown: the session was ended meanwhile.
        LinkNotFound: the caller has no such linked identity.
        LastFactor: the account has no other way in.
    """
    require_step_up(caller, uow.now)
    insist_session_lives(uow, caller)
    if link not in {row.id for row in store.links_of(uow, caller.account)}:
        raise LinkNotFound(str(link))
    if not factors.totp_of(uow, caller.account) and not factors.passkeys_of(uow, caller.account):
        raise LastFactor(str(link))
    _remove(uow, caller.account, caller.organisation, link)
    for opened in store.take_others(uow, caller.account, caller.session):
        sessions.end_session(uow, caller.account, opened.session)
    trace_of_owner(uow, caller, EventKind.IDENTITY_UNLINKED, {"link": str(link)})


def end_all(uow: UnitOfWork, account: AccountId, organisation: OrganisationId) -> int:
    """Remove every linked identity of an account, when it ends or loses its factors; return how many there were."""
    rows = store.links_of(uow, account)
    for row in rows:
        _remove(uow, account, organisation, row.id)
    return len(rows)


def _require_owner(uow: UnitOfWork, federation: Federation, caller: Caller) -> None:
    require_step_up(caller, uow.now)
    if federation.bars(caller.role):
        raise NotPermitted(caller.role)


def _link(uow: UnitOfWork, federation: Federation, caller: Caller, person: Person) -> LinkedIdentity:
    issuer, link = federation.client.provider.issuer, LinkId(new_id())
    # The provider was waited for: the session may be over by now, and its account another's concern.
    insist_session_lives(uow, caller)
    row = LinkRow(
        id=link,
        account=caller.account,
        issuer=issuer,
        subject_digest=digest_at(uow, issuer, "subject", person.subject),
        subject_sealed=seal_text(uow, caller.organisation, SUBJECT, link, person.subject),
        linked_at=uow.now,
    )
    store.add_link(uow, row)
    anchor_link(uow, caller.organisation, row)
    trace_of_owner(uow, caller, EventKind.IDENTITY_LINKED, {"link": str(link), "acr": person.proved.acr})
    bucket = throttle.proof_again_bucket(uow, caller, federation.entrance.rules.throttle)
    throttle.give_back(uow, [bucket])
    return _in_clear(uow, caller.organisation, row)


def _remove(uow: UnitOfWork, account: AccountId, organisation: OrganisationId, link: LinkId) -> None:
    store.remove_link(uow, account, link)
    anchor_link_gone(uow, organisation, link)


def _in_clear(uow: UnitOfWork, organisation: OrganisationId, row: LinkRow) -> LinkedIdentity:
    subject = unseal_text(uow, organisation, SUBJECT, row.id, row.subject_sealed)
    return LinkedIdentity(row.id, row.issuer, subject, row.linked_at, row.last_used_at)


def _refuse(federation: Federation, caller: Caller, why: str) -> NoReturn:
    _trace_refusal(federation, caller, why)
    raise LinkRefused(str(caller.session)) from None


def _trace_refusal(federation: Federation, caller: Caller, why: str) -> None:
    with federation.entrance.database.unit_of_work() as uow:
        trace_of_owner(uow, caller, EventKind.LINK_REFUSED, {"refused": why}, ledger.Outcome.REFUSED)
