"""Where errors become answers; nothing of them leaves but a status, a sentence and a reference."""

import secrets
import traceback
from collections.abc import Mapping
from functools import partial
from urllib.parse import urlencode

import structlog
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serment import kernel
from serment.edge.shell.outcomes import MEDIA_TYPE, outcome
from serment.edge.shell.problems import STATUSES, UNFORESEEN, Problem, problem_of
from serment.edge.shell.rendering import Pages, place_of, reference_of
from serment.edge.shell.settings import ShellSettings

_REFERENCE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LAST_RESORT = """<!doctype html><html lang="fr"><meta charset="utf-8"><title>Serment</title>
<h1>Quelque chose d&rsquo;imprévu s&rsquo;est produit</h1><p>Rien n&rsquo;a été montré. Recommencez ; si cela se reproduit,
transmettez cette référence à l&rsquo;administrateur : <strong>{reference}</strong>.</p>
<h2 lang="en">Something unforeseen happened</h2><p lang="en">Nothing was shown. Please try again; if it happens
again, give the administrator this reference: <strong>{reference}</strong>.</p>
"""


class AnswerCutShort(Exception):
    """An error came after the answer had begun: the connection is closed so that nobody takes it for whole."""


class ErrorBoundary:
    """Gives each request a reference and turns errors into pages or problem documents (RFC 9457)."""

    def __init__(self, app: ASGIApp, pages: Pages, settings: ShellSettings) -> None:
        self._app = app
        self._pages = pages
        self._streams = settings.streams
        self._machines = settings.machines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and answer what goes wrong."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        reference = scope["serment.reference"] = _draw_reference()
        progress = _Progress()
        try:
            await self._app(scope, receive, partial(_send, send, reference, progress))
        except Exception as error:  # noqa: BLE001 -- the edge is where every error ends
            if progress.begun:
                _tell_log(error, reference)
                raise AnswerCutShort(reference) from None
            response = self._answer(Request(scope, receive), error, reference)
            await response(scope, receive, partial(_send, send, reference, progress))

    def _answer(self, request: Request, error: Exception, reference: str) -> Response:
        problem, code, headers = _judge(error)
        if problem.status >= UNFORESEEN.status:
            _tell_log(error, reference)
        try:
            if request.url.path.startswith(self._machines):
                return self._outcome(request, problem, headers)
            if self._wants_document(request):
                return self._document(request, problem, code, headers)
            if problem.way is not None and _asks_for_a_page(request):
                return self._pages.go(f"{problem.way}?{urlencode({'next': place_of(request)})}")
            return self._pages.show(
                request,
                "error.html",
                status=problem.status,
                headers=headers,
                problem=problem,
                wait=_wait(headers),
            )
        except Exception as second:  # noqa: BLE001 -- even the error page may fail; then a page without parts
            _tell_log(second, reference)
            return HTMLResponse(_LAST_RESORT.format(reference=reference), UNFORESEEN.status)

    def _wants_document(self, request: Request) -> bool:
        accept = request.headers.get("accept", "")
        return "text/html" not in accept and ("json" in accept or request.url.path.startswith(self._streams))

    def _outcome(self, request: Request, problem: Problem, headers: dict[str, str]) -> Response:
        words = self._pages.tongue(request).words
        title, advice = words.say(problem.title), words.say(problem.advice)
        body = outcome(problem.status, title, advice, reference_of(request))
        return JSONResponse(body, problem.status, headers, media_type=MEDIA_TYPE)

    def _document(self, request: Request, problem: Problem, code: str, headers: dict[str, str]) -> Response:
        words = self._pages.tongue(request).words
        body = {
            "type": f"urn:serment:problem:{code}",
            "title": words.say(problem.title),
            "detail": words.say(problem.advice),
            "status": problem.status,
            "reference": reference_of(request),
        }
        return JSONResponse(body, problem.status, headers, media_type="application/problem+json")


def _wait(headers: Mapping[str, str]) -> int:
    seconds = headers.get("retry-after", "")
    return int(seconds) if seconds.isdecimal() else 0


def _asks_for_a_page(request: Request) -> bool:
    """Tell whether a browser opens a page; what a form carries would be lost on the way, so it is not led."""
    return request.method == "GET" and "text/html" in request.headers.get("accept", "")


class _Progress:
    """Whether the answer has begun to leave."""

    begun = False


async def _send(send: Send, reference: str, progress: _Progress, message: Message) -> None:
    if message["type"] == "http.response.start":
        progress.begun = True
        MutableHeaders(scope=message)["x-serment-reference"] = reference
    await send(message)


def _judge(error: Exception) -> tuple[Problem, str, dict[str, str]]:
    if isinstance(error, kernel.SermentError):
        problem = problem_of(error)
        wait = getattr(error, "retry_after_seconds", None)
        waiting = {"retry-after": str(wait)} if isinstance(wait, int) else {}
        return problem, problem.name or error.code, {**problem.headers, **waiting}
    if isinstance(error, HTTPException):
        problem = STATUSES.get(error.status_code, UNFORESEEN)
        return problem, problem.name or f"http.{problem.status}", dict(error.headers or {})
    return UNFORESEEN, "unforeseen", {}


def _draw_reference() -> str:
    """Draw eight signs of 32, in one request to the system: every answer bears such a reference."""
    drawn = "".join(_REFERENCE_ALPHABET[byte % 32] for byte in secrets.token_bytes(8))
    return f"{drawn[:4]}-{drawn[4:]}"


def _tell_log(error: Exception, reference: str) -> None:
    """Log where the error came from; never its text, which an unforeseen error may fill with anything."""
    places = [
        f"{frame.filename.rpartition('serment/')[2]}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)[-12:]
    ]
    code = getattr(error, "code", "")
    structlog.get_logger("serment.edge").error(
        "edge.answer-failed", reference=reference, kind=type(error).__name__, code=code, places=places
    )
