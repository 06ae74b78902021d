"""How much of what unknown browsers try fails, over all workers: the fourth bucket (AUT-06, AUT-11).

Each process counts in memory and adds its counts to the database about once a second, so that a flood costs no
write an attempt, every worker sees the same pressure, and a restart does not end it.
"""

from datetime import datetime, timedelta
from threading import Lock

from serment.identity.rules import PressureRules
from serment.identity.throttling import store
from serment.identity.throttling.store import Tally
from serment.kernel import Database

#: Above so many, those that ran out are forgotten; each took somebody a second of work within ten minutes.
_MOST_SEEN_WORK = 10_000
_SHARE_EVERY = timedelta(seconds=1)


class Pressure:
    """The attempts of unknown browsers within the window, as one process knows them. Thread-safe."""

    def __init__(self, rules: PressureRules) -> None:
        self._rules = rules
        self._lock = Lock()
        self._own = Tally()
        self._shared = Tally()
        self._shared_at: datetime | None = None
        self._seen_work: dict[bytes, datetime] = {}

    def note_success(self) -> None:
        """Count an unknown browser that came in."""
        with self._lock:
            self._own += Tally(attempts=1)

    def note_failure(self) -> None:
        """Count an unknown browser that did not."""
        with self._lock:
            self._own += Tally(attempts=1, failures=1)

    def is_high(self) -> bool:
        """Tell whether unknown browsers are asked for work; never waits."""
        with self._lock:
            seen = self._own + self._shared
        return (
            seen.failures >= self._rules.least_failures
            and seen.failures >= seen.attempts * self._rules.share_of_failures
        )

    def sees_first(self, work: bytes, until: datetime, now: datetime) -> bool:
        """Tell whether a piece of work was not seen before in this process; it is remembered until it runs out."""
        with self._lock:
            if work in self._seen_work:
                return False
            if len(self._seen_work) >= _MOST_SEEN_WORK:
                self._seen_work = {name: end for name, end in self._seen_work.items() if end > now}
            self._seen_work[work] = until
            return True

    def is_stale(self, now: datetime) -> bool:
        """Tell whether what this process knows is older than a second, and `share` is due."""
        shared_at = self._shared_at
        return shared_at is None or not timedelta(0) <= now - shared_at < _SHARE_EVERY

    def share(self, database: Database) -> None:
        """Give the others this process's counts and take theirs, when that is due; outside any transaction."""
        now = database.clock.now()
        with self._lock:
            if not self.is_stale(now):
                return
            own, self._own, self._shared_at = self._own, Tally(), now
            self._shared += own
        if own.attempts:
            with database.unit_of_work() as uow:
                store.add_tally(uow, own)
        with database.reading() as uow:
            seen = store.tally_since(uow, uow.now - self._rules.window)
        with self._lock:
            self._shared = seen
