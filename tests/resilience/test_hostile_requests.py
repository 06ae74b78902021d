"""Requests that no browser sends: whatever they hold, an answer below 500 or a closed connection, and the server stays."""

import random
import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from re import compile as pattern
from time import monotonic
from uuid import uuid4

import pytest
from starlette.routing import Route

from serment.app.asgi import routes, shell_settings
from serment.app.settings import read_settings
from serment.app.wiring import opened
from serment.edge.shell import Pages
from support.installation import ORIGIN
from support.server import RunningServer
from support.visitor import Prepared, Visitor, memory_of

PARAMETER = pattern(r"{(\w+)(?::(\w+))?}")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "BREW", "get")
#: Pieces of an address: some are identifiers of things that exist, the others are what people try.
WORDS = (
    b"%00", b"%ff", b"%ed%a0%80", b"%", b"%zz", b"%2e%2e%2f", b"..", b"..%2f..%2fetc%2fpasswd", b"-1", b"0",
    b"99999999999999999999999", b"1e9", b"NaN", b"\xff\xfe", b"'%20OR%201=1--", b"{{7*7}}", b"%0d%0aset-cookie:a=b",
    b"%F0%9F%92%89", b"%E2%80%AE", b"a" * 3000, b"00000000-0000-0000-0000-000000000000",
)  # fmt: skip
QUERIES = (
    b"", b"?", b"?&&&", b"?q=%ff", b"?q=%00", b"?q=%ed%a0%80", b"?page=-1", b"?page=99999999999999999999999",
    b"?version=99999999999999999999", b"?version=-1", b"?side=1e400", b"?side=99999", b"?after=x&before=x",
    b"?from=0000-00-00&to=9999-99-99", b"?date=2026-13-45", b"?birth_date=1e9", b"?next=//example.org/&next=http:evil",
    b"?section=%F0%9F%92%89&kind=x", b"?limit=-5&offset=-5", b"?q=" + b"%25" * 2000,
)  # fmt: skip
HEADERS: Sequence[bytes] = (
    b"range: bytes=-", b"range: bytes=9-1", b"range: bytes=0-0,2-3,4-", b"range: bytes=999999999999999999-",
    b"range: bytes=99999999999999999999999-", b"range: lines=1-2", b"if-range: \xff\xff", b"range: bytes=-0",
    b"cookie: \xff\xfe=\x01; serment", b"cookie: serment=" + b"A" * 8000, b"cookie: " + b"a=b; " * 1000,
    b"cookie: serment=%00%ff", b'cookie: serment="\\', b"cookie: serment-pending=x; serment-form=y; serment-notice=z",
    b"cookie: serment-language=\xff; serment-theme=purple", b"accept-language: " + b"fr;q=9," * 900,
    b"accept-language: \xff\xff;q=NaN", b"accept: text/html", b"accept: application/json", b"accept: \xff/\xff",
    b"content-type: application/x-www-form-urlencoded", b"content-type: application/json", b"content-type: \xff",
    b"content-type: multipart/form-data; boundary=" + b"b" * 3000, b"content-type: application/offset+octet-stream",
    b"content-type: application/x-www-form-urlencoded; charset=utf-7", b"content-encoding: gzip", b"te: trailers",
    b"tus-resumable: 1.0.0", b"tus-resumable: 99", b"upload-length: -1", b"upload-length: 99999999999999999999",
    b"upload-length: \xb2", b"upload-offset: \xb2", b"upload-offset: -1", b"upload-offset: 1", b"upload-length: 10",
    b"upload-defer-length: 2", b"upload-defer-length: 1", b"upload-metadata: title", b"upload-metadata: title \xff",
    b"upload-metadata: title YQ==,title YQ==", b"upload-metadata: date MTk5OS05OS05OQ==", b"upload-metadata: ,,,,",
    b"upload-metadata: title 7aCA", b"upload-metadata: filename AAAA", b"x-forwarded-for: " + b"9," * 900,
    b"x-forwarded-for: \xff", b"origin: null", b"origin: https://example.org", b"sec-fetch-site: cross-site",
    b"x-http-method-override: DELETE", b"user-agent: " + b"\xff" * 900, b"user-agent: " + b"u" * 9000,
    b"if-none-match: *", b"if-modified-since: never", b"expect: 200-ok", b"upgrade: websocket", b"x-serment-csrf: \xff",
    b"idempotency-key: \xff", b"referer: \xff", b"forwarded: for=\xff",
)  # fmt: skip
BODIES = (
    b"", b"x", b"\xff\xfe\x00", b"a=%ff&b=%00&c=%ed%a0%80", b"&".join(b"a%d=b" % number for number in range(10_000)),
    b"login=" + b"a" * 60_000, b"{" * 20_000, b'{"a":1e999}', b"[]", b"null", b'{"\\ud800":"\\udfff"}', b"=&=&=",
    b"birth_date=99999-99-99&family_name=%00&sex=x", b"csrf=x&csrf=y", b"until=NaN&account=x&entry=x&purpose=%F0%9F%92%89",
)  # fmt: skip


