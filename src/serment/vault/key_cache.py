"""Unwrapped keys, kept for minutes: fewer walks down the hierarchy, and an end to what a process remembers."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from serment import kernel


@dataclass(frozen=True, slots=True)
class _Kept:
    key: bytes
    until: datetime


class KeyCache:
    """At most `capacity` keys, each for at most `lifetime`; the least used leaves first. Thread-safe."""

    def __init__(self, clock: kernel.Clock, lifetime: timedelta, capacity: int) -> None:
        self._clock = clock
        self._lifetime = lifetime
        self._capacity = capacity
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._lock = Lock()

    def find(self, name: Hashable) -> bytes | None:
        """Return a key that is kept and still alive."""
        now = self._clock.now()
        with self._lock:
            kept = self._kept.get(name)
            if kept is None:
                return None
            if kept.until <= now:
                del self._kept[name]
                return None
            self._kept.move_to_end(name)
            return kept.key

    def keep(self, name: Hashable, key: bytes) -> None:
        """Keep a key from now on."""
        until = self._clock.now() + self._lifetime
        with self._lock:
            self._kept[name] = _Kept(key, until)
            self._kept.move_to_end(name)
            if len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
