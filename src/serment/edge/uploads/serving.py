"""Bytes on their way out: one range of a document, each byte authenticated before it leaves."""

import re
from collections.abc import AsyncIterator, Iterator
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from serment import dossier
from serment.edge.uploads.watch import Watch

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
#: Whatever a document holds, a browser that opens it runs nothing of it (WEB-04).
CONTENT_POLICY = "default-src 'none'; sandbox"
#: So much is opened in the handler's own thread; beyond, pieces are opened as they leave.
READ_AT_ONCE_BYTES = 1024 * 1024


def leaving(request: Request) -> dossier.Choice:
    """Return how to tell which bytes of a content will leave with the answer to this request."""

    def choose(content: dossier.ServedContent) -> dossier.Span:
        first, last = _wanted(request, content.size_bytes, _tag(content))
        nothing = request.method == "HEAD" or first > last or first >= content.size_bytes
        return dossier.Span(first, 0) if nothing else dossier.Span(first, last - first + 1)

    return choose


def serve(request: Request, content: dossier.ServedContent, watch: Watch) -> Response:
    """Answer with a document, or the one range of it that is asked for (RFC 9110, section 14), as `leaving` told.

    A long answer stops soon after `watch` finds that it may not go on: the connection is closed before its end.
    """
    tag, size = _tag(content), content.size_bytes
    first, last = _wanted(request, size, tag)
    if first > last or first >= size:
        return Response(None, 416, {"content-range": f"bytes */{size}", "accept-ranges": "bytes"})
    length = last - first + 1
    headers = {
        "accept-ranges": "bytes",
        "content-length": str(length),
        "content-disposition": _disposition(content.document),
        "content-security-policy": CONTENT_POLICY,
        "etag": tag,
    }
    partial = length != size
    if partial:
        headers["content-range"] = f"bytes {first}-{last}/{size}"
    status, media = 206 if partial else 200, content.media_type.value
    if request.method == "HEAD":
        return Response(None, status, headers, media)
    if length <= READ_AT_ONCE_BYTES:
        return Response(b"".join(map(bytes, content.read(first, length))), status, headers, media)
    return StreamingResponse(_pieces(content.read(first, length), watch), status, headers, media)


async def _pieces(pieces: Iterator[bytes | bytearray | memoryview], watch: Watch) -> AsyncIterator[bytes]:
    """Yield copies: the server may still be sending one piece while the next is opened in the same buffer."""
    first = await run_in_threadpool(_next, pieces)
    while first is not None:
        yield first
        await watch.look()
        first = _next(pieces)


def _next(pieces: Iterator[bytes | bytearray | memoryview]) -> bytes | None:
    piece = next(pieces, None)
    return None if piece is None else bytes(piece)


def _wanted(request: Request, size: int, tag: str) -> tuple[int, int]:
    """Return the first and the last byte asked for; several ranges at once are answered with the whole."""
    asked = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    if asked is None or request.headers.get("if-range", tag) != tag or asked[0] == "bytes=-":
        return 0, size - 1
    begin, end = asked[1], asked[2]
    first = int(begin) if begin else max(size - int(end), 0)
    last = min(int(end), size - 1) if begin and end else size - 1
    return first, last


def _tag(content: dossier.ServedContent) -> str:
    document = content.document
    return f'"{document.head.id.hex}-{document.version}"'


def _disposition(document: dossier.Document) -> str:
    name = document.description.file_name or document.description.title
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"
