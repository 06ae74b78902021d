"""Integration: order, crashes at every write, bad disks, several processes, a database that went back."""

import shutil
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import delete, select, update
from typing_extensions import override

from serment import kernel, ledger
from serment.ledger import store
from support.ledger import (
    ORIGIN,
    SEED,
    Crash,
    CrashingStorage,
    FlippingStorage,
    leave_traces,
    some_trace,
)

NEVER = 10**9


def checkpoint_of(database: kernel.Database, log: ledger.Log) -> ledger.Checkpoint:
    """Integrate until nothing is left; return where the log then stands."""
    while ledger.integrate(database, log) is not None:
        pass
    latest = log.latest()
    assert latest is not None
    return latest


def assert_sound(database: kernel.Database, log: ledger.Log, folder: Path, *earlier: bytes) -> None:
    for note in (None, *earlier):
        assert ledger.verify_directory(folder, log.signer.verifier_key, note) == []
    with database.reading() as uow:
        assert list(ledger.check_traces(uow, log)) == []


def test_the_first_checkpoint_is_of_the_empty_log(
    traced: kernel.Database, log: ledger.Log, log_folder: Path
) -> None:
    first = ledger.integrate(traced, log)

    assert first is not None
    assert first.size == 0
    assert ledger.integrate(traced, log) is None
    assert_sound(traced, log, log_folder)


def test_integrate_places_traces_then_anchors_in_their_order(
    traced: kernel.Database, log: ledger.Log, log_folder: Path
) -> None:
    leave_traces(traced, 3, anchors=2)
    assert checkpoint_of(traced, log).size == 5

    with traced.reading() as uow:
        placed_traces = uow.connection.scalars(select(store.traces.c.leaf).order_by(store.traces.c.number))
        assert list(placed_traces) == [0, 1, 2]
        placed_anchors = uow.connection.scalars(select(store.anchors.c.leaf).order_by(store.anchors.c.number))
        assert list(placed_anchors) == [3, 4]
    assert_sound(traced, log, log_folder)


def test_integrate_takes_at_most_what_it_is_told(
    traced: kernel.Database, log: ledger.Log, log_folder: Path
) -> None:
    leave_traces(traced, 5, anchors=5)
    sizes = []
    while (checkpoint := ledger.integrate(traced, log, most=3)) is not None:
        sizes.append(checkpoint.size)

    assert sizes == [3, 6, 9, 10]
    assert_sound(traced, log, log_folder)


def test_a_log_grows_by_many_steps_and_keeps_every_checkpoint(
    traced_embedded: kernel.Database, log: ledger.Log, log_folder: Path
) -> None:
    notes = []
    for count in (1, 254, 1, 1, 300, 700):
        leave_traces(traced_embedded, count)
        notes.append(checkpoint_of(traced_embedded, log).note.encode())

    assert (log_folder / "checkpoints").read_bytes().count(b"\n\n") == 2 * (len(notes) + 1)
    assert not list(log_folder.rglob("tile/0/000.p"))
    assert_sound(traced_embedded, log, log_folder, *notes)


def start(database: kernel.Database, folder: Path) -> bytes:
    """Build a log of 250 leaves; return its checkpoint."""
    leave_traces(database, 250)
    return checkpoint_of(database, ledger.open_log(folder, ORIGIN, SEED)).note.encode()


def crash(database: kernel.Database, folder: Path, before: int, after: int) -> bool:
    """Integrate on a storage that dies; say whether it did."""
    storage = CrashingStorage(folder, writes_before=before, writes_after=after)
    try:
        ledger.integrate(database, ledger.Log(storage, ledger.Signer(ORIGIN, SEED)))
    except Crash:
        return True
    return False


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_at_any_write_heals_and_signs_nothing_inconsistent(
    traced_embedded: kernel.Database, tmp_path: Path, when: str
) -> None:
    """LED-05: whatever was visible at any moment, the healed log continues it."""
    folder, seen = tmp_path / "log", list[bytes]()
    seen.append(start(traced_embedded, folder))
    log = ledger.open_log(folder, ORIGIN, SEED)
    crashes = 0
    for write in range(11):
        leave_traces(traced_embedded, 255, anchors=1)
        crashed = crash(
            traced_embedded,
            folder,
            write if when == "before" else NEVER,
            write + 1 if when == "after" else NEVER,
        )
        crashes += crashed
        assert ledger.verify_directory(folder) == []
        seen.append((folder / "checkpoint").read_bytes())
        leave_traces(traced_embedded, 2)
        assert checkpoint_of(traced_embedded, log).size == 250 + 258 * (write + 1)
    assert crashes >= 9
    assert_sound(traced_embedded, log, folder, *seen)


