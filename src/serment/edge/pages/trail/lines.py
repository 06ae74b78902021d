"""Traces as visits: what one person did within a while, told once. A raw log is not transparency (P49).

What machines add to the acts of people is left out: decisions told by the act that followed, the counting of bytes,
and, unless they are asked for, the reader's own acts and appearances of a name in a list.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from serment import dossier, kernel, ledger
from serment.edge.pages.trail.telling import PRELUDES

#: Acts of one person that follow each other within this belong to one visit.
_TOGETHER = timedelta(minutes=30)
#: What of a trace's detail makes an act another one; the entry is listed beside it.
_TELLING = ("account", "team", "ends", "reason", "wish", "kind", "delegate", "contest")


@dataclass(frozen=True)
class Deed:
    """One act of a visit: its newest trace, how often it was repeated, and on which documents."""

    trace: ledger.Trace
    times: int
    entries: tuple[str, ...]


@dataclass(frozen=True)
class Visit:
    """What one person did from a first instant to a last one, newest act first; `traces` are all that tell of it."""

    traces: tuple[ledger.TraceId, ...]
    trace: ledger.Trace
    first_at: datetime
    last_at: datetime
    deeds: tuple[Deed, ...]

    @property
    def id(self) -> ledger.TraceId:
        """Its newest trace."""
        return self.traces[0]

    @property
    def is_refused(self) -> bool:
        """Whether the attempt was refused, or failed."""
        return self.trace.outcome is not ledger.Outcome.ALLOWED

    @property
    def is_light(self) -> bool:
        """Whether it is only an appearance in a list."""
        return all(is_light(deed.trace) for deed in self.deeds)


@dataclass(frozen=True)
class Told:
    """The visits to show, and how much is left out: the reader's own acts, appearances in lists."""

    visits: tuple[Visit, ...]
    own: int = 0
    listed: int = 0


def is_light(trace: ledger.Trace) -> bool:
    """Tell whether a trace is only the appearance of a name in a list."""
    in_a_list = trace.kind == "dossier.list" and trace.category == "identity"
    return in_a_list and trace.outcome is ledger.Outcome.ALLOWED


def others_of(recorded: Sequence[ledger.RecordedTrace], reader: kernel.AccountId) -> Told:
    """Return what others did, both newest first; the reader's own acts and appearances in lists are counted."""
    acts = _without_machinery(recorded)
    own = [one for one in acts if one.trace.actor.account == reader]
    listed = [one for one in acts if is_light(one.trace) and one.trace.actor.account != reader]
    left_out = {one.id for one in (*own, *listed)}
    return Told(_visits(one for one in acts if one.id not in left_out), len(own), len(listed))


def all_of(recorded: Sequence[ledger.RecordedTrace]) -> Told:
    """Return what everybody did, both newest first."""
    return Told(_visits(_without_machinery(recorded)))


def _visits(acts: Iterable[ledger.RecordedTrace]) -> tuple[Visit, ...]:
    visits: list[Visit] = []
    for one in acts:
        place = _place_of(visits, one)
        if place is None:
            visits.append(Visit((one.id,), one.trace, one.recorded_at, one.recorded_at, (_deed(one.trace),)))
        else:
            known = visits[place]
            deeds = _with(known.deeds, one.trace)
            visits[place] = replace(
                known, traces=(*known.traces, one.id), first_at=one.recorded_at, deeds=deeds
            )
    return tuple(visits)


def _place_of(visits: Sequence[Visit], one: ledger.RecordedTrace) -> int | None:
    """Return the place of the visit that this act, older than all of them, begins or continues."""
    for place in range(len(visits) - 1, -1, -1):
        if _who(visits[place].trace) == _who(one.trace):
            return place if visits[place].first_at - one.recorded_at <= _TOGETHER else None
    return None


def _who(trace: ledger.Trace) -> tuple[object, ...]:
    actor, refused = trace.actor, trace.outcome is not ledger.Outcome.ALLOWED
    because = trace.detail.get("because") if refused else None
    return (
        actor.account, actor.organisation, actor.role, actor.origin, trace.purpose, refused, because, is_light(trace),
    )  # fmt: skip


def _deed(trace: ledger.Trace) -> Deed:
    entry = trace.detail.get("entry")
    return Deed(trace, 1, () if entry is None else (entry,))


def _with(deeds: tuple[Deed, ...], trace: ledger.Trace) -> tuple[Deed, ...]:
    """Add an act to those of a visit: a repeated one is counted, and its document listed once."""
    new = _deed(trace)
    for place, known in enumerate(deeds):
        if _what(known.trace) == _what(trace):
            entries = tuple(dict.fromkeys((*known.entries, *new.entries)))
            more = replace(known, times=known.times + 1, entries=entries)
            return (*deeds[:place], more, *deeds[place + 1 :])
    return (*deeds, new)


def _what(trace: ledger.Trace) -> tuple[object, ...]:
    return (trace.kind, trace.category, *(trace.detail.get(name) for name in _TELLING))


def _without_machinery(recorded: Iterable[ledger.RecordedTrace]) -> list[ledger.RecordedTrace]:
    """Leave out what only goes with an act: the decision for it, the counting of bytes, the titles beside a trail."""
    every = [one for one in recorded if one.trace.kind != dossier.CONTENT_OPENED]
    acts = {_moment(one) for one in every if not one.trace.kind.startswith("dossier.")}
    trails = {_moment(one) for one in every if one.trace.kind == "dossier.read-trail"}
    return [one for one in every if not _goes_with_an_act(one, acts, trails)]


Moment = tuple[datetime, kernel.AccountId | None]


def _moment(one: ledger.RecordedTrace) -> Moment:
    return one.recorded_at, one.trace.actor.account


def _goes_with_an_act(one: ledger.RecordedTrace, acts: set[Moment], trails: set[Moment]) -> bool:
    if one.trace.outcome is not ledger.Outcome.ALLOWED:
        return False
    prelude = one.trace.kind in PRELUDES and _moment(one) in acts
    return prelude or (one.trace.kind == "dossier.list" and _moment(one) in trails)
