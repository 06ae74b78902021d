"""What bots and browsers send, as bytes, and what they find in the pages that come back."""

import base64
import html
import json
import re
from dataclasses import dataclass
from urllib.parse import urlencode

from bench.signin.scene import HOST, ORIGIN
from bench.signin.wire import Answer, Wires

FORM, PENDING, SESSION, DEVICE = (
    b"__Host-serment-form",
    b"__Host-serment-pending",
    b"__Host-serment",
    b"__Host-serment-device",
)
_GET = b"GET %b HTTP/1.1\r\nHost: %b\r\nX-Forwarded-For: %b\r\nAccept: text/html\r\nCookie: %b\r\n\r\n"
_POST = (
    b"POST %b HTTP/1.1\r\nHost: %b\r\nX-Forwarded-For: %b\r\nAccept: text/html\r\nOrigin: %b\r\nCookie: %b\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%b"
)
_CSRF = re.compile(rb'name="csrf" value="([^"]+)"')
_WORK = re.compile(rb'data-work="([^"]+)"')


@dataclass(frozen=True)
class Form:
    """A form of ours that somebody holds: its cookie and its hidden proof."""

    cookie: bytes
    csrf: bytes


def get(path: bytes, address: bytes, cookies: bytes) -> bytes:
    """Return a request for a page."""
    return _GET % (path, HOST, address, cookies)


def post(path: bytes, address: bytes, cookies: bytes, body: bytes) -> bytes:
    """Return a request that sends a form."""
    return _POST % (path, HOST, address, ORIGIN.encode(), cookies, len(body), body)


def encode(fields: dict[str, str]) -> bytes:
    """Return the fields of a form as they travel."""
    return urlencode(fields).encode()


def csrf_in(page: bytes) -> bytes:
    """Return the hidden proof of the page's forms, empty when there is none."""
    found = _CSRF.search(page)
    return b"" if found is None else found[1]


def work_in(page: bytes) -> str | None:
    """Return the challenge that a page carries, as JSON, None when no work is asked for."""
    found = _WORK.search(page)
    return None if found is None else html.unescape(found[1].decode())


def work_done(challenge: str, solution: dict[str, object]) -> str:
    """Return what a browser puts in the field `altcha`."""
    payload = {"challenge": json.loads(challenge), "solution": solution}
    return base64.b64encode(json.dumps(payload, separators=(",", ":")).encode()).decode()


async def take_form(wires: Wires, address: str) -> Form:
    """Open the first page, as every client must once."""
    answer: Answer = await wires.answer(get(b"/sign-in", address.encode(), b"x=1"))
    cookie = answer.cookie(FORM)
    if answer.status != 200 or cookie is None:  # noqa: PLR2004 - the status of a page
        raise SystemExit(f"the first page did not come: {answer.status}")
    return Form(FORM + b"=" + cookie, csrf_in(answer.body))
