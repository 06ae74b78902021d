"""The words of the brake: what is measured, over which window, against which budget, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType
from uuid import UUID

from serment import identity, kernel

FreezeId = NewType("FreezeId", UUID)
LiftId = NewType("LiftId", UUID)


class Measure(StrEnum):
    """What is counted."""

    DOSSIERS = "dossiers"
    TIES = "ties"
    NAMES = "names"
    BYTES = "bytes"


class Window(StrEnum):
    """Over which time."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return _LENGTHS[self]


_LENGTHS = {
    Window.HOUR: timedelta(hours=1),
    Window.DAY: timedelta(days=1),
    Window.WEEK: timedelta(days=7),
    Window.MONTH: timedelta(days=30),
}


@dataclass(frozen=True)
class Gauge:
    """One count over one window. Its column is named `dossiers_hour`."""

    measure: Measure
    window: Window

    @property
    def column(self) -> str:
        """The name of its column."""
        return f"{self.measure}_{self.window}"


#: Every gauge there is; a baseline states a budget for each, or leaves it out: then nothing is counted there.
GAUGES = (
    Gauge(Measure.DOSSIERS, Window.HOUR),
    Gauge(Measure.DOSSIERS, Window.DAY),
    Gauge(Measure.DOSSIERS, Window.WEEK),
    Gauge(Measure.TIES, Window.HOUR),
    Gauge(Measure.TIES, Window.DAY),
    Gauge(Measure.TIES, Window.MONTH),
    Gauge(Measure.NAMES, Window.HOUR),
    Gauge(Measure.NAMES, Window.DAY),
    Gauge(Measure.NAMES, Window.MONTH),
    Gauge(Measure.BYTES, Window.HOUR),
    Gauge(Measure.BYTES, Window.DAY),
)

#: How many of each fit in a window.
Budget = Mapping[Gauge, float]


class Hold(StrEnum):
    """Why a reason is asked for: the account's own budget is spent, or the organisation's for first looks."""

    ACCOUNT = "account"
    ORGANISATION = "organisation"


class LiftReason(StrEnum):
    """Why somebody goes beyond what is usual, from a closed list."""

    CARE_SURGE = "care-surge"
    REPLACEMENT = "replacement"
    ON_CALL = "on-call"
    ROUND = "round"
    RECORDS_WORK = "records-work"
    OTHER = "other"


@dataclass(frozen=True)
class State:
    """Where one account stands; `levels` are instants in microseconds: until when each gauge is filled."""

    levels: Mapping[Gauge, int]
    held: Hold | None = None
    lifted_until: int = 0
    passes: int = 0
    freeze: FreezeId | None = None
    #: How many dossiers the account opens on a day of work, and over how many such days that was learned.
    usual: float = 0.0
    active_days: int = 0
    #: Whether the dossier asked about was opened by this account today already.
    marked: bool = False


@dataclass(frozen=True)
class Cost:
    """What one act fills of one gauge, and what one unit fills; in microseconds."""

    gauge: Gauge
    total: int
    unit: int


@dataclass(frozen=True)
class Reason:
    """What somebody says before they go on."""

    code: LiftReason
    words: str


@dataclass(frozen=True)
class Lift:
    """A reason that was given, as the data protection officer reads it."""

    id: LiftId
    account: kernel.AccountId
    hold: Hold
    at: datetime
    reason: Reason


@dataclass(frozen=True)
class Freeze:
    """An account that was stopped: what ran over, when, and who ended it with which words."""

    id: FreezeId
    account: kernel.AccountId
    organisation: kernel.OrganisationId
    measure: Measure
    frozen_at: datetime
    ended_at: datetime | None = None
    ended_by: kernel.AccountId | None = None
    words: str = ""


@dataclass(frozen=True)
class Filled:
    """How much of one budget is used now: `used` of `of`, in dossiers, ties, names or bytes."""

    gauge: Gauge
    used: int
    of: int


#: Those who look into a freeze and may end it.
LOOKS_INTO = frozenset({identity.Role.DPO, identity.Role.ADMINISTRATOR})
