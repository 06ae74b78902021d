"""Puts the shell around the routes."""

from collections.abc import Callable, Sequence

from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from serment.edge.shell.bodies import Bodies
from serment.edge.shell.boundary import ErrorBoundary
from serment.edge.shell.csrf import CsrfGuard, CsrfTokens, SessionSeed, session_seed_of
from serment.edge.shell.errors import PageNotFound
from serment.edge.shell.headers import SecurityHeaders
from serment.edge.shell.hosts import HostCheck
from serment.edge.shell.preferences import Preferences
from serment.edge.shell.rendering import Pages
from serment.edge.shell.settings import ShellSettings
from serment.edge.shell.switchboard import Switchboard


def _open_gate(app: ASGIApp) -> ASGIApp:
    return app


def build_application(
    routes: Sequence[BaseRoute],
    pages: Pages,
    settings: ShellSettings,
    *,
    session_seed: SessionSeed | None = None,
    gate: Callable[[ASGIApp], ASGIApp] = _open_gate,
) -> ASGIApp:
    """Return the whole of `edge` as one ASGI application.

    From the outside in: headers, `gate`, token, error boundary, host, body, proof of origin, then the routes. The
    token is bound to what `session_seed` returns: the lasting part of the session cookie unless another is given.
    """

    def session_cookie(connection: HTTPConnection) -> str | None:
        token = pages.cookies.read(connection, "session")
        return None if token is None else session_seed_of(token)

    inner = Switchboard([*_own_routes(pages), *routes], _nothing_here)
    guarded = HostCheck(Bodies(CsrfGuard(inner, settings), settings), settings.hosts)
    bounded = ErrorBoundary(guarded, pages, settings)
    tokens = CsrfTokens(bounded, settings, pages.cookies, session_seed or session_cookie)
    return SecurityHeaders(gate(tokens), settings.scheme)


def _own_routes(pages: Pages) -> list[BaseRoute]:
    return [
        Route("/static/{digest}/{name:path}", pages.assets.serve, methods=["GET"]),
        Route("/preferences", Preferences(pages).keep, methods=["POST"]),
    ]


async def _nothing_here(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 -- the shape of an ASGI application
    raise PageNotFound
