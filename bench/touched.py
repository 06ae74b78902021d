"""Who was touched, asked over a million traces: the time until the answer and the memory it takes.

    make bench-touched          1,000,000 traces; of them a scraper's 100,000, over 2,000 patients
    python -m bench.touched N   another number of traces

The rest is a year's ordinary work of five hundred people. Traces are recorded as the product records them, in large
transactions; the question is asked as the command asks it, and timed from the first query to the last deed, with the
table and the FHIR events after it.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random

from serment import kernel, ledger, vault, vigilance
from serment.kernel import AccountId, DossierId, OrganisationId

TRACES = 1_000_000
SHARE_OF_THE_SCRAPER = 10
PATIENTS = 4_000
PEOPLE = 500
BATCH = 50_000
BEGUN = datetime(2026, 3, 12, 8, tzinfo=UTC)
LIMIT_SECONDS = 60.0
CHEAP = vault.PassphraseCost(passes=1, memory_kib=8, lanes=1)


def main(traces: int = TRACES) -> None:
    """Print the figures; ends with a failure when the answer is wrong or took longer than a minute."""
    with tempfile.TemporaryDirectory() as folder:
        _measure(Path(folder), traces)


def _measure(folder: Path, traces: int) -> None:
    work = _Work(traces)
    rows, clock = _rows(folder)
    begun = time.perf_counter()
    _fill(rows, clock, work)
    _say("traces recorded", f"{traces:,} in {time.perf_counter() - begun:,.0f} s")
    before = _peak_mib()
    asked = time.perf_counter()
    answer = _ask(rows, clock, work)
    seconds = time.perf_counter() - asked
    patients = answer.patients
    _say("asked and answered in", f"{seconds:.1f} s (limit {LIMIT_SECONDS:.0f} s)")
    _say(
        "of the suspect", f"{answer.traces:,} traces, {len(answer.deeds):,} deeds, {len(patients):,} patients"
    )
    written = time.perf_counter()
    table = vigilance.write_table([answer])
    events = vigilance.write_audit_events([answer], "https://localhost:8443")
    _say(
        "table and events written in",
        f"{time.perf_counter() - written:.1f} s ({len(table) >> 20} MiB of CSV)",
    )
    _say("memory at the peak", f"{_peak_mib():,.0f} MiB (before the question {before:,.0f} MiB)")
    right = {patient.dossier for patient in patients} == work.touched and len(events["entry"]) == len(
        answer.deeds
    )
    if not right or answer.unopened or seconds > LIMIT_SECONDS:
        raise SystemExit(f"wrong or late: {len(patients)} patients told, {len(work.touched)} touched")


class _Work:
    """A hospital's traces: everybody's, and among them a scraper's."""

    def __init__(self, traces: int) -> None:
        self.traces = traces
        self.chance = Random(22)  # noqa: S311 - the same work at every run
        self.organisation = OrganisationId(kernel.new_id())
        self.dossiers = [DossierId(kernel.new_id()) for _ in range(min(PATIENTS, max(traces // 20, 1)))]
        self.people = [AccountId(kernel.new_id()) for _ in range(PEOPLE)]
        self.scraper = AccountId(kernel.new_id())
        self.session = kernel.new_id()
        self.touched: set[DossierId] = set()

    def all(self) -> Iterator[ledger.Trace]:
        """Yield every trace; one in ten is the scraper's, who reads and takes one document after another."""
        half = self.dossiers[: len(self.dossiers) // 2]
        for number in range(self.traces):
            if number % SHARE_OF_THE_SCRAPER:
                yield self._trace(self.chance.choice(self.people), self.chance.choice(self.dossiers), number)
            else:
                about = half[number // SHARE_OF_THE_SCRAPER % len(half)]
                self.touched.add(about)
                yield self._trace(self.scraper, about, number)

    def _trace(self, account: AccountId, about: DossierId, number: int) -> ledger.Trace:
        takes = number // SHARE_OF_THE_SCRAPER % 2
        means = self.session if account == self.scraper else account
        actor = ledger.Actor(account, self.organisation, "physician", "web 203.0.113.7", means, means)
        detail = {"entry": str(kernel.new_id()), "relation": "care-team", "because": "care-team"}
        if takes:
            size = str(self.chance.randrange(10_000, 1_000_000))
            detail |= {
                "version": "1",
                "object": str(kernel.new_id()),
                "size": size,
                "first": "0",
                "bytes": size,
            }
            detail |= {"form": "bytes"}
        kind = "dossier.content" if takes else "dossier.read"
        return ledger.Trace(
            kind, actor, self.organisation, about, "clinical", "care", ledger.Outcome.ALLOWED, detail
        )


def _rows(folder: Path) -> tuple[kernel.Database, kernel.SettableClock]:
    clock = kernel.SettableClock(BEGUN)
    root = vault.SealedKeyFile.create(folder / "root.key", "correct horse battery staple", CHEAP)
    keys = kernel.Database(f"sqlite:///{folder / 'keys.sqlite'}", clock=clock)
    rows = kernel.Database(f"sqlite:///{folder / 'rows.sqlite'}", clock=clock)
    keyring = vault.open_keyring(keys, root, clock)
    rows.put_beside(keyring)
    rows.put_beside(keyring.take_notary())
    rows.create_tables(kernel.metadata)
    return rows, clock


def _fill(rows: kernel.Database, clock: kernel.SettableClock, work: _Work) -> None:
    traces = work.all()
    while batch := list(islice(traces, BATCH)):
        with rows.unit_of_work() as uow:
            uow.connection.exec_driver_sql("PRAGMA cache_size=-800000").close()  # for the filling alone
            ledger.record_all(uow, batch)
        clock.advance(timedelta(minutes=5))


def _ask(rows: kernel.Database, clock: kernel.SettableClock, work: _Work) -> vigilance.Answer:
    question = vigilance.Question(vigilance.Link.ACCOUNT, work.scraper, BEGUN, clock.now())
    with rows.recorded_reading() as uow:
        return vigilance.ask_from_console(uow, work.organisation, question)


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _say(what: str, figure: str) -> None:
    sys.stdout.write(f"{what:<40}{figure}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TRACES)
