"""Reads the small bodies that pages get, before any handler runs."""

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serment.edge.shell.errors import FormTooLarge, FormTypeRefused, FormUnreadable
from serment.edge.shell.forms import Form, parse_form
from serment.edge.shell.settings import ShellSettings

_FORM = "serment.form"
_FORM_TYPE = "application/x-www-form-urlencoded"
_JSON_TYPE = "application/json"


class Bodies:
    """Takes in whole, within the limit, the body of every page request; parses it when it is a form.

    Handlers find a form with `read_form(request)` and a JSON body with `await request.json()`. Paths of
    `settings.streams` are left alone: their handlers read as bytes come (documents never become forms).
    """

    def __init__(self, app: ASGIApp, settings: ShellSettings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its body in hand, or raise FormTooLarge, FormTypeRefused, FormUnreadable."""
        if scope["type"] != "http" or scope["path"].startswith(self._settings.streams):
            await self._app(scope, receive, send)
            return
        body = await self._take_in(Headers(scope=scope), receive)
        if body:
            _file(scope, body)
        await self._app(scope, _Replay(body, receive), send)

    async def _take_in(self, headers: Headers, receive: Receive) -> bytes:
        if (declared := headers.get("content-length", "")).isdigit() and int(
            declared
        ) > self._settings.form_bytes:
            raise FormTooLarge
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] != "http.request":
                raise FormUnreadable  # the client went away in the middle of its own form
            body += message.get("body", b"")
            if len(body) > self._settings.form_bytes:
                raise FormTooLarge
            if not message.get("more_body", False):
                return bytes(body)


class _Replay:
    """Gives the body once, then what the server says next."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        message = {"type": "http.request", "body": self._body, "more_body": False}
        self._body = None
        return message


def _file(scope: Scope, body: bytes) -> None:
    media_type, _, parameters = Headers(scope=scope).get("content-type", "").lower().partition(";")
    if media_type.strip() == _JSON_TYPE:
        return
    if media_type.strip() != _FORM_TYPE or parameters.strip() not in ("", "charset=utf-8"):
        raise FormTypeRefused
    scope[_FORM] = parse_form(body)


def read_form(connection: HTTPConnection) -> Form:
    """Return the submitted form; empty when the request carried none."""
    form = connection.scope.get(_FORM)
    return form if isinstance(form, Form) else Form({})
