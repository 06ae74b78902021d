"""A sentence that waits for the next page: said once, after an act."""

import base64

from starlette.requests import HTTPConnection
from starlette.responses import Response

from serment.edge.shell.cookies import Cookies
from serment.edge.shell.signing import Signer

_PURPOSE = "notice"


def write_notice(response: Response, cookies: Cookies, signer: Signer, message: str) -> None:
    """Keep a marked sentence for the next page; it holds no names and no health data."""
    text = base64.urlsafe_b64encode(message.encode()).decode()
    cookies.put(response, "notice", signer.sign(_PURPOSE, text))


def read_notice(connection: HTTPConnection, cookies: Cookies, signer: Signer) -> str | None:
    """Return the sentence that waits, None when there is none of ours."""
    kept = cookies.read(connection, "notice")
    text = signer.open(_PURPOSE, kept) if kept is not None else None
    return base64.urlsafe_b64decode(text.encode()).decode() if text is not None else None
