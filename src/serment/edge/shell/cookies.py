"""The cookies of the house: their names and attributes, decided once (ASVS 3.3.1 to 3.3.4)."""

from typing import Literal

from starlette.requests import HTTPConnection
from starlette.responses import Response

from serment.edge.shell.settings import Scheme

#: What a cookie of the house is for; its name on the wire follows from it.
CookieKind = Literal["session", "pending", "device", "form", "language", "theme", "notice", "federation"]

_ONE_YEAR_SECONDS = 365 * 24 * 3600
_LIFE_SECONDS: dict[CookieKind, int | None] = {
    "session": None,
    "pending": 5 * 60,
    "device": _ONE_YEAR_SECONDS,
    "form": None,
    "language": _ONE_YEAR_SECONDS,
    "theme": _ONE_YEAR_SECONDS,
    "notice": 60,
    "federation": 10 * 60,
}


class Cookies:
    """Reads and writes cookies that only this host gets back.

    Over TLS every name carries `__Host-` and every cookie is Secure; over plain HTTP on loopback neither
    can be. All are HttpOnly, SameSite=Lax, Path=/. The session cookie ends with the browser; the server
    ends the session itself earlier. `pending` leads from the first step of signing in to the second, `federation` to the identity
    provider and back; by `device` a
    browser is known again where somebody signed in before.
    """

    def __init__(self, scheme: Scheme) -> None:
        self._secure = scheme == "https"

    def name(self, kind: CookieKind) -> str:
        """Return the cookie's name on the wire: `__Host-serment` for the session."""
        plain = "serment" if kind == "session" else f"serment-{kind}"
        return f"__Host-{plain}" if self._secure else plain

    def read(self, connection: HTTPConnection, kind: CookieKind) -> str | None:
        """Return the value the browser sent, None when it sent none."""
        return connection.cookies.get(self.name(kind)) or None

    def put(self, response: Response, kind: CookieKind, value: str) -> None:
        """Ask the browser to keep `value`."""
        response.set_cookie(
            self.name(kind),
            value,
            max_age=_LIFE_SECONDS[kind],
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )

    def drop(self, response: Response, kind: CookieKind) -> None:
        """Ask the browser to forget the cookie."""
        response.delete_cookie(self.name(kind), secure=self._secure, httponly=True, samesite="lax")
