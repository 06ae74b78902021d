"""Sizes and shapes that keep a file readable in one sitting (style, sections 3, 5 and 8)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

from architecture.house import ROOT, Module, modules

MAX_FUNCTION_LINES = 50
MAX_FILE_LINES = 400
#: Data, not code: as long as what it lists. The stories of the demonstration are documents, written out; a
#: migration is a list of tables, never edited once released; a door is a list of names, and what goes wrong has one
#: table of answers.
DATA_TABLES = (
    "access/__init__.py",
    "app/demonstration/stories/",
    "app/migrations/keys/versions/",
    "app/migrations/rows/versions/",
    "edge/shell/problems.py",
    "identity/__init__.py",
)
#: Imports inside functions, and why each cannot stand at the top.
LATE_IMPORTS: dict[str, str] = {}
NAMES_THAT_SAY_NOTHING = {
    "base",
    "common",
    "handlers",
    "helpers",
    "lib",
    "manager",
    "managers",
    "misc",
    "util",
    "utils",
}
IGNORE = re.compile(r"#\s*(type:\s*ignore|noqa)\b(?P<rest>.*)$")
IGNORE_WITH_REASON = re.compile(r"^(\[[\w, -]+\]|:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*)\s*(#|-|--)\s*\S.{2,}")


def test_functions_are_short() -> None:
    sizes = {
        f"{module.at(node.lineno)} {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for module in modules()
        if not module.is_under(*DATA_TABLES)
        for node in _functions(module)
    }
    lines = sorted(sizes.values())
    _show("functions", lines)

    too_long = [f"{name}: {size}" for name, size in sizes.items() if size > MAX_FUNCTION_LINES]
    assert not too_long, "\n".join(too_long)
    assert median(lines) <= 12
    assert quantiles(lines, n=10)[8] <= 30


def test_files_are_short() -> None:
    sizes = {
        module.place: len(module.text.splitlines())
        for module in modules()
        if not module.is_under(*DATA_TABLES)
    }
    lines = sorted(sizes.values())
    _show("files", lines)

    too_long = [f"{place}: {size}" for place, size in sizes.items() if size > MAX_FILE_LINES]
    assert not too_long, "\n".join(too_long)


def test_imports_stand_at_the_top() -> None:
    found = {
        module.at(node.lineno)
        for module in modules()
        if module.place not in LATE_IMPORTS
        for function in _functions(module)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }

    assert not found, "\n".join(sorted(found))


def test_files_are_named_for_what_they_hold() -> None:
    found = [
        module.place for module in modules() if NAMES_THAT_SAY_NOTHING & set(re.split(r"[/.]", module.place))
    ]

    assert not found, "\n".join(found)


def test_every_ignored_rule_is_named_with_its_reason() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in _python_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if (ignored := IGNORE.search(line)) and not IGNORE_WITH_REASON.match(ignored["rest"])
    ]

    assert not found, "\n".join(found)


def _show(what: str, lines: list[int]) -> None:
    """Print the figures, for `pytest -s` and for a failure's report."""
    p90 = quantiles(lines, n=10)[8]
    figures = f"{len(lines)} with {sum(lines)} lines, median {median(lines)}, p90 {p90:.0f}, max {lines[-1]}"
    print(f"{what}: {figures}")  # noqa: T201 - read by people


def _functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in module.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _python_files() -> list[Path]:
    return [path for folder in ("src", "tests", "bench") for path in sorted((ROOT / folder).rglob("*.py"))]
