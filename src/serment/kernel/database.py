"""The unit of work: one transaction, the hour it began, and the parts it may use.

SQLite and PostgreSQL behave alike here: a unit of work sees what it wrote, and commits whole or not at all. Whoever
writes what follows from what they read holds the row they read (`with_for_update`), or names in the statement what
they saw: PostgreSQL lets writers go on beside each other. On SQLite there is one at a time, by `BEGIN IMMEDIATE`: the
driver's own habit of beginning at the first write loses updates (tests/integration/test_database.py shows it).
"""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from threading import Lock, get_ident
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from serment.kernel.clock import Clock
from serment.kernel.errors import PartMissing, StoreUnavailable

T = TypeVar("T")
#: A write that is insisted on. It may object: the error that it returns ends the transaction once the write is kept.
Write = Callable[["UnitOfWork"], Exception | None]

SQLITE_BUSY_SECONDS = 15
_REFUSED_BY_THE_DISK = (
    "database or disk is full",
    "disk i/o error",
    "readonly database",
    "unable to open",
    "malformed",
    "not a database",
)


@dataclass(frozen=True)
class InsistedWrite:
    """A write that outlives its transaction, and its turn among those that are made together."""

    turn: str
    write: Write


class UnitOfWork:
    """One transaction on the row database, and what app put beside it."""

    def __init__(
        self, connection: Connection, now: datetime, parts: Mapping[type, object], *, writes: bool = True
    ) -> None:
        self.connection = connection
        self.now = now
        self.insisted: list[InsistedWrite] = []
        self._parts = parts
        self._writes = writes
        self._within = False

    def part(self, kind: type[T]) -> T:
        """Return the part of that type that app put beside the database.

        Raises:
            PartMissing: there is none; what needed it must not go on.
        """
        try:
            return cast("T", self._parts[kind])
        except KeyError:
            raise PartMissing(kind.__name__) from None

    def insist(self, write: Write, *, turn: str = "") -> None:
        """Write now; and should this transaction roll back, write again in one of its own.

        Traces of refusals are written so: the refusal rolls the work back and must not take its trace along. In a
        recorded reading the write waits for the end of the reading, which does not return before it is durable.
        What is insisted on within a write is a part of it: made with it, and repeated with it.

        Writes that are made together are made in the order of their `turn`: those that hold a row that others write
        too name it there, so that two transactions never wait for each other.

        Raises: what the write objects with; in a recorded reading, at its end.
        """
        if self._within:
            write(self)
            return
        self.insisted.append(InsistedWrite(turn, write))
        objection = self.carry_out(write) if self._writes else None
        if objection is not None:
            raise objection

    def insist_once(self, write: Write, *, turn: str = "") -> None:
        """Insist on a write, unless one that equals it is insisted on already.

        Raises: as `insist`.
        """
        if InsistedWrite(turn, write) not in self.insisted:
            self.insist(write, turn=turn)

    def carry_out(self, write: Write) -> Exception | None:
        """Make one write that was insisted on, and return what it objects with."""
        self._within = True
        try:
            return write(self)
        finally:
            self._within = False


class Database:
    """A row database, embedded (SQLite) or served (PostgreSQL), and the transactions on it."""

    def __init__(self, url: str, *, clock: Clock, parts: Mapping[type, object] | None = None) -> None:
        self.url = url
        self.clock = clock
        self._parts = dict(parts or {})
        self._embedded = url.startswith("sqlite")
        # SQLite has one writer: within a process, writers queue here rather than poll the file's lock.
        self._turn = _Turn(SQLITE_BUSY_SECONDS) if self._embedded else nullcontext()
        self._writer = _engine(url, begin="BEGIN IMMEDIATE")
        self._reader = _engine(url, begin="BEGIN", read_only=True)
        self._commits = _GroupCommit(self._write_batches)

    def put_beside(self, part: object, kind: type | None = None) -> None:
        """Make a part available to every later unit of work, under its type or the `kind` it serves as."""
        self._parts[kind or type(part)] = part

    @contextmanager
    def unit_of_work(self) -> Iterator[UnitOfWork]:
        """Open a write transaction; it commits on leaving, or rolls back and writes what was insisted on.

        Raises:
            StoreUnavailable: the database is full, gone or stayed busy.
        """
        begun: list[UnitOfWork] = []
        try:
            with _store_errors(), self._turn, self._writer.begin() as connection:
                begun.append(UnitOfWork(connection, self.clock.now(), self._parts))
                yield begun[0]
        except BaseException:
            self._write_what_was_insisted_on(begun)
            raise

    @contextmanager
    def reading(self) -> Iterator[UnitOfWork]:
        """Open a read-only transaction with one consistent view."""
        with _store_errors(), self._reader.begin() as connection:
            yield UnitOfWork(connection, self.clock.now(), self._parts)

    @contextmanager
    def recorded_reading(self) -> Iterator[UnitOfWork]:
        """Open a read-only transaction whose traces are durable when the block is left, whichever way it is left.

        Readers do not hold the writer's turn while they read, and the traces of those who end together are
        committed together. Where they cannot be, the block ends with that error: nothing read may then be served.

        Raises:
            StoreUnavailable: the database is full, gone or stayed busy.
        """
        with _store_errors():
            reading: list[UnitOfWork] = []
            try:
                with self._reader.begin() as connection:
                    reading.append(UnitOfWork(connection, self.clock.now(), self._parts, writes=False))
                    yield reading[0]
            finally:
                objection = self._keep_what_was_insisted_on(reading)
        if objection is not None:
            raise objection

    def _keep_what_was_insisted_on(self, reading: Sequence[UnitOfWork]) -> Exception | None:
        if not reading or not reading[0].insisted:
            return None
        batch = _Batch(reading[0].now, reading[0].insisted)
        self._commits.write(batch)
        return batch.objection

    def create_tables(self, tables: MetaData) -> None:
        """Create the tables of a fresh database without migrations, for tests and small key stores."""
        with self._writer.begin() as connection:
            tables.create_all(connection)

    def close(self) -> None:
        """Give every connection back."""
        self._writer.dispose()
        self._reader.dispose()

    def _write_what_was_insisted_on(self, begun: list[UnitOfWork]) -> None:
        if begun and begun[0].insisted:
            with _store_errors():
                self._write_batches([_Batch(begun[0].now, begun[0].insisted)])

    def _write_batches(self, batches: Sequence["_Batch"]) -> None:
        with self._turn, self._writer.begin() as connection:
            for batch in batches:
                batch.objection = None
            together = [(insisted, batch) for batch in batches for insisted in batch.writes]
            for insisted, batch in sorted(together, key=lambda pair: pair[0].turn):
                objection = UnitOfWork(connection, batch.now, self._parts).carry_out(insisted.write)
                batch.objection = batch.objection or objection


