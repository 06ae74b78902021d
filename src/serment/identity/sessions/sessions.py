"""Open, resume, list and end sessions (AUT-12): the token is opaque and kept as a digest."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from serment import vault
from serment.identity.devices.devices import known_device
from serment.identity.devices.tokens import device_in
from serment.identity.directory import store as directory
from serment.identity.errors import (
    FactorAdditionNeeded,
    PasswordChangeNeeded,
    SessionExpired,
    SessionUnknown,
    StepUpNeeded,
)
from serment.identity.events.trail import Event, leave_trace
from serment.identity.model import (
    AccountStatus,
    Caller,
    DeviceId,
    Method,
    Profession,
    Restriction,
    Role,
    SessionId,
    Visit,
)
from serment.identity.places import seal_place, unseal_place
from serment.identity.rules import SessionLimits
from serment.identity.sealing import NAME, SESSION_PLACE, unseal_text
from serment.identity.sessions import store
from serment.identity.tokens import digest_of, draw_token
from serment.identity.uses.store import note_use
from serment.identity.vocabulary import EventKind
from serment.kernel import Database, OrganisationId, UnitOfWork, new_id

TOUCH_EVERY = timedelta(minutes=1)
_STEM_ENDS = "."


@dataclass(frozen=True)
class OpenedSession:
    """A session that was opened or raised just now: `token` goes to the browser and is kept nowhere else.

    `device_token` goes there too, where the browser is known from now on.
    """

    token: str
    caller: Caller
    device_token: str | None = None


@dataclass(frozen=True)
class SessionSeen:
    """One open session, as its owner sees it among their devices."""

    id: SessionId
    device: str
    origin: str
    method: Method
    opened_at: datetime
    last_seen_at: datetime
    is_this_one: bool


def open_session(
    uow: UnitOfWork,
    account: directory.SealedAccount,
    visit: Visit,
    method: Method,
    limits: SessionLimits,
    *,
    restriction: Restriction | None = None,
) -> OpenedSession:
    """Open a session for an account whose two factors were proved in this transaction.

    A restricted session may do one thing only. The factors just proved count as its step-up: it can be used for
    nothing but the act that lifts the restriction, and ends with it.
    """
    token, session = f"{draw_token()}{_STEM_ENDS}{draw_token()}", SessionId(new_id())
    row = store.SessionRow(
        id=session,
        token_digest=digest_of(token),
        account=account.id,
        place_sealed=seal_place(uow, account.organisation, SESSION_PLACE, session, visit),
        method=method,
        idle_seconds=int(limits.idle(account.role).total_seconds()),
        opened_at=uow.now,
        last_seen_at=uow.now,
        ends_at=uow.now + limits.longest(account.role),
        stepped_up_at=uow.now if restriction else None,
        restriction=restriction,
        browser=_browser(uow, account, visit),
    )
    store.add_session(uow, row)
    note_use(uow, account.id)
    caller = _caller_of(uow, account, row, visit.origin)
    narrowed = {"restriction": restriction.value} if restriction else {}
    detail = {"session": str(session), "method": method.value, **narrowed}
    leave_trace(
        uow, Event(EventKind.SESSION_OPENED, account.organisation, caller.actor, account.id, detail=detail)
    )
    return OpenedSession(token, caller)


def stem_of(token: str) -> str:
    """Return the part of a session's token that stays when the rest is renewed: pages bind their forms to it."""
    return token.partition(_STEM_ENDS)[0]


def raise_session(uow: UnitOfWork, caller: Caller, token: str) -> OpenedSession:
    """Remember that the caller proved a factor again just now, in a session that goes on under another token.

    The former token is worth nothing any more (ASVS 7.2.4): one that was stolen before is never raised.
    """
    renewed = f"{stem_of(token)}{_STEM_ENDS}{draw_token()}"
    store.raise_session(uow, caller.session, digest_of(renewed))
    return OpenedSession(renewed, replace(caller, stepped_up_at=uow.now))


def resume_session(database: Database, token: str, origin: str) -> Caller:
    """Return who is behind a request; one query, and at most once a minute a write that says they were here.

    Call it outside any transaction. Suspension, ending and a change of role act on the next request.

    Raises:
        SessionUnknown: no such session, or it was ended, or its account is not active.
        SessionExpired: it stayed idle too long, or reached its absolute limit.
    """
    with database.reading() as uow:
        caller, touch_due = _resume(uow, token, origin)
    if touch_due:
        with database.unit_of_work() as uow:
            store.touch(uow, caller.session)
    return caller


def _resume(uow: UnitOfWork, token: str, origin: str) -> tuple[Caller, bool]:
    live = store.find_live(uow, digest_of(token))
    if live is None or live.status != AccountStatus.ACTIVE:
        raise SessionUnknown("session")
    if live.leaves_at is not None and live.leaves_at <= uow.now:
        raise SessionUnknown("departed")
    idle_until = live.last_seen_at + timedelta(seconds=live.idle_seconds)
    if uow.now >= min(idle_until, live.ends_at):
        raise SessionExpired(str(live.id))
    organisation = OrganisationId(live.organisation)
    caller = Caller(
        account=live.account,
        organisation=organisation,
        role=Role(live.role),
        profession=Profession(live.profession),
        session=live.id,
        name=unseal_text(uow, organisation, NAME, live.account, live.name_sealed),
        origin=origin,
        stepped_up_at=live.stepped_up_at,
        restriction=None if live.restriction is None else Restriction(live.restriction),
        browser=live.browser,
    )
    return caller, uow.now - live.last_seen_at >= TOUCH_EVERY


