"""Only the names we answer to (ASVS: no cache or link is poisoned through the Host header)."""

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from serment.edge.shell.errors import HostUnknown


class HostCheck:
    """Refuses requests that name another host."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or raise HostUnknown."""
        if (
            scope["type"] == "http"
            and host_name(HTTPConnection(scope).headers.get("host", "")) not in self._hosts
        ):
            raise HostUnknown
        await self._app(scope, receive, send)


def host_name(host: str) -> str:
    """Return the name in a Host header, lower case, without port: `[::1]:8443` gives `[::1]`."""
    name, separator, port = host.lower().rpartition(":")
    return name if separator and port.isdigit() else host.lower()
