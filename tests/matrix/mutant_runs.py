"""Running tests against mutants: they are collected once, and each mutant lives in a child of that process.

First a survey runs every test on what is not mutated, and notes which functions each enters and how long it takes;
a test that fails there shows nothing, and is left out. Then a mutant is put before the tests that enter its
function, those that caught others in the same file first, then the quickest; the first that fails has caught it.
"""

import ast
import hashlib
import json
import os
import select
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path

import coverage
import pytest

from architecture.house import ROOT, SOURCE
from matrix.built import users_of_builders
from matrix.mutations import Mutant, exchange

#: The oracle looks at fewer graphs than in its own test.
QUICK_GRAPHS = 6000
#: Said of a mutant when nothing had caught it by the end of its time: the tests were not all asked.
OUT_OF_TIME = "out of time"
#: Where the tests of mutants write: nothing of it must last.
_MEMORY = Path("/dev/shm")
_QUIET = (
    "-q",
    "-o",
    "filterwarnings=ignore",
    "-p",
    "no:randomly",
    "-p",
    "no:cacheprovider",
    "-s",
    "--timeout",
    "60",
)


def say(line: str) -> None:
    """Print a line at once: this takes long."""
    print(line, flush=True)  # noqa: T201 - a program for people


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Results:
    """What is known of each file of tests, and of each file that is mutated; kept in a folder."""

    def __init__(self, folder: Path, *, afresh: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._afresh = folder, afresh

    def word_for(self, mutant: Mutant) -> str:
        """Return `caught`, `missed`, `out of time`, or `not tried`, as where the run itself stumbled."""
        said = str(self._read(SOURCE / mutant.place).get(str(mutant), "not tried"))
        if said.startswith("::"):
            return "not tried"
        return {"not tried": said, OUT_OF_TIME: said, "": "missed"}.get(said, "caught")

    def is_known(self, mutant: Mutant) -> bool:
        """Tell whether it was caught before, and need not be tried."""
        return not self._afresh and self.word_for(mutant) == "caught"

    def keep(self, mutant: Mutant, catcher: str) -> None:
        """Keep what caught a mutant; empty when nothing did."""
        path = SOURCE / mutant.place
        self.write(path, {**self._read(path), str(mutant): catcher})

    def survey(self, path: Path) -> dict[str, tuple[float, list[str]]] | None:
        """Return what is known of a file of tests: of each test, its seconds and the functions that it enters."""
        return self._read(path) or None

    def write(self, path: Path, found: object) -> None:
        """Keep something about a file, as the file is now."""
        self._place(path).write_text(json.dumps({_digest(path): found}), encoding="utf-8")

    def _read(self, path: Path) -> dict:  # type: ignore[type-arg] # what JSON holds
        place = self._place(path)
        held = json.loads(place.read_text(encoding="utf-8")) if place.exists() else {}
        return dict(held.get(_digest(path), {}))

    def _place(self, path: Path) -> Path:
        return self._folder / f"{path.relative_to(ROOT).as_posix().replace('/', '-')}.json"


class Runs:
    """One session of tests, in which many mutants are tried."""

    def __init__(self, mutants: Sequence[Mutant], results: Results, *, longest: float) -> None:
        self._mutants = [one for one in mutants if not results.is_known(one)]
        self._results, self._longest = results, longest
        self._failed: list[str] = []
        self._catchers: dict[str, Counter[str]] = {}
        self._surveyed: dict[str, tuple[float, list[str]]] = {}
        self._last: list[Path] = []
        self._users = users_of_builders()

    def look(self, tests: Sequence[Path], last: Sequence[Path]) -> None:
        """Collect the tests, and try each mutant; `last` are those for what the others did not see."""
        self._last = list(last)
        temporary = (_MEMORY if _MEMORY.is_dir() else ROOT / "build") / f"serment-mutants-{os.getpid()}"
        paths = [str(path) for path in [*tests, *last]]
        os.environ["SERMENT_EVERY_KIND"] = "1"  # one kind is asked here, and it is asked everything
        if self._mutants:
            which = ["-k", "not postgresql", "-m", "not long and not browser"]
            pytest.main([*_QUIET, *which, f"--basetemp={temporary}", *paths], plugins=[self])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what fails."""
        if report.failed:
            self._failed.append(report.nodeid)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of running the tests once: survey them, then try the mutants."""
        last = [item for item in session.items if item.path in self._last]
        first = [item for item in session.items if item.path not in self._last]
        _look_quickly(first)
        for path in dict.fromkeys(item.path for item in session.items):
            self._surveyed |= self._survey(path, [item for item in session.items if item.path == path])
        for number, mutant in enumerate(self._mutants, start=1):
            self._try(mutant, first, last, f"{number}/{len(self._mutants)}")
        return True

    def _survey(self, path: Path, items: Sequence[pytest.Item]) -> dict[str, tuple[float, list[str]]]:
        known = self._results.survey(path)
        if known is None:
            said = _in_a_child(lambda: self._observe(items), 900)
            known = json.loads(said) if said.startswith("{") else {}
            self._results.write(path, known)
            say(f"surveyed  {path.name}: {len(known)} of {len(items)} tests pass where nothing is mutated")
        return known

    def _observe(self, items: Sequence[pytest.Item]) -> str:
        watching = coverage.Coverage(
            data_file=None, config_file=False, include=[str(SOURCE / "access" / "*")]
        )
        watching.start()
        seconds: dict[str, float] = {}
        for item, following in zip_longest(items, items[1:]):
            watching.switch_context(item.nodeid)
            begun = time.monotonic()
            _run(item, following)
            seconds[item.nodeid] = round(time.monotonic() - begun, 3)
        watching.stop()
        entered = _entered(watching.get_data())
        passing = [name for name in seconds if name not in self._failed]
        return json.dumps({name: (seconds[name], sorted(entered.get(name, ()))) for name in passing})

    def _try(
        self, mutant: Mutant, first: Sequence[pytest.Item], last: Sequence[pytest.Item], where: str
    ) -> None:
        candidates = [*self._likely(mutant, first), *self._likely(mutant, last)]
        begun = time.monotonic()
        said = _in_a_child(lambda: self._first_to_fail(mutant, candidates), self._longest)
        if said == "unreachable":
            say(f"{where} no code {mutant}")
            return
        self._results.keep(mutant, said)
        self._catchers.setdefault(mutant.place, Counter())[said] += 1
        catcher = said.rpartition("::")[2] or "NOTHING"
        say(f"{where} {time.monotonic() - begun:5.1f} s {mutant}   {catcher}")

    def _likely(self, mutant: Mutant, items: Iterable[pytest.Item]) -> list[pytest.Item]:
        """Return the tests that enter the function, those first that are likely to catch, then the quick ones."""
        function, caught = (
            f"{mutant.place}:{mutant.function}",
            self._catchers.get(mutant.place, Counter[str]()),
        )
        wanted = {function, *self._users.get(function, ())}
        entering = [
            item for item in items if not wanted.isdisjoint(self._surveyed.get(item.nodeid, (0, ()))[1])
        ]
        return sorted(entering, key=lambda item: (-caught[item.nodeid], self._surveyed[item.nodeid][0]))

    def _first_to_fail(self, mutant: Mutant, items: Sequence[pytest.Item]) -> str:
        if not exchange(mutant):
            return "unreachable"
        for item, following in zip_longest(items, items[1:]):
            _run(item, following)
            if self._failed:
                return item.nodeid
        return ""


def _run(item: pytest.Item, following: pytest.Item | None) -> None:
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


def _look_quickly(items: Iterable[pytest.Item]) -> None:
    for item in items:
        if item.path.name == "test_oracle.py" and isinstance(item, pytest.Function):
            item.function.__globals__["GRAPHS"] = QUICK_GRAPHS


def _entered(data: coverage.CoverageData) -> dict[str, set[str]]:
    """Return the functions that each test entered."""
    entered: dict[str, set[str]] = {}
    for file in data.measured_files():
        functions = list(_functions(ast.parse(Path(file).read_text(encoding="utf-8")).body))
        place = Path(file).relative_to(SOURCE).as_posix()
        for line, tests in data.contexts_by_lineno(file).items():
            for name in (name for name, first, last in functions if first <= line <= last):
                for test in tests:
                    entered.setdefault(test, set()).add(f"{place}:{name}")
    return entered


def _functions(body: Sequence[ast.stmt], prefix: str = "") -> Iterator[tuple[str, int, int]]:
    """Return the functions and methods, each with the first and the last line of what it does."""
    for node in body:
        if isinstance(node, ast.FunctionDef):
            yield prefix + node.name, node.body[0].lineno, node.end_lineno or node.lineno
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body, f"{node.name}.")


def _in_a_child(work: Callable[[], str], seconds: float) -> str:
    """Return what some work says, done in a child of this process; `OUT_OF_TIME` when it takes too long."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        _silence()
        try:
            said = work()
        except BaseException as fault:  # noqa: BLE001 - whatever ends it is told to the parent
            said = f"::{type(fault).__name__}"
        with suppress(OSError), os.fdopen(writing, "w", encoding="utf-8") as telling:
            telling.write(said)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        said = _read_all(told.fileno(), time.monotonic() + seconds)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return said


def _read_all(descriptor: int, until: float) -> str:
    pieces: list[bytes] = []
    while select.select([descriptor], [], [], max(0, until - time.monotonic()))[0]:
        piece = os.read(descriptor, 1 << 16)
        if not piece:
            return b"".join(pieces).decode()
        pieces.append(piece)
    return OUT_OF_TIME


def _silence() -> None:
    with open(os.devnull, "w", encoding="utf-8") as nothing:  # noqa: PTH123 - the device, not a file of ours
        for stream in (1, 2):
            os.dup2(nothing.fileno(), stream)
