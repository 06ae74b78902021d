"""What the trail costs: traces recorded and integrated a second, the time of a proof, leaves verified a second.

Run: python -m bench.ledger
Every figure is on files and a SQLite database in a temporary folder, with every fsync that production makes.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from serment import kernel, ledger, vault
from serment.kernel import AccountId, DossierId, OrganisationId

BATCHES = 20
BATCH = 1000
SINGLE = 200
PROOFS = 500
CHEAP = vault.PassphraseCost(passes=1, memory_kib=8, lanes=1)


def main() -> None:
    """Print one line for each figure."""
    with tempfile.TemporaryDirectory() as folder:
        _measure(Path(folder))


def _measure(folder: Path) -> None:
    rows, log = _installation(folder)
    leaves = BATCHES * BATCH
    _say("record, one in a durable transaction", SINGLE, _seconds(lambda: _record_singly(rows)), "traces")
    ledger.integrate(rows, log)
    _say("record_all, 1,000 in a transaction", leaves, _seconds(lambda: _record_batches(rows)), "traces")
    spent = [_seconds(lambda: ledger.integrate(rows, log, most=BATCH)) for _ in range(BATCHES)]
    _say("integrate, 1,000 in a batch", leaves, sum(spent), "leaves")
    sys.stdout.write(f"{'  slowest batch':<40}{max(spent) * 1e3:12.1f} ms\n")
    _say("prove inclusion", PROOFS, _seconds(lambda: _prove(log, leaves)), "proofs")
    _say("verify every file of the log", leaves, _seconds(lambda: _verify(folder / "log")), "leaves")
    _say("hold every row against its leaf", leaves, _seconds(lambda: _check(rows, log)), "rows")


def _installation(folder: Path) -> tuple[kernel.Database, ledger.Log]:
    clock = kernel.SystemClock()
    root = vault.SealedKeyFile.create(folder / "root.key", "correct horse battery staple", CHEAP)
    keys = kernel.Database(f"sqlite:///{folder / 'keys.sqlite'}", clock=clock)
    rows = kernel.Database(f"sqlite:///{folder / 'rows.sqlite'}", clock=clock)
    rows.put_beside(vault.open_keyring(keys, root, clock))
    rows.create_tables(kernel.metadata)
    return rows, ledger.open_log(folder / "log", "ledger.bench", bytes(32))


def _trace() -> ledger.Trace:
    organisation = OrganisationId(_ORGANISATION)
    actor = ledger.Actor(AccountId(kernel.new_id()), organisation, "professional", "web 203.0.113.7")
    return ledger.Trace(
        kind="dossier.entry.opened",
        actor=actor,
        organisation=organisation,
        dossier=DossierId(_DOSSIER),
        category="clinical",
        purpose="care",
        outcome=ledger.Outcome.ALLOWED,
        detail={"entry": str(kernel.new_id())},
    )


_ORGANISATION, _DOSSIER = kernel.new_id(), kernel.new_id()


def _record_singly(rows: kernel.Database) -> None:
    for _ in range(SINGLE):
        with rows.unit_of_work() as uow:
            ledger.record(uow, _trace())


def _record_batches(rows: kernel.Database) -> None:
    for _ in range(BATCHES):
        with rows.unit_of_work() as uow:
            ledger.record_all(uow, [_trace() for _ in range(BATCH)])


def _prove(log: ledger.Log, leaves: int) -> None:
    for step in range(PROOFS):
        ledger.prove_inclusion(log, step * leaves // PROOFS)


def _verify(folder: Path) -> None:
    _none(ledger.verify_directory(folder))


def _check(rows: kernel.Database, log: ledger.Log) -> None:
    with rows.reading() as uow:
        _none(list(ledger.check_traces(uow, log)))


def _none(findings: list[ledger.Finding]) -> None:
    if findings:
        raise SystemExit(f"a sound log has findings: {findings[0]}")


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _say(what: str, count: int, seconds: float, unit: str) -> None:
    sys.stdout.write(f"{what:<40}{count / seconds:12,.0f} {unit}/s{seconds / count * 1e6:12.0f} us each\n")


if __name__ == "__main__":
    main()
