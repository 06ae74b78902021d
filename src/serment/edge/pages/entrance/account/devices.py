"""Where one's account is open, and the browsers it knows: closed and forgotten one by one, or all at once."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from serment import identity, kernel
from serment.edge.desk import Desk
from serment.edge.pages.entrance.account.words import METHOD_WORDS, device_word, place_word
from serment.edge.pages.frame import enter
from serment.edge.shell import mark

_HERE = "/account/security/devices"
_CONFIRM = f"/account/step-up?next={_HERE}"


class DevicesPage:
    """Sessions and known browsers of the caller's own account (AUT-07, ASVS 7.5.2)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def show(self, request: Request) -> Response:
        """Show both, the last used first."""
        caller = enter(self._desk, request)
        with self._desk.database.reading() as uow:
            sessions = identity.list_own_sessions(uow, caller)
            devices = identity.list_known_devices(uow, caller, self._desk.visit(request))
        return self._desk.pages.show(
            request,
            "account/devices.html",
            here="account",
            sessions=[_session(session) for session in sessions],
            devices=[_device(device) for device in devices],
        )

    def end(self, request: Request) -> Response:
        """End one of the caller's sessions; who has not proved a factor lately does so first, and comes back."""
        caller = enter(self._desk, request)
        try:
            with self._desk.database.unit_of_work() as uow:
                _end(uow, caller, identity.SessionId(request.path_params["session"]))
        except identity.StepUpNeeded:
            return self._desk.pages.go(_CONFIRM)
        return self._desk.pages.go(_HERE, notice=mark("Connexion fermée."))

    def end_others(self, request: Request) -> Response:
        """End every session of the caller's but this one."""
        caller = enter(self._desk, request)
        try:
            with self._desk.database.unit_of_work() as uow:
                identity.end_other_sessions(uow, caller)
        except identity.StepUpNeeded:
            return self._desk.pages.go(_CONFIRM)
        return self._desk.pages.go(_HERE, notice=mark("Toutes vos autres connexions sont fermées."))

    def forget(self, request: Request) -> Response:
        """Forget one of the caller's browsers."""
        caller = enter(self._desk, request)
        with self._desk.database.unit_of_work() as uow:
            _forget(uow, caller, self._desk.visit(request), identity.DeviceId(request.path_params["device"]))
        return self._desk.pages.go(_HERE, notice=mark("Appareil oublié."))

    def forget_all(self, request: Request) -> Response:
        """Forget every browser of the caller's, this one included."""
        caller = enter(self._desk, request)
        with self._desk.database.unit_of_work() as uow:
            identity.forget_all_devices(uow, caller)
        return self._desk.pages.go(_HERE, notice=mark("Tous vos appareils sont oubliés."))


def _end(uow: kernel.UnitOfWork, caller: identity.Caller, session: identity.SessionId) -> None:
    """End a session; one that ended meanwhile, or was never the caller's, is ended enough."""
    if session in {seen.id for seen in identity.list_own_sessions(uow, caller)}:
        identity.end_session(uow, caller, session)


def _forget(
    uow: kernel.UnitOfWork, caller: identity.Caller, visit: identity.Visit, device: identity.DeviceId
) -> None:
    """Forget a browser; one that was forgotten meanwhile, or was never the caller's, is forgotten enough."""
    if device in {known.id for known in identity.list_known_devices(uow, caller, visit)}:
        identity.forget_device(uow, caller, device)


def _session(session: identity.SessionSeen) -> dict[str, Any]:
    return {
        "browser": device_word(session.device),
        "place": place_word(session.origin),
        "method": METHOD_WORDS[session.method],
        "began_at": session.opened_at,
        "seen_at": session.last_seen_at,
        "current": session.is_this_one,
        "end_address": f"/account/security/sessions/{session.id}/end",
    }


def _device(device: identity.KnownDevice) -> dict[str, Any]:
    return {
        "browser": device_word(device.device),
        "place": place_word(device.origin),
        "since": device.first_seen_at,
        "seen_at": device.last_seen_at,
        "current": device.is_this_one,
        "forget_address": f"{_HERE}/{device.id}/forget",
    }
