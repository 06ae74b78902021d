"""Traces as lines: what one person did again and again within minutes is one line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from serment import ledger
from serment.edge.pages.trail.telling import PRELUDES

_TOGETHER = timedelta(minutes=10)


@dataclass(frozen=True)
class TrailLine:
    """One line: its trace, how often it was repeated, and from when to when."""

    trace: ledger.Trace
    first_at: datetime
    last_at: datetime
    times: int = 1

    @property
    def is_refused(self) -> bool:
        """Whether the attempt was refused, or failed."""
        return self.trace.outcome is not ledger.Outcome.ALLOWED

    @property
    def is_light(self) -> bool:
        """Whether it is only an appearance in a list."""
        return self.trace.kind == "dossier.list" and self.trace.category == "identity" and not self.is_refused


def lines_of(recorded: Sequence[ledger.RecordedTrace]) -> tuple[TrailLine, ...]:
    """Return the lines of these traces, both newest first."""
    lines: list[TrailLine] = []
    for one in _without_preludes(recorded):
        line = TrailLine(one.trace, one.recorded_at, one.recorded_at)
        place = _like(lines, line)
        if place is None:
            lines.append(line)
        else:
            lines[place] = replace(lines[place], first_at=line.first_at, times=lines[place].times + 1)
    return tuple(lines)


def _like(lines: Sequence[TrailLine], line: TrailLine) -> int | None:
    """Return the place of the line that this one repeats, among those of the minutes that followed it."""
    for place in range(len(lines) - 1, -1, -1):
        other = lines[place]
        if other.first_at - line.last_at > _TOGETHER:
            return None
        if _key(other.trace) == _key(line.trace):
            return place
    return None


def _key(trace: ledger.Trace) -> tuple[object, ...]:
    act = (trace.kind, trace.category, trace.purpose, trace.outcome)
    return (*act, trace.actor.account, trace.actor.origin, tuple(sorted(trace.detail.items())))


def _without_preludes(recorded: Iterable[ledger.RecordedTrace]) -> list[ledger.RecordedTrace]:
    """Leave out a decision that was allowed when the act it led to stands beside it."""
    every = list(recorded)
    acts = {(one.recorded_at, one.trace.actor.account) for one in every if _is_act(one.trace)}
    return [
        one
        for one in every
        if one.trace.kind not in PRELUDES
        or one.trace.outcome is not ledger.Outcome.ALLOWED
        or (one.recorded_at, one.trace.actor.account) not in acts
    ]


def _is_act(trace: ledger.Trace) -> bool:
    return trace.kind.startswith(("grant.", "care-team.", "patient."))
