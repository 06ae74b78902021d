import threading

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, insert, select, update
from sqlalchemy.exc import DBAPIError

from serment import kernel

tables = MetaData()
counters = Table("counters", tables, Column("id", Integer, primary_key=True), Column("value", Integer))


@pytest.fixture
def counted(database: kernel.Database) -> kernel.Database:
    database.create_tables(tables)
    with database.unit_of_work() as uow:
        uow.connection.execute(insert(counters).values(id=1, value=0))
    return database


def value(database: kernel.Database) -> int | None:
    with database.reading() as uow:
        return uow.connection.execute(select(counters.c.value)).scalar_one_or_none()


def add(uow: kernel.UnitOfWork, amount: int) -> None:
    seen = uow.connection.execute(select(counters.c.value).with_for_update()).scalar_one()
    uow.connection.execute(update(counters).values(value=seen + amount))


def run_together(work: object, *, threads: int) -> None:
    running = [threading.Thread(target=work) for _ in range(threads)]  # type: ignore[arg-type] # a plain callable
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


def test_unit_of_work_loses_no_update(counted: kernel.Database) -> None:
    def work() -> None:
        for _ in range(25):
            with counted.unit_of_work() as uow:
                add(uow, 1)

    run_together(work, threads=8)

    assert value(counted) == 200


def test_drivers_own_transactions_lose_updates_on_sqlite(tmp_path: object) -> None:
    """Why the unit of work begins as it does: delete BEGIN IMMEDIATE and this is what is left."""
    engine = create_engine(f"sqlite:///{tmp_path}/lossy.sqlite")
    tables.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(counters).values(id=1, value=0))
    barrier = threading.Barrier(2)
    errors: list[DBAPIError] = []

    def work() -> None:
        try:
            with engine.begin() as connection:
                seen = connection.execute(select(counters.c.value)).scalar_one()
                barrier.wait()
                connection.execute(update(counters).values(value=seen + 1))
        except DBAPIError as error:
            errors.append(error)

    run_together(work, threads=2)

    with engine.connect() as connection:
        assert connection.execute(select(counters.c.value)).scalar_one() == 1
    assert errors == []
    engine.dispose()


def test_unit_of_work_commits_nothing_when_it_fails(counted: kernel.Database) -> None:
    with pytest.raises(ValueError, match="no"), counted.unit_of_work() as uow:
        add(uow, 1)
        raise ValueError("no")

    assert value(counted) == 0


def test_insist_survives_the_rollback(counted: kernel.Database) -> None:
    with pytest.raises(ValueError, match="no"), counted.unit_of_work() as uow:
        add(uow, 1)
        uow.insist(lambda again: add(again, 10))
        raise ValueError("no")

    assert value(counted) == 10


def test_insist_writes_once_when_the_work_commits(counted: kernel.Database) -> None:
    with counted.unit_of_work() as uow:
        uow.insist(lambda again: add(again, 10))

    assert value(counted) == 10


def test_reading_refuses_to_write(counted: kernel.Database) -> None:
    with pytest.raises((DBAPIError, kernel.StoreUnavailable)), counted.reading() as uow:
        uow.connection.execute(update(counters).values(value=5))

    assert value(counted) == 0


def test_part_missing_says_which(database: kernel.Database) -> None:
    with pytest.raises(kernel.PartMissing, match="SettableClock"), database.reading() as uow:
        uow.part(kernel.SettableClock)


def test_part_is_found_by_type(database: kernel.Database, clock: kernel.SettableClock) -> None:
    database.put_beside(clock)

    with database.reading() as uow:
        assert uow.part(kernel.SettableClock) is clock


def test_store_unavailable_says_so_without_the_statement(
    tmp_path: object, clock: kernel.SettableClock
) -> None:
    nowhere = kernel.Database(f"sqlite:///{tmp_path}/absent/rows.sqlite", clock=clock)

    with pytest.raises(kernel.StoreUnavailable, match="OperationalError"), nowhere.unit_of_work():
        pass


