"""Runs the server: one process, or several that share one socket; stops when asked, after the running answers."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from types import FrameType
from typing import Literal

from uvicorn.config import Config
from uvicorn.server import Server
from uvicorn.supervisors.multiprocess import Multiprocess

from serment.app.asgi import ServedApplication
from serment.app.errors import CannotListen, PlainHttpRefused
from serment.app.protocol import DeadlineProtocol
from serment.app.settings import Settings
from serment.app.tls import modern_tls, tls_files

_BACKLOG = 2048
_MOST_CONNECTIONS = 2000
#: A process that loads on a busy machine is silent for a while; it is not hung.
_WORKER_SILENT_SECONDS = 60


@dataclass(frozen=True)
class Listening:
    """Where to listen, and how."""

    host: str
    port: int
    scheme: Literal["https", "http"]

    def insist_on_loopback(self) -> None:
        """Return if nothing leaves this machine in clear.

        Raises:
            PlainHttpRefused: plain HTTP on an address that others reach.
        """
        if self.scheme == "http" and not _is_loopback(self.host):
            raise PlainHttpRefused(
                f"--http serves in clear and only on loopback; {self.host} is reached from elsewhere. "
                "Leave --http out, or use --host 127.0.0.1."
            )


def bind(listening: Listening) -> socket.socket:
    """Take the address and the port.

    Raises:
        PlainHttpRefused: plain HTTP on an address that others reach.
        CannotListen: they cannot be had.
    """
    listening.insist_on_loopback()
    family = socket.AF_INET6 if ":" in listening.host else socket.AF_INET
    try:
        taken = socket.create_server((listening.host, listening.port), family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        fact = getattr(error, "strerror", None) or str(error)
        raise CannotListen(f"Cannot listen on {listening.host}, port {listening.port}: {fact}.") from None
    taken.set_inheritable(True)
    return taken


def origin_of(settings: Settings, listening: Listening, taken: socket.socket) -> str:
    """Return where browsers find this server: the setting, else this machine at that port."""
    if settings.origin is not None:
        return settings.origin
    everywhere = listening.host in {"0.0.0.0", "::"}  # noqa: S104 -- compared, not bound
    host = "localhost" if everywhere or _is_loopback(listening.host) else listening.host
    return f"{listening.scheme}://{host}:{taken.getsockname()[1]}"


def serve(application: ServedApplication, listening: Listening, taken: socket.socket, workers: int) -> None:
    """Answer requests until SIGTERM or SIGINT, then finish the running ones and return."""
    config = _configuration(application, listening, workers)
    with _quiet_end():
        if workers == 1:
            Server(config).run(sockets=[taken])
        else:
            Multiprocess(config, sockets=[taken]).run()
    taken.close()


def _configuration(application: ServedApplication, listening: Listening, workers: int) -> Config:
    settings = application.settings
    files = tls_files(settings) if listening.scheme == "https" else None
    if files is not None:
        files.check()
    return Config(
        application,  # a factory: uvicorn calls it in the process that answers
        factory=True,
        http=DeadlineProtocol,
        loop="uvloop",
        ws="none",
        lifespan="on",
        workers=workers,
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,  # edge.desk reads them, from trusted proxies only
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_worker_healthcheck=_WORKER_SILENT_SECONDS,
        timeout_graceful_shutdown=settings.stop_seconds,
        ssl_certfile=files.certificate if files else None,
        ssl_keyfile=files.key if files else None,
        ssl_context_factory=modern_tls if files else None,
    )


@contextmanager
def _quiet_end() -> Iterator[None]:
    """Let uvicorn raise the signal that ended it again, without ending us before we are done."""
    before = {number: signal.signal(number, _do_nothing) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _do_nothing(_number: int, _frame: FrameType | None) -> None:
    return


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
