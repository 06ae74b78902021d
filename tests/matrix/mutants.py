"""The mutation run: takes each check of `access` away, one at a time, and looks whether some test notices.

`make mutants` prints the share that was noticed, and each check that nobody would miss. A check is a condition under
which something is refused or left out, one half of such a condition, or a call that insists, records or spends.

Every mutant lives in a child of this process, in which all is loaded already: the code of one function is exchanged
there, then the oracle, the matrix and the tests of `access` are asked, the quickest first.
"""

import argparse
import ast
import contextlib
import gc
import importlib
import inspect
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest
import structlog
from typing_extensions import override

from architecture.house import ROOT, SOURCE
from matrix import test_oracle
from matrix.cells import Cell, cells_of, faults_of
from matrix.driving import acts_served, changed, lists_in, sampled, those_of
from matrix.graphs import Pool
from matrix.states import BRINGING
from matrix.table import STATES, differing, rows_in
from matrix.wire import ask
from matrix.world import World, opened_world
from serment.access.model import WHOLE_DOSSIER  # noqa: F401 - loaded before any child is made
from support.apart import run_apart
from support.oracle import SECTIONS

#: What is mutated: the decision first, then what it stands on.
TARGETS = (
    "access/policy.py", "access/acts.py", "access/decision.py", "access/model.py", "access/ties/gathering.py", "access/ties/store.py",
    "access/grants.py", "access/care_team.py", "access/trail.py", "access/deaths.py", "access/departures.py",
    "access/restrictions", "access/delegations", "access/emergency", "access/matrix", "access/brake",
    "access/episodes", "dossier/documents.py", "dossier/catalogue.py",
)  # fmt: skip
UNITS = ("tests/unit/access",)
TESTS = ("tests/integration/test_access_*.py", "tests/integration/test_dossier_rights.py")
QUICK_GRAPHS = 4000
MOST_SECONDS = 240
#: Calls that are checks by themselves.
INSISTS = {
    "require", "require_step_up", "check", "check_bounds", "record", "record_all", "spend", "spend_names", "standing",
    "insist",
}  # fmt: skip
_INSISTING = ("insist", "check", "record", "require", "trace")
_LEAVES = (ast.Raise, ast.Return, ast.Continue)


@dataclass(frozen=True)
class Mutant:
    """One check taken away: where, what, and the code of the function without it."""

    place: str
    line: int
    what: str
    function: str
    code: CodeType

    @override
    def __str__(self) -> str:
        return f"{self.place}:{self.line} {self.what}"


def mutants_in(path: Path) -> Iterator[Mutant]:
    """Return every mutant of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    for node in list(ast.walk(tree)):
        for what, attribute, value in list(_ways(node)):
            kept = getattr(node, attribute)
            setattr(node, attribute, value)
            ast.fix_missing_locations(tree)
            yield from _compiled(path, tree, _line_of(node), what)
            setattr(node, attribute, kept)


def _line_of(node: ast.AST) -> int:
    match node:
        case ast.comprehension(target=place):
            return place.lineno
        case ast.match_case(pattern=pattern):
            return pattern.lineno
        case _:
            return getattr(node, "lineno", 0)


def _compiled(path: Path, mutated: ast.Module, line: int, what: str) -> Iterator[Mutant]:
    place, function = path.relative_to(SOURCE).as_posix(), _function_at(mutated.body, line)
    for code in _codes(compile(mutated, str(path), "exec")):
        if code.co_qualname == function:
            yield Mutant(place, line, what, function, code)


def _function_at(body: Sequence[ast.stmt], line: int, prefix: str = "") -> str:
    """Return the qualified name of the function, of the module or of a class, that a line is in."""
    for node in body:
        within = node.lineno <= line <= (node.end_lineno or node.lineno)
        if within and isinstance(node, ast.FunctionDef):
            return prefix + node.name
        if within and isinstance(node, ast.ClassDef):
            return _function_at(node.body, line, f"{node.name}.")
    return ""


def _codes(code: CodeType) -> Iterator[CodeType]:
    """Return the functions of a module and of its classes, those inside functions left to them."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            if constant.co_flags & inspect.CO_NEWLOCALS:
                yield constant
            else:
                yield from _codes(constant)


def _ways(node: ast.AST) -> Iterator[tuple[str, str, object]]:
    """Return the checks that a node is: what they are, and the attribute and value that take each away."""
    never, always, nothing = (ast.Constant(value=value) for value in (False, True, None))
    match node:
        case ast.If(test=test, body=[*_, last], orelse=[]) if isinstance(last, _LEAVES):
            yield f"if {ast.unparse(test)}: never", "test", never
        case ast.IfExp(test=test):
            yield f"{ast.unparse(test)}: always", "test", always
            yield f"{ast.unparse(test)}: never", "test", never
        case ast.BoolOp(op=op, values=values):
            for operand in values:
                neutral = always if isinstance(op, ast.And) else never
                kept = [neutral if one is operand else one for one in values]
                yield f"without {ast.unparse(operand)}", "values", kept
        case ast.comprehension(ifs=[*ifs]) if ifs:
            yield f"without if {ast.unparse(ifs[0])}", "ifs", ifs[1:]
        case ast.match_case(guard=guard) if guard is not None:
            yield f"without guard {ast.unparse(guard)}", "guard", None
        case ast.Expr(value=ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name))):
            if name in INSISTS or name.lstrip("_").startswith(_INSISTING):
                yield f"without {ast.unparse(node)[:70]}", "value", nothing