def test_a_crash_before_the_very_first_checkpoint_heals(
    traced: kernel.Database, log: ledger.Log, log_folder: Path
) -> None:
    leave_traces(traced, 3)
    for write in range(3):
        assert crash(traced, log_folder, write, NEVER)

    assert checkpoint_of(traced, log).size == 3
    assert_sound(traced, log, log_folder)


def test_a_lost_folder_is_written_again_to_the_same_root(
    traced: kernel.Database, log: ledger.Log, log_folder: Path
) -> None:
    leave_traces(traced, 300, anchors=5)
    before = checkpoint_of(traced, log)
    shutil.rmtree(log_folder)

    again = ledger.open_log(log_folder, ORIGIN, SEED)

    assert checkpoint_of(traced, again) == before
    assert_sound(traced, again, log_folder)


def test_a_lost_folder_is_not_signed_again_over_changed_rows(
    traced: kernel.Database, log: ledger.Log, log_folder: Path
) -> None:
    leave_traces(traced, 10)
    checkpoint_of(traced, log)
    shutil.rmtree(log_folder)
    with traced.unit_of_work() as uow:
        changed = store.traces.c.leaf == 4
        uow.connection.execute(update(store.traces).where(changed).values(commitment=bytes(32)))

    again = ledger.open_log(log_folder, ORIGIN, SEED)
    with pytest.raises(ledger.LogInconsistent, match="no longer give the root"):
        ledger.integrate(traced, again)

    assert again.latest() is None


@pytest.mark.parametrize("created", range(4))
def test_a_bit_that_flips_on_its_way_to_the_disk_stops_the_signature(
    traced_embedded: kernel.Database, tmp_path: Path, created: int
) -> None:
    """LED-06: the full and the partial bundle, and a tile of each level."""
    folder = tmp_path / "log"
    before = start(traced_embedded, folder)
    leave_traces(traced_embedded, 20)
    bad = ledger.Log(FlippingStorage(folder, created=created), ledger.Signer(ORIGIN, SEED))

    with pytest.raises(ledger.LogDamaged, match="does not read back"):
        ledger.integrate(traced_embedded, bad)

    assert (folder / "checkpoint").read_bytes() == before
    assert ledger.verify_directory(folder, earlier=before) == []


@pytest.mark.parametrize(
    "path", ["tile/0/000", "tile/entries/000.p/250", "tile/0/000.p/250", "tile/entries/000"]
)
def test_a_bit_that_flips_on_its_way_back_stops_the_signature(
    traced_embedded: kernel.Database, tmp_path: Path, path: str
) -> None:
    folder = tmp_path / "log"
    before = start(traced_embedded, folder)
    leave_traces(traced_embedded, 20)
    bad = ledger.Log(FlippingStorage(folder, read=path), ledger.Signer(ORIGIN, SEED))

    with pytest.raises(ledger.LogDamaged):
        ledger.integrate(traced_embedded, bad)

    assert (folder / "checkpoint").read_bytes() == before


def test_tiles_that_left_the_signed_root_stop_the_signature(
    traced: kernel.Database, log: ledger.Log, log_folder: Path
) -> None:
    leave_traces(traced, 260)
    before = checkpoint_of(traced, log)
    leave_traces(traced, 10)
    (log_folder / "tile/1/000.p/1").write_bytes(bytes(32))

    with pytest.raises(ledger.LogDamaged, match="no longer give the root signed at size 260"):
        ledger.integrate(traced, log)

    assert log.latest() == before


def test_a_database_that_went_back_gets_no_signature(
    traced_embedded: kernel.Database, log: ledger.Log
) -> None:
    leave_traces(traced_embedded, 5)
    before = checkpoint_of(traced_embedded, log)
    with traced_embedded.unit_of_work() as uow:
        gone = store.traces.c.leaf >= 3
        uow.connection.execute(delete(store.traces).where(gone))
        uow.connection.execute(update(store.head).values(assigned=3, size=3))

    with pytest.raises(ledger.LogInconsistent, match="the log has 5 leaves, its rows know of 3"):
        ledger.integrate(traced_embedded, log)

    assert log.latest() == before


def test_another_root_than_was_allowed_gets_no_signature(traced: kernel.Database, log: ledger.Log) -> None:
    leave_traces(traced, 5)
    checkpoint_of(traced, log)
    with traced.unit_of_work() as uow:
        uow.connection.execute(update(store.head).values(root=bytes(32)))
    leave_traces(traced, 1)

    with pytest.raises(ledger.LogInconsistent, match="another root than was allowed"):
        ledger.integrate(traced, log)


