"""Mutants: the code of one function with one check taken away, and how it takes the place of what it was.

A check is a condition under which something is refused or left out, one half of such a condition, a condition of a
question to the database, or a call that insists, records or spends.
"""

import ast
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from typing_extensions import override

from architecture.house import SOURCE
from matrix.built import build_again, module_at

#: Calls that are checks by themselves.
INSISTS = {
    "require", "require_step_up", "check", "check_bounds", "record", "record_all", "spend", "spend_names", "standing",
    "insist",
}  # fmt: skip
_INSISTING = ("insist", "check", "record", "require", "trace")
#: What joins the conditions of a question to the database.
_CONDITIONS = {"where", "and_", "or_"}
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
    never, always = ast.Constant(value=False), ast.Constant(value=True)
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
        case _:
            yield from _ways_of_calls(node)


def _ways_of_calls(node: ast.AST) -> Iterator[tuple[str, str, object]]:
    """Return the calls that insist by themselves, and the conditions of a question to the database."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name))):
            if name in INSISTS or name.lstrip("_").startswith(_INSISTING):
                yield f"without {ast.unparse(node)[:70]}", "value", ast.Constant(value=None)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[*conditions]):
            if name in _CONDITIONS and (name == "where" or len(conditions) > 1):
                for one in conditions:
                    kept = [other for other in conditions if other is not one]
                    yield f"without {name} {ast.unparse(one)[:70]}", "args", kept


def function_named(module: ModuleType, qualified: str) -> FunctionType | None:
    """Return a function of a module, or of a class in it, behind whatever wraps it."""
    found: Any = module
    for part in qualified.split("."):
        found = inspect.getattr_static(found, part, None)
    while not isinstance(found, FunctionType) and found is not None:
        found = next((inner for inner in _inside(found) if inner is not None), None)
    return inspect.unwrap(found) if found is not None else None


def _inside(wrapped: object) -> Iterator[Any]:
    return (getattr(wrapped, name, None) for name in ("__func__", "fget", "func", "__wrapped__"))


def exchange(mutant: Mutant) -> bool:
    """Put a mutant in the place of the function that it is of; False where there is none to be found."""
    function = function_named(module_at(SOURCE / mutant.place), mutant.function)
    if function is None or function.__code__.co_freevars != mutant.code.co_freevars:
        return False
    function.__code__ = mutant.code
    build_again()
    return True
