"""HTTP/1.1 at the price of a bot: requests are bytes made in advance, answers are looked at as little as possible.

A wire is one kept connection, as a proxy keeps them, with one request on it at a time.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from typing_extensions import override

_END = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length: "
_STATUS = slice(9, 12)


@dataclass(slots=True)
class Answer:
    """What came back: `first_at` and `done_at` are monotonic seconds; status 0 says that nothing came."""

    status: int
    head: bytes
    body: bytes
    first_at: float
    done_at: float

    def cookie(self, name: bytes) -> bytes | None:
        """Return the value of a cookie that is set, None when it is not or is dropped."""
        begin = self.head.find(b"\r\nset-cookie: " + name + b"=")
        if begin < 0:
            return None
        begin += len(name) + 15
        value = self.head[begin : self.head.find(b";", begin)]
        return value if value not in {b"", b'""'} else None


Hear = Callable[[Answer], None]


class Wire(asyncio.Protocol):
    """One connection; `ask` once `free`."""

    def __init__(self, wires: "Wires") -> None:
        self._wires = wires
        self._transport: asyncio.Transport | None = None
        self._hear: Hear | None = None
        self._got = b""
        self._whole = 0
        self._first_at = 0.0

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # what loops give to a protocol of streams

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._wires.lose(self)
        if (hear := self._hear) is not None:
            self._hear, now = None, time.monotonic()
            hear(Answer(0, b"", b"", now, now))

    def ask(self, request: bytes, hear: Hear) -> None:
        """Send a request; `hear` is called with what comes back."""
        if self._transport is None:
            now = time.monotonic()
            hear(Answer(0, b"", b"", now, now))
            return
        self._got, self._whole, self._hear = b"", 0, hear
        self._transport.write(request)

    def leave(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()

    @override
    def data_received(self, data: bytes) -> None:
        if not self._got:
            self._first_at = time.monotonic()
            self._got = data
        else:
            self._got += data
        if not self._whole:
            end = self._got.find(_END)
            if end < 0:
                return
            at = self._got.find(_LENGTH, 0, end + 2)
            length = 0 if at < 0 else int(self._got[at + len(_LENGTH) : self._got.index(b"\r", at + 2)])
            self._whole = end + 4 + length
        if len(self._got) >= self._whole:
            self._tell()

    def _tell(self) -> None:
        end = self._got.find(_END)
        head, body = self._got[:end], self._got[end + 4 :]
        answer = Answer(int(head[_STATUS]), head, body, self._first_at, time.monotonic())
        hear, self._hear = self._hear, None
        self._wires.free(self)
        if hear is not None:
            hear(answer)


class Wires:
    """The connections of one process to one server, `most` of them; what finds none free waits its turn."""

    def __init__(self, host: str, port: int, most: int) -> None:
        self._address = (host, port)
        self._most = most
        self._open = 0
        self._idle: deque[Wire] = deque()
        self._waiting: deque[tuple[bytes, Hear]] = deque()
        self._all: set[Wire] = set()
        self._connecting: set[asyncio.Task[None]] = set()
        self.most_waiting = 0

    def ask(self, request: bytes, hear: Hear) -> None:
        """Send a request as soon as a connection is free."""
        if self._idle:
            self._idle.popleft().ask(request, hear)
            return
        self._waiting.append((request, hear))
        self.most_waiting = max(self.most_waiting, len(self._waiting))
        if self._open < self._most:
            self._connect()

    async def answer(self, request: bytes) -> Answer:
        """Send a request and wait for what comes back."""
        heard: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.ask(request, lambda answer: None if heard.done() else heard.set_result(answer))
        return await heard

    def free(self, wire: Wire) -> None:
        """Take a connection back."""
        if self._waiting:
            request, hear = self._waiting.popleft()
            asyncio.get_running_loop().call_soon(wire.ask, request, hear)
        else:
            self._idle.append(wire)

    def lose(self, wire: Wire) -> None:
        """Forget a connection that ended."""
        self._all.discard(wire)
        self._open -= 1
        if wire in self._idle:
            self._idle.remove(wire)
        if self._waiting and self._open < self._most:
            self._connect()

    def leave(self) -> None:
        """Close every connection."""
        for wire in list(self._all):
            wire.leave()

    def _connect(self) -> None:
        self._open += 1
        task = asyncio.get_running_loop().create_task(self._add())
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _add(self) -> None:
        try:
            _, wire = await asyncio.get_running_loop().create_connection(lambda: Wire(self), *self._address)
        except OSError:
            self._open -= 1
            if self._waiting:
                _, hear = self._waiting.popleft()
                now = time.monotonic()
                hear(Answer(0, b"", b"", now, now))
            return
        self._all.add(wire)
        self.free(wire)