def test_an_assigned_row_that_vanished_gets_no_signature(
    traced: kernel.Database, log: ledger.Log, log_folder: Path
) -> None:
    checkpoint_of(traced, log)
    leave_traces(traced, 5)
    assert crash(traced, log_folder, 0, NEVER)
    with traced.unit_of_work() as uow:
        uow.connection.execute(delete(store.traces).where(store.traces.c.leaf == 2))

    with pytest.raises(ledger.LogInconsistent, match="leaf 2 has no row"):
        ledger.integrate(traced, log)


class MeddlingStorage(ledger.DirectoryStorage):
    """A folder during whose writes something else happens."""

    def __init__(self, folder: Path, meddle: Callable[[], None]) -> None:
        super().__init__(folder)
        self._meddle = meddle

    @override
    def create(self, path: str, data: bytes) -> None:
        super().create(path, data)
        self._meddle()


def test_rows_that_go_back_meanwhile_get_no_signature(
    traced: kernel.Database, log: ledger.Log, log_folder: Path
) -> None:
    before = checkpoint_of(traced, log)
    leave_traces(traced, 5)

    def go_back() -> None:
        with traced.unit_of_work() as uow:
            uow.connection.execute(update(store.head).values(assigned=0))

    meddled = ledger.Log(MeddlingStorage(log_folder, go_back), log.signer)
    with pytest.raises(ledger.LogInconsistent, match="went back while"):
        ledger.integrate(traced, meddled)

    assert log.latest() == before


def test_tiles_and_entries_that_disagree_get_no_signature(
    traced: kernel.Database, log: ledger.Log, log_folder: Path
) -> None:
    """A second-level tile changed after it was read back is caught by the second path."""
    leave_traces(traced, 256)
    checkpoint_of(traced, log)
    leave_traces(traced, 256)
    tile = log_folder / "tile/1/000.p/2"

    def change() -> None:
        if tile.exists():
            storage.finished = True

    class Late(MeddlingStorage):
        finished = False

        @override
        def read(self, path: str) -> bytes:
            data = super().read(path)
            first_look, self.looked = (
                path == "tile/1/000.p/2" and not self.looked,
                self.looked or self.finished,
            )
            return data if first_look or not path.endswith("tile/1/000.p/2") else bytes(64)

        looked = False

    storage = Late(log_folder, change)
    with pytest.raises(ledger.LogDamaged, match="tiles and entries give two roots"):
        ledger.integrate(traced, ledger.Log(storage, log.signer))


def test_a_folder_of_another_key_is_refused(
    traced: kernel.Database, log: ledger.Log, log_folder: Path
) -> None:
    checkpoint_of(traced, log)

    with pytest.raises(ledger.LogDamaged, match="public-key"):
        ledger.open_log(log_folder, ORIGIN, bytes(32))


def test_a_checkpoint_by_another_hand_is_refused(
    traced: kernel.Database, log: ledger.Log, log_folder: Path
) -> None:
    checkpoint_of(traced, log)
    forged = ledger.Signer(ORIGIN, bytes(32)).sign(0, bytes(32))
    (log_folder / "checkpoint").write_text(forged.note)

    with pytest.raises(ledger.NoteRefused):
        ledger.integrate(traced, log)


def test_a_second_sequencer_does_nothing_meanwhile(
    traced: kernel.Database, log: ledger.Log, log_folder: Path
) -> None:
    leave_traces(traced, 1)
    with ledger.open_log(log_folder, ORIGIN, SEED).storage.hold() as held:
        assert held
        assert ledger.integrate(traced, log) is None

    assert checkpoint_of(traced, log).size == 1


def guarded(work: Callable[[], None], failures: list[BaseException]) -> Callable[[], None]:
    """Carry what fails in a thread to the test's own."""

    def run() -> None:
        try:
            work()
        except BaseException as failure:  # noqa: BLE001 - told to the test
            failures.append(failure)

    return run


def test_recording_and_two_sequencers_at_once_lose_nothing(
    traced: kernel.Database, log: ledger.Log, log_folder: Path
) -> None:
    done, failures = Event(), list[BaseException]()

    def write() -> None:
        for number in range(60):
            with traced.unit_of_work() as uow:
                ledger.record(uow, some_trace(number))
                ledger.anchor(uow, f"object/{number}", b"digest")

    def sequence() -> None:
        mine = ledger.open_log(log_folder, ORIGIN, SEED)
        while not done.is_set():
            ledger.integrate(traced, mine)

    writers = [Thread(target=guarded(write, failures)) for _ in range(4)]
    sequencers = [Thread(target=guarded(sequence, failures)) for _ in range(2)]
    for thread in (*writers, *sequencers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in sequencers:
        thread.join()

    assert failures == []
    assert checkpoint_of(traced, log).size == 4 * 60 * 2
    assert_sound(traced, log, log_folder)
