"""What every answer tells the browser (ASVS 3.2.1, 3.4.1 to 3.4.8, 14.3.1, 14.3.2)."""

from collections.abc import Iterable
from functools import partial

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serment.edge.shell.settings import Scheme

#: What a page may load and do: nothing but what comes from this service, and no inline code (ASVS 3.4.3).
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; "
    "connect-src 'self'; media-src 'self' blob:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; object-src 'none'"
)
_POLICY, _CACHE = b"content-security-policy", b"cache-control"
_Header = tuple[bytes, bytes]
_TWO_YEARS = "max-age=63072000; includeSubDomains"
_UNUSED_POWERS = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "serial",
    "usb",
    "xr-spatial-tracking",
)  # fmt: skip -- one paragraph reads better than eighteen lines
_PERMISSIONS = ", ".join(
    [f"{power}=()" for power in _UNUSED_POWERS]
    + ["publickey-credentials-get=(self)", "publickey-credentials-create=(self)"]
)

_ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": _PERMISSIONS,
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow",
}


class SecurityHeaders:
    """Adds the headers to every answer; a handler may set a content policy of its own, never loosen the rest."""

    def __init__(self, app: ASGIApp, scheme: Scheme) -> None:
        self._app = app
        always = dict(_ALWAYS)
        if scheme == "https":
            always["strict-transport-security"] = _TWO_YEARS
        self._always = [(name.encode(), value.encode()) for name, value in always.items()]
        self._ours = frozenset(name for name, _ in self._always)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and dress its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, partial(self._send, scope, send))

    async def _send(self, scope: Scope, send: Send, message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = self._dress(scope["path"], message["headers"])
        await send(message)

    def _dress(self, path: str, given: Iterable[_Header]) -> list[_Header]:
        """Return the headers of an answer with ours; raw, because every answer of a flood comes through here."""
        kept = [header for header in given if header[0] not in self._ours]
        names = {name for name, _ in kept}
        if not (path.startswith("/static/") and _CACHE in names):
            kept = [header for header in kept if header[0] != _CACHE]
            kept.append((_CACHE, b"no-store"))
        if _POLICY not in names:
            kept.append((_POLICY, CONTENT_POLICY.encode()))
        return [*kept, *self._always]


def forget_everything(response: Response) -> None:
    """Have the browser drop what it holds of anybody, at sign-out (ASVS 14.3.1).

    Cookies are dropped one by one: the browser stays known to its owner's account (AUT-07), or those who sign out
    as they should would be strangers each morning, and wait behind every bot.
    """
    response.headers["clear-site-data"] = '"cache", "storage"'
