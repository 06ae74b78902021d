"""The proof of work, done as a browser does it, in a process of its own that gives way to everybody else."""

import json
import os

import altcha

_LEAST_URGENT = 15


def solve_idly(challenge: str) -> dict[str, object]:
    """Return the solution of a challenge (JSON); this process gives way to all others from now on."""
    os.nice(max(0, _LEAST_URGENT - os.nice(0)))
    return solve(challenge)


def solve(challenge: str) -> dict[str, object]:
    """Return the solution of a challenge (JSON)."""
    found = altcha.solve_challenge(altcha.Challenge.from_dict(json.loads(challenge)))
    if found is None:
        raise ValueError("no solution")
    return found.to_dict()