def function_named(module: ModuleType, qualified: str) -> FunctionType | None:
    """Return a function of a module, or of a class in it, behind whatever wraps it."""
    found: Any = module
    for part in qualified.split("."):
        found = inspect.getattr_static(found, part, None)
    while not isinstance(found, FunctionType) and found is not None:
        found = next((inner for inner in _inside(found) if inner is not None), None)
    return inspect.unwrap(found) if found is not None else None


def _inside(wrapped: object) -> Iterator[Any]:
    return (getattr(wrapped, name, None) for name in ("__func__", "fget", "__wrapped__"))


def exchange(mutant: Mutant) -> bool:
    """Put a mutant in the place of the function that it is of; False where there is none to be found."""
    module = importlib.import_module("serment." + mutant.place.removesuffix(".py").replace("/", "."))
    function = function_named(module, mutant.function)
    if function is None or function.__code__.co_freevars != mutant.code.co_freevars:
        return False
    function.__code__ = mutant.code
    return True


def is_noticed(world: World) -> str:
    """Return what noticed that something is wrong; empty when nothing did."""
    looking: dict[str, Callable[[], bool]] = {
        "oracle": _by_oracle,
        "units": partial(_by_tests, UNITS),
        "matrix": partial(_by_matrix, world),
        "tests": partial(_by_tests, TESTS),
    }
    for name, looks in looking.items():
        try:
            if looks():
                return name
        except Exception:  # noqa: BLE001 - a mutant that breaks what it stands in is noticed
            return name
    return ""


def _by_oracle() -> bool:
    random = Random(test_oracle.SEED)
    pool = Pool(random)
    return any(test_oracle._compared(pool.case(), random.choice(SECTIONS))[0] for _ in range(QUICK_GRAPHS))


def _by_matrix(world: World, states: Iterable[str] = STATES) -> bool:
    acts = acts_served(world)
    for state in states:
        with world.put_back():
            BRINGING[state](world)
            everything = list(cells_of(world, acts, rows_in(state)))
            theirs = everything if state == "ordinary" else list(those_of(differing(state), everything))
            cells = [*lists_in(theirs), *sampled(theirs, state, entries=40, dossiers=10)]
            if run_apart(_finds_a_fault(world, cells)):
                return True
    return False


async def _finds_a_fault(world: World, cells: Sequence[Cell]) -> bool:
    image = world.image()
    for cell in cells:
        answer = await ask(world.app, cell.request)
        if faults_of(world, cell, answer):
            return True
        if changed(cell.request.method, answer):
            world.restore(image)
    return False


def _by_tests(patterns: Sequence[str]) -> bool:
    paths = [str(path) for pattern in patterns for path in sorted(ROOT.glob(pattern))]
    # What is loaded already cannot be rewritten for its assertions, and says so.
    quiet = ["-q", "-o", "filterwarnings=ignore", "-p", "no:randomly", "-p", "no:cacheprovider"]
    options = [*quiet, "-x", "-k", "not postgresql", "--timeout", "60"]
    return pytest.main([*options, *paths]) != pytest.ExitCode.OK


def try_mutant(mutant: Mutant, world: World) -> str:
    """Return what noticed a mutant, in a child of its own; empty when nothing did."""
    world.rows.close()
    world.installation.keys.close()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        signal.alarm(MOST_SECONDS)
        with open(os.devnull, "w", encoding="utf-8") as nothing:  # noqa: PTH123 - the device, not a file of ours
            os.dup2(nothing.fileno(), 1)
            os.dup2(nothing.fileno(), 2)
        said = (is_noticed(world) or "nothing") if exchange(mutant) else "unreachable"
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        said = told.read()
    os.waitpid(child, 0)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    return said or "time"


def main() -> int:
    """Run the mutants of the places named, or of all, and print what became of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("places", nargs="*", default=TARGETS, help="files or folders below src/serment")
    parser.add_argument("--seconds", type=float, default=None, help="stop after so long")
    asked = parser.parse_args()
    structlog.configure(processors=[_drop])
    mutants = [
        mutant for place in asked.places for path in _files(SOURCE / place) for mutant in mutants_in(path)
    ]
    begun, lived, tried = time.monotonic(), [], 0
    with tempfile.TemporaryDirectory() as folder, opened_world(Path(folder)) as world:
        if noticed := is_noticed_unchanged(world):
            say(f"nothing is mutated, and {noticed} finds a fault: mend it first")
            return 1
        gc.freeze()
        image = world.image()
        for mutant in mutants:
            if asked.seconds is not None and time.monotonic() - begun > asked.seconds:
                break
            said = try_mutant(mutant, world)
            world.restore(image)
            if said == "unreachable":
                continue
            tried += 1
            lived += [mutant] if said in {"nothing", "time"} else []
            say(f"{said:<9} {mutant}")
    rate = 100 * (tried - len(lived)) / max(tried, 1)
    say(f"{tried} of {len(mutants)} mutants tried in {time.monotonic() - begun:.0f} s: {rate:.1f} % noticed")
    say("".join(f"LIVES  {mutant}\n" for mutant in lived))
    return 0


def say(line: str) -> None:
    """Print a line at once: this takes long."""
    print(line, flush=True)  # noqa: T201 - a program for people


def is_noticed_unchanged(world: World) -> str:
    """Return what finds a fault where nothing was mutated: then nothing is shown by noticing."""
    if _by_oracle():
        return "the oracle"
    if _by_tests(UNITS):
        return "a unit test"
    return "the matrix" if _by_matrix(world, ["ordinary"]) else ""


def _files(place: Path) -> list[Path]:
    return [place] if place.is_file() else sorted(place.rglob("*.py"))


def _drop(_logger: object, _method: str, _event: Any) -> Any:  # noqa: ANN401 - the shape of a processor
    raise structlog.DropEvent


if __name__ == "__main__":
    sys.exit(main())
