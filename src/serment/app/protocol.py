"""HTTP/1.1 for clients that may be slow by design: uvicorn's httptools protocol, with deadlines and limits.

Uvicorn waits for ever for headers, for bodies and for readers. Here each of these has an end (THR-01), and the
time during which we ourselves paused reading is never counted against the client.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from typing_extensions import override
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState


@dataclass(frozen=True)
class Deadlines:
    """How long each step may take, in seconds, and what a request may weigh, in bytes."""

    headers_seconds: float = 15
    body_idle_seconds: int = 30
    body_window_seconds: int = 30
    body_bytes_per_second: int = 512
    reader_stalled_seconds: float = 120
    linger_seconds: float = 5
    head_bytes: int = 32 * 1024
    tick_seconds: float = 1


class HeadTooLarge(Exception):
    """A request line and headers beyond the limit; the parser turns it into a 400."""


class _ObservedFlow(FlowControl):
    """Remembers that reading was paused, so that the client is not blamed for our own slowness."""

    was_paused = False

    @override
    def pause_reading(self) -> None:
        self.was_paused = True
        super().pause_reading()


class DeadlineProtocol(HttpToolsProtocol):
    """One connection, with an end to everything it may keep us waiting for."""

    deadlines = Deadlines()

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._head: asyncio.TimerHandle | None = None
        self._body: asyncio.TimerHandle | None = None
        self._stall: asyncio.TimerHandle | None = None
        self._in_message = False
        self._head_bytes = 0
        self._ticks = 0
        self._silent_ticks = 0
        self._window_bytes = 0
        self._tick_bytes = 0

    # --- headers -------------------------------------------------------------------------------------------

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn narrows it
        super().connection_made(transport)
        self.flow = _ObservedFlow(transport)
        self._expect_head()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._head, self._body, self._stall):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        # Even empty lines between requests begin the wait for a head.
        if self._head is None and not self._in_message:
            self._expect_head()
        super().data_received(data)

    @override
    def on_message_begin(self) -> None:
        self._in_message = True
        self._head_bytes = 0
        super().on_message_begin()

    @override
    def on_url(self, url: bytes) -> None:
        self._weigh(len(url))
        super().on_url(url)

    @override
    def on_header(self, name: bytes, value: bytes) -> None:
        self._weigh(len(name) + len(value) + 4)
        super().on_header(name, value)

    @override
    def on_headers_complete(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None
        super().on_headers_complete()
        self._ticks = self._silent_ticks = self._window_bytes = self._tick_bytes = 0
        self._next_tick()

    def _expect_head(self) -> None:
        self._head = self.loop.call_later(self.deadlines.headers_seconds, self._give_up)

    def _weigh(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > self.deadlines.head_bytes:
            raise HeadTooLarge

    # --- bodies --------------------------------------------------------------------------------------------

    @override
    def on_body(self, body: bytes) -> None:
        self._tick_bytes += len(body)
        super().on_body(body)

    @override
    def on_message_complete(self) -> None:
        self._in_message = False
        if self._body is not None:
            self._body.cancel()
            self._body = None
        super().on_message_complete()

    @override
    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._in_message and not self.transport.is_closing():
            # Refused early: the answer is out, and what still comes is thrown away, but not for long.
            self.loop.call_later(self.deadlines.linger_seconds, self._close_if_still_sending, self.cycle)

    def _close_if_still_sending(self, cycle: object) -> None:
        if self._in_message and cycle is self.cycle and not self.transport.is_closing():
            self.transport.close()

    def _next_tick(self) -> None:
        self._body = self.loop.call_later(self.deadlines.tick_seconds, self._tick)

    def _tick(self) -> None:
        """Judge the last second of a body, unless we were the ones who paused, or have not asked for it yet."""
        received, self._tick_bytes = self._tick_bytes, 0
        if self._waits_for_us():
            self._next_tick()
            return
        self._ticks += 1
        self._window_bytes += received
        self._silent_ticks = 0 if received else self._silent_ticks + 1
        if self._silent_ticks >= self.deadlines.body_idle_seconds or self._window_is_poor():
            self._give_up()
            return
        self._next_tick()

    def _waits_for_us(self) -> bool:
        flow = self.flow
        paused = flow.read_paused or (isinstance(flow, _ObservedFlow) and flow.was_paused)
        if isinstance(flow, _ObservedFlow):
            flow.was_paused = False
        return paused or self.cycle.waiting_for_100_continue

    def _window_is_poor(self) -> bool:
        window = self.deadlines.body_window_seconds
        if self._ticks < window:
            return False
        poor = self._window_bytes < window * self.deadlines.body_bytes_per_second
        self._ticks = self._window_bytes = 0
        return poor

    # --- readers -------------------------------------------------------------------------------------------

    @override
    def pause_writing(self) -> None:
        super().pause_writing()
        self._stall = self.loop.call_later(self.deadlines.reader_stalled_seconds, self.transport.abort)

    @override
    def resume_writing(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None
        super().resume_writing()

    def _give_up(self) -> None:
        """Say 408 where no answer has begun, and close."""
        if self.transport.is_closing():
            return
        waits_for_head = self._head is not None
        unanswered = self._in_message if waits_for_head else not self.cycle.response_started
        if unanswered:
            self.transport.write(STATUS_LINE[408] + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()
