"""Signing out: the session ends here, and the browser forgets what it held of us (ASVS 14.3.1)."""

from starlette.requests import Request
from starlette.responses import Response

from serment.edge.desk import Desk
from serment.edge.pages.entrance.federation import came_by_provider, provider_sign_out
from serment.edge.pages.entrance.ways import end_session_of, is_signed_in
from serment.edge.shell import CookieKind, forget_everything

_ENDED: tuple[CookieKind, ...] = ("session", "pending", "form", "federation")


class LeavingPage:
    """The way out."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def show(self, request: Request) -> Response:
        """Say goodbye, or offer the way out to whoever is still signed in."""
        by_provider = request.query_params.get("by") == "provider"
        return self._desk.pages.show(
            request,
            "sign-in/signed-out.html",
            still_in=is_signed_in(self._desk, request),
            provider=None if self._desk.federation is None else self._desk.federation.name,
            provider_address=provider_sign_out(self._desk.federation) if by_provider else None,
        )

    def leave(self, request: Request) -> Response:
        """End the session."""
        by_provider = came_by_provider(self._desk, request)
        end_session_of(self._desk, request)
        response = self._desk.pages.go("/sign-out?by=provider" if by_provider else "/sign-out")
        for kind in _ENDED:
            self._desk.pages.cookies.drop(response, kind)
        forget_everything(response)
        return response
