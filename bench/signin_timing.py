"""Can a try that fails be told from another one that fails? FIG-05, over AUT-09: the two steps, four classes.

Run: python -m bench.signin_timing [--samples 2000] [--rate 16] [--json FILE]

The classes come interleaved at random, each try from an address of its own, at instants drawn in advance. The server
is under pressure, since everything fails here; each try brings the work that is asked for. To leave the processor to
the server, that work is drawn at a few rounds with the installation's own keys; checking it costs the same. A second
round brings no work. The target is an AUC of at most 0.55 for each pair of classes.
"""

import argparse
import asyncio
import itertools
import json
import math
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import uvloop

from bench.installation import served
from bench.signin import requests
from bench.signin.__main__ import wait_until_ready
from bench.signin.attack import address_of
from bench.signin.population import Cast, build
from bench.signin.report import machine
from bench.signin.samples import Class, Seen
from bench.signin.scene import LISTENING, ORIGIN, Scene
from bench.signin.wire import Answer, Wires
from bench.signin.work import solve
from serment import vault
from serment.app.settings import read_settings
from serment.app.wiring import opened
from serment.identity.rules import ThrottleRules, WorkRules
from serment.identity.throttling.work import draw_work
from serment.kernel import SystemClock

_EASY = WorkRules(least_rounds=1, most_rounds=3, life=timedelta(hours=2))
_THROTTLED_ACCOUNTS = 2
_UNANSWERED = Answer(0, b"", b"", 0.0, 0.0)
_TARGET = 0.55


@dataclass(frozen=True)
class Try:
    """One try: when, what it is, with which pair."""

    at: float
    kind: Class
    login: str
    password: str


def main() -> None:
    """Print AUC and KS for each pair of classes, and write them as JSON where told."""
    wanted = _wanted()
    folder = Path(tempfile.mkdtemp(prefix="serment-bench-"))
    try:
        figures = measure(folder, wanted)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _show(figures)
    if wanted.json is not None:
        wanted.json.write_text(json.dumps(figures, indent=1))


