"""A document larger than memory, by tus, cut and resumed: the server stays as small as it was, every range is right."""

import random
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Thread

import pytest

from support.server import RunningServer, serving
from support.visitor import STREAM, Prepared, Visitor, memory_of, visiting

GIB = 2**30
BLOCK = 2**20
PART = 8 * BLOCK
MOST_MEGABYTES = 250
FILLING = random.Random(20).randbytes(BLOCK - 8)


@dataclass(frozen=True)
class Run:
    """What a run took."""

    megabytes_before: float
    megabytes_at_most: float
    seconds: float


def between(first: int, end: int) -> Iterator[bytes]:
    """Yield the document's bytes from `first` to `end`: each block begins with its number, so that none is like another."""
    while first < end:
        number, inside = divmod(first, BLOCK)
        piece = (number.to_bytes(8, "big") + FILLING)[inside : inside + end - first]
        yield piece
        first += len(piece)


@contextmanager
def memory_watched(server: RunningServer) -> Iterator[list[float]]:
    """Note the server's memory twice a second."""
    over, seen = Event(), [memory_of(server.process.pid)]

    def watch() -> None:
        while not over.wait(0.5):
            seen.append(memory_of(server.process.pid))

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def pour(visitor: Visitor, upload: str, first: int, *, until: int, length: int) -> bytes:
    """Send bytes from `first` on in one request that promises all of them, and stop at `until`; return the answer."""
    said = {**visitor.headers, **STREAM, "upload-offset": str(first), "content-length": str(length - first)}
    head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    with visitor.socket(timeout=300) as connection:
        connection.sendall(f"PATCH {upload} HTTP/1.1\r\nhost: localhost\r\n{head}\r\n".encode())
        for piece in between(first, until):
            connection.sendall(piece)
        if until < length:
            return b""
        return connection.recv(65536)


def send_with_cuts(visitor: Visitor, length: int, cuts: tuple[float, ...]) -> list[int]:
    """Send a document whose connection breaks at some fractions of it; return where each went on."""
    upload = visitor.begin(length, title="Très grand", filename="serie.bin")
    resumed, answer = [], b""
    for cut in (*(int(length * fraction) for fraction in cuts), length):
        offset = settled_offset(visitor, upload)
        resumed.append(offset)
        with suppress(ConnectionError):
            answer = pour(visitor, upload, offset, until=cut, length=length)
    assert answer.startswith(b"HTTP/1.1 204"), answer[:300]
    return resumed


def settled_offset(visitor: Visitor, upload: str) -> int:
    """Return where an upload stands once the server has seen that the connection is gone."""
    last = -1
    while (offset := visitor.offset(upload)) != last:
        last = offset
        time.sleep(1)
    return offset


def check_ranges(visitor: Visitor, entry: str, length: int, places: list[int]) -> None:
    for place in places:
        first = max(0, min(place, length - 1))
        end = min(first + 100_000, length)
        answer = visitor.ask(
            "GET", f"{visitor.document(entry)}/content", headers={"range": f"bytes={first}-{end - 1}"}
        )
        assert answer.status == 206
        assert answer.headers["content-range"] == f"bytes {first}-{end - 1}/{length}"
        assert answer.body == b"".join(between(first, end)), f"wrong bytes from {first} on"


def run(prepared: Prepared, length: int) -> Run:
    begun = time.monotonic()
    with (
        serving(prepared.data) as server,
        visiting(server.origin, prepared) as visitor,
        memory_watched(server) as megabytes,
    ):
        resumed = send_with_cuts(visitor, length, cuts=(0.3712345, 0.8456789))
        assert resumed[0] == 0
        assert 0 < resumed[1] < resumed[2]
        entry = next(entry for entry, line in visitor.entries().items() if line["title"] == "Très grand")
        drawn = random.Random(4)
        places = [
            0,
            PART - 10,
            PART,
            *resumed,
            length // 2,
            length - 50_000,
            length - 1,
            2**31 - 5,
            2**32 - 5,
        ]
        check_ranges(visitor, entry, length, places + [drawn.randrange(length) for _ in range(20)])
        preview = visitor.ask("GET", f"{visitor.document(entry)}/preview/0")
        assert 400 <= preview.status < 500
    return Run(megabytes[0], max(megabytes), time.monotonic() - begun)


@pytest.mark.long
@pytest.mark.parametrize("gigabytes", [2, 20])
def test_document_larger_than_memory_is_filed_and_read(prepared: Prepared, gigabytes: int) -> None:
    length = gigabytes * GIB + 12_345
    if shutil.disk_usage(prepared.data).free < length + 2 * GIB:
        pytest.skip(f"{gigabytes} GiB and some room beside it are wanting on this disk")
    try:
        took = run(prepared, length)
    finally:
        shutil.rmtree(prepared.data)
    print(f"{gigabytes} GiB: {took}")  # noqa: T201 - figures to be read

    assert took.megabytes_at_most < MOST_MEGABYTES
