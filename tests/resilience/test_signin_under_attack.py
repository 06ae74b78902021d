"""Bots with stolen pairs get nothing and lock nobody out: the attack bench in its short form (FIG-01, THR-01, O11).

Nothing here is a time: how fast is measured by `make bench-signin`, on a machine that does nothing else.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bench.signin.attack import Pair
from bench.signin.discern import classifier_auc, ks_p, rank_auc
from bench.signin.report import chance_of, confirmed

from support.server import clean_environment

ROOT = Path(__file__).parents[2]
_BENCH_SECONDS = 400
_RATE = 30

pytestmark = pytest.mark.timeout(_BENCH_SECONDS + 20)


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the attack came to; one run serves every test of this file."""
    written = tmp_path_factory.mktemp("attack") / "figures.json"
    # One process, as `serment serve` starts by default.
    words = (
        f"--short --seconds 12 --idle 3 --rate {_RATE} --right 0.1 --accounts 300 --crowd 0.15 --workers 1"
    )
    bench = subprocess.Popen(
        [sys.executable, "-m", "bench.signin", *words.split(), "--json", str(written)],
        cwd=ROOT,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = bench.communicate(timeout=_BENCH_SECONDS)
    finally:
        if bench.poll() is None:
            os.killpg(bench.pid, signal.SIGKILL)  # the server and the players too
            bench.wait()
    assert bench.returncode == 0, said
    found: dict[str, Any] = json.loads(written.read_text())
    return found


def test_bots_with_right_pairs_open_no_session(figures: dict[str, Any]) -> None:
    attack = figures["attack"]

    assert attack["right pairs"] >= 20
    assert attack["takeovers"] == 0
    assert attack["sessions beyond those of the people, in the rows"] == 0


def test_passwords_are_hashed_for_few_attempts(figures: dict[str, Any]) -> None:
    attack = figures["attack"]

    assert attack["passwords hashed, at most"] < attack["attempts"]
    assert attack["passwords hashed for attackers, in the rows"] <= attack["passwords hashed, at most"]


def test_bots_learn_no_password(figures: dict[str, Any]) -> None:
    assert figures["attack"]["passwords confirmed"] == 0


def test_the_attack_fails_nothing(figures: dict[str, Any]) -> None:
    assert figures["attack"]["attempts"] == 12 * _RATE
    assert figures["attack"]["no answer, or a failure"] == 0
    assert figures["server"]["failures in its log"] == 0


def test_everybody_with_a_known_browser_or_a_passkey_comes_in(figures: dict[str, Any]) -> None:
    kinds = [kind for kind in figures["people"] if kind.startswith(("known", "passkey"))]
    phases = {(kind, phase): figures["people"][kind][phase] for kind in kinds for phase in ("idle", "attack")}

    assert sum(of["visits"] for of in phases.values()) >= 10
    assert {at: of["entered"] for at, of in phases.items()} == {at: of["visits"] for at, of in phases.items()}


def test_a_shape_that_only_right_pairs_get_is_found() -> None:
    found = _attack_with(right_status=403)

    assert confirmed(found) == 40


def test_answers_of_one_shape_confirm_nothing() -> None:
    assert confirmed(_attack_with(right_status=401)) == 0


def test_one_odd_answer_confirms_nothing() -> None:
    assert chance_of(1, 1, 40, 2000) == pytest.approx(0.02)


def test_classes_that_differ_are_told_apart() -> None:
    random = np.random.default_rng(7)
    one, other = random.normal(size=(2, 500, 3))
    other[:, 1] *= 2

    assert rank_auc(one[:, 0], other[:, 0] + 1) > 0.7
    assert classifier_auc(one, other, 1) > 0.6
    assert ks_p(one[:, 1], other[:, 1]) < 0.001


def test_classes_that_do_not_differ_are_not_told_apart() -> None:
    one, other = np.random.default_rng(7).normal(size=(2, 2000, 3))

    assert rank_auc(one[:, 0], other[:, 0]) < 0.53
    assert classifier_auc(one, other, 1) < 0.55
    assert ks_p(one[:, 0], other[:, 0]) > 0.01


def _attack_with(right_status: int) -> dict[str, Any]:
    kind = np.array([Pair.RIGHT] * 40 + [Pair.WRONG] * 1960, np.int8)
    status = np.vstack([np.full(2000, 303), np.where(kind == Pair.RIGHT, right_status, 401)])
    return {"kind": kind, "status": status, "length": np.zeros_like(status), "shape": np.zeros_like(status)}
