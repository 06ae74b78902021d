"""Who may hash when: a bounded number at once, and always room for browsers that are known (AUT-07, AUT-08)."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from threading import Condition

from serment.identity.errors import Throttled
from serment.identity.rules import HashingCapacity


class Lane(StrEnum):
    """Where somebody waits for a hash: known browsers never wait behind unknown ones."""

    KNOWN = "known"
    UNKNOWN = "unknown"


class HashingLanes:
    """At most `capacity.at_once` hashes at once in this process, one of them never for unknown browsers.

    Waiting is bounded in number and in time. Unknown browsers wait less and fewer at once, so that an overload
    sends them away first.
    """

    def __init__(self, capacity: HashingCapacity) -> None:
        self._capacity = capacity
        self._changed = Condition()
        self._running: Counter[Lane] = Counter()
        self._waiting: Counter[Lane] = Counter()

    @contextmanager
    def turn(self, lane: Lane) -> Iterator[None]:
        """Hold a place in a lane while hashing.

        Raises:
            Throttled: too many wait there, or waiting took too long.
        """
        self._enter(lane)
        try:
            yield
        finally:
            with self._changed:
                self._running[lane] -= 1
                self._changed.notify_all()

    def _enter(self, lane: Lane) -> None:
        patience = self._capacity.patience_known if lane is Lane.KNOWN else self._capacity.patience_unknown
        with self._changed:
            if lane is Lane.UNKNOWN and self._waiting[lane] >= self._capacity.most_unknown_waiting:
                raise Throttled(patience)
            self._waiting[lane] += 1
            try:
                if not self._changed.wait_for(lambda: self._has_room(lane), patience / timedelta(seconds=1)):
                    raise Throttled(patience)
                self._running[lane] += 1
            finally:
                self._waiting[lane] -= 1

    def _has_room(self, lane: Lane) -> bool:
        if self._running.total() >= self._capacity.at_once:
            return False
        if lane is Lane.KNOWN:
            return True
        return self._running[lane] < self._capacity.at_once - 1 and not self._waiting[Lane.KNOWN]
