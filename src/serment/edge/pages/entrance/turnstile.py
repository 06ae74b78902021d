"""How many sign-ins are looked at at once: a flood waits outside, where it holds no thread and no writer."""

from collections import Counter
from collections.abc import Callable, Hashable
from datetime import timedelta
from functools import partial
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread

from serment import identity

P = ParamSpec("P")
R = TypeVar("R")

_MOST_OF_ONE = 2
_COME_BACK_IN = timedelta(seconds=2)


class Turnstile:
    """Threads of their own for one kind of visitor, and a short line before them; one an event loop.

    Each try behind it writes twice: with one writer in the database, more of them at once only wait for each other.
    """

    def __init__(self, at_once: int, most_waiting: int) -> None:
        self._threads = CapacityLimiter(at_once)
        self._most_inside = at_once + most_waiting
        self._inside: Counter[Hashable] = Counter()

    async def run(self, holder: Hashable, work: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what `work` returns, done in a thread when it is one's turn.

        Of one `holder`, unless it is None, two are inside at most: one stolen token does not fill the line.

        Raises:
            Throttled: the line is full; nothing was looked at.
        """
        if self._inside.total() >= self._most_inside:
            raise identity.Throttled(_COME_BACK_IN)
        if holder is not None and self._inside[holder] >= _MOST_OF_ONE:
            raise identity.Throttled(_COME_BACK_IN)
        self._inside[holder] += 1
        try:
            return await to_thread.run_sync(partial(work, *args, **kwargs), limiter=self._threads)
        finally:
            self._inside[holder] -= 1
            if not self._inside[holder]:
                del self._inside[holder]
