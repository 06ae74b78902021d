"""Fixtures that every test may ask for; each domain adds its own in `tests/support`."""

import gc
import os
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import util
from pathlib import Path
from uuid import uuid4
from zlib import crc32

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

#: How the names of files begin that come through the pages: each test of theirs is put to one kind of database, half
#: of them to each. What differs between the two is in the domains, whose own tests go to both.
_THROUGH_PAGES = ("test_pages_", "test_fhir_", "test_edge_", "test_thr_", "test_session_", "test_lost_")
_KINDS = ("sqlite", "postgresql")

_OBJECTS_BETWEEN_COLLECTIONS = 50_000


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the other kind of database is asked, and begin with the longest files.

    With the longest first, no worker is left alone with one of them at the end.
    """
    asked: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        (left_out if _is_for_the_other_kind(item) else asked).append(item)
    items[:] = sorted(asked, key=_is_of_a_short_file)
    config.hook.pytest_deselected(items=left_out)


def _is_for_the_other_kind(item: pytest.Item) -> bool:
    """Tell whether a test that comes through the pages has its turn on the other kind of database.

    `SERMENT_EVERY_KIND` puts every test to both.
    """
    case = getattr(item, "callspec", None)
    kind = case.params.get("database_url") if case else None
    if (
        not item.path.stem.startswith(_THROUGH_PAGES)
        or kind not in _KINDS
        or "SERMENT_EVERY_KIND" in os.environ
    ):
        return False
    test = re.sub("|".join(_KINDS), "", item.nodeid)
    return _KINDS.index(kind) != crc32(test.encode()) % len(_KINDS)


def pytest_collection_finish() -> None:
    """Let the collector look at what tests make, not again and again at the thousands of tests themselves."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, 20, 20)


def _is_of_a_short_file(item: pytest.Item) -> bool:
    """Tell whether a file drives no browser, starts no servers, and asks no thousands of questions."""
    folders = {"journeys", "resilience", "noninterference", "matrix"}
    return not (
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
