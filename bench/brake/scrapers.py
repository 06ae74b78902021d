"""Scrapers with a valid account of a physician: how many dossiers they open before the brake stops them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bench.brake.scene import Scene
from serment import access, identity, kernel
from serment.access import Action
from serment.identity import Profession

#: Above the most dossiers that one account reaches before it is stopped, by what it holds; docs/security state them.
WITHOUT_FACTOR, WITH_FACTOR = 32, 64


@dataclass
class Haul:
    """What a scraper got, and how it ended."""

    opened: int = 0
    names: int = 0
    hours: float = 0.0
    ended: str = "was not stopped"

    def figures(self) -> dict[str, Any]:
        """Return what is printed."""
        return vars(self)


def own_patients(scene: Scene, every: timedelta, *, factor: bool, most: int, days: int = 30) -> Haul:
    """Open one's own patients one after the other, day and night."""
    thief = scene.person(Profession.PHYSICIAN)
    dossiers = iter(scene.dossiers(most, thief))
    return _run(scene, thief, dossiers, every, factor=factor, days=days)


def strangers(scene: Scene, every: timedelta, *, factor: bool, most: int, days: int = 30) -> Haul:
    """Declare taking part in the care of patients one does not know, then open them."""
    thief, others = scene.person(Profession.PHYSICIAN), scene.person(Profession.NURSE)
    dossiers = scene.dossiers(most, others)
    return _run(scene, thief, iter(dossiers), every, factor=factor, days=days, joins=True)


def names(scene: Scene, *, factor: bool, most: int) -> Haul:
    """Search the patients of the organisation by birth date, fifty at a time."""
    thief, others = scene.person(Profession.PHYSICIAN), scene.person(Profession.NURSE)
    dossiers, haul = scene.dossiers(most, others), Haul()
    for at in range(0, most, 50):
        try:
            _list(scene, thief, dossiers[at : at + 50])
        except access.BudgetSpent as stop:
            if not factor:
                haul.ended = f"asked ({stop.hold})"
                return haul
            scene.say_why(thief)
            continue
        except access.AccountFrozen:
            haul.ended = "frozen"
            return haul
        haul.names += len(dossiers[at : at + 50])
    return haul


def many_accounts(scene: Scene, accounts: int, each: int) -> Haul:
    """Join strangers from many accounts at once, each well within its own budget, none with a factor."""
    thieves = [scene.person(Profession.PHYSICIAN) for _ in range(accounts)]
    dossiers, haul = scene.dossiers(accounts * each, scene.person(Profession.NURSE)), Haul()
    stopped = 0
    for number, dossier in enumerate(dossiers):
        scene.clock.advance(timedelta(seconds=1))
        try:
            _join(scene, thieves[number % accounts], dossier)
        except access.BudgetSpent:
            stopped += 1
            continue
        _open(scene, thieves[number % accounts], dossier)
        haul.opened += 1
    haul.ended = f"asked {stopped} times (organisation)" if stopped else haul.ended
    return haul


def _run(
    scene: Scene,
    thief: identity.Caller,
    dossiers: Iterator[kernel.DossierId],
    every: timedelta,
    *,
    factor: bool,
    days: int,
    joins: bool = False,
) -> Haul:
    haul, began = Haul(), scene.clock.now()
    for dossier in dossiers:
        if scene.clock.now() - began > timedelta(days=days):
            haul.ended = f"still within its budgets after {days} days"
            break
        ended = _one(scene, thief, dossier, factor=factor, joins=joins)
        if ended is not None:
            haul.ended = ended
            break
        haul.opened += 1
        scene.clock.advance(every)
    haul.hours = round((scene.clock.now() - began) / timedelta(hours=1), 1)
    return haul


def _one(
    scene: Scene, thief: identity.Caller, dossier: kernel.DossierId, *, factor: bool, joins: bool
) -> str | None:
    """Open one dossier, with a reason where one is asked and a factor is at hand; return what ended it."""
    joined = not joins
    for _ in range(3):
        try:
            if not joined:
                _join(scene, thief, dossier)
                joined = True
            _open(scene, thief, dossier)
        except access.BudgetSpent as stop:
            if not factor:
                return f"asked ({stop.hold}: {stop.measure})"
            scene.say_why(thief)
        except access.AccountFrozen:
            return "frozen"
        else:
            return None
    return "asked again"


def _open(scene: Scene, thief: identity.Caller, dossier: kernel.DossierId) -> None:
    with scene.database.recorded_reading() as uow:
        access.decide(uow, thief, Action.LIST, dossier)


def _join(scene: Scene, thief: identity.Caller, dossier: kernel.DossierId) -> None:
    with scene.database.unit_of_work() as uow:
        access.join_care_team(uow, access.decide(uow, thief, Action.JOIN_TEAM, dossier))


def _list(scene: Scene, thief: identity.Caller, dossiers: Sequence[kernel.DossierId]) -> None:
    with scene.database.recorded_reading() as uow:
        access.decide_listed(uow, thief, dossiers)
