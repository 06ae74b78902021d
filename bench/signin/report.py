"""The figures of an attack: what was offered and answered, what the attackers got, what it cost the people."""

import math
import os
import platform
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.signin.attack import Pair
from bench.signin.discern import Numbers, ks_p, rank_auc
from bench.signin.people import Visit
from bench.signin.plans import PATIENCE_SECONDS

Found = Mapping[str, NDArray[Any]]

#: A shape of answers is held to tell a right password when chance alone would do so more rarely than this.
_TELLING = 1e-6
_LUCKY_GUESS = 3e-6
_FAILED = 500


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    described = Path("/proc/cpuinfo")
    lines = described.read_text().splitlines() if described.exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return {
        "processor": model or platform.machine(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load before": round(os.getloadavg()[0], 2),
    }


def of_attack(found: Found, seconds: float) -> dict[str, Any]:
    """Return what the attackers offered, what they were answered and what they got."""
    status = found["status"]
    right = found["kind"] == Pair.RIGHT
    reached = right & (status[1] != 0)
    late = found["late"] if len(found["late"]) else np.zeros(1)
    return {
        "attempts": int(status.shape[1]),
        "offered a second": round(status.shape[1] / seconds, 1),
        "answered a second while it lasts": round(float((_answered_at(found) <= seconds).sum()) / seconds, 1),
        "requests answered in all": int((status != 0).sum()),
        "source addresses": int(found["sources"]),
        "source networks": int(found["networks"]),
        "right pairs": int(right.sum()),
        "first step by status": _by_status(status[0]),
        "second step by status": _by_status(status[1]),
        "no answer, or a failure": int((status >= _FAILED).sum() + (status[0] == 0).sum()),
        "takeovers": int(found["taken"].sum()),
        "takeovers expected by lucky guesses, at most": round(float(reached.sum()) * _LUCKY_GUESS, 4),
        "passwords confirmed": confirmed(found),
        "timing AUC, right or wrong password": _timing(found, Pair.RIGHT, Pair.WRONG),
        "timing AUC, account or none": _timing(found, Pair.WRONG, Pair.UNKNOWN),
        "p50 ms of first steps": _percentile(found["total"][0], 50),
        "p99 ms of first steps": _percentile(found["total"][0], 99),
        "p50 ms of second steps": _percentile(found["total"][1], 50),
        "p99 ms of second steps": _percentile(found["total"][1], 99),
        "work solved by attackers": int(found["solved"]),
        "generator: sent late by, p99 ms": _percentile(late, 99),
        "generator: most waiting for a connection": int(found["most_waiting"]),
        "generator: CPU ms a request": round(
            float(found["cpu_seconds"]) * 1e3 / max(1, int((status != 0).sum())), 3
        ),
    }


def confirmed(found: Found) -> int:
    """Return how many right pairs an attacker could tell by status, length or headers of their answers.

    A shape that right pairs get more often than chance explains gives away all of them that got it. Compared with
    every other kind of pair.
    """
    shapes = np.vstack([found["status"], found["length"], found["shape"]]).T
    _, which = np.unique(shapes, axis=0, return_inverse=True)
    right = found["kind"] == Pair.RIGHT
    among_all = np.bincount(which.ravel())
    among_right = np.bincount(which.ravel()[right], minlength=len(among_all))
    telling = [
        int(ours)
        for ours, count in zip(among_right, among_all, strict=True)
        if chance_of(int(ours), int(count), int(right.sum()), len(right)) < _TELLING
    ]
    return sum(telling)


def chance_of(least: int, drawn: int, marked: int, of: int) -> float:
    """Return how likely it is to find `least` or more of the `marked` among those `drawn` (hypergeometric)."""
    if least <= 0:
        return 1.0
    found = np.arange(least, min(drawn, marked) + 1)
    found = found[drawn - found <= of - marked]
    ways = [_log_choose(marked, k) + _log_choose(of - marked, drawn - k) for k in found.tolist()]
    return float(np.exp(np.array(ways) - _log_choose(of, drawn)).sum())


def _log_choose(of: int, chosen: int) -> float:
    return math.lgamma(of + 1) - math.lgamma(chosen + 1) - math.lgamma(of - chosen + 1)


def of_people(visits: Iterable[Visit]) -> dict[str, Any]:
    """Return, by kind of person, who got in and how long that took, undisturbed and under the attack."""
    visits = list(visits)
    kinds = ["everybody", *sorted({visit.kind for visit in visits})]
    return {
        kind: {
            phase: _of_visits([
                visit for visit in visits if visit.attacked is attacked and kind in {"everybody", visit.kind}
            ])
            for phase, attacked in (("idle", False), ("attack", True))
        }
        for kind in kinds
    }  # fmt: skip


def _of_visits(visits: list[Visit]) -> dict[str, Any]:
    entered = [visit for visit in visits if visit.entered and visit.seconds <= PATIENCE_SECONDS]
    statuses: Counter[str] = Counter(status for visit in visits for status in visit.statuses)
    return {
        "visits": len(visits),
        "entered": len(entered),
        "success %": round(100 * len(entered) / len(visits), 2) if visits else None,
        "at the first try %": round(100 * sum(v.rounds == 1 for v in entered) / len(visits), 2)
        if visits
        else None,
        "served p50 ms": _percentile(np.array([visit.served for visit in entered]), 50),
        "served p99 ms": _percentile(np.array([visit.served for visit in entered]), 99),
        "in p50 ms": _percentile(np.array([visit.seconds for visit in entered]), 50),
        "in p99 ms": _percentile(np.array([visit.seconds for visit in entered]), 99),
        "worked": sum(visit.worked > 0 for visit in visits),
        "statuses": dict(sorted(statuses.items())),
    }


def show(figures: Mapping[str, Any]) -> None:
    """Print the figures as tables."""
    for title in ("machine", "attack", "server"):
        sys.stdout.write(f"\n{title}\n")
        for name, value in figures[title].items():
            sys.stdout.write(f"  {name:<46} {value}\n")
    sys.stdout.write(
        f"\n{'people':<27}{'':>8}{'visits':>8}{'in %':>8}{'1st try %':>10}{'p50 ms':>9}{'p99 ms':>9}"
    )
    sys.stdout.write(f"{'in p50':>9}{'in p99':>9}{'worked':>8}\n")
    for kind, phases in figures["people"].items():
        for phase, of in phases.items():
            cells = (of["visits"], of["success %"], of["at the first try %"])
            times = (of["served p50 ms"], of["served p99 ms"], of["in p50 ms"], of["in p99 ms"])
            sys.stdout.write(f"  {kind:<25}{phase:>8}{cells[0]:>8}{cells[1]!s:>8}{cells[2]!s:>10}")
            sys.stdout.write("".join(f"{each!s:>9}" for each in times) + f"{of['worked']:>8}\n")
    for name, value in figures["ratios"].items():
        sys.stdout.write(f"  {name:<46} {value}\n")
    sys.stdout.flush()


def ratios(people: Mapping[str, Any]) -> dict[str, Any]:
    """Return how much longer answers took under the attack, for each kind of person."""
    found = {}
    for kind, phases in people.items():
        idle, attack = phases["idle"], phases["attack"]
        for name in ("served p50 ms", "served p99 ms"):
            if idle[name] and attack[name]:
                found[f"{kind}: {name.removesuffix(' ms')}, attack / idle"] = round(
                    attack[name] / idle[name], 2
                )
    return found


def _answered_at(found: Found) -> Numbers:
    """Return when each attempt had its last answer, in seconds from the begin of the attack."""
    total: Numbers = found["at"] + np.nansum(found["total"], axis=0)
    return np.where(found["status"][0] != 0, total, np.inf)


def _timing(found: Found, one: Pair, other: Pair) -> str:
    said = []
    for step, name in enumerate(("first", "second")):
        classes = [_answered(found["total"][step][found["kind"] == pair]) for pair in (one, other)]
        said.append(f"{name} step {rank_auc(*classes):.3f} (KS p {ks_p(*classes):.3f})")
    return ", ".join(said)


def _answered(times: Numbers) -> Numbers:
    return times[~np.isnan(times)]


def _by_status(statuses: NDArray[Any]) -> str:
    values, counts = np.unique(statuses, return_counts=True)
    return ", ".join(
        f"{'none' if value == 0 else value}: {count}" for value, count in zip(values, counts, strict=True)
    )


def _percentile(seconds: NDArray[Any], which: int) -> float | None:
    values = seconds[~np.isnan(seconds)] if len(seconds) else seconds
    return round(float(np.percentile(values, which)) * 1e3, 1) if len(values) else None
