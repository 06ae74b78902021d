"""A package is entered by its door: what is not in its `__all__` is private (style, section 1)."""

import ast
from collections.abc import Iterator
from itertools import takewhile

import pytest

from architecture.house import (
    SOURCE,
    Module,
    called_name,
    doors,
    module_named,
    modules,
    packages,
    public_names,
)

#: Files that look behind a door, and why they must.
BEHIND_THE_DOOR = {
    "app/migrations/env.py": "Alembic compares the tables that each store declares",
}
#: Programs started as `python -m`: they are named, never imported.
ENTRY_MODULES = {
    "serment.clinical.workbench": "the confined process that makes previews",
}


def test_every_package_has_a_door_with_a_list() -> None:
    folders = {path.name for path in SOURCE.iterdir() if path.is_dir() and list(path.rglob("*.py"))}

    assert folders == set(packages())
    assert [door for door in doors() if not public_names(door)] == []


@pytest.mark.parametrize("door", doors())
def test_a_door_lists_names_that_exist_once(door: str) -> None:
    names = public_names(door)

    assert [name for name in names if _definition(door, name) is None] == []
    assert len(set(names)) == len(names)


def test_packages_are_entered_by_their_doors() -> None:
    found = [
        f"{module.at(line)} takes {what}"
        for module in modules()
        if module.place not in BEHIND_THE_DOOR
        for what, line in _steps_behind_a_door(module)
    ]

    assert not found, "\n".join(found)


def test_doors_are_used_for_what_they_list() -> None:
    found = [
        f"{module.at(line)} uses {what}"
        for module in modules()
        if module.place not in BEHIND_THE_DOOR
        for what, line in _private_uses(module)
    ]

    assert not found, "\n".join(found)


@pytest.mark.parametrize("door", doors())
def test_every_name_in_a_door_says_what_it_is(door: str) -> None:
    silent = [
        f"{door}.{name} ({module.at(node.lineno)})"
        for name in public_names(door)
        if (found := _definition(door, name)) is not None
        for module, node in [found]
        if not _documented(module, node)
    ]

    assert not silent, "\n".join(silent)


def _steps_behind_a_door(module: Module) -> Iterator[tuple[str, int]]:
    """Find imports of another package's modules, and of names its door does not list."""
    for taken in module.imports:
        parts = taken.module.split(".")
        if parts[0] != "serment" or len(parts) == 1 or parts[1] == module.package:
            continue
        whole = taken.module if taken.name is None else f"{taken.module}.{taken.name}"
        if (taken.name not in public_names(taken.module) and whole not in doors()) or (
            taken.module not in doors() and whole not in doors()
        ):
            yield whole, taken.line


def _private_uses(module: Module) -> Iterator[tuple[str, int]]:
    """Find `package.name` where the door of `package` does not list `name`; parameters may bear a package's name."""
    entered = {
        taken.bound_as: f"{taken.module}.{taken.name}"
        for taken in module.imports
        if f"{taken.module}.{taken.name}" in doors() and taken.name != module.package
    }
    yield from _uses_in(module.tree, entered)


def _uses_in(scope: ast.AST, doors: dict[str, str]) -> Iterator[tuple[str, int]]:
    for node in ast.iter_child_nodes(scope):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                hidden = _bound_in(node)
                yield from _uses_in(node, {name: door for name, door in doors.items() if name not in hidden})
                continue
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in doors:
                if attribute not in public_names(doors[name]):
                    yield f"{doors[name]}.{attribute}", node.lineno
            case _:
                pass
        yield from _uses_in(node, doors)


def _bound_in(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> set[str]:
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    stored = {
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return {argument.arg for argument in named} | stored


def _definition(dotted: str, name: str) -> tuple[Module, ast.stmt] | None:
    """Follow a name through re-exports to the statement that defines it."""
    module = module_named(dotted)
    if module is None:
        return None
    for node in module.tree.body:
        match node:
            case (
                ast.ClassDef(name=defined)
                | ast.FunctionDef(name=defined)
                | ast.AsyncFunctionDef(name=defined)
            ):
                if defined == name:
                    return module, node
            case ast.Assign(targets=[ast.Name(id=defined)]) | ast.AnnAssign(target=ast.Name(id=defined)):
                if defined == name:
                    return module, node
            case _:
                pass
    for taken in module.imports:
        if taken.bound_as == name and taken.name is not None:
            return _definition(taken.module, taken.name) or _whole_module(f"{taken.module}.{taken.name}")
    return None


def _whole_module(dotted: str) -> tuple[Module, ast.stmt] | None:
    module = module_named(dotted)
    return (module, module.tree.body[0]) if module is not None and module.tree.body else None


def _documented(module: Module, node: ast.stmt) -> bool:
    """A class or function has a docstring, a constant a comment in its paragraph; an id says it by its name."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return ast.get_docstring(node) is not None
    if isinstance(node, ast.Assign) and called_name(node.value) == "NewType":
        return True
    lines = module.text.splitlines()
    paragraph = takewhile(str.strip, reversed(lines[: node.lineno - 1]))
    commented = any(line.startswith("#") for line in paragraph)
    return "#" in lines[(node.end_lineno or node.lineno) - 1] or commented or _is_docstring(node)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
