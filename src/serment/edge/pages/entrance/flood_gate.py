"""What stands before everything else under attack: a second step without work costs next to nothing (AUT-08, AUT-11)."""

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from serment.edge.desk import Desk

_PATH = "/sign-in/second"
#: A form with work in it is longer: the challenge alone has some five hundred characters.
_LEAST_WITH_WORK = 600
_WAIT_SECONDS = 2


class FloodGate:
    """Sends tries back before they are read, while unknown browsers are asked for work.

    Only what is plain without opening anything: a form too short to hold work, from a browser that does not even
    claim to be known. All others, and one of them each second, take the ordinary way, which decides the same.
    """

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app = app
        self._desk = desk
        self._device = f"{desk.pages.cookies.name('device')}=".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or send it back."""
        if self._is_of_the_flood(scope):
            self._desk.entrance.pressure.note_failure()
            await send_back(self._desk, Request(scope), _WAIT_SECONDS, _PATH)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_of_the_flood(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["path"] != _PATH or scope["method"] != "POST":
            return False
        pressure = self._desk.entrance.pressure
        if not pressure.is_high() or pressure.is_stale(self._desk.database.clock.now()):
            return False
        headers = Headers(scope=scope)
        length = headers.get("content-length", "")
        return (
            length.isdigit()
            and int(length) < _LEAST_WITH_WORK
            and not any(self._device in value for name, value in scope["headers"] if name == b"cookie")
        )


def send_back(desk: Desk, request: Request, wait_seconds: int, again: str) -> Response:
    """Answer at no cost, and lead back to the page in which the work is done."""
    headers = {"retry-after": str(wait_seconds), "refresh": f"{wait_seconds};url={again}"}
    return desk.pages.show_still(request, "sign-in/work-demanded.html", status=429, headers=headers)
