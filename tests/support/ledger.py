"""Fixtures of the ledger: a database that leaves traces, a log beside it, and ways to make a few of each."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from serment import kernel, ledger, vault
from serment.kernel import AccountId, DossierId, OrganisationId

ORIGIN = "ledger.test/practice"
SEED = bytes(range(32))
ORGANISATION = OrganisationId(kernel.new_id())
DOSSIER = DossierId(kernel.new_id())


@pytest.fixture
def traced(database: kernel.Database, keyring: vault.Keyring) -> kernel.Database:
    """A row database, on both kinds, whose units of work may leave traces."""
    database.put_beside(keyring)
    return database


@pytest.fixture
def traced_embedded(embedded_database: kernel.Database, keyring: vault.Keyring) -> kernel.Database:
    """A SQLite row database whose units of work may leave traces."""
    embedded_database.put_beside(keyring)
    return embedded_database


@pytest.fixture
def log_folder(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


@pytest.fixture
def log(log_folder: Path) -> ledger.Log:
    return ledger.open_log(log_folder, ORIGIN, SEED)


@pytest.fixture
def trail_warrant(notary: vault.Notary, clock: kernel.SettableClock) -> Callable[[DossierId], vault.Warrant]:
    """Issue a warrant for the trail of a dossier."""

    def issue(dossier: DossierId = DOSSIER, compartment: str = "trace") -> vault.Warrant:
        return notary.issue(
            organisation=ORGANISATION,
            dossier=dossier,
            compartments=frozenset({compartment}),
            until=clock.now() + timedelta(hours=1),
        )

    return issue


def some_trace(
    number: int = 0,
    *,
    dossier: DossierId | None = DOSSIER,
    outcome: ledger.Outcome = ledger.Outcome.ALLOWED,
) -> ledger.Trace:
    actor = ledger.Actor(AccountId(kernel.new_id()), ORGANISATION, "professional", "web 203.0.113.7")
    return ledger.Trace(
        kind="dossier.entry.opened",
        actor=actor,
        organisation=ORGANISATION,
        dossier=dossier,
        category="clinical",
        purpose="care",
        outcome=outcome,
        detail={"number": str(number)},
    )


def leave_traces(database: kernel.Database, count: int, *, anchors: int = 0) -> None:
    """Record traces, and after them anchors, in one transaction."""
    with database.unit_of_work() as uow:
        ledger.record_all(uow, [some_trace(number) for number in range(count)])
        for number in range(anchors):
            ledger.anchor(uow, f"object/{number}", bytes([number % 256]) * 32, organisation=ORGANISATION)
