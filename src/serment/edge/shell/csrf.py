"""Every act comes from one of our own pages (ASVS 3.5.1 to 3.5.3).

Two nets: what the browser itself says of the request's origin, and a token bound to the session (before
sign-in, to a signed cookie of its own) that another site can neither read nor make.
"""

import secrets
from collections.abc import Callable
from functools import partial

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serment import identity
from serment.edge.shell.bodies import read_form
from serment.edge.shell.cookies import Cookies
from serment.edge.shell.errors import RequestForged
from serment.edge.shell.settings import ShellSettings
from serment.edge.shell.signing import Signer

FIELD = "csrf"
HEADER = "x-serment-csrf"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_STATE = "serment.csrf"
_OURS = frozenset({"same-origin", "none"})

SessionSeed = Callable[[HTTPConnection], str | None]


def session_seed_of(token: str) -> str:
    """Return what forms are bound to: the part of a session's token that a step-up leaves as it is.

    Pages that are open in other tabs, and uploads that are on their way, go on after it.
    """
    return identity.stem_of(token)


class CsrfState:
    """The token of one request; asking for it keeps the form cookie that it needs."""

    def __init__(self, signer: Signer, seed: str, *, fresh: bool) -> None:
        self._signer = signer
        self.seed = seed
        self.must_keep = False
        self._fresh = fresh

    def token(self) -> str:
        """Return the token to put in the page."""
        self.must_keep = self._fresh
        return self._signer.proof("csrf", self.seed)

    def holds(self, token: str) -> bool:
        """Tell whether a token that came back is ours."""
        return not self._fresh and self._signer.holds("csrf", self.seed, token)


class CsrfTokens:
    """Gives each request its token, and keeps the form cookie where a page used it, error pages included."""

    def __init__(
        self, app: ASGIApp, settings: ShellSettings, cookies: Cookies, session_seed: SessionSeed
    ) -> None:
        self._app = app
        self._cookies = cookies
        self._signer = Signer(settings.secret)
        self._machines = settings.machines
        self._session_seed = session_seed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its token; where machines ask, cookies are not even looked at."""
        if scope["type"] != "http" or scope["path"].startswith(self._machines):
            await self._app(scope, receive, send)
            return
        state = scope[_STATE] = self._state_of(HTTPConnection(scope))
        await self._app(scope, receive, partial(self._send, state, send))

    def _state_of(self, connection: HTTPConnection) -> CsrfState:
        if (session := self._session_seed(connection)) is not None:
            return CsrfState(self._signer, session, fresh=False)
        kept = self._cookies.read(connection, "form")
        if kept is not None and (seed := self._signer.open("form-cookie", kept)) is not None:
            return CsrfState(self._signer, seed, fresh=False)
        return CsrfState(self._signer, secrets.token_urlsafe(18), fresh=True)

    async def _send(self, state: CsrfState, send: Send, message: Message) -> None:
        if message["type"] == "http.response.start" and state.must_keep:
            carrier = Response()
            self._cookies.put(carrier, "form", self._signer.sign("form-cookie", state.seed))
            MutableHeaders(scope=message).append("set-cookie", carrier.headers["set-cookie"])
        await send(message)


class CsrfGuard:
    """Refuses unsafe requests that do not prove they come from our pages."""

    def __init__(self, app: ASGIApp, settings: ShellSettings) -> None:
        self._app = app
        self._scheme = settings.scheme
        self._signed_posts = settings.signed_posts
        self._machines = settings.machines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or raise RequestForged."""
        if scope["type"] == "http" and not self._is_harmless(scope):
            self._insist(HTTPConnection(scope))
        await self._app(scope, receive, send)

    def _is_harmless(self, scope: Scope) -> bool:
        """A key or a signature is sent by the program that holds it, never by a browser of itself."""
        path = scope["path"]
        signed = path in self._signed_posts
        return scope["method"] in SAFE_METHODS or path.startswith(self._machines) or signed

    def _insist(self, connection: HTTPConnection) -> None:
        if not self._from_our_pages(connection):
            raise RequestForged
        token = connection.headers.get(HEADER) or read_form(connection).get(FIELD)
        state = connection.scope.get(_STATE)
        if not isinstance(state, CsrfState) or not state.holds(token):
            raise RequestForged

    def _from_our_pages(self, connection: HTTPConnection) -> bool:
        fetch_site = connection.headers.get("sec-fetch-site")
        if fetch_site is not None and fetch_site not in _OURS:
            return False
        origin = connection.headers.get("origin")
        if origin is None or (origin == "null" and fetch_site is not None):
            return (
                True  # under no-referrer browsers send "null" with our own forms; Sec-Fetch-Site has answered
            )
        return origin == f"{self._scheme}://{connection.headers.get('host', '').lower()}"


def csrf_token(connection: HTTPConnection) -> str:
    """Return the token for forms and scripts of the page being shown; empty where no page is guarded."""
    state = connection.scope.get(_STATE)
    return state.token() if isinstance(state, CsrfState) else ""
