"""The one way out: one origin, no redirect, a small answer, in little time, a few at once."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typing_extensions import override

from serment import identity

QUICK = identity.CarrierLimits(connect_seconds=1.0, total_seconds=2.0, rest_seconds=0.5, most_bytes=1000)
Answering = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def provider_that(answers: Answering) -> Iterator[str]:
    """Serve on loopback for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers(self)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            answers(self)

        @override
        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def say(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"content-type": "Application/JSON; charset=utf-8", **headers}.items():
        handler.send_header(name, value)
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def test_question_is_carried_and_answered() -> None:
    with provider_that(lambda handler: say(handler, 200, b'{"a":1}')) as origin:
        carrier = identity.HttpCarrier(f"{origin}/realms/sante", QUICK)

        got = carrier.carry(identity.Question(f"{origin}/keys"))
        sent = carrier.carry(identity.Question(f"{origin}/token", {"code": "c"}))

    assert got == sent == identity.Reply(200, "application/json", b'{"a":1}')


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.2:{port}/",
        "http://localhost:{port}/",
        "https://127.0.0.1:{port}/",
        "http://127.0.0.1:1/",
    ],
)
def test_no_other_origin_is_asked(address: str) -> None:
    asked: list[str] = []
    with provider_that(lambda handler: asked.append(handler.path)) as origin:
        elsewhere = address.replace("{port}", origin.rpartition(":")[2])

        with pytest.raises(identity.ProviderUnavailable, match="elsewhere"):
            identity.HttpCarrier(origin, QUICK).carry(identity.Question(elsewhere))
    assert asked == []


def test_redirect_is_not_followed() -> None:
    asked: list[str] = []

    def answers(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        say(handler, 302, b"", location="/elsewhere")

    with provider_that(answers) as origin:
        reply = identity.HttpCarrier(origin, QUICK).carry(identity.Question(f"{origin}/keys"))

    assert (reply.status, asked) == (302, ["/keys"])


def test_large_answer_is_cut() -> None:
    with provider_that(lambda handler: say(handler, 200, b"x" * 1001)) as origin:
        carrier = identity.HttpCarrier(origin, QUICK)

        with pytest.raises(identity.ProviderUnavailable, match="too large"):
            carrier.carry(identity.Question(f"{origin}/keys"))


def _trickle(handler: BaseHTTPRequestHandler) -> None:
    """Say something all the time, so that no single wait is long."""
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(40):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.1)
    except OSError:
        return


@pytest.mark.parametrize("answers", [_trickle, lambda _: time.sleep(4)], ids=["trickle", "silence"])
def test_slow_answer_is_given_up_in_time(answers: Answering) -> None:
    with provider_that(answers) as origin:
        carrier = identity.HttpCarrier(origin, QUICK)
        begun = time.monotonic()

        with pytest.raises(identity.ProviderUnavailable):
            carrier.carry(identity.Question(f"{origin}/keys"))
        assert time.monotonic() - begun < 3


def test_provider_that_does_not_listen_is_left_alone_for_a_moment() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        origin = f"http://127.0.0.1:{taken.getsockname()[1]}"
    carrier = identity.HttpCarrier(origin, QUICK)

    with pytest.raises(identity.ProviderUnavailable, match="ConnectError"):
        carrier.carry(identity.Question(f"{origin}/keys"))
    with pytest.raises(identity.ProviderUnavailable, match="resting"):
        carrier.carry(identity.Question(f"{origin}/keys"))
    time.sleep(QUICK.rest_seconds)
    with pytest.raises(identity.ProviderUnavailable, match="ConnectError"):
        carrier.carry(identity.Question(f"{origin}/keys"))


def test_only_a_few_wait_at_once() -> None:
    """A provider that hangs holds four threads, and nobody else waits behind them (THR-01)."""
    go_on = threading.Event()

    def answers(handler: BaseHTTPRequestHandler) -> None:
        go_on.wait(5)
        say(handler, 200, b"{}")

    with provider_that(answers) as origin:
        limits = identity.CarrierLimits(total_seconds=5, at_once=2)
        carrier = identity.HttpCarrier(origin, limits)
        got: list[int] = []
        waiting = [
            threading.Thread(
                target=lambda: got.append(carrier.carry(identity.Question(f"{origin}/keys")).status)
            )
            for _ in range(2)
        ]
        for thread in waiting:
            thread.start()
        time.sleep(0.2)

        with pytest.raises(identity.ProviderUnavailable, match="busy"):
            carrier.carry(identity.Question(f"{origin}/keys"))
        go_on.set()
        for thread in waiting:
            thread.join()
        assert got == [200, 200]
        assert carrier.carry(identity.Question(f"{origin}/keys")).status == 200


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with provider_that(lambda handler: say(handler, 200, b"{}")) as origin:
        reply = identity.HttpCarrier(origin, QUICK).carry(identity.Question(f"{origin}/keys"))

    assert reply.status == 200
