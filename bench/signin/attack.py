"""The attackers, in a process of their own: an open loop, so that a slow answer never thins the attack out.

Every attempt has its instant, drawn before the first is sent; latency counts from it, waiting for a connection
included (no coordinated omission). An attempt is a first step, then a second one with a guessed code.

Run by bench.signin: python -m bench.signin.attack SCENE PLAN RESULTS
"""

import asyncio
import resource
import sys
import time
from collections.abc import Coroutine
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from urllib.parse import quote_plus

import numpy as np
import uvloop
from numpy.typing import NDArray

from bench.signin import requests
from bench.signin.plans import AttackPlan, read_plan
from bench.signin.scene import LISTENING, WARD, Scene, read_scene
from bench.signin.wire import Answer, Wires
from bench.signin.work import solve_idly

_FORMS = 256
_TICK_SECONDS = 0.001
_SEE_OTHER = 303
_NETWORKS = 20_000


class Pair(IntEnum):
    """What a pair of login and password is worth."""

    RIGHT = 0
    WRONG = 1
    UNKNOWN = 2
    VICTIM = 3
    INVITED = 4


#: Which share of the attempts is of which kind; what is left aims at accounts that do not exist.
_MIX = ((Pair.RIGHT, None), (Pair.VICTIM, 0.08), (Pair.INVITED, 0.01), (Pair.WRONG, 0.40))


@dataclass
class Draws:
    """What each attempt will be, drawn in advance."""

    at: NDArray[np.float64]
    kind: NDArray[np.int8]
    which: NDArray[np.int64]
    source: NDArray[np.int64]
    goes_on: NDArray[np.bool_]
    works: NDArray[np.bool_]
    code: NDArray[np.int32]


def draw(plan: AttackPlan) -> Draws:
    """Draw the attempts: arrivals as of many strangers (Poisson), kinds by their shares."""
    random = np.random.default_rng(plan.seed)
    count = int(plan.rate * plan.seconds)
    shares = [plan.right_share if share is None else share for _, share in _MIX]
    kinds = [*(int(pair) for pair, _ in _MIX), int(Pair.UNKNOWN)]
    return Draws(
        at=np.cumsum(random.exponential(1 / plan.rate, count)),
        kind=random.choice(np.array(kinds, np.int8), count, p=[*shares, 1 - sum(shares)]),
        which=random.integers(0, 2**31, count),
        source=np.where(
            random.random(count) < plan.ward_share,
            -random.integers(1, 255, count),
            _spread(random, count, plan.sources),
        ),
        goes_on=random.random(count) < plan.second_share,
        works=random.random(count) < plan.work_share,
        code=random.integers(0, 10**6, count).astype(np.int32),
    )


