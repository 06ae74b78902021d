"""A process that records and integrates is killed at random moments: nothing acknowledged is lost (FIG-02)."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from serment import kernel, ledger, vault
from support.ledger import ORIGIN, SEED, some_trace
from support.vault import CHEAP

KILLS = 40
PASSPHRASE = "correct horse battery staple"
PROGRAM = "import sys; from integration.test_ledger_kill import work; work(sys.argv[1])"


def opened(folder: Path) -> tuple[kernel.Database, ledger.Log]:
    clock = kernel.SystemClock()
    key_file = folder / "root.key"
    if key_file.exists():
        root = vault.SealedKeyFile.open(key_file, PASSPHRASE)
    else:
        root = vault.SealedKeyFile.create(key_file, PASSPHRASE, CHEAP)
    keys = kernel.Database(f"sqlite:///{folder / 'keys.sqlite'}", clock=clock)
    rows = kernel.Database(f"sqlite:///{folder / 'rows.sqlite'}", clock=clock)
    rows.put_beside(vault.open_keyring(keys, root, clock))
    rows.create_tables(kernel.metadata)
    return rows, ledger.open_log(folder / "log", ORIGIN, SEED)


def work(folder: str) -> None:
    """Record for ever; say how many traces were committed, then integrate them."""
    rows, log = opened(Path(folder))
    while True:
        with rows.unit_of_work() as uow:
            recorded = ledger.record_all(uow, [some_trace() for _ in range(random.randint(1, 90))])
        sys.stdout.write(f"{len(recorded)}\n")
        sys.stdout.flush()
        ledger.integrate(rows, log)


def work_and_be_killed(folder: Path, seconds: float) -> int:
    """Return how many traces the process had acknowledged."""
    command = [sys.executable, "-c", PROGRAM, str(folder)]
    tests = Path(__file__).parents[1]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tests) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(seconds)
        process.kill()
        return sum(map(int, (first + process.stdout.read()).split()))


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_killed_process_loses_no_trace_and_signs_nothing_inconsistent(tmp_path: Path) -> None:
    opened(tmp_path)
    drawn, acknowledged, seen = random.Random(20260312), 0, list[bytes]()
    for _ in range(KILLS):
        acknowledged += work_and_be_killed(tmp_path, drawn.random() * 0.4)
        if (tmp_path / "log" / "checkpoint").exists():
            seen.append((tmp_path / "log" / "checkpoint").read_bytes())
            assert ledger.verify_directory(tmp_path / "log") == []

    rows, log = opened(tmp_path)
    while ledger.integrate(rows, log) is not None:
        pass
    latest = log.latest()
    assert latest is not None
    assert latest.size >= acknowledged > KILLS
    assert [ledger.verify_directory(tmp_path / "log", earlier=note) for note in seen] == [[]] * len(seen)
    with rows.reading() as uow:
        assert list(ledger.check_traces(uow, log)) == []
