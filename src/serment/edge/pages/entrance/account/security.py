"""The page of one's own account: factors, recovery codes, and what happened lately."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from serment import identity
from serment.edge.desk import Desk
from serment.edge.pages.entrance.account.keys import keyable_sections
from serment.edge.pages.entrance.account.words import (
    FACTOR_WORDS,
    event_word,
    is_alarming,
    place_word,
)
from serment.edge.pages.frame import enter

HERE = "/account/security"
_EVENTS_SHOWN = 30


class SecurityPage:
    """What protects the account, and the way to where it is open."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def show(self, request: Request) -> Response:
        """Show everything about the security of the caller's own account."""
        caller = enter(self._desk, request)
        with self._desk.database.reading() as uow:
            factors = identity.list_factors(uow, caller)
            usable = identity.usable_factors(uow, caller, self._desk.entrance.rules)
            bare = identity.uses_passkeys_only(uow, self._desk.entrance.rules, caller.role)
            left = identity.recovery_codes_left(uow, caller)
            sessions = len(identity.list_own_sessions(uow, caller))
            events = identity.security_events(uow, caller, _EVENTS_SHOWN)
            keyable = bool(keyable_sections(uow, caller))
        return self._desk.pages.show(
            request,
            "account/security.html",
            here="account",
            factors=[_factor(factor, removable=bool(usable - {factor.id})) for factor in factors],
            passkeys_only=bare,
            may_make_keys=keyable,
            lonely=bare and len(usable) == 1,
            recovery_left=left,
            provider=None if self._desk.federation is None else self._desk.federation.name,
            open_sessions=sessions,
            events=[_event(event) for event in events],
        )


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


def _event(event: identity.SecurityEvent) -> dict[str, Any]:
    return {
        "word": event_word(event.kind, event.password),
        "at": event.at,
        "place": place_word(event.origin),
        "alarming": is_alarming(event),
    }
