"""Errors form one tree; each has a stable code, and the edge knows what to answer to each (style, section 7)."""

import ast
import re
from collections import Counter

from architecture.house import Module, module_named, modules

CODE = re.compile(r"^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)*$")


def test_every_error_has_a_code_of_its_own() -> None:
    codes = {name: _code_of(node) for name, node in _errors(of_app=True).items()}

    assert [name for name, code in codes.items() if code is None] == []
    assert [code for code, times in Counter(codes.values()).items() if times > 1] == []
    assert [code for code in codes.values() if code is not None and not CODE.match(code)] == []


def test_the_edge_answers_every_error() -> None:
    """An error may be answered as the family it belongs to; what only `app` raises never meets a request."""
    table = _table_keys(_table())
    classes = _errors()
    unanswered = [
        name
        for name, node in classes.items()
        if not any(_code_of(kind) in table for kind in _line_of(node, classes))
        and not (_has_children(name, classes) and not _is_raised(name))
    ]

    assert not unanswered, "\n".join(unanswered)


def test_the_edge_answers_no_error_that_is_gone() -> None:
    gone = _table_keys(_table()) - {str(_code_of(node)) for node in _errors().values()}

    assert not gone, "\n".join(sorted(gone))


def _table() -> Module:
    table = module_named("serment.edge.shell.problems")
    assert table is not None
    return table


def _errors(*, of_app: bool = False) -> dict[str, ast.ClassDef]:
    """Return every error class of the house by its name. The root of the tree is left out."""
    classes = {
        node.name: node
        for module in modules()
        if of_app or module.package != "app"
        for node in module.nodes
        if isinstance(node, ast.ClassDef)
    }
    family = {"SermentError"}
    while grown := {name for name, node in classes.items() if name not in family and family & _bases(node)}:
        family |= grown
    return {name: classes[name] for name in sorted(family - {"SermentError"})}


def _bases(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(base).split(".")[-1] for base in node.bases}


def _line_of(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> list[ast.ClassDef]:
    """Return a class and its ancestors in the tree."""
    above = [classes[base] for base in _bases(node) if base in classes]
    return [node, *(ancestor for base in above for ancestor in _line_of(base, classes))]


def _has_children(name: str, classes: dict[str, ast.ClassDef]) -> bool:
    return any(name in _bases(node) for node in classes.values())


def _is_raised(name: str) -> bool:
    return any(
        isinstance(node, ast.Raise)
        and node.exc is not None
        and re.search(rf"\b{name}\b", ast.unparse(node.exc))
        for module in modules()
        for node in module.nodes
    )


def _code_of(node: ast.ClassDef) -> str | None:
    for statement in node.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id="code")], value=ast.Constant(value=str(code)))
                | ast.AnnAssign(target=ast.Name(id="code"), value=ast.Constant(value=str(code)))
            ):
                return code
            case _:
                pass
    return None


def _table_keys(module: Module) -> set[str]:
    for node in module.tree.body:
        match node:
            case ast.AnnAssign(target=ast.Name(id="PROBLEMS"), value=ast.Dict(keys=keys)):
                return {
                    key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
                }
            case _:
                pass
    return set()
