"""The source of Serment as the architecture tests see it: parsed once, never imported."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "serment"


@dataclass(frozen=True)
class Import:
    """One imported thing: `module` as written, and the `name` taken from it, if any."""

    module: str
    name: str | None
    bound_as: str
    line: int


@dataclass(frozen=True)
class Module:
    """One source file, its place in the house and what it says."""

    path: Path

    @cached_property
    def place(self) -> str:
        """The path below `src/serment`, with slashes."""
        return self.path.relative_to(SOURCE).as_posix()

    @cached_property
    def package(self) -> str:
        """The top-level package that the file belongs to; empty for the root itself."""
        return self.place.split("/")[0] if "/" in self.place else ""

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.place)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(self.tree))

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        return tuple(_imports(self.nodes))

    def at(self, line: int) -> str:
        """Name a line the way an editor opens it."""
        return f"src/serment/{self.place}:{line}"

    def is_under(self, *places: str) -> bool:
        """Say whether this is one of these files, or lies in one of these folders (which end in a slash)."""
        return any(
            self.place == place or (place[-1] == "/" and self.place.startswith(place)) for place in places
        )


def _imports(nodes: tuple[ast.AST, ...]) -> Iterator[Import]:
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                bound = alias.asname or alias.name.split(".")[0]
                yield Import(alias.name, None, bound, node.lineno)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            for alias in node.names:
                yield Import(node.module, alias.name, alias.asname or alias.name, node.lineno)


_PARSED: tuple[Module, ...] = tuple(Module(path) for path in sorted(SOURCE.rglob("*.py")))


def modules() -> tuple[Module, ...]:
    """Return every source file of the product."""
    return _PARSED


@cache
def packages() -> tuple[str, ...]:
    """Return the top-level packages that have a door."""
    return tuple(sorted(door.parent.name for door in SOURCE.glob("*/__init__.py")))


@cache
def module_named(dotted: str) -> Module | None:
    """Return the file of `serment.x.y`, a module or a package's door; None when there is none."""
    path = ROOT / "src" / Path(*dotted.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return next(module for module in _PARSED if module.path == candidate)
    return None


@cache
def public_names(dotted: str) -> tuple[str, ...]:
    """Return what the door of a package lists in `__all__`; nothing when there is no such package."""
    door = module_named(dotted)
    for node in [] if door is None else door.tree.body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["__all__"]:
            return tuple(ast.literal_eval(node.value))
    return ()


@cache
def doors() -> tuple[str, ...]:
    """Return the doors of the house by their dotted names: one per package, and for `edge` one more per face."""
    faces = (f"serment.edge.{door.parent.name}" for door in sorted(SOURCE.glob("edge/*/__init__.py")))
    return (*(f"serment.{package}" for package in packages()), *faces)


def called_name(node: ast.AST) -> str:
    """Return the last word of what is called: `Permit` for `Permit(...)` and for `access.Permit(...)`."""
    if not isinstance(node, ast.Call):
        return ""
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""
