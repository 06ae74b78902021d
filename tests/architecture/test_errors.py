"""Errors form one tree; each has a stable code, and the edge knows what to answer to each (style, section 7)."""

import ast
import re
from collections import Counter

from architecture.house import Module, module_named, modules

CODE = re.compile(r"^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)*$")
#: Errors that no request can meet: they stop a command of the operator before anything is served.
NEVER_MET_BY_A_REQUEST: frozenset[str] = frozenset()


def test_every_error_has_a_code_of_its_own() -> None:
    codes = _codes()

    assert [name for name, code in codes.items() if code is None] == []
    assert [code for code, times in Counter(codes.values()).items() if times > 1] == []
    assert [code for code in codes.values() if code is not None and not CODE.match(code)] == []


def test_the_edge_answers_every_error() -> None:
    table = module_named("serment.edge.shell.problems")
    assert table is not None
    answered = _table_keys(table)
    met = {code for name, code in _codes(below="app").items() if name not in NEVER_MET_BY_A_REQUEST}

    unanswered = sorted({str(code) for code in met} - answered)
    assert not unanswered, "\n".join(unanswered)


def test_the_edge_answers_no_error_that_is_gone() -> None:
    table = module_named("serment.edge.shell.problems")
    assert table is not None

    assert _table_keys(table) - {str(code) for code in _codes().values()} == set()


def _codes(below: str = "") -> dict[str, str | None]:
    """Return the code of every error class; None for one that declares none. The root of the tree is left out."""
    classes = {
        node.name: (module, node)
        for module in modules()
        if module.package != below or not below
        for node in module.nodes
        if isinstance(node, ast.ClassDef)
    }
    family = {"SermentError"}
    while grown := {
        name
        for name, (_, node) in classes.items()
        if name not in family and family & {ast.unparse(base).split(".")[-1] for base in node.bases}
    }:
        family |= grown
    return {name: _code_of(classes[name][1]) for name in sorted(family - {"SermentError"})}


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
        if (
            isinstance(node, ast.AnnAssign)
            and ast.unparse(node.target) == "PROBLEMS"
            and isinstance(node.value, ast.Dict)
        ):
            return {
                key.value
                for key in node.value.keys
                if isinstance(key, ast.Constant) and isinstance(key.value, str)
            }
    return set()
