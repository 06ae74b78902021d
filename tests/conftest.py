"""Fixtures that every test may ask for; each domain adds its own in `tests/support`."""

import gc
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import util
from pathlib import Path
from uuid import uuid4

import pytest

from serment import kernel
from support.haste import hasten
from support.postgresql import PostgresqlServer, start_postgresql

pytest_plugins = [
    f"support.{name}"
    for name in (
        "vault",
        "ledger",
        "identity",
        "access",
        "dossier",
        "look",
        "edge",
        "entrance",
        "browser",
        "server",
        "oidc_provider",
    )
    if util.find_spec(f"support.{name}")
]

#: How the names of other long files begin.
_LONG_FILES = (
    "test_app_",
    "test_protocol_and_credential",
    "test_identity_asvs",
    "test_demonstration_documents",
)

_OBJECTS_BETWEEN_COLLECTIONS = 50_000


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files, so that at the end no worker is left alone with one of them."""
    items.sort(key=lambda item: not _is_of_a_long_file(item))


def pytest_collection_finish() -> None:
    """Let the collector look at what tests make, not again and again at the thousands of tests themselves."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, 20, 20)


def _is_of_a_long_file(item: pytest.Item) -> bool:
    """Tell whether a file drives a browser, starts servers, or asks thousands of questions."""
    folders = {"journeys", "resilience", "noninterference", "matrix"}
    return (
        bool(folders & set(item.path.parts))
        or item.path.stem.startswith(_LONG_FILES)
        or item.path.stem.endswith("_browser")
    )


def missing(what: str) -> None:
    """Skip for want of `what`; where everything must be there (SERMENT_REQUIRE_ALL), fail instead."""
    if os.environ.get("SERMENT_REQUIRE_ALL"):
        pytest.fail(f"{what} is missing and SERMENT_REQUIRE_ALL is set")
    pytest.skip(f"{what} is missing on this machine")


@pytest.fixture
def clock() -> kernel.SettableClock:
    return kernel.SettableClock(datetime(2026, 3, 12, 9, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    server = start_postgresql()
    if server is None:
        missing("PostgreSQL (from a wheel or from the system)")
        return
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh row database; on PostgreSQL it has its tables, on SQLite it does not exist yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'rows.sqlite'}"
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    with server.database(f"test_{uuid4().hex}") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    with server.empty_database(f"test_{uuid4().hex}") as url:
        yield url


@pytest.fixture(scope="session")
def empty_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database that has our tables, to be copied: making them anew takes longer than most tests."""
    file = tmp_path_factory.mktemp("tables") / "rows.sqlite"
    template = kernel.Database(f"sqlite:///{file}", clock=kernel.SystemClock())
    template.create_tables(kernel.metadata)
    template.close()
    return file


@pytest.fixture
def database(database_url: str, clock: kernel.SettableClock, empty_tables: Path) -> Iterator[kernel.Database]:
    """A fresh row database, once on SQLite and once on PostgreSQL."""
    if database_url.startswith("sqlite"):
        shutil.copyfile(empty_tables, database_url.removeprefix("sqlite:///"))
    opened = hasten(kernel.Database(database_url, clock=clock))
    yield opened
    opened.close()


@pytest.fixture
def embedded_database(
    tmp_path: Path, clock: kernel.SettableClock, empty_tables: Path
) -> Iterator[kernel.Database]:
    """A fresh SQLite row database, for what the kind of database cannot change."""
    file = shutil.copyfile(empty_tables, tmp_path / "embedded.sqlite")
    opened = hasten(kernel.Database(f"sqlite:///{file}", clock=clock))
    yield opened
    opened.close()