def _spread(random: np.random.Generator, count: int, sources: int) -> NDArray[np.int64]:
    """Let every source have its turn before any has its next."""
    rounds = -(-count // sources)
    return np.concatenate([random.permutation(sources) for _ in range(rounds)])[:count]


def address_of(source: int) -> bytes:
    """Return an address: of the ward when negative, else one of a network that holds few attackers."""
    if source < 0:
        return f"{WARD}.{-source}".encode()
    host, network = divmod(source, _NETWORKS)
    return f"11.{network >> 8}.{network & 255}.{1 + host % 254}".encode()


class Attack:
    """Sends what was drawn, and notes what came back in arrays: row 0 for first steps, row 1 for second ones."""

    def __init__(self, scene: Scene, plan: AttackPlan) -> None:
        self._scene = scene
        self._plan = plan
        self._draws = draw(plan)
        self.count = len(self._draws.at)
        self._wires = Wires(LISTENING, scene.port, plan.connections)
        self._forms: list[requests.Form] = []
        self._done = 0
        self._over = asyncio.Event()
        self._late: list[float] = []
        self._shapes: dict[bytes, int] = {}
        self._solvers: ProcessPoolExecutor | None = None
        self._solving: set[asyncio.Task[None]] = set()
        self.status = np.zeros((2, self.count), np.int16)
        self.length = np.zeros((2, self.count), np.int32)
        self.shape = np.full((2, self.count), -1, np.int16)
        self.first = np.full((2, self.count), np.nan)
        self.total = np.full((2, self.count), np.nan)
        self.taken = np.zeros(self.count, np.bool_)
        self.solved = 0
        self.cpu_seconds = 0.0

    async def run(self) -> None:
        """Play the attack; returns when the last answer came, or did not come for a minute."""
        if self._plan.work_share:
            self._solvers = ProcessPoolExecutor(1)
        self._forms = [await requests.take_form(self._wires, address_of(n).decode()) for n in range(_FORMS)]
        await asyncio.sleep(max(0.0, self._plan.begins_at - time.monotonic()))
        before = _own_cpu_seconds()
        await self._send_all()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), self._plan.patience_seconds)
        self.cpu_seconds = _own_cpu_seconds() - before
        self._wires.leave()
        if self._solvers is not None:
            self._solvers.shutdown(wait=False, cancel_futures=True)

    async def _send_all(self) -> None:
        at = self._draws.at + self._plan.begins_at
        number = 0
        while number < self.count:
            now = time.monotonic()
            while number < self.count and at[number] <= now:
                self._late.append(now - at[number])
                self._begin(number, float(at[number]))
                number += 1
            await asyncio.sleep(_TICK_SECONDS)

    def _begin(self, number: int, at: float) -> None:
        login, password = self._pair(number)
        form = self._forms[number % _FORMS]
        body = b"csrf=%b&login=%b&password=%b" % (form.csrf, quote_plus(login).encode(), password.encode())
        request = requests.post(b"/sign-in", self._address(number), form.cookie, body)
        self._wires.ask(request, lambda answer: self._after_first(number, at, answer))

    def _after_first(self, number: int, at: float, answer: Answer) -> None:
        self._note(0, number, at, answer)
        pending = answer.cookie(requests.PENDING) if answer.status == _SEE_OTHER else None
        if pending is None or not self._draws.goes_on[number]:
            self._end_one()
            return
        cookies = self._forms[number % _FORMS].cookie + b"; " + requests.PENDING + b"=" + pending
        if self._draws.works[number] and self._solvers is not None:
            self._keep(self._work_then_guess(number, cookies))
        else:
            self._guess(number, cookies, b"")

    def _guess(self, number: int, cookies: bytes, work: bytes) -> None:
        at = time.monotonic()
        form = self._forms[number % _FORMS]
        body = b"csrf=%b&code=%06d%b" % (form.csrf, self._draws.code[number], work)
        request = requests.post(b"/sign-in/second", self._address(number), cookies, body)
        self._wires.ask(request, lambda answer: self._after_second(number, at, answer))

    def _after_second(self, number: int, at: float, answer: Answer) -> None:
        self._note(1, number, at, answer)
        self._end_one()

    def _end_one(self) -> None:
        self._done += 1
        if self._done == self.count:
            self._over.set()

    async def _work_then_guess(self, number: int, cookies: bytes) -> None:
        page = await self._wires.answer(requests.get(b"/sign-in/second", self._address(number), cookies))
        challenge = requests.work_in(page.body)
        work = b""
        if challenge is not None and self._solvers is not None:
            loop = asyncio.get_running_loop()
            solution = await loop.run_in_executor(self._solvers, solve_idly, challenge)
            self.solved += 1
            work = b"&" + requests.encode({"altcha": requests.work_done(challenge, solution)})
        self._guess(number, cookies, work)

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._solving.add(task)
        task.add_done_callback(self._solving.discard)

    def _note(self, step: int, number: int, at: float, answer: Answer) -> None:
        self.status[step, number] = answer.status
        self.length[step, number] = len(answer.body)
        self.shape[step, number] = self._shapes.setdefault(shape_of(answer.head), len(self._shapes))
        self.first[step, number] = answer.first_at - at
        self.total[step, number] = answer.done_at - at
        if answer.cookie(requests.SESSION) is not None:
            self.taken[number] = True

    def _address(self, number: int) -> bytes:
        return address_of(int(self._draws.source[number]))

    def _pair(self, number: int) -> tuple[str, str]:
        which, scene = int(self._draws.which[number]), self._scene
        wrong = f"motdepasse-{which}"
        match Pair(int(self._draws.kind[number])):
            case Pair.RIGHT:
                return scene.leaked[which % len(scene.leaked)]
            case Pair.WRONG:
                return scene.known[which % len(scene.known)], wrong
            case Pair.VICTIM:
                return scene.victims[which % len(scene.victims)], wrong
            case Pair.INVITED:
                return scene.invited[which % len(scene.invited)], wrong
            case Pair.UNKNOWN:
                return f"personne{which}@ailleurs.test", wrong

    def save(self, file: Path) -> None:
        """Keep everything that was noted."""
        sources = {address_of(int(each)) for each in np.unique(self._draws.source)}
        networks = {each.rpartition(b".")[0] for each in sources}
        np.savez(
            file.with_suffix(".results.npz"),
            at=self._draws.at,
            kind=self._draws.kind,
            status=self.status,
            length=self.length,
            shape=self.shape,
            first=self.first,
            total=self.total,
            taken=self.taken,
            answered=self._done,
            sources=len(sources),
            networks=len(networks),
            solved=self.solved,
            late=np.array(self._late),
            most_waiting=self._wires.most_waiting,
            cpu_seconds=self.cpu_seconds,
            ward=self._draws.source < 0,
            shapes=np.array([each.decode("latin-1") for each in self._shapes]),
        )


def _own_cpu_seconds() -> float:
    return sum(resource.getrusage(resource.RUSAGE_SELF)[:2])


def shape_of(head: bytes) -> bytes:
    """Return the names of the headers in their order, and of the cookies that are set."""
    names = []
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b": ")
        names.append(name + b":" + value.partition(b"=")[0] if name == b"set-cookie" else name)
    return b" ".join(names)


def main() -> None:
    """Play the attack of a plan in a scene."""
    scene, plan, results = (Path(word) for word in sys.argv[1:])
    attack = Attack(read_scene(scene), read_plan(plan, AttackPlan))
    uvloop.run(attack.run())
    attack.save(results)


if __name__ == "__main__":
    main()
