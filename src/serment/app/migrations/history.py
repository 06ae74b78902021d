"""Bring a database to the newest revision that this release knows, and refuse one that a later release wrote."""

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, MetaData, text

from serment import access, dossier, identity, kernel, ledger, vault, vigilance
from serment.app.errors import DatabaseGone, SchemaNewer

_HERE = Path(__file__).parent
#: On PostgreSQL, two nodes that start together take turns.
_TURN = text("SELECT pg_advisory_xact_lock(7303014)")
#: Whose tables are in the row database, and therefore in its history.
_OWNERS = (kernel, ledger, identity, access, dossier, vigilance)


@dataclass(frozen=True)
class History:
    """The revisions of one database; `tables` is where they must lead."""

    name: str
    tables: MetaData

    def configuration(self, connection: Connection) -> Config:
        """Return Alembic's view of this history on one connection."""
        config = Config()
        config.set_main_option("script_location", str(_HERE / self.name))
        config.set_main_option("file_template", "r%%(rev)s_%%(slug)s")
        config.attributes.update(connection=connection, tables=self.tables)
        return config

    def newest(self) -> str | None:
        """Return the last revision that this release knows."""
        return self._scripts().get_current_head()

    def knows(self, revision: str) -> bool:
        """Tell whether a revision is one of this release or of an earlier one."""
        try:
            return self._scripts().get_revision(revision) is not None
        except CommandError:
            return False

    def _scripts(self) -> ScriptDirectory:
        return ScriptDirectory(str(_HERE / self.name))


ROWS = History("rows", kernel.metadata)
KEYS = History("keys", vault.key_metadata)


def upgrade(database: kernel.Database, history: History) -> None:
    """Bring a database to the newest revision, whole or not at all.

    Raises:
        SchemaNewer: a later release wrote it.
        StoreUnavailable: it cannot be reached.
    """
    with database.unit_of_work() as uow:
        if uow.connection.dialect.name == "postgresql":
            uow.connection.execute(_TURN)
        current = _current(uow.connection)
        if current is not None and not history.knows(current):
            raise SchemaNewer(_newer(history))
        if current != history.newest():
            command.upgrade(history.configuration(uow.connection), "head")


def insist_begun(database: kernel.Database, history: History) -> None:
    """Return if a database has been brought to any revision: it is the one of this installation, not an empty one.

    Raises:
        DatabaseGone: nothing is in it.
    """
    with database.reading() as uow:
        if _current(uow.connection) is None:
            raise DatabaseGone(
                f"The {history.name} database is empty, though this installation has written to one. Is its disk "
                "mounted, and its address right? Nothing was changed."
            )


def insist_known(database: kernel.Database, history: History) -> str:
    """Return the revision of a database that is up to date.

    Raises:
        SchemaNewer: it is of another release than this one.
    """
    with database.reading() as uow:
        current = _current(uow.connection)
    if current is None or current != history.newest():
        fact = _newer(history) if current and not history.knows(current) else _older(history)
        raise SchemaNewer(fact)
    return current


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _newer(history: History) -> str:
    return (
        f"The {history.name} database was written by a later release of Serment than this one. "
        "Nothing was changed: install that release."
    )


def _older(history: History) -> str:
    return f"The {history.name} database is of an earlier release. Start serment serve once: it brings it up to date."
