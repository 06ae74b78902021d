"""Who was touched, asked over a million traces: the time until the answer and the memory it takes.

    make bench-touched          1,000,000 traces; of them a scraper's 100,000, over 5,000 patients
    python -m bench.touched N   another number of traces

The rest is the ordinary work of five hundred people. The scraper's traces are recorded as the product records them; the
others' rows bear their tags and noise of the same size for a seal, which no question opens. The question is asked as the
command asks it, and timed from the first query to the last deed; the table and the FHIR events come after it.
"""

import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from serment import kernel, ledger, vault, vigilance
from serment.kernel import AccountId, DossierId, OrganisationId
from serment.ledger import store
from serment.ledger.model import TraceRow
from serment.ledger.tags import tag_of

TRACES = 1_000_000
SHARE_OF_THE_SCRAPER = 10
PATIENTS = 10_000
PEOPLE = 500
BATCH = 50_000
#: What a sealed detail weighs: salt, text, and the seal around them.
SEALED_BYTES = 640
BEGUN = datetime(2026, 3, 12, 8, tzinfo=UTC)
LIMIT_SECONDS = 60.0
_CLEAR_PEAK = Path("/proc/self/clear_refs")
CHEAP = vault.PassphraseCost(passes=1, memory_kib=8, lanes=1)


def main(traces: int = TRACES) -> None:
    """Print the figures; ends with a failure when the answer is wrong or took longer than a minute."""
    with tempfile.TemporaryDirectory() as folder:
        _measure(Path(folder), traces)


def _measure(folder: Path, traces: int) -> None:
    rows, clock, keyring = _rows(folder)
    work = _Work(keyring, traces)
    begun = time.perf_counter()
    _fill(rows, clock, work)
    _say("traces recorded", f"{traces:,} in {time.perf_counter() - begun:,.0f} s")
    before = _mib("VmRSS")
    _CLEAR_PEAK.write_text("5")
    asked = time.perf_counter()
    answer = _ask(rows, clock, work)
    seconds = time.perf_counter() - asked
    answered = _mib("VmHWM") - before
    patients = answer.patients
    _say("asked and answered in", f"{seconds:.1f} s (limit {LIMIT_SECONDS:.0f} s)")
    _say(
        "of the suspect", f"{answer.traces:,} traces, {len(answer.deeds):,} deeds, {len(patients):,} patients"
    )
    _say("memory that the answer took", f"{answered:,.0f} MiB, over {before:,.0f} MiB left by the filling")
    written = time.perf_counter()
    table = vigilance.write_table([answer])
    events = vigilance.write_audit_events([answer], "https://localhost:8443")
    _say(
        "table and events written in",
        f"{time.perf_counter() - written:.1f} s ({len(table) >> 20} MiB of CSV)",
    )
    _say("memory with table and events", f"{_mib('VmHWM') - before:,.0f} MiB")
    right = {patient.dossier for patient in patients} == work.touched and len(events["entry"]) == len(
        answer.deeds
    )
    if not right or answer.unopened or seconds > LIMIT_SECONDS:
        raise SystemExit(f"wrong or late: {len(patients)} patients told, {len(work.touched)} touched")


class _Work:
    """A hospital's traces: everybody's, and among them a scraper's."""

    def __init__(self, keyring: vault.Keyring, traces: int) -> None:
        self.traces = traces
        self.chance = Random(22)  # noqa: S311 - the same work at every run
        self.organisation = OrganisationId(kernel.new_id())
        self.dossiers = [DossierId(kernel.new_id()) for _ in range(min(PATIENTS, max(traces // 20, 1)))]
        people = [kernel.new_id() for _ in range(PEOPLE)]
        self.tags = [
            [tag_of(keyring, self.organisation, mark, one) for mark in ledger.Mark] for one in people
        ]
        self.scraper = AccountId(kernel.new_id())
        self.session = kernel.new_id()
        self.touched: set[DossierId] = set()

    def of_the_scraper(self, count: int) -> list[ledger.Trace]:
        """Return the next traces of the scraper, who reads and takes one document after another."""
        half = self.dossiers[: max(len(self.dossiers) // 2, 1)]
        chosen = [half[self.chance.randrange(len(half))] for _ in range(count)]
        self.touched |= set(chosen)
        return [self._trace(about, takes=number % 2 == 1) for number, about in enumerate(chosen)]

    def of_others(self, count: int, at: datetime) -> list[TraceRow]:
        """Return rows of everybody else: as large as others, their seals noise, for no question opens them."""
        return [self._row(at) for _ in range(count)]

    def _row(self, at: datetime) -> TraceRow:
        actor, means, browser = self.chance.choice(self.tags)
        noise = self.chance.randbytes(SEALED_BYTES)
        return TraceRow(
            ledger.TraceId(kernel.new_id()), self.organisation, self.chance.choice(self.dossiers), at,
            noise[:32], noise[32:64], noise, None, actor, means, browser,
        )  # fmt: skip

    def _trace(self, about: DossierId, *, takes: bool) -> ledger.Trace:
        actor = ledger.Actor(
            self.scraper, self.organisation, "physician", "web 203.0.113.7", self.session, self.session
        )
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


def _rows(folder: Path) -> tuple[kernel.Database, kernel.SettableClock, vault.Keyring]:
    clock = kernel.SettableClock(BEGUN)
    root = vault.SealedKeyFile.create(folder / "root.key", "correct horse battery staple", CHEAP)
    keys = kernel.Database(f"sqlite:///{folder / 'keys.sqlite'}", clock=clock)
    rows = kernel.Database(f"sqlite:///{folder / 'rows.sqlite'}", clock=clock)
    keyring = vault.open_keyring(keys, root, clock)
    rows.put_beside(keyring)
    rows.put_beside(keyring.take_notary())
    rows.create_tables(kernel.metadata)
    return rows, clock, keyring


def _fill(rows: kernel.Database, clock: kernel.SettableClock, work: _Work) -> None:
    for begun in range(0, work.traces, BATCH):
        size = min(BATCH, work.traces - begun)
        with rows.unit_of_work() as uow:
            uow.connection.exec_driver_sql("PRAGMA cache_size=-800000").close()  # for the filling alone
            ledger.record_all(uow, work.of_the_scraper(size // SHARE_OF_THE_SCRAPER))
            store.add_traces(uow.connection, work.of_others(size - size // SHARE_OF_THE_SCRAPER, uow.now))
        clock.advance(timedelta(minutes=5))


def _ask(rows: kernel.Database, clock: kernel.SettableClock, work: _Work) -> vigilance.Answer:
    question = vigilance.Question(vigilance.Link.ACCOUNT, work.scraper, BEGUN, clock.now())
    with rows.recorded_reading() as uow:
        return vigilance.ask_from_console(uow, work.organisation, question)


def _mib(name: str) -> float:
    """Return a figure of this process's memory; VmHWM is the peak since it was cleared (proc(5))."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def _say(what: str, figure: str) -> None:
    sys.stdout.write(f"{what:<40}{figure}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TRACES)
