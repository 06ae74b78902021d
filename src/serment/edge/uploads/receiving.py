"""Bodies on their way in: sealed as they arrive, in the event loop; the disk is waited for in a thread."""

from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from serment import dossier
from serment.edge.uploads.watch import Watch

AfterPart = Callable[[], Awaitable[None]]


async def take_in(
    request: Request,
    reception: dossier.Reception,
    most_bytes: int,
    watch: Watch,
    after_part: AfterPart | None = None,
) -> bool:
    """Write a request's body to a reception; True when it came whole, False when the client went away.

    `watch` looks again every few seconds whether the sender may go on; `after_part` is called whenever a part may
    have become durable.

    Raises:
        UploadTooLarge: more than `most_bytes` altogether; the rest is not read.
        StoreFull: there is no room.
        AccessRefused, SessionInvalid: the sender may not go on.
    """
    async for chunk in _chunks(request):
        await watch.look()
        if chunk is None:
            return False
        if reception.size + len(chunk) > most_bytes:
            raise dossier.UploadTooLarge(str(most_bytes))
        with memoryview(chunk) as piece:
            if len(piece) < reception.room_in_part():
                reception.write(piece)
                continue
            await run_in_threadpool(reception.write, piece)
        if after_part is not None:
            await after_part()
    return True


async def _chunks(request: Request) -> AsyncIterator[bytes | None]:
    try:
        async for chunk in request.stream():
            if chunk:
                yield chunk
    except ClientDisconnect:
        yield None
