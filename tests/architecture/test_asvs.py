"""Every requirement on sign-in has its row in docs/security/asvs.csv, and what is called met has tests that exist.

A row without a test counts as not met: renaming or deleting a named test fails here.
"""

import ast
import csv
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache

from architecture.house import ROOT

TABLE = ROOT / "docs" / "security" / "asvs.csv"
COLUMNS = ["id", "level", "asks", "status", "evidence"]
STATUSES = {"met", "not applicable", "not met"}
TEST = re.compile(r"^(tests/[\w/]+\.py)::(test_\w+)$")
_LEAST_WORDS_OF_A_REASON = 4

#: The level of each requirement of a section, in their order. Source: OWASP ASVS 5.0.0, chapters V6, V7, V9, V10.
LEVELS = {
    "V6.1": "122",
    "V6.2": "111111112222",
    "V6.3": "11223333",
    "V6.4": "112233",
    "V6.5": "22222333",
    "V6.6": "2223",
    "V6.7": "33",
    "V6.8": "2222",
    "V7.1": "222",
    "V7.2": "1111",
    "V7.3": "22",
    "V7.4": "11222",
    "V7.5": "223",
    "V7.6": "22",
    "V9.1": "111",
    "V9.2": "1222",
    "V10.1": "22",
    "V10.2": "223",
    "V10.3": "22223",
    "V10.4": "1111122222233333",
    "V10.5": "22222",
    "V10.6": "22",
    "V10.7": "222",
}
#: Our own requirements on sign-in and sessions; they have no level.
OURS = [f"AUT-{number:02}" for number in range(1, 15)]


@dataclass(frozen=True)
class Row:
    id: str
    level: str
    asks: str
    status: str
    evidence: str


@cache
def rows() -> tuple[Row, ...]:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        return tuple(Row(**{name: line[name] or "" for name in COLUMNS}) for line in csv.DictReader(lines))


@cache
def functions_in(place: str) -> frozenset[str]:
    """Return the names of the test functions of a file; none when there is no such file."""
    path = ROOT / place
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"), place)
    return frozenset(
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def missing_tests(row: Row) -> list[str]:
    """Return what a row names as its evidence and is no test of ours; the row itself when it names nothing."""
    named = row.evidence.split()
    wrong = [
        name for name in named if not (found := TEST.match(name)) or found[2] not in functions_in(found[1])
    ]
    return wrong if named else ["no test"]


def test_every_requirement_has_one_row_with_its_level() -> None:
    wanted = [
        (f"{section}.{number}", level)
        for section, levels in LEVELS.items()
        for number, level in enumerate(levels, start=1)
    ]

    assert len(wanted) == 109
    assert [(row.id, row.level) for row in rows()] == [*wanted, *((name, "") for name in OURS)]


def test_table_has_its_columns_and_each_row_says_what_is_asked() -> None:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        assert next(csv.reader(lines)) == COLUMNS
    assert [row.id for row in rows() if not 10 <= len(row.asks) <= 160] == []
    assert {row.id: row.status for row in rows() if row.status not in STATUSES} == {}


def test_what_is_met_names_tests_that_exist() -> None:
    missing = {row.id: wrong for row in rows() if row.status == "met" and (wrong := missing_tests(row))}

    assert missing == {}


def test_what_is_not_met_says_why() -> None:
    silent = [
        row.id
        for row in rows()
        if row.status != "met" and len(row.evidence.split()) < _LEAST_WORDS_OF_A_REASON
    ]

    assert silent == []


def test_the_paper_states_the_counts_of_the_table() -> None:
    paper = (ROOT / "docs" / "security" / "authentication.md").read_text(encoding="utf-8")
    counted = Counter(row.status for row in rows())

    assert [
        f"{counted[status]} {status}"
        for status in sorted(STATUSES)
        if f"{counted[status]} {status}" not in paper
    ] == []


def test_a_name_that_is_no_test_is_found() -> None:
    here = "tests/architecture/test_asvs.py"

    for evidence in ("", f"{here}::test_that_nobody_wrote", "tests/absent.py::test_x", f"{here} in words"):
        assert missing_tests(Row("V0.0.0", "1", "asks", "met", evidence)) != []
    assert (
        missing_tests(Row("V0.0.0", "1", "asks", "met", f"{here}::test_a_name_that_is_no_test_is_found"))
        == []
    )
