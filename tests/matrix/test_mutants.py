"""The mutation run finds the checks that it is there to take away; what becomes of them, `make mutants` tells."""

import ast

from architecture.house import SOURCE
from matrix.mutations import mutants_in

POLICY = SOURCE / "access" / "policy.py"


def test_every_refusal_of_the_rules_is_taken_away_once() -> None:
    mutants = list(mutants_in(POLICY))
    refusals = sum(
        isinstance(node, ast.If) and "_refused" in ast.unparse(node.body[-1])
        for node in ast.walk(ast.parse(POLICY.read_text(encoding="utf-8")))
    )

    assert sum(": never" in mutant.what for mutant in mutants) >= refusals
    assert len({(mutant.line, mutant.what) for mutant in mutants}) > 40
