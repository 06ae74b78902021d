"""Requests put straight to the application, one after the other in one loop: ten thousand of them in little time.

A test client starts a thread and a loop for each request; this driver speaks ASGI itself and does neither.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from starlette.types import ASGIApp, Message

from support.installation import ORIGIN

HOST = ORIGIN.partition("://")[2]


@dataclass(frozen=True)
class Request:
    """One request: where to, with which headers, and its body."""

    method: str
    address: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass
class Answer:
    """What came back."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode(errors="replace")

    @property
    def location(self) -> str:
        """Where the answer leads."""
        return self.headers.get("location", "")


async def ask(app: ASGIApp, request: Request) -> Answer:
    """Put one request to an application and return its answer."""
    answer, pieces = Answer(), [request.body]

    async def receive() -> Message:
        if not pieces:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": pieces.pop(), "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            answer.body += bytes(message.get("body", b""))

    await app(_scope(request), receive, send)
    return answer


def _scope(request: Request) -> dict[str, Any]:
    path, _, query = request.address.partition("?")
    said = {"host": HOST, "content-length": str(len(request.body)), **request.headers}
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": request.method,
        "scheme": "https", "path": unquote(path), "raw_path": path.encode(), "root_path": "",
        "query_string": query.encode(), "client": ("192.0.2.7", 50000), "server": ("localhost", 8443),
        "headers": _encoded(list(said.items())), "state": {},
    }  # fmt: skip


def _encoded(headers: Sequence[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers]
