"""How many sign-ins are looked at at once: a flood waits outside, where it holds no thread and no writer."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread

from serment import identity

P = ParamSpec("P")
R = TypeVar("R")

_COME_BACK_IN = timedelta(seconds=2)


class Turnstile:
    """Threads of their own for one kind of visitor, and a short line before them; one an event loop.

    Each try behind it writes twice: with one writer in the database, more of them at once only wait for each other.
    """

    def __init__(self, at_once: int, most_waiting: int) -> None:
        self._threads = CapacityLimiter(at_once)
        self._most_inside = at_once + most_waiting
        self._inside = 0

    async def run(self, work: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what `work` returns, done in a thread when it is one's turn.

        Raises:
            Throttled: the line is full; nothing was looked at.
        """
        if self._inside >= self._most_inside:
            raise identity.Throttled(_COME_BACK_IN)
        self._inside += 1
        try:
            return await to_thread.run_sync(partial(work, *args, **kwargs), limiter=self._threads)
        finally:
            self._inside -= 1