@dataclass(eq=False)
class _Batch:
    """Writes that were insisted on in one transaction, and what became of them."""

    now: datetime
    writes: Sequence[InsistedWrite]
    done: bool = False
    failure: Exception | None = None
    objection: Exception | None = None


class _GroupCommit:
    """Commits together what several threads want written: whoever comes first writes for those who wait."""

    def __init__(self, write_batches: Callable[[Sequence[_Batch]], None]) -> None:
        self._write_batches = write_batches
        self._committing = Lock()
        self._waiting: deque[_Batch] = deque()

    def write(self, batch: _Batch) -> None:
        """Return once the batch is durable.

        Raises: what kept it from being so.
        """
        self._waiting.append(batch)
        with self._committing:
            if not batch.done:
                self._commit_all()
        if batch.failure is not None:
            raise batch.failure

    def _commit_all(self) -> None:
        together = [self._waiting.popleft() for _ in range(len(self._waiting))]
        failure = self._commit(together)
        if len(together) > 1 and failure is not None and not isinstance(failure, StoreUnavailable):
            # One of them cannot be written, and nobody knows which: the others must not fail for it.
            for batch in together:
                self._commit([batch])

    def _commit(self, together: Sequence[_Batch]) -> Exception | None:
        # What interrupts the thread that writes must not look like success to those who wait.
        failure: Exception | None = StoreUnavailable("the writing was interrupted")
        try:
            self._write_batches(together)
            failure = None
        except Exception as error:  # noqa: BLE001 - it is handed to each of those who wait
            failure = error
        finally:
            for batch in together:
                batch.done, batch.failure = True, failure
        return failure


class _Turn:
    """The right to write, one thread at a time; never waited for longer than the file's own lock would be."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = Lock()
        self._holder: int | None = None

    def __enter__(self) -> None:
        if self._holder == get_ident():
            raise RuntimeError("a unit of work is open in this thread already")
        if not self._lock.acquire(timeout=self._seconds):
            raise StoreUnavailable("writers queue for too long")
        self._holder = get_ident()

    def __exit__(self, *_raised: object) -> None:
        self._holder = None
        self._lock.release()


def _engine(url: str, *, begin: str, read_only: bool = False) -> Engine:
    if not url.startswith("sqlite"):
        engine = create_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True)
        # A reader sees one instant from its first query to its last, as on SQLite.
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        return engine.execution_options(**options) if read_only else engine
    engine = create_engine(url, connect_args={"timeout": SQLITE_BUSY_SECONDS, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own object
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "secure_delete=ON",
        ):
            connection.execute(f"PRAGMA {pragma}").close()
        if read_only:
            connection.execute("PRAGMA query_only=ON").close()

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


@contextmanager
def _store_errors() -> Iterator[None]:
    """Turn a store that cannot work into one typed fact; faults of ours stay what they are."""
    try:
        yield
    except PoolTimeout as error:
        raise StoreUnavailable("no connection came free") from error
    except DBAPIError as error:
        if error.connection_invalidated or _says_it_cannot_work(error.orig):
            raise StoreUnavailable(type(error).__name__) from error
        raise


def _says_it_cannot_work(error: BaseException | None) -> bool:
    """Tell a store without connection, room or patience from a statement that is wrong.

    PostgreSQL's driver has a class for it; SQLite's uses that class for wrong statements too, and has but words.
    Source: PEP 249, OperationalError; PostgreSQL's SQLSTATE classes 08, 40, 53, 55, 57 and 58.
    """
    if isinstance(error, sqlite3.Error):
        words = str(error).lower()
        return "locked" in words or any(sign in words for sign in _REFUSED_BY_THE_DISK)
    return any(kind.__name__ == "OperationalError" for kind in type(error).__mro__)