def measure(folder: Path, wanted: argparse.Namespace) -> dict[str, Any]:
    """Make an installation, send the tries, compare the classes."""
    data = folder / "data"
    scene = build(data, Cast(accounts=wanted.accounts, leaked=wanted.accounts // 2, invited=0, people=()))
    figures: dict[str, Any] = {"machine": machine(), "samples of each class": wanted.samples}
    with served(data, "--http", "--workers", "1") as (port, _):
        wait_until_ready(port)
        scene.port = port
        for name, works, rate in (("with work", True, wanted.rate), ("without work", False, wanted.rate * 8)):
            tries = _draw(scene, wanted, rate)
            seen = uvloop.run(Observer(scene, _payloads(data, len(tries), works=works)).watch(tries))
            figures[name] = {
                f"step {step}": _compare(each, wanted.seed) for step, each in enumerate(seen, start=1)
            }
            figures[name]["statuses of step 2, by class"] = _statuses(seen[1])
    return figures


class Observer:
    """Sends tries and keeps what is seen of their answers."""

    def __init__(self, scene: Scene, works: Sequence[str]) -> None:
        self._scene = scene
        self._wires = Wires(LISTENING, scene.port, 200)
        self._works = list(works)
        self._seen = (Seen(), Seen())
        self._sources = itertools.count()

    async def watch(self, tries: Sequence[Try]) -> tuple[Seen, Seen]:
        """Exhaust the accounts that are to be throttled, then send every try at its instant."""
        form = await requests.take_form(self._wires, address_of(0).decode())
        await self._exhaust(form)
        begin = time.monotonic() + 1
        running = []
        for each in tries:
            await asyncio.sleep(max(0.0, begin + each.at - time.monotonic()))
            running.append(asyncio.ensure_future(self._try(form, each)))
        for each, (first, second) in zip(tries, await asyncio.gather(*running), strict=True):
            for seen, (begun_at, answer) in zip(self._seen, (first, second), strict=True):
                seen.note(each.kind, begun_at, answer)
        self._wires.leave()
        return self._seen

    async def _exhaust(self, form: requests.Form) -> None:
        most = max(ThrottleRules().account.burst, ThrottleRules().account_worked.burst) + 5
        for login in self._scene.known[-_THROTTLED_ACCOUNTS:]:
            for _ in range(most):
                await self._try(form, Try(0, Class.THROTTLED, login, "essai"))

    async def _try(self, form: requests.Form, what: Try) -> tuple[tuple[float, Answer], tuple[float, Answer]]:
        address = address_of(next(self._sources))
        body = requests.encode({"csrf": form.csrf.decode(), "login": what.login, "password": what.password})
        begun_at = time.monotonic()
        first = await self._wires.answer(requests.post(b"/sign-in", address, form.cookie, body))
        pending = first.cookie(requests.PENDING)
        if pending is None:
            return (begun_at, first), (0.0, _UNANSWERED)
        fields = {"csrf": form.csrf.decode(), "code": "000000"}
        if self._works:
            fields["altcha"] = self._works.pop()
        cookies = form.cookie + b"; " + requests.PENDING + b"=" + pending
        request = requests.post(b"/sign-in/second", address, cookies, requests.encode(fields))
        again_at = time.monotonic()
        return (begun_at, first), (again_at, await self._wires.answer(request))


def _draw(scene: Scene, wanted: argparse.Namespace, rate: float) -> list[Try]:
    random = np.random.default_rng(wanted.seed)
    kinds = random.permutation(np.repeat([int(each) for each in Class], wanted.samples))
    at = np.cumsum(random.exponential(1 / rate, len(kinds)))
    wrong = scene.known[len(scene.leaked) : -_THROTTLED_ACCOUNTS]
    tries = []
    for number, (instant, kind) in enumerate(zip(at.tolist(), kinds.tolist(), strict=True)):
        login, password = f"soignan{number}@example.test", f"motdepasse-{number}-faux"
        if kind == Class.WRONG_PASSWORD:
            login = wrong[number % len(wrong)]
        elif kind == Class.THROTTLED:
            login = scene.known[-1 - number % _THROTTLED_ACCOUNTS]
        elif kind == Class.RIGHT_PASSWORD:
            login, password = scene.leaked[number % len(scene.leaked)]
        tries.append(Try(instant, Class(kind), login, password))
    return tries


def _payloads(data: Path, tries: int, *, works: bool) -> list[str]:
    """Return work that the installation accepts, for the tries and for those that exhaust accounts."""
    if not works:
        return []
    with opened(read_settings(data), ORIGIN) as installation:
        return [_payload(installation.keyring) for _ in range(tries + _THROTTLED_ACCOUNTS * 100)]


def _payload(keyring: vault.Keyring) -> str:
    challenge = draw_work(keyring, SystemClock().now(), _EASY)
    return requests.work_done(challenge, solve(challenge))


def _compare(seen: Seen, seed: int) -> dict[str, dict[str, float]]:
    return {
        f"{one.name.lower()} / {other.name.lower()}": seen.compare(one, other, seed)
        for one, other in itertools.combinations(Class, 2)
    }


def _statuses(seen: Seen) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {each.name.lower(): {} for each in Class}
    for kind, status in zip(seen.kind, seen.status, strict=True):
        of = found[Class(kind).name.lower()]
        of[str(status)] = of.get(str(status), 0) + 1
    return found


def _show(figures: dict[str, Any]) -> None:
    samples = figures["samples of each class"]
    noise = 1.96 * math.sqrt((2 * samples + 1) / (12 * samples**2))
    sys.stdout.write(f"{figures['machine']}\nsamples of each class: {samples}")
    sys.stdout.write(f"; chance alone gives an AUC up to {0.5 + noise:.3f}, 19 times in 20\n")
    for phase in ("with work", "without work"):
        for step in ("step 1", "step 2"):
            sys.stdout.write(f"\n{phase}, {step}\n")
            for pair, values in figures[phase][step].items():
                worst = max(value for name, value in values.items() if name.startswith("AUC"))
                verdict = "met" if worst <= _TARGET else "NOT MET"
                sys.stdout.write(f"  {pair:<34} {verdict:<8}")
                sys.stdout.write("  ".join(f"{name} {value:.3f}" for name, value in values.items()) + "\n")
        sys.stdout.write(f"  statuses of step 2: {figures[phase]['statuses of step 2, by class']}\n")
    sys.stdout.flush()


def _wanted() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--samples", type=int, default=2000, help="tries of each class")
    parser.add_argument("--rate", type=float, default=16, help="tries a second")
    parser.add_argument("--accounts", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=20_260)
    parser.add_argument("--json", type=Path, help="where to write the figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
