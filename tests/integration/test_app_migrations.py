"""The revisions lead to the very tables that the stores declare, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from serment import kernel, vault
from serment.app import migrations
from serment.app.errors import SchemaNewer

HISTORIES = (migrations.ROWS, migrations.KEYS)


@pytest.fixture
def bare(empty_database_url: str, clock: kernel.SettableClock) -> Iterator[kernel.Database]:
    """A database without any table."""
    opened = kernel.Database(empty_database_url, clock=clock)
    yield opened
    opened.close()


def _set_revision(database: kernel.Database, revision: str) -> None:
    with database.unit_of_work() as uow:
        uow.connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history.name)
def test_migrated_tables_are_those_that_stores_declare(
    bare: kernel.Database, history: migrations.History
) -> None:
    migrations.upgrade(bare, history)

    with bare.unit_of_work() as uow:
        context = MigrationContext.configure(uow.connection, opts={"compare_type": True})
        assert compare_metadata(context, history.tables) == []


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history.name)
def test_an_upgrade_can_be_repeated(bare: kernel.Database, history: migrations.History) -> None:
    migrations.upgrade(bare, history)
    migrations.upgrade(bare, history)

    assert migrations.insist_known(bare, history) == history.newest()


def test_tables_of_the_two_databases_are_apart() -> None:
    assert not set(kernel.metadata.tables) & set(vault.key_metadata.tables)


def test_a_database_of_a_later_release_is_refused_and_left_alone(bare: kernel.Database) -> None:
    migrations.upgrade(bare, migrations.ROWS)
    _set_revision(bare, "9999")

    with pytest.raises(SchemaNewer, match="later release"):
        migrations.upgrade(bare, migrations.ROWS)
    with pytest.raises(SchemaNewer, match="later release"):
        migrations.insist_known(bare, migrations.ROWS)
    with bare.reading() as uow:
        assert uow.connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"


def test_a_database_that_was_never_migrated_asks_for_it(bare: kernel.Database) -> None:
    with pytest.raises(SchemaNewer, match="serment serve once"):
        migrations.insist_known(bare, migrations.ROWS)


def test_a_migration_that_fails_leaves_nothing_behind(bare: kernel.Database, tmp_path: Path) -> None:
    with bare.unit_of_work() as uow:
        uow.connection.execute(text("CREATE TABLE sessions (id INTEGER)"))

    with pytest.raises(Exception, match="sessions"):
        migrations.upgrade(bare, migrations.ROWS)

    with bare.reading() as uow:
        assert MigrationContext.configure(uow.connection).get_current_revision() is None
        names = uow.connection.dialect.get_table_names(uow.connection)
    assert names == ["sessions"]
