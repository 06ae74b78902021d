"""What a module of `access` builds once, when it is imported, with a function of its own.

A mutant that comes later would change nothing of it: it is built again. No test is seen to enter such a function,
so whoever enters a function that uses what was built counts as entering it.
"""

import ast
import dis
import importlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, FrameType, ModuleType

from architecture.house import SOURCE


@dataclass(frozen=True)
class Built:
    """One name of a module that is built with a function of the module, and the code that builds it."""

    module: ModuleType
    name: str
    code: CodeType

    def again(self) -> None:
        """Build it again with the functions as they are now."""
        exec(self.code, vars(self.module))


@cache
def all_built() -> tuple[Built, ...]:
    """Return what is built so in `access`."""
    return tuple(_all_built())


def _all_built() -> Iterator[Built]:
    """Look for names that start with `_`, for no other module holds them."""
    for path in sorted((SOURCE / "access").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        for node in tree.body:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id=maker))) if (
                    maker in functions and name.startswith("_")
                ):
                    code = compile(ast.Module([node], []), str(path), "exec")
                    yield Built(module_at(path), name, code)


def build_again() -> None:
    """Build all of it again: whatever takes part in it may be another by now."""
    for one in all_built():
        one.again()


def users_of_builders() -> Mapping[str, frozenset[str]]:
    """Return, of each function that takes part in building something, the functions that use what is built."""
    users: dict[str, frozenset[str]] = {}
    for one in all_built():
        place = _place_of(one.code)
        using = frozenset(f"{place}:{name}" for name in _users(one))
        for builder in _entered_by(one):
            users[builder] = users.get(builder, frozenset()) | using
    return users


def _users(built: Built) -> Iterator[str]:
    for name, held in vars(built.module).items():
        code = getattr(held, "__code__", None)
        if code is not None and any(step.argval == built.name for step in dis.get_instructions(code)):
            yield name


def _entered_by(built: Built) -> frozenset[str]:
    """Return the functions of `access` that take part in building something."""
    entered: set[str] = set()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event == "call" and Path(code.co_filename).is_relative_to(SOURCE):
            entered.add(f"{_place_of(code)}:{code.co_qualname}")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        built.again()
    finally:
        sys.setprofile(before)
    return frozenset(entered)


def _place_of(code: CodeType) -> str:
    return Path(code.co_filename).relative_to(SOURCE).as_posix()


def module_at(path: Path) -> ModuleType:
    """Return the module of a file of ours."""
    place = path.relative_to(SOURCE).with_suffix("").parts
    return importlib.import_module(".".join(("serment", *(part for part in place if part != "__init__"))))