@pytest.fixture(scope="module")
def doors(original: Prepared) -> list[tuple[str, str]]:
    """Every method of every route that the server lists."""
    with opened(read_settings(original.data), ORIGIN) as installation:
        found = routes(installation, Pages(shell_settings(installation), installation.clock))
    return [
        (method, route.path)
        for route in found
        if isinstance(route, Route)
        for method in sorted(route.methods or set())
    ]


def read_status(connection: socket.socket) -> int | None:
    """Return the status of the first answer; None when the connection was closed without one."""
    received = bytearray()
    try:
        while b"\r\n" not in received and (piece := connection.recv(65536)):
            received += piece
    except ConnectionResetError:
        return None
    return int(received.split()[1]) if received.startswith(b"HTTP/1.1 ") else None


def send_raw(visitor: Visitor, request: bytes) -> int | None:
    with visitor.socket(timeout=30) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(
                request
            )  # refused before it was read whole, it may have its answer all the same
        return read_status(connection)


def assemble(visitor: Visitor, method: bytes, target: bytes, extra: Sequence[bytes], body: bytes) -> bytes:
    """Write a request of the signed-in physician; headers of `extra` go before his own."""
    named = {line.partition(b":")[0] for line in extra}
    own = [
        f"{name}: {value}".encode() for name, value in visitor.headers.items() if name.encode() not in named
    ]
    framing = (
        []
        if b"transfer-encoding" in named or b"content-length" in named
        else [b"content-length: %d" % len(body)]
    )
    lines = [
        method + b" " + target + b" HTTP/1.1",
        b"host: localhost",
        *extra,
        *own,
        *framing,
        b"connection: close",
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def addressed(path: str, known: dict[str, str], drawn: random.Random) -> bytes:
    """Fill a route's parameters with what exists or with anything."""

    def fill(parameter: str, convertor: str | None) -> bytes:
        if drawn.random() < 0.5:
            return drawn.choice(WORDS)
        made_up = {"uuid": str(uuid4()), "int": "1"}.get(convertor or "", "x")
        return known.get(parameter, made_up).encode()

    pieces = PARAMETER.split(path)
    literals, names, convertors = pieces[0::3], pieces[1::3], pieces[2::3]
    filled = [fill(name, convertor) for name, convertor in zip(names, convertors, strict=True)]
    return b"".join(
        literal.encode() + (filled[number] if number < len(filled) else b"")
        for number, literal in enumerate(literals)
    )


def requests(
    visitor: Visitor, doors: Sequence[tuple[str, str]], known: dict[str, str], seed: int
) -> Iterator[bytes]:
    """Yield requests to each route in turn, for ever; the same for the same seed."""
    drawn = random.Random(seed)
    while True:
        for own_method, path in doors:
            if path == "/sign-out":  # the physician stays
                continue
            method = own_method if drawn.random() < 0.8 else drawn.choice(METHODS)
            target = addressed(path, known, drawn) + drawn.choice(QUERIES)
            extra = drawn.sample(HEADERS, drawn.randint(0, 4))
            yield assemble(visitor, method.encode(), target, extra, drawn.choice(BODIES))


def known_of(prepared: Prepared) -> dict[str, str]:
    entry = prepared.small.documents[0].head.id
    return {
        "dossier": str(prepared.dossier),
        "entry": str(entry),
        "page": "0",
        "frame": "0",
        "reference": "fuzz",
    }


def faults_of(visitor: Visitor, asked: Iterator[bytes]) -> list[str]:
    told = []
    for request in asked:
        status = send_raw(visitor, request)
        if status is not None and status >= 500:
            told.append(f"{status}: {request[:600]!r}")
    return told


def test_every_route_bears_what_it_is_not_made_for(
    visitor: Visitor, doors: list[tuple[str, str]], original: Prepared, shared_server: RunningServer
) -> None:
    asked = requests(visitor, doors, known_of(original), seed=11)

    assert faults_of(visitor, islice(asked, 500)) == []
    assert len(visitor.entries()) >= 2
    assert memory_of(shared_server.process.pid) < 250


@pytest.mark.long
def test_every_route_bears_a_great_deal(
    visitor: Visitor, doors: list[tuple[str, str]], original: Prepared, shared_server: RunningServer
) -> None:
    asked = requests(visitor, doors, known_of(original), seed=12)

    assert faults_of(visitor, islice(asked, 30_000)) == []
    assert len(visitor.entries()) >= 2
    assert memory_of(shared_server.process.pid) < 250


FRAMINGS = {
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    "zeros": bytes(5000),
    "a version that there is not": b"GET / HTTP/9.9\r\nhost: localhost\r\n\r\n",
    "no host": b"GET /health HTTP/1.1\r\nconnection: close\r\n\r\n",
    "two hosts": b"GET /health HTTP/1.1\r\nhost: localhost\r\nhost: example.org\r\nconnection: close\r\n\r\n",
    "another host": b"GET /health HTTP/1.1\r\nhost: example.org\r\nconnection: close\r\n\r\n",
    "a host of garbage": b"GET /health HTTP/1.1\r\nhost: \xff:\xff\xff\r\nconnection: close\r\n\r\n",
    "an absolute address": b"GET http://example.org/health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
    "a proxy's request": b"CONNECT example.org:443 HTTP/1.1\r\nhost: example.org\r\n\r\n",
    "a star": b"OPTIONS * HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
    "an address without a slash": b"GET health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
    "two lengths": b"POST /sign-in HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\ncontent-length: 9\r\n\r\nabc",
    "a length and chunks": (
        b"POST /sign-in HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "a length below nothing": b"POST /sign-in HTTP/1.1\r\nhost: localhost\r\ncontent-length: -1\r\n\r\n",
    "a length beyond counting": b"PUT /files/x/y HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99999999999999999999999\r\n\r\n",
    "a length of letters": b"PUT /files/x/y HTTP/1.1\r\nhost: localhost\r\ncontent-length: ten\r\n\r\n",
    "chunks of no size": b"POST /sign-in HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n\r\n",
    "a chunk beyond counting": (
        b"POST /sign-in HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n"
    ),
    "a folded header": b"GET /health HTTP/1.1\r\nhost: localhost\r\nx: a\r\n b\r\nconnection: close\r\n\r\n",
    "a header with a zero": b"GET /health HTTP/1.1\r\nhost: localhost\r\nx: a\0b\r\nconnection: close\r\n\r\n",
    "a header without a name": b"GET /health HTTP/1.1\r\nhost: localhost\r\n: a\r\nconnection: close\r\n\r\n",
    "a header without an end": b"GET /health HTTP/1.1\r\nhost: localhost\r\nx: " + b"a" * 70_000,
    "a hundred thousand headers": b"GET /health HTTP/1.1\r\nhost: localhost\r\n" + b"a: b\r\n" * 100_000,
    "an endless address": b"GET /" + b"a" * 70_000,
    "ten thousand parameters": (
        b"GET /sign-in?"
        + b"&".join(b"%d=" % n for n in range(10_000))
        + b" HTTP/1.1\r\nhost: localhost\r\n\r\n"
    ),
}


@pytest.mark.parametrize("request_bytes", FRAMINGS.values(), ids=FRAMINGS.keys())
def test_framing_that_is_wrong_is_refused(visitor: Visitor, request_bytes: bytes) -> None:
    status = send_raw(visitor, request_bytes + b"\r\n\r\n")

    assert status is None or status < 500
    assert visitor.ask("GET", "/health").status == 200


def test_request_behind_another_is_not_smuggled(visitor: Visitor) -> None:
    """A body that looks like a request stays a body: one answer, and the connection is done with."""
    inner = b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n"
    with visitor.socket() as connection:
        connection.sendall(
            b"POST /sign-in HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s"
            % (len(inner), inner)
        )
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    assert answer.count(b"HTTP/1.1 ") == 1


def test_chunked_document_is_filed_as_it_came(visitor: Visitor) -> None:
    content = random.Random(5).randbytes(100_000)
    chunks = b"".join(
        b"%x\r\n%s\r\n" % (len(content[at : at + 999]), content[at : at + 999])
        for at in range(0, len(content), 999)
    )
    extra = [b"transfer-encoding: chunked"]
    target = f"/files/{visitor.dossier}/chunked".encode()

    assert send_raw(visitor, assemble(visitor, b"PUT", target, extra, chunks + b"0\r\n\r\n")) == 201
    assert visitor.ask("GET", target.decode()).body == content


def test_document_that_breaks_off_is_not_there(visitor: Visitor) -> None:
    before = visitor.entries().keys()
    target = f"/files/{visitor.dossier}/broken-off".encode()
    with visitor.socket() as connection:
        request = assemble(visitor, b"PUT", target, [b"content-length: 5000000"], bytes(3_000_000))
        connection.sendall(request)

    assert visitor.ask("GET", target.decode()).status == 404
    assert visitor.entries().keys() == before


def _held(visitor: Visitor, beginning: bytes, drop: bytes, every_seconds: float) -> tuple[float, int | None]:
    """Send a beginning, then `drop` again and again; return how long that was borne, and what was answered."""
    begun, received = monotonic(), bytearray()
    with visitor.socket(timeout=every_seconds) as connection:
        connection.sendall(beginning)
        while monotonic() - begun < 100:
            try:
                piece = connection.recv(65536)
                received += piece
                if not piece:
                    break
            except TimeoutError:
                if drop:
                    connection.sendall(drop)
            except ConnectionResetError:
                break
    return monotonic() - begun, int(received.split()[1]) if received else None


@pytest.mark.long
def test_slow_clients_are_cut_off_and_hold_nobody_up(visitor: Visitor) -> None:
    target = f"/files/{visitor.dossier}/slow".encode()
    body = assemble(visitor, b"PUT", target, [b"content-length: 1000000"], b"x" * 100)
    head = b"GET /health HTTP/1.1\r\nhost: localhost\r\n"
    habits = [(head, b"x: y\r\n"), (body, b""), (body, b"x"), (b"", b""), (b"", b"\r\n")] * 20

    with ThreadPoolExecutor(len(habits)) as slow:
        held = [slow.submit(_held, visitor, beginning, drop, 1.0) for beginning, drop in habits]
        begun = monotonic()
        others = [visitor.ask("GET", "/health").status for _ in range(100)]
        took = monotonic() - begun
        ends = [each.result() for each in held]

    assert set(others) == {200}
    assert took < 30
    assert max(seconds for seconds, _ in ends) < 60
    assert {status for _, status in ends} <= {408, None}
    assert visitor.ask("GET", target.decode()).status == 404
