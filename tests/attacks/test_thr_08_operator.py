"""THR-08: somebody with the whole directory, and the keys of the running server, rewrites the past.

Single damages are in `tests/integration/test_app_verification.py`. Here the history is made anew, well signed.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from serment import ledger
from serment.app.console import JsonVoice
from serment.app.settings import read_settings
from serment.app.verification import verify
from serment.app.wiring import opened
from serment.app.worker import integrate_all
from support.installation import ORIGIN, SmallInstallation, make_small_installation, raw_rows

Rewriting = Callable[[SmallInstallation], None]


@pytest.fixture
def small(tmp_path: Path) -> SmallInstallation:
    return make_small_installation(tmp_path / "data")


def _sql(*statements: str) -> Rewriting:
    def rewrite(small: SmallInstallation) -> None:
        with raw_rows(small.rows) as connection:
            for statement in statements:
                connection.execute(statement)

    return rewrite


def _begin_a_new_log(small: SmallInstallation) -> None:
    """Forget every leaf and sign the remaining rows as if they were all there ever was."""
    _sql(
        "UPDATE ledger_traces SET leaf = NULL",
        "UPDATE ledger_anchors SET leaf = NULL",
        "DELETE FROM ledger_head",
    )(small)
    shutil.rmtree(small.data / "ledger")
    with opened(read_settings(small.data), ORIGIN) as installation:
        integrate_all(installation)


def _findings(small: SmallInstallation) -> list[str]:
    with opened(read_settings(small.data), ORIGIN) as installation:
        return [f"{finding.place}: {finding.fact}" for finding in verify(installation, JsonVoice()).findings]


REWRITINGS: dict[str, Rewriting] = {
    "a trace left out": _sql("DELETE FROM ledger_traces WHERE number = 3"),
    "the last trace left out": _sql(
        "DELETE FROM ledger_traces WHERE number = (SELECT max(number) FROM ledger_traces)"
    ),
    "two traces exchanged": _sql(
        "UPDATE ledger_traces SET number = -1 WHERE number = 3",
        "UPDATE ledger_traces SET number = 3 WHERE number = 4",
        "UPDATE ledger_traces SET number = 4 WHERE number = -1",
    ),
}


@pytest.mark.parametrize("name", REWRITINGS)
def test_history_signed_anew_is_found_by_whoever_kept_a_checkpoint(
    name: str, small: SmallInstallation
) -> None:
    kept_outside = (small.data / "ledger" / "checkpoint").read_bytes()
    REWRITINGS[name](small)
    _begin_a_new_log(small)

    alone = ledger.verify_directory(small.data / "ledger")
    with_checkpoint = ledger.verify_directory(small.data / "ledger", earlier=kept_outside)

    assert alone == [], "what is signed anew is sound in itself: that is why checkpoints are kept outside"
    assert with_checkpoint != []


def test_log_that_only_grew_agrees_with_every_checkpoint_kept(small: SmallInstallation) -> None:
    kept_outside = (small.data / "ledger" / "checkpoint").read_bytes()
    with opened(read_settings(small.data), ORIGIN) as installation:
        with installation.rows.unit_of_work() as uow:
            ledger.anchor(uow, "entry/more/1", bytes(32))
        integrate_all(installation)

    assert (small.data / "ledger" / "checkpoint").read_bytes() != kept_outside
    assert ledger.verify_directory(small.data / "ledger", earlier=kept_outside) == []


#: What a rewriter of rows might do to be served otherwise, and the place that is named.
TOUCHED: dict[str, tuple[Rewriting, str]] = {
    "newest version hidden": (
        _sql("UPDATE entries SET version = version - 1 WHERE kind = 'document'"),
        "entry/",
    ),
    "account's name changed": (_sql("UPDATE accounts SET name_sealed = x'00'"), "account/"),
    "account's role raised": (_sql("UPDATE accounts SET role = 'administrator'"), "account/"),
    "account removed": (
        _sql("PRAGMA foreign_keys = OFF", "DELETE FROM accounts WHERE id = (SELECT min(id) FROM accounts)"),
        "account/",
    ),
    "account let back in": (_sql("UPDATE accounts SET status = 'suspended'"), "account/"),
    "seed of a factor changed": (_sql("UPDATE totp_factors SET seed_sealed = x'00'"), "factor/"),
    "factor removed": (_sql("DELETE FROM totp_factors"), "factor/"),
}


@pytest.mark.parametrize("name", TOUCHED)
def test_verify_names_the_place_that_was_touched(name: str, small: SmallInstallation) -> None:
    rewrite, place = TOUCHED[name]
    rewrite(small)

    assert [found for found in _findings(small) if place in found] != []
