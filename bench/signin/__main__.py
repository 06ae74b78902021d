"""Credential stuffing against a real server: FIG-01. `make bench-signin` runs it for ten minutes.

Run: python -m bench.signin [--seconds 600] [--rate 1000] [--short] [--json FILE] ...

The server runs as behind a proxy that ends TLS: plain HTTP on loopback, and X-Forwarded-For believed from there.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np

from bench.installation import served
from bench.signin import report
from bench.signin.people import Visit
from bench.signin.plans import AttackPlan, PeoplePlan, write_plan
from bench.signin.population import Cast, build, count_rows
from bench.signin.scene import LISTENING, read_scene
from bench.signin.watch import Watch, cpu_seconds
from serment.identity.rules import PressureRules

_LEAD_SECONDS = 5.0
_START_SECONDS = 60
#: A process asks for work after 30 failures; until they are known, its 40 threads may each hold two tries more.
_HASHES_BEFORE_PRESSURE = PressureRules().least_failures + 2 * 40
_SHORT = {"seconds": 30.0, "idle": 12.0, "accounts": 1000, "crowd": 0.5}


def main() -> None:
    """Print the figures, and write them as JSON where told."""
    wanted = _wanted()
    folder = Path(tempfile.mkdtemp(prefix="serment-bench-"))
    try:
        figures = stage(folder, wanted)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report.show(figures)
    if wanted.json is not None:
        wanted.json.write_text(json.dumps(figures, indent=1))


def stage(folder: Path, wanted: argparse.Namespace) -> dict[str, Any]:
    """Make the installation, play idle phase and attack, return the figures."""
    machine = report.machine()
    data, files = folder / "data", {name: folder / name for name in ("scene", "attack", "people")}
    cast = Cast(accounts=wanted.accounts, leaked=wanted.accounts // 3, crowd=wanted.crowd)
    scene = build(data, cast)
    with served(data, "--http", "--workers", str(wanted.workers)) as (port, pid):
        wait_until_ready(port)
        scene.port = port
        scene.write(files["scene"])
        _run("people", "devices", files["scene"]).check_returncode()
        with Watch(pid) as watch:
            server = _play(wanted, files, pid)
    devices = sum(person.kind.startswith("known") for person in read_scene(files["scene"]).people)
    visits = [Visit(**each) for each in json.loads((folder / "people.results").read_text())]
    with np.load(folder / "attack.results.npz") as found:
        attack = report.of_attack(found, wanted.seconds)
    opened = devices + sum(visit.entered for visit in visits)
    rows = count_rows(data)
    attack["sessions beyond those of the people, in the rows"] = rows.sessions - opened
    attack["passwords hashed for attackers, in the rows"] = rows.looked_at
    attack["passwords hashed, at most"] = wanted.workers * _HASHES_BEFORE_PRESSURE
    server |= {
        "memory MiB: first, peak, last": [
            round(watch.memory[0]),
            round(max(watch.memory)),
            round(watch.memory[-1]),
        ],
        "failures in its log": (data / "server.log").read_text(errors="replace").count("answer-failed"),
    }
    people = report.of_people(visits)
    settings = {name: value for name, value in vars(wanted).items() if name != "json"}
    return {
        "machine": machine | {"settings": settings},
        "attack": attack,
        "server": server,
        "people": people,
        "ratios": report.ratios(people),
    }


def _play(wanted: argparse.Namespace, files: dict[str, Path], pid: int) -> dict[str, Any]:
    begins_at = time.monotonic() + _LEAD_SECONDS
    attack_at = begins_at + wanted.idle
    ends_at = attack_at + wanted.seconds
    people = PeoplePlan(begins_at, attack_at, ends_at, wanted.people)
    attack = AttackPlan(attack_at, wanted.seconds, wanted.rate)
    attack = replace(
        attack, sources=wanted.sources, right_share=wanted.right, second_share=wanted.second,
        work_share=wanted.work, ward_share=wanted.ward, connections=wanted.connections, seed=wanted.seed,
    )  # fmt: skip
    for name, plan in (("people", people), ("attack", attack)):
        write_plan(files[name], plan)
    results = {name: files[name].with_suffix(".results") for name in ("people", "attack")}
    running = [
        _start("people", "people", files["scene"], files["people"], results["people"]),
        _start("attack", files["scene"], files["attack"], results["attack"]),
    ]
    try:
        spent = [_spent_at(pid, instant) for instant in (attack_at, ends_at)]
        codes = [process.wait(wanted.seconds + 300) for process in running]
        spent.append(_spent_at(pid, time.monotonic()))
    finally:
        for process in running:
            process.kill()
    if any(codes):
        raise SystemExit("a player of the scene failed")
    return {
        "cores used while it lasts": round((spent[1] - spent[0]) / wanted.seconds, 2),
        "CPU ms an attempt, people and answers after the end included": round(
            1e3 * (spent[2] - spent[0]) / max(1.0, wanted.seconds * wanted.rate), 2
        ),
    }


def _spent_at(pid: int, instant: float) -> float:
    """Return the processor time that the server has used by an instant."""
    time.sleep(max(0.0, instant - time.monotonic()))
    return cpu_seconds(pid)


def _run(module: str, *words: str | Path) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(_command(module, *words), check=False)  # noqa: S603 - our own command


def _start(module: str, *words: str | Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(_command(module, *words))  # noqa: S603 - our own command


def _command(module: str, *words: str | Path) -> list[str]:
    # The first word names the part within a module that has several; those with one take files alone.
    return [sys.executable, "-m", f"bench.signin.{module}", *map(str, words)]


def wait_until_ready(port: int) -> None:
    """Return once the server answers; it listens a little before."""
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://{LISTENING}:{port}/health", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise SystemExit("the server does not answer: see server.log in its directory")


def _wanted() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=600, help="how long the attack lasts")
    parser.add_argument("--idle", type=float, default=120, help="how long people are undisturbed before it")
    parser.add_argument("--rate", type=float, default=1000, help="attempts a second, of two requests each")
    parser.add_argument("--people", type=float, default=3, help="people who sign in, a second")
    parser.add_argument("--crowd", type=float, default=1.0, help="how many times the 300 people there are")
    parser.add_argument("--accounts", type=int, default=4000)
    parser.add_argument("--sources", type=int, default=60_000, help="source addresses of the attackers")
    parser.add_argument("--right", type=float, default=0.02, help="share of pairs that are right")
    parser.add_argument(
        "--second", type=float, default=1.0, help="share of attempts that go on to the second step"
    )
    parser.add_argument("--work", type=float, default=0.0, help="share of attempts that do the proof of work")
    parser.add_argument("--ward", type=float, default=0.05, help="share of attempts from the ward's network")
    parser.add_argument("--connections", type=int, default=1500, help="connections of the proxy, at most")
    parser.add_argument("--workers", type=int, default=2, help="processes of the server")
    parser.add_argument("--seed", type=int, default=20_260)
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument(
        "--short", action="store_true", help="the form for continuous integration: under a minute"
    )
    if parser.parse_known_args()[0].short:
        parser.set_defaults(**_SHORT)
    return parser.parse_args()


if __name__ == "__main__":
    main()