def test_unit_of_work_inside_another_is_a_fault_said_at_once(embedded_database: kernel.Database) -> None:
    with (
        pytest.raises(RuntimeError, match="already"),
        embedded_database.unit_of_work(),
        embedded_database.unit_of_work(),
    ):
        pass


def test_recorded_reading_writes_what_was_insisted_on_when_it_ends(counted: kernel.Database) -> None:
    with counted.recorded_reading() as uow:
        uow.insist(lambda again: add(again, 10))
        assert uow.connection.execute(select(counters.c.value)).scalar_one() == 0

    assert value(counted) == 10


def test_recorded_reading_writes_it_when_the_reading_fails_too(counted: kernel.Database) -> None:
    with pytest.raises(ValueError, match="no"), counted.recorded_reading() as uow:
        uow.insist(lambda again: add(again, 10))
        raise ValueError("no")

    assert value(counted) == 10


def test_recorded_reading_ends_with_the_error_of_its_record(counted: kernel.Database) -> None:
    def refuse(_again: kernel.UnitOfWork) -> None:
        raise kernel.StoreUnavailable("full")

    with pytest.raises(kernel.StoreUnavailable), counted.recorded_reading() as uow:
        uow.insist(refuse)


def test_recorded_readings_of_many_lose_no_record(counted: kernel.Database) -> None:
    def work() -> None:
        for _ in range(25):
            with counted.recorded_reading() as uow:
                uow.insist(lambda again: add(again, 1))

    run_together(work, threads=8)

    assert value(counted) == 200


def test_recorded_reading_refuses_to_write_anything_else(counted: kernel.Database) -> None:
    with pytest.raises((DBAPIError, kernel.StoreUnavailable)), counted.recorded_reading() as uow:
        uow.connection.execute(update(counters).values(value=5))

    assert value(counted) == 0


def objecting(again: kernel.UnitOfWork) -> Exception:
    add(again, 10)
    return KeyError("objection")


def test_objection_ends_a_unit_of_work_and_its_write_stays(counted: kernel.Database) -> None:
    with pytest.raises(KeyError, match="objection"), counted.unit_of_work() as uow:
        add(uow, 1)
        uow.insist(objecting)

    assert value(counted) == 10


def test_objection_ends_a_recorded_reading_and_its_write_stays(counted: kernel.Database) -> None:
    reached = []
    with pytest.raises(KeyError, match="objection"), counted.recorded_reading() as uow:
        uow.insist(objecting)
        reached.append("the end of the reading")

    assert reached
    assert value(counted) == 10


def test_error_of_a_reading_stands_before_what_a_write_objects_with(counted: kernel.Database) -> None:
    with pytest.raises(ValueError, match="no"), counted.recorded_reading() as uow:
        uow.insist(objecting)
        raise ValueError("no")

    assert value(counted) == 10


def test_what_is_insisted_on_within_a_write_is_repeated_with_it_alone(counted: kernel.Database) -> None:
    def outer(again: kernel.UnitOfWork) -> None:
        add(again, 100)
        again.insist(lambda inner: add(inner, 10))

    with pytest.raises(ValueError, match="no"), counted.unit_of_work() as uow:
        uow.insist(outer)
        raise ValueError("no")

    assert value(counted) == 110


def test_insist_once_makes_equal_writes_once(counted: kernel.Database) -> None:
    def write(again: kernel.UnitOfWork) -> None:
        add(again, 10)

    with counted.unit_of_work() as uow:
        uow.insist_once(write)
        uow.insist_once(write)

    assert value(counted) == 10


def test_writes_are_made_in_their_turn(counted: kernel.Database) -> None:
    made: list[str] = []
    with counted.recorded_reading() as uow:
        uow.insist(lambda _again: made.append("second"), turn="b")
        uow.insist(lambda _again: made.append("first"), turn="a")
        uow.insist(lambda _again: made.append("before all"))

    assert made == ["before all", "first", "second"]
