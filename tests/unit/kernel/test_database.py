import time
from collections.abc import Callable
from contextlib import ExitStack
from threading import Thread

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from serment import kernel
from serment.kernel.database import _Batch, _GroupCommit, _Turn


@pytest.fixture
def noted(embedded_database: kernel.Database) -> kernel.Database:
    with embedded_database.unit_of_work() as uow:
        uow.connection.execute(text("CREATE TABLE notes (note BLOB NOT NULL)"))
    return embedded_database


def note(words: str) -> Callable[[kernel.UnitOfWork], None]:
    def write(uow: kernel.UnitOfWork) -> None:
        uow.connection.execute(text("INSERT INTO notes VALUES (:words)"), {"words": words})

    return write


def notes(database: kernel.Database) -> set[str]:
    with database.reading() as uow:
        return set(uow.connection.execute(text("SELECT note FROM notes")).scalars())


def until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def record(database: kernel.Database, write: Callable[[kernel.UnitOfWork], None]) -> list[BaseException]:
    """Read on the record; return what the reading ended with."""
    ended: list[BaseException] = []
    try:
        with database.recorded_reading() as uow:
            uow.insist(write)
    except (kernel.StoreUnavailable, ValueError) as error:
        ended.append(error)
    return ended


def test_full_disk_makes_the_store_unavailable(noted: kernel.Database) -> None:
    with pytest.raises(kernel.StoreUnavailable, match="OperationalError"), noted.unit_of_work() as uow:
        pages = uow.connection.execute(text("PRAGMA page_count")).scalar_one()
        uow.connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        uow.connection.execute(text("INSERT INTO notes VALUES (zeroblob(1000000))"))

    assert notes(noted) == set()


def test_full_disk_refuses_a_reading_its_record(noted: kernel.Database) -> None:
    with noted.unit_of_work() as uow:
        pages = uow.connection.execute(text("PRAGMA page_count")).scalar_one()
        uow.connection.execute(text(f"PRAGMA max_page_count = {pages}"))

    with pytest.raises(kernel.StoreUnavailable), noted.recorded_reading() as reading:
        reading.insist(note("x" * 1_000_000))

    assert notes(noted) == set()


def test_statement_that_is_wrong_stays_our_fault(noted: kernel.Database) -> None:
    with pytest.raises(OperationalError, match="no such table"), noted.unit_of_work() as uow:
        uow.connection.execute(text("SELECT 1 FROM absent"))
    with pytest.raises(IntegrityError), noted.unit_of_work() as uow:
        uow.connection.execute(text("INSERT INTO notes VALUES (NULL)"))


def test_reader_that_finds_no_free_connection_says_the_store_is_unavailable(
    embedded_database: kernel.Database,
) -> None:
    pool = embedded_database._reader.pool
    pool._timeout = 0.05  # type: ignore[attr-defined] # of a QueuePool; thirty seconds otherwise
    with ExitStack() as readings, pytest.raises(kernel.StoreUnavailable, match="no connection"):
        for _ in range(20):
            readings.enter_context(embedded_database.reading())


def test_database_that_cannot_be_reached_is_unavailable(clock: kernel.SettableClock) -> None:
    nobody = kernel.Database("postgresql+psycopg://nobody@127.0.0.1:1/none", clock=clock)

    with pytest.raises(kernel.StoreUnavailable, match="OperationalError"), nobody.unit_of_work():
        pass

    nobody.close()


def test_turn_is_not_waited_for_longer_than_its_seconds() -> None:
    turn, ended = _Turn(0.02), []

    def want() -> None:
        with pytest.raises(kernel.StoreUnavailable, match="queue"), turn:
            pass
        ended.append("refused")

    with turn:
        waiting = Thread(target=want)
        waiting.start()
        waiting.join()

    assert ended == ["refused"]


def test_turn_is_free_again_after_a_failure() -> None:
    turn = _Turn(0.02)
    with pytest.raises(ValueError, match="no"), turn:
        raise ValueError("no")

    with turn:
        pass


def record_together(
    database: kernel.Database, *writes: Callable[[kernel.UnitOfWork], None]
) -> list[list[BaseException]]:
    """Have a first record committed alone and these together; return how each of them ended."""
    ended: dict[int, list[BaseException]] = {}

    def reader(number: int, write: Callable[[kernel.UnitOfWork], None]) -> Thread:
        thread = Thread(target=lambda: ended.update({number: record(database, write)}))
        thread.start()
        return thread

    with database.unit_of_work():
        waiting = database._commits._waiting
        threads = [reader(0, note("first"))]
        until(lambda: database._commits._committing.locked() and not waiting)
        threads += [reader(number, write) for number, write in enumerate(writes, start=1)]
        until(lambda: len(waiting) == len(writes))
    for thread in threads:
        thread.join()
    assert ended[0] == []
    return [ended[number] for number in range(1, len(writes) + 1)]


def test_records_that_were_waiting_together_fail_together(noted: kernel.Database) -> None:
    """Nobody may serve what was read when the one commit for all of them failed."""

    def refuse(_uow: kernel.UnitOfWork) -> None:
        raise kernel.StoreUnavailable("full")

    second, third = record_together(noted, note("second"), refuse)

    assert [type(error) for error in second + third] == [kernel.StoreUnavailable] * 2
    assert notes(noted) == {"first"}


def test_record_that_cannot_be_written_fails_alone(noted: kernel.Database) -> None:
    """Whoever asks again and again for what is damaged must keep nobody else from what is sound."""

    def refuse(_uow: kernel.UnitOfWork) -> None:
        raise ValueError("damaged")

    second, third, fourth = record_together(noted, note("second"), refuse, note("fourth"))

    assert (second, [type(error) for error in third], fourth) == ([], [ValueError], [])
    assert notes(noted) == {"first", "second", "fourth"}


def test_record_whose_writer_was_interrupted_is_not_taken_for_written(clock: kernel.SettableClock) -> None:
    def interrupted(_batches: object) -> None:
        raise KeyboardInterrupt

    commits = _GroupCommit(interrupted)
    waiting = _Batch(clock.now(), [])
    commits._waiting.append(waiting)

    with pytest.raises(KeyboardInterrupt):
        commits.write(_Batch(clock.now(), []))

    assert waiting.done
    assert isinstance(waiting.failure, kernel.StoreUnavailable)


def test_instant_of_a_record_is_the_one_of_its_reading(
    noted: kernel.Database, clock: kernel.SettableClock
) -> None:
    seen = []
    with noted.recorded_reading() as uow:
        uow.insist(lambda again: seen.append(again.now))
        begun = uow.now
        clock.advance(clock.now() - clock.now().replace(hour=0))

    assert seen == [begun]


def test_part_serves_as_the_kind_it_was_put_there_for(embedded_database: kernel.Database) -> None:
    embedded_database.put_beside(3, float)

    with embedded_database.reading() as uow:
        assert uow.part(float) == 3
        with pytest.raises(kernel.PartMissing, match="int"):
            uow.part(int)
