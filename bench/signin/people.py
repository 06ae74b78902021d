"""The people with a right to be there, in a process of their own: they sign in before and during the attack.

They behave as a browser and its owner do: they open the page, follow what they are told, work when the page asks for
work, wait when told to wait, and try again. Whoever is in within a minute of wanting in has succeeded.

Run by bench.signin: python -m bench.signin.people devices SCENE, or: ... people SCENE PLAN RESULTS
"""

import asyncio
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import uvloop

from bench.signin import requests
from bench.signin.passkeys import device_of
from bench.signin.plans import PeoplePlan, read_plan
from bench.signin.scene import LISTENING, Person, Scene, read_scene
from bench.signin.wire import Answer, Wires
from bench.signin.work import solve_idly
from serment.identity import code_at
from serment.identity.factors.totp import STEP_SECONDS, step_at

_SEE_OTHER, _REFUSED, _SLOWER = 303, 401, 429
_PAUSE_SECONDS = 2.0
_LONGEST_WAIT_SECONDS = 20.0
_CONNECTIONS = 64
_DEVICES_AT_ONCE = 4


@dataclass
class Visit:
    """One person's way in: `seconds` from wanting in to being in; `served` is the part spent waiting for answers."""

    kind: str
    at: float
    attacked: bool
    entered: bool = False
    seconds: float = 0.0
    served: float = 0.0
    worked: float = 0.0
    rounds: int = 0
    statuses: list[str] = field(default_factory=list)


class Browser:
    """A browser of one person: its cookies, and the time it waited for answers."""

    def __init__(self, wires: Wires, person: Person) -> None:
        self._wires = wires
        self._address = person.address.encode()
        self.cookies: dict[bytes, bytes] = {}
        if person.device:
            self.cookies[requests.DEVICE] = person.device.encode()
        self.served = 0.0

    async def open(self, path: str) -> Answer:
        """Open a page."""
        return await self._ask(requests.get(path.encode(), self._address, self._cookie_header()))

    async def send(self, path: str, fields: dict[str, str]) -> Answer:
        """Send a form."""
        body = requests.encode(fields)
        return await self._ask(requests.post(path.encode(), self._address, self._cookie_header(), body))

    async def _ask(self, request: bytes) -> Answer:
        begun = time.monotonic()
        answer = await self._wires.answer(request)
        self.served += answer.done_at - begun
        for line in answer.head.split(b"\r\n"):
            if line.startswith(b"set-cookie: "):
                name, _, value = line[12:].partition(b";")[0].partition(b"=")
                self.cookies[name] = value
        return answer

    def _cookie_header(self) -> bytes:
        return b"; ".join(
            name + b"=" + value for name, value in self.cookies.items() if value not in {b"", b'""'}
        )


class Household:
    """Everybody who signs in, each rested between two visits so that a code is never asked for twice."""

    def __init__(self, scene: Scene, *, codes_late: timedelta = timedelta()) -> None:
        self.scene = scene
        self._codes_late = codes_late
        self._wires = Wires(LISTENING, scene.port, _CONNECTIONS)
        self._solvers = ProcessPoolExecutor(1)
        self._used: dict[str, int] = {}

    async def visit(self, person: Person, visit: Visit, until: float) -> Browser:
        """Let a person try until they are in, or out of patience."""
        browser = Browser(self._wires, person)
        begun = time.monotonic()
        enter = self._with_passkey if person.credential else self._with_password
        while time.monotonic() < until:
            visit.rounds += 1
            wait = await enter(person, visit, browser)
            if requests.SESSION in browser.cookies:
                visit.entered = True
                break
            if visit.statuses[-1].endswith("500"):
                break
            await asyncio.sleep(wait)
        visit.seconds = time.monotonic() - visit.at
        visit.served = browser.served + max(0.0, begun - visit.at)
        return browser

    async def _with_password(self, person: Person, visit: Visit, browser: Browser) -> float:
        """Go through both steps once; return how long to wait before the next try."""
        page = await browser.open("/sign-in")
        csrf = requests.csrf_in(page.body).decode()
        first = await browser.send(
            "/sign-in", {"csrf": csrf, "login": person.login, "password": person.password, "next": "/"}
        )
        visit.statuses.append(f"1:{first.status}")
        if first.status != _SEE_OTHER:
            return _told_to_wait(first)
        page = await browser.open("/sign-in/second")
        code = await self._code(person)
        second = await self._finish(visit, browser, page, code)
        if second.status == _SLOWER and requests.work_in(second.body) is not None:
            second = await self._finish(visit, browser, second, code)
        if second.status == _SEE_OTHER:
            self._used[person.login] = step_at(datetime.now(UTC))
        return _told_to_wait(second)

    async def _finish(self, visit: Visit, browser: Browser, page: Answer, code: str) -> Answer:
        fields = {"csrf": requests.csrf_in(page.body).decode(), "code": code, "next": "/"}
        challenge = requests.work_in(page.body)
        if challenge is not None:
            begun = time.monotonic()
            loop = asyncio.get_running_loop()
            solution = await loop.run_in_executor(self._solvers, solve_idly, challenge)
            fields["altcha"] = requests.work_done(challenge, solution)
            visit.worked += time.monotonic() - begun
        answer = await browser.send("/sign-in/second", fields)
        visit.statuses.append(f"2:{answer.status}")
        return answer

    async def _code(self, person: Person) -> str:
        """Return the code of the application; one that was used already is waited out, as people do."""
        if self._used.get(person.login) == step_at(datetime.now(UTC)):
            await asyncio.sleep(STEP_SECONDS - time.time() % STEP_SECONDS + 0.01)
        return code_at(person.seed, datetime.now(UTC) - self._codes_late)

    async def _with_passkey(self, person: Person, visit: Visit, browser: Browser) -> float:
        """Go through one ceremony; return how long to wait before the next try."""
        page = await browser.open("/sign-in")
        csrf = requests.csrf_in(page.body).decode()
        asked = await browser.send("/sign-in/passkey/options", {"csrf": csrf})
        visit.statuses.append(f"p:{asked.status}")
        if asked.status != 200:  # noqa: PLR2004 - the status of an answer with content
            return _told_to_wait(asked)
        challenge = json.loads(asked.body)
        answer = device_of(person.credential, person.passkey, person.handle).sign_in(challenge["options"])
        fields = {"csrf": csrf, "challenge": challenge["challenge"], "response": answer, "next": "/"}
        finished = await browser.send("/sign-in/passkey", fields)
        visit.statuses.append(f"p:{finished.status}")
        return _told_to_wait(finished)

    def leave(self) -> None:
        """Close every connection."""
        self._wires.leave()
        self._solvers.shutdown(wait=False, cancel_futures=True)


