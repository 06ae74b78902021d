"""The read brake: a busy week of fifty people, and scrapers. `make bench-brake` runs it all.

Run: python -m bench.brake [--short] [--seed 1] [--json FILE]
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.brake import faces, scrapers, week
from bench.brake.roles import ROLES
from bench.brake.scene import Scene, opened_scene

_SECOND, _MINUTE, _HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
_SHORT_ROLES = ROLES[4::10]


def main() -> None:
    """Print the figures, and write them as JSON where told."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--short", action="store_true", help="a few people for a day, and the fast scrapers")
    wanted.add_argument("--seed", type=int, default=1)
    wanted.add_argument("--json", type=Path)
    said = wanted.parse_args()
    figures = stage(said.seed, short=said.short)
    sys.stdout.write(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
    if said.json is not None:
        said.json.write_text(json.dumps(figures))


def stage(seed: int, *, short: bool) -> dict[str, Any]:
    """Play everything, each play in an installation of its own; return the figures."""
    if short:
        return _within(lambda scene: _short(scene, seed))
    return {
        "seed": seed,
        f"a busy week: {len(ROLES)} people": _within(
            lambda scene: week.play(scene, ROLES, 7, seed).figures()
        ),
        "scrapers": {title: _within(play) for title, play in {**_fast(), **_slow()}.items()},
        "faces": faces.play(),
    }


def _short(scene: Scene, seed: int) -> dict[str, Any]:
    """Play a day and the fast scrapers in one installation, days apart so that no budget remembers the one before."""
    figures: dict[str, Any] = {"seed": seed}
    figures[f"a busy day: {len(_SHORT_ROLES)} people"] = week.play(scene, _SHORT_ROLES, 1, seed).figures()
    hauls: dict[str, Any] = {}
    for title, play in _fast().items():
        scene.clock.advance(timedelta(days=3))
        hauls[title] = play(scene)
    return {**figures, "scrapers": hauls}


def _within(play: Callable[[Scene], dict[str, Any]]) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix="serment-bench-"))
    try:
        with opened_scene(folder / "data") as scene:
            return play(scene)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fast() -> dict[str, Callable[[Scene], dict[str, Any]]]:
    own, strange = scrapers.own_patients, scrapers.strangers
    return {
        "own patients, one a second, stolen session": lambda scene: own(
            scene, _SECOND, factor=False, most=70
        ).figures(),
        "own patients, one a second, with a factor": lambda scene: own(
            scene, _SECOND, factor=True, most=70
        ).figures(),
        "strangers, one a second, stolen session": lambda scene: strange(
            scene, _SECOND, factor=False, most=70
        ).figures(),
        "strangers, one a second, with a factor": lambda scene: strange(
            scene, _SECOND, factor=True, most=70
        ).figures(),
        "names, stolen session": lambda scene: scrapers.names(scene, factor=False, most=300).figures(),
        "names, with a factor": lambda scene: scrapers.names(scene, factor=True, most=300).figures(),
        "10 accounts, 8 strangers each": lambda scene: scrapers.many_accounts(scene, 10, 8).figures(),
    }


def _slow() -> dict[str, Callable[[Scene], dict[str, Any]]]:
    plays: dict[str, Callable[[Scene], dict[str, Any]]] = {}
    for minutes in (1, 3, 10, 30, 60):
        for factor in (False, True):
            held = "with a factor" if factor else "stolen session"
            plays[f"own patients, one in {minutes} min, {held}"] = _paced(
                scrapers.own_patients, minutes, factor
            )
            plays[f"strangers, one in {minutes} min, {held}"] = _paced(scrapers.strangers, minutes, factor)
    plays["100 accounts, 10 strangers each"] = lambda scene: scrapers.many_accounts(scene, 100, 10).figures()
    return plays


def _paced(
    play: Callable[..., scrapers.Haul],
    minutes: int,
    factor: bool,  # noqa: FBT001 - a column of a table
) -> Callable[[Scene], dict[str, Any]]:
    most = min(30 * 24 * 60 // minutes, 2500)
    return lambda scene: play(scene, minutes * _MINUTE, factor=factor, most=most).figures()


if __name__ == "__main__":
    main()
