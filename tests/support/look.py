"""One set of pages for all tests of a process: catalogues are read, and templates compiled, once."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from serment import kernel
from serment.edge import uploads
from serment.edge.shell import Pages, ShellSettings

SETTINGS = ShellSettings(hosts=frozenset({"localhost"}), secret=b"s" * 32, streams=uploads.STREAMS)


@dataclass
class FollowingClock:
    """Tells the time of the test that runs now."""

    followed: kernel.Clock = field(default_factory=kernel.SystemClock)

    def now(self) -> datetime:
        return self.followed.now()


@dataclass(frozen=True)
class Look:
    """Pages as the edge shows them, and the clock that they tell the time by."""

    pages: Pages
    clock: FollowingClock

    def at(self, clock: kernel.Clock) -> Pages:
        """Return the pages, which tell the time of that clock from now on."""
        self.clock.followed = clock
        return self.pages


@cache
def look_of(settings: ShellSettings = SETTINGS, more_templates: tuple[Path, ...] = ()) -> Look:
    """Return the look that all tests with these settings share; one of them shows it at a time."""
    clock = FollowingClock()
    return Look(Pages(settings, clock, more_templates=more_templates), clock)


@pytest.fixture(scope="session")
def look() -> Look:
    return look_of()
