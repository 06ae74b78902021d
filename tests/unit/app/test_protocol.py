"""Clients that are slow by design, against a real server on a real socket."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.server import Server

from serment.app.protocol import DeadlineProtocol, Deadlines
from support.apart import run_apart

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class _QuickDeadlines(DeadlineProtocol):
    deadlines = Deadlines(
        headers_seconds=0.3,
        body_idle_seconds=3,
        body_window_seconds=5,
        body_bytes_per_second=100,
        reader_stalled_seconds=0.5,
        linger_seconds=0.3,
        head_bytes=2000,
        tick_seconds=0.1,
    )


async def _application(scope: Scope, receive: Receive, send: Send) -> None:
    """Read the whole body, slowly on /slow, not at all on /refuse; answer its length, or a long answer on /long."""
    if scope["type"] != "http":
        return
    length = 0
    if scope["path"] == "/pause":
        await asyncio.sleep(1)
    if scope["path"] != "/refuse":
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            length += len(message.get("body", b""))
            more = message.get("more_body", False)
    status = 413 if scope["path"] == "/refuse" else 200
    body = b"x" * 50_000_000 if scope["path"] == "/long" else str(length).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _converse(talk: Talk, *, within: float = 10) -> float:
    """Run a server, let a client talk to it, and return how long that took."""

    async def run() -> float:
        config = Config(
            _application,
            http=_QuickDeadlines,
            port=0,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
        )
        server = Server(config)
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 -- uvicorn gives no event for it
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        begun = time.monotonic()
        await asyncio.wait_for(talk(reader, writer), within)
        taken = time.monotonic() - begun
        writer.close()
        server.should_exit = True
        await serving
        return taken

    return run_apart(run())


async def _until_closed(reader: asyncio.StreamReader) -> bytes:
    """Return what came until the server closed; it may reset a connection on which we still write."""
    came = b""
    with suppress(ConnectionError):
        while piece := await reader.read(65536):
            came += piece
    return came


def test_a_silent_connection_is_closed() -> None:
    async def talk(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        assert await _until_closed(reader) == b""

    assert 0.2 < _converse(talk) < 2


def test_trickled_headers_are_answered_408() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answer = asyncio.create_task(_until_closed(reader))
        for byte in b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: " + b"a" * 200:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.02)
            if answer.done():
                break
        assert (await answer).startswith(b"HTTP/1.1 408 ")

    assert _converse(talk) < 3


def test_empty_lines_do_not_keep_a_connection_open() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        assert b"200" in await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(1)
        answer = asyncio.create_task(_until_closed(reader))
        while not answer.done():
            writer.write(b"\r\n")
            await asyncio.sleep(0.05)
        assert await answer == b""

    assert _converse(talk) < 3


def test_a_body_that_stops_is_answered_408() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nfirst")
        assert (await _until_closed(reader)).startswith(b"HTTP/1.1 408 ")

    assert 0.2 < _converse(talk) < 3


def test_a_trickled_body_is_answered_408() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n")
        answer = asyncio.create_task(_until_closed(reader))
        while not answer.done():
            writer.write(b"x")
            await asyncio.sleep(0.05)
        assert (await answer).startswith(b"HTTP/1.1 408 ")

    assert _converse(talk) < 4


def test_a_steady_body_is_taken_whole() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 20000\r\n\r\n")
        for _ in range(20):
            writer.write(b"x" * 1000)
            await asyncio.sleep(0.08)
        assert b"20000" in await reader.readuntil(b"20000")

    assert _converse(talk) > 1


def test_our_own_pause_is_not_counted_against_the_client() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"PUT /pause HTTP/1.1\r\nhost: x\r\ncontent-length: 300000\r\n\r\n" + b"x" * 200_000)
        await asyncio.sleep(1.05)
        writer.write(b"x" * 100_000)
        assert b"300000" in await reader.readuntil(b"300000")

    _converse(talk)


def test_a_client_that_waits_for_leave_to_send_is_not_hurried() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"PUT /pause HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n")
        assert b"100 Continue" in await reader.readuntil(b"\r\n\r\n")
        writer.write(b"later")
        assert b"HTTP/1.1 200" in await reader.readuntil(b"\r\n\r\n")

    assert _converse(talk) > 0.9


def test_what_still_comes_after_an_early_refusal_is_cut_off() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"PUT /refuse HTTP/1.1\r\nhost: x\r\ncontent-length: 100000000\r\n\r\n")
        answer = await reader.readuntil(b"\r\n\r\n")
        assert b"413" in answer
        with pytest.raises(ConnectionError):
            while True:
                writer.write(b"x" * 1000)
                await writer.drain()
                await asyncio.sleep(0.02)

    assert _converse(talk) < 3


def test_an_endless_head_is_refused() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n")
        for number in range(40):
            writer.write(f"x-{number}: {'a' * 100}\r\n".encode())
        writer.write(b"\r\n")
        assert (await _until_closed(reader)).startswith(b"HTTP/1.1 400 ")

    _converse(talk)


def test_a_reader_that_stops_reading_is_cut_off() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"GET /long HTTP/1.1\r\nhost: x\r\n\r\n")
        await asyncio.sleep(1.5)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(50_000_000)

    _converse(talk)
