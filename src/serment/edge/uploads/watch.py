"""What lasts longer than a moment looks again, every few seconds, whether it may go on (features F13).

A decision stands for one request, and a request may last an hour: a large document on its way out, an upload on its
way in. Whoever was suspended, left or lost the care meanwhile gets no further than the next look.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from serment import access, dossier, identity, kernel
from serment.edge.desk import Desk

EVERY = timedelta(seconds=3)


class Watch:
    """Calls `look` at most once every three seconds; it raises what ends the matter."""

    def __init__(self, clock: kernel.Clock, look: Callable[[], object]) -> None:
        self._clock = clock
        self._look = look
        self._looked_at = clock.now()

    async def look(self) -> None:
        """Look again, if the last time is some seconds ago.

        Raises: whatever `look` raises: AccessRefused, SessionInvalid.
        """
        if self._clock.now() - self._looked_at >= EVERY:
            await self.look_now()

    async def look_now(self) -> None:
        """Look again, whenever that was last done."""
        await run_in_threadpool(self._look)
        self._looked_at = self._clock.now()


@dataclass(frozen=True)
class Matter:
    """What goes on: one action on one dossier, perhaps on one entry of one section."""

    action: access.Action
    dossier: kernel.DossierId
    section: access.Section | None = None
    entry: access.EntryId | None = None


def reading_of(document: dossier.Document) -> Matter:
    """Return the reading of one document."""
    head = document.head
    return Matter(access.Action.READ, head.dossier, head.section, head.id)


def watch_session(desk: Desk, request: Request, matter: Matter) -> Watch:
    """Return a watch over a session and what it may do: the session lives, and the act would be decided again."""
    return Watch(desk.database.clock, lambda: _foresee(desk, desk.caller_again(request), matter))


def watch_rights(desk: Desk, caller: identity.Caller, matter: Matter) -> Watch:
    """Return a watch over what somebody may do who came by a key: the key lives, and the act would be decided again."""

    def look() -> None:
        with desk.database.reading() as uow:
            identity.insist_key_lives(uow, caller)
        _foresee(desk, caller, matter)

    return Watch(desk.database.clock, look)


def _foresee(desk: Desk, caller: identity.Caller, matter: Matter) -> None:
    with desk.database.recorded_reading() as uow:
        access.foresee(uow, caller, matter.action, matter.dossier, matter.section, entry=matter.entry)