def list_own_sessions(uow: UnitOfWork, caller: Caller) -> tuple[SessionSeen, ...]:
    """Return the caller's open sessions, the last used first."""
    alive = (
        row
        for row in store.sessions_of(uow, caller.account)
        if uow.now < min(row.last_seen_at + timedelta(seconds=row.idle_seconds), row.ends_at)
    )
    return tuple(_seen(uow, caller, row) for row in alive)


def end_session(uow: UnitOfWork, caller: Caller, session: SessionId) -> None:
    """End one of the caller's own sessions; the next request with it is refused.

    Leaving this one asks for nothing; ending another one asks for a factor again (ASVS 7.5.2).

    Raises:
        StepUpNeeded: prove a factor again first.
        SessionUnknown: not an open session of the caller's.
    """
    if session != caller.session:
        require_step_up(caller, uow.now)
    if not store.end_session(uow, caller.account, session):
        raise SessionUnknown(str(session))
    _trace_end(uow, caller, {"session": str(session)})


def end_other_sessions(uow: UnitOfWork, caller: Caller) -> int:
    """End every session of the caller's but this one; return how many there were.

    Raises:
        StepUpNeeded: prove a factor again first.
    """
    require_step_up(caller, uow.now)
    ended = store.end_others(uow, caller.account, caller.session)
    _trace_end(uow, caller, {"others": str(ended)})
    return ended


def require_step_up(caller: Caller, now: datetime, within: timedelta = timedelta(minutes=10)) -> None:
    """Let a sensitive act pass when a factor was proved again within the last minutes.

    Raises:
        StepUpNeeded: it was not, or too long ago.
    """
    if caller.stepped_up_at is None or now - caller.stepped_up_at > within:
        raise StepUpNeeded(str(caller.session))


def insist_session_lives(uow: UnitOfWork, caller: Caller) -> None:
    """Go on as long as the caller's session was not ended since the request began; holds their account.

    Whatever gives or changes a way in asks this in its own transaction: a hash or an identity provider may have been
    waited for meanwhile, and a recovery, a suspension or the owner may have ended the session.

    Raises:
        SessionUnknown: it was ended, or its account is not active any more.
    """
    held = directory.hold_account(uow, caller.account)
    active = held is not None and held.status is AccountStatus.ACTIVE
    if not active or not store.is_open(uow, caller.account, caller.session):
        raise SessionUnknown("ended meanwhile")


def require_unrestricted(caller: Caller, *, lifting: Collection[Restriction] = ()) -> None:
    """Let a session pass that is free, or whose restriction is one that the act at hand lifts.

    Raises:
        PasswordChangeNeeded, FactorAdditionNeeded: that comes first.
    """
    if caller.restriction is None or caller.restriction in lifting:
        return
    match caller.restriction:
        case Restriction.PASSWORD_CHANGE:
            raise PasswordChangeNeeded(str(caller.session))
        case Restriction.FACTOR_ADDITION:
            raise FactorAdditionNeeded(str(caller.session))
        case _:
            assert_never(caller.restriction)


def lift_restriction(uow: UnitOfWork, caller: Caller, restriction: Restriction) -> None:
    """Free the caller's session, whose act has just done what the restriction asked for."""
    if caller.restriction is restriction:
        store.lift_restriction(uow, caller.session, restriction)


def _caller_of(
    uow: UnitOfWork, account: directory.SealedAccount, row: store.SessionRow, origin: str
) -> Caller:
    return Caller(
        account=account.id,
        organisation=account.organisation,
        role=account.role,
        profession=account.profession,
        session=row.id,
        name=unseal_text(uow, account.organisation, NAME, account.id, account.name_sealed),
        origin=origin,
        stepped_up_at=row.stepped_up_at,
        restriction=None if row.restriction is None else Restriction(row.restriction),
        browser=row.browser,
    )


def _browser(uow: UnitOfWork, account: directory.SealedAccount, visit: Visit) -> DeviceId | None:
    """Return the known browser of a visit, so that what is done in it is found by it later."""
    claimed = device_in(uow.part(vault.Keyring), visit.device_token, account.login_tag)
    return known_device(uow, account, claimed)


def _seen(uow: UnitOfWork, caller: Caller, row: store.SessionRow) -> SessionSeen:
    place = unseal_place(uow, caller.organisation, SESSION_PLACE, row.id, row.place_sealed)
    return SessionSeen(
        id=row.id,
        device=place.device,
        origin=place.origin,
        method=Method(row.method),
        opened_at=row.opened_at,
        last_seen_at=row.last_seen_at,
        is_this_one=row.id == caller.session,
    )


def _trace_end(uow: UnitOfWork, caller: Caller, detail: dict[str, str]) -> None:
    event = Event(EventKind.SESSION_ENDED, caller.organisation, caller.actor, caller.account, detail=detail)
    leave_trace(uow, event)
