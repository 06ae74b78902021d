"""A busy week of ordinary work, act by act, on the rows that all workers share and under a clock that is set."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median, quantiles
from typing import Any

from bench.brake.roles import Work
from bench.brake.scene import BEGINS, Scene
from serment import access, identity, kernel
from serment.access import Action, Relation
from serment.access.brake.spending import spend, spend_bytes, spend_names

#: Six acts in ten fall within the rush, which is three tenths of the day.
_RUSH_SHARE, _RUSH_BEGINS, _RUSH_LENGTH = 0.6, 0.15, 0.3
#: How many decisions one opening causes: the list and two documents.
_ACTS = 3
_FROM_OUTSIDE = 0.04


@dataclass(frozen=True)
class _Event:
    at: datetime
    person: int
    kind: str
    dossier: kernel.DossierId | None = None
    count: int = 0
    relation: Relation = Relation.CARE_TEAM


@dataclass
class Week:
    """What became of it."""

    acts: int = 0
    openings: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    frozen: list[str] = field(default_factory=list)
    #: Microseconds of processor that the brake took of one decision, before what it writes with the traces.
    micros: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """Return what is printed."""
        return {
            "acts": self.acts,
            "dossiers opened": self.openings,
            "reasons asked": sum(self.reasons.values()),
            "by whom": dict(self.reasons.most_common()),
            "accounts frozen": len(self.frozen),
            "who": self.frozen,
            "brake, microseconds of processor a decision": {
                "median": round(median(self.micros), 1),
                "p99": round(quantiles(self.micros, n=100)[98], 1),
                "mean": round(sum(self.micros) / len(self.micros), 1),
            },
        }


def play(scene: Scene, roles: tuple[Work, ...], days: int, seed: int) -> Week:
    """Play everybody's days one after the other, and learn from each night what is usual."""
    drawn = random.Random(seed)  # noqa: S311 - a play, and one that can be repeated
    people = [scene.person(work.profession, work.role) for work in roles]
    panels = [[kernel.DossierId(kernel.new_id()) for _ in range(work.panel)] for work in roles]
    week = Week()
    for day in range(days):
        events = [
            event
            for number, work in enumerate(roles)
            if day % 7 < work.days
            for event in _day(drawn, number, work, panels[number], BEGINS + timedelta(days=day))
        ]
        for event in sorted(events, key=lambda one: one.at):
            _act(scene, week, people[event.person], roles[event.person], event)
        while access.learn_habits(scene.database):
            pass
    return week


def _day(
    drawn: random.Random, person: int, work: Work, panel: list[kernel.DossierId], begins: datetime
) -> Iterator[_Event]:
    begins += timedelta(hours=work.begins_hour)
    for _ in range(work.dossiers):
        at, dossier = _moment(drawn, begins, work), drawn.choice(panel)
        relation = Relation.GRANT if drawn.random() < _FROM_OUTSIDE else Relation.CARE_TEAM
        size = work.megabytes * 1_000_000 // max(work.dossiers, 1)
        yield _Event(at, person, "open", dossier, size, relation)
    for _ in range(work.joins):
        yield _Event(_moment(drawn, begins, work), person, "join", kernel.DossierId(kernel.new_id()))
    for _ in range(work.names // 4):
        yield _Event(_moment(drawn, begins, work), person, "search", count=4)


def _moment(drawn: random.Random, begins: datetime, work: Work) -> datetime:
    part = drawn.random()
    if drawn.random() < _RUSH_SHARE:
        part = _RUSH_BEGINS + part * _RUSH_LENGTH
    return begins + part * timedelta(hours=work.hours)


def _act(scene: Scene, week: Week, caller: identity.Caller, work: Work, event: _Event) -> None:
    scene.clock.advance(event.at - scene.clock.now())
    week.openings += event.kind == "open"
    for _ in range(2):
        try:
            _do(scene, week, caller, event)
        except access.BudgetSpent:
            week.reasons[work.title] += 1
            scene.say_why(caller)
        except access.AccountFrozen:
            if work.title not in week.frozen:
                week.frozen.append(work.title)
            return
        else:
            return


def _do(scene: Scene, week: Week, caller: identity.Caller, event: _Event) -> None:
    if event.kind == "open" and event.dossier is not None:
        for _ in range(_ACTS):
            _count(scene, week, caller, event.dossier, event)
        _take(scene, caller, event)
    elif event.dossier is not None:
        with scene.database.unit_of_work() as uow:
            spend(uow, caller, event.dossier, Action.JOIN_TEAM, Relation.SAME_ORGANISATION)
        week.acts += 1
    else:
        with scene.database.recorded_reading() as uow:
            spend_names(uow, caller, event.count)
        week.acts += 1


def _count(
    scene: Scene, week: Week, caller: identity.Caller, dossier: kernel.DossierId, event: _Event
) -> None:
    with scene.database.recorded_reading() as uow:
        begun = time.thread_time()
        spend(uow, caller, dossier, Action.READ, event.relation)
        week.micros.append((time.thread_time() - begun) * 1e6)
    week.acts += 1


def _take(scene: Scene, caller: identity.Caller, event: _Event) -> None:
    with scene.database.recorded_reading() as uow:
        spend_bytes(uow, caller, event.relation, event.count)
