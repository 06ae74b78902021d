"""The application that the server runs: the routes of `edge` inside their shell, and the log of requests."""

import gc
import multiprocessing
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from ipaddress import ip_network
from urllib.parse import urlsplit

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.config import STARTUP_FAILURE

from serment import access, kernel
from serment.app.logs import redacted_path, set_up_logs
from serment.app.settings import Settings
from serment.app.wiring import COOKIES, Installation, open_installation
from serment.app.worker import WorkerThread
from serment.edge import Desk, fhir, pages, shell, uploads

_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
#: How long a thread may keep others from the interpreter; five milliseconds, as it comes, are a hundred in a sign-in
#: under attack, whose thread asks for it some twenty times.
_SWITCH_SECONDS = 0.0005
_SIGN_IN = "/sign-in"
_MOST_SIGN_IN_LINES = 50
_CONTACT_LASTS = timedelta(days=180)


def create_app(installation: Installation) -> ASGIApp:
    """Return the whole application of an installation."""
    settings = shell_settings(installation)
    look = shell.Pages(settings, installation.clock)
    desk = _desk(installation, look)
    gate = partial(pages.FloodGate, desk=desk)
    return RequestLog(shell.build_application(_routes(installation, desk), look, settings, gate=gate))


def _desk(installation: Installation, look: shell.Pages) -> Desk:
    return Desk(
        installation.rows,
        look,
        installation.entrance,
        installation.settings.upload_limit_bytes,
        tuple(ip_network(name) for name in installation.settings.trusted_proxies),
        installation.federation,
        _emergencies(installation.settings),
    )


def _emergencies(settings: Settings) -> access.EmergencyRules:
    return access.EmergencyRules(
        review_within=timedelta(days=settings.emergency_review_days),
        notice_delay=timedelta(hours=settings.emergency_delay_hours),
    )


def routes(installation: Installation, look: shell.Pages) -> Sequence[BaseRoute]:
    """Return the routes of every face."""
    return _routes(installation, _desk(installation, look))


def _routes(installation: Installation, desk: Desk) -> Sequence[BaseRoute]:
    return [*_own_routes(installation), *pages.routes(desk), *uploads.routes(desk), *fhir.routes(desk)]


def shell_settings(installation: Installation) -> shell.ShellSettings:
    """Return what the shell is told of its surroundings."""
    origin = urlsplit(installation.origin)
    named = [origin.hostname or "localhost", *installation.settings.hosts, *_LOOPBACK_NAMES]
    return shell.ShellSettings(
        hosts=frozenset(name.lower() for name in named),
        secret=installation.keyring.secret(COOKIES),
        scheme="https" if origin.scheme == "https" else "http",
        time_zone=installation.settings.time_zone,
        streams=uploads.STREAMS,
        machines=fhir.MACHINES,
    )


def _own_routes(installation: Installation) -> list[BaseRoute]:
    def health(_request: Request) -> Response:
        """Say that requests are answered and rows can be read; nothing else."""
        with installation.rows.reading():
            return JSONResponse({"status": "ok"})

    def contact(_request: Request) -> Response:
        """Say whom to tell of a weakness. Source: RFC 9116."""
        expires_at = (installation.clock.now() + _CONTACT_LASTS).strftime("%Y-%m-%dT00:00:00Z")
        whom = installation.settings.security_contact or f"{installation.origin}/"
        return PlainTextResponse(f"Contact: {whom}\nExpires: {expires_at}\nPreferred-Languages: fr, en\n")

    return [
        Route("/health", health, methods=["GET"]),
        Route("/.well-known/security.txt", contact, methods=["GET"]),
    ]


class RequestLog:
    """Writes one line a request: method, path without anything but words and identifiers, status, time taken.

    Of the sign-in, at most so many lines a second; the others are counted, so that a flood does not fill the disk.
    What was looked at there is in the trail.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._log = structlog.get_logger()
        self._second = 0
        self._lines = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and write how it was answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.monotonic(), 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            if not scope["path"].startswith(_SIGN_IN) or self._has_a_line_left():
                self._write(scope, status, time.monotonic() - begun)

    def _has_a_line_left(self) -> bool:
        """Count a line of the sign-in, and write how many the second before had too many."""
        second = int(time.monotonic())
        if second != self._second:
            if self._lines > _MOST_SIGN_IN_LINES:
                self._log.info("requests.not-listed", count=self._lines - _MOST_SIGN_IN_LINES, path=_SIGN_IN)
            self._second, self._lines = second, 0
        self._lines += 1
        return self._lines <= _MOST_SIGN_IN_LINES

    def _write(self, scope: Scope, status: int, seconds: float) -> None:
        self._log.info(
            "request",
            method=scope["method"],
            path=redacted_path(scope["path"]) if "endpoint" in scope else "*",
            status=status,
            milliseconds=round(seconds * 1000),
            reference=str(scope.get("serment.reference", "")),
        )


@dataclass(frozen=True)
class ServedApplication:
    """What a server process makes its application from; it travels to the processes that answer."""

    settings: Settings
    origin: str

    def __call__(self) -> ASGIApp:
        """Open the installation in this process and return the application on it."""
        set_up_logs(self.settings.log_level)
        sys.setswitchinterval(_SWITCH_SECONDS)
        try:
            installation = open_installation(self.settings, self.origin)
        except kernel.SermentError as fact:
            if multiprocessing.parent_process() is None:
                raise
            # One of several: the supervisor must hear that trying again is of no use.
            structlog.get_logger().error("server.cannot-start", code=fact.code)
            raise SystemExit(STARTUP_FAILURE) from fact
        application = create_app(installation)
        # What lives as long as the process is not gone through again and again while people wait.
        gc.collect()
        gc.freeze()
        return _Lifespan(application, installation)


class _Lifespan:
    """Starts the worker with the server, and closes the installation after the last answer."""

    def __init__(self, app: ASGIApp, installation: Installation) -> None:
        self._app = app
        self._installation = installation
        self._worker = WorkerThread(installation)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        await receive()
        self._worker.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._worker.end()
        self._installation.close()
        await send({"type": "lifespan.shutdown.complete"})
