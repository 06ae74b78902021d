"""Threads of their own for what waits for the workbench, so that whoever draws or files keeps nobody else waiting."""

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

T = TypeVar("T")

#: So many wait for the workbench at once, each with the content it hands over; the others wait without a thread.
PLACES = 6


class Bench:
    """A few threads. The pages of everybody have the others: slow content of one person takes none of those."""

    def __init__(self) -> None:
        self._places = CapacityLimiter(PLACES)

    async def run(self, work: Callable[[], T]) -> T:
        """Return what `work` gives, once there was a place for it."""
        return await to_thread.run_sync(work, limiter=self._places)
