"""THR-18: erasure as an attack. Until it takes two persons and a delay, there is no way to destroy content at all."""

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "serment"
#: Rows that hold or lead to content, by the names their stores give them: inserted, never taken away.
KEPT = {
    "custody",
    "entries",
    "versions",
    "catalogue",
    "objects",
    "traces",
    "anchors",
    "participations",
    "grants",
}
#: Of these, rows that are never changed either; of custody, the day of a death is all that is written later.
IMMUTABLE = {"versions", "objects"}


def test_no_statement_deletes_content() -> None:
    assert _aimed_at("delete") & KEPT == set()


def test_no_statement_changes_what_is_immutable() -> None:
    assert _aimed_at("update") & IMMUTABLE == set()


def test_a_dossier_never_changes_hands() -> None:
    written = [
        {keyword.arg for keyword in node.keywords}
        for node in ast.walk(ast.parse((SOURCE / "access" / "store.py").read_text("utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).startswith("update(custody)")
        and node.keywords
    ]

    assert written == [{"deceased_on"}]


def test_the_names_looked_for_are_those_of_tables() -> None:
    declared = {
        node.targets[0].id
        for path in SOURCE.rglob("store.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func) == "Table"
    }

    assert KEPT - {name.lstrip("_") for name in declared} == set()


def _aimed_at(verb: str) -> set[str]:
    """Return the tables named in `delete(...)` or `update(...)` of any store."""
    found: set[str] = set()
    for path in SOURCE.rglob("store.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == verb and node.args:
                found.add(ast.unparse(node.args[0]).lstrip("_"))
    return found
