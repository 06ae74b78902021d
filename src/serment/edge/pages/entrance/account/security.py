"""The page of one's own account: factors, recovery codes, open sessions, and what happened lately."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from serment import identity, kernel
from serment.edge.desk import Desk
from serment.edge.pages.entrance.account.words import (
    FACTOR_WORDS,
    METHOD_WORDS,
    device_word,
    event_word,
    is_alarming,
    place_word,
)
from serment.edge.pages.frame import enter
from serment.edge.shell import mark

HERE = "/account/security"
_EVENTS_SHOWN = 30


class SecurityPage:
    """What protects the account, and where it is open."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def show(self, request: Request) -> Response:
        """Show everything about the security of the caller's own account."""
        caller = enter(self._desk, request)
        with self._desk.database.reading() as uow:
            factors = identity.list_factors(uow, caller)
            left = identity.recovery_codes_left(uow, caller)
            sessions = identity.list_own_sessions(uow, caller)
            events = identity.security_events(uow, caller, _EVENTS_SHOWN)
        return self._desk.pages.show(
            request,
            "account/security.html",
            here="account",
            factors=[_factor(factor, removable=len(factors) > 1) for factor in factors],
            recovery_left=left,
            provider=None if self._desk.federation is None else self._desk.federation.name,
            sessions=[_session(session) for session in sessions],
            events=[_event(event) for event in events],
        )

    def end(self, request: Request) -> Response:
        """End one of the caller's sessions."""
        caller = enter(self._desk, request)
        with self._desk.database.unit_of_work() as uow:
            _end(uow, caller, identity.SessionId(request.path_params["session"]))
        return self._desk.pages.go(HERE, notice=mark("Connexion fermée."))

    def end_others(self, request: Request) -> Response:
        """End every session of the caller's but this one."""
        caller = enter(self._desk, request)
        with self._desk.database.unit_of_work() as uow:
            identity.end_other_sessions(uow, caller)
        return self._desk.pages.go(HERE, notice=mark("Toutes vos autres connexions sont fermées."))


def _end(uow: kernel.UnitOfWork, caller: identity.Caller, session: identity.SessionId) -> None:
    """End a session; one that ended meanwhile, or was never the caller's, is ended enough."""
    if session in {seen.id for seen in identity.list_own_sessions(uow, caller)}:
        identity.end_session(uow, caller, session)


def _factor(factor: identity.Factor, *, removable: bool) -> dict[str, Any]:
    return {
        "kind": factor.kind.value,
        "word": FACTOR_WORDS[factor.kind],
        "label": factor.label,
        "added_at": factor.added_at,
        "used_at": factor.last_used_at,
        "backed_up": factor.backed_up,
        "remove_address": f"{HERE}/factors/{factor.id}/remove" if removable else None,
    }


def _session(session: identity.SessionSeen) -> dict[str, Any]:
    return {
        "browser": device_word(session.device),
        "place": place_word(session.origin),
        "method": METHOD_WORDS[session.method],
        "began_at": session.opened_at,
        "seen_at": session.last_seen_at,
        "current": session.is_this_one,
        "end_address": f"{HERE}/sessions/{session.id}/end",
    }


def _event(event: identity.SecurityEvent) -> dict[str, Any]:
    return {
        "word": event_word(event.kind),
        "at": event.at,
        "place": place_word(event.origin),
        "alarming": is_alarming(event),
    }
