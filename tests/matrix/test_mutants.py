"""The mutation run finds the checks that it is there to take away; what becomes of them, `make mutants` tells."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from architecture.house import SOURCE
from matrix.built import build_again, users_of_builders
from matrix.mutant_runs import Results, Runs
from matrix.mutations import Mutant, exchange, mutants_in
from serment.access import policy
from serment.access.ties import store as ties

POLICY = SOURCE / "access" / "policy.py"


def test_every_refusal_of_the_rules_is_taken_away_once() -> None:
    mutants = list(mutants_in(POLICY))
    refusals = sum(
        isinstance(node, ast.If) and "_refused" in ast.unparse(node.body[-1])
        for node in ast.walk(ast.parse(POLICY.read_text(encoding="utf-8")))
    )

    assert sum(": never" in mutant.what for mutant in mutants) >= refusals
    assert len({(mutant.line, mutant.what) for mutant in mutants}) > 40


@pytest.fixture
def put_back(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is exchanged here is what it was afterwards."""
    for function in (policy._closed, ties._ties):
        monkeypatch.setattr(function, "__code__", function.__code__)
    yield
    monkeypatch.undo()
    build_again()


def mutant_of(path: Path, function: str) -> Mutant:
    return next(mutant for mutant in mutants_in(path) if mutant.function == function)


def test_mutant_that_no_test_enters_is_missed(put_back: None, tmp_path: Path) -> None:
    mutant = mutant_of(POLICY, "_closed")

    assert Runs([mutant], Results(tmp_path), longest=1)._first_to_fail(mutant, []) == ""


def test_mutant_is_in_what_was_built_before_it_came(put_back: None) -> None:
    before = str(ties._TIES_OF_ONE)

    assert exchange(mutant_of(SOURCE / "access" / "ties" / "store.py", "_ties"))

    assert str(ties._TIES_OF_ONE) != before


def test_function_that_takes_part_in_building_a_query_is_entered_by_whoever_asks_it() -> None:
    users = users_of_builders()

    assert users["access/restrictions/store.py:is_concerned"] == {"access/ties/store.py:load_ties"}