async def take_devices(scene: Scene) -> None:
    """Sign everybody with a known browser in once, and keep the cookie that makes it known.

    With the code of the step before, so that the next sign-in may come at once.
    """
    household = Household(scene, codes_late=timedelta(seconds=STEP_SECONDS))
    at_once = asyncio.Semaphore(_DEVICES_AT_ONCE)

    async def take(number: int, person: Person) -> None:
        elsewhere = replace(person, address=f"198.19.{number % 256}.{1 + number // 256}")
        async with at_once:
            now = time.monotonic()
            browser = await household.visit(elsewhere, Visit("device", now, attacked=False), now + 60)
        if requests.SESSION not in browser.cookies:
            raise SystemExit(f"{person.kind}: no first sign-in")
        person.device = browser.cookies.get(requests.DEVICE, b"").decode()

    known = [person for person in scene.people if person.kind.startswith("known")]
    await asyncio.gather(*(take(number, person) for number, person in enumerate(known)))
    household.leave()


async def live(scene: Scene, plan: PeoplePlan) -> list[Visit]:
    """Let people sign in at instants drawn in advance; return all their visits."""
    household = Household(scene)
    random = np.random.default_rng(plan.seed)
    count = int(plan.rate * (plan.ends_at - plan.begins_at))
    at = plan.begins_at + np.cumsum(random.exponential(1 / plan.rate, count))
    order = np.concatenate(
        [random.permutation(len(scene.people)) for _ in range(count // len(scene.people) + 1)]
    )
    visits: list[Visit] = []
    running: list[asyncio.Task[Browser]] = []
    for instant, who in zip(at.tolist(), order[:count].tolist(), strict=True):
        if instant >= plan.ends_at:
            break
        person = scene.people[who]
        await asyncio.sleep(max(0.0, instant - time.monotonic()))
        visit = Visit(person.kind, instant, attacked=instant >= plan.attack_at)
        visits.append(visit)
        running.append(asyncio.create_task(household.visit(person, visit, instant + plan.patience_seconds)))
    await asyncio.wait(running, timeout=plan.patience_seconds + 10)
    household.leave()
    return visits


def _told_to_wait(answer: Answer) -> float:
    """Return how long the page asks to wait; a pause for breath when it does not say."""
    begin = answer.head.find(b"\r\nretry-after: ")
    if begin < 0:
        return _PAUSE_SECONDS
    told = answer.head[begin + 15 :].partition(b"\r\n")[0]
    return min(float(told), _LONGEST_WAIT_SECONDS) if told.isdigit() else _PAUSE_SECONDS


def main() -> None:
    """Take the devices, or live through the idle phase and the attack."""
    if sys.argv[1] == "devices":
        file = Path(sys.argv[2])
        scene = read_scene(file)
        uvloop.run(take_devices(scene))
        scene.write(file)
        return
    scene_file, plan_file, results = (Path(word) for word in sys.argv[2:])
    visits = uvloop.run(live(read_scene(scene_file), read_plan(plan_file, PeoplePlan)))
    results.write_text(json.dumps([asdict(visit) for visit in visits]))


if __name__ == "__main__":
    main()
