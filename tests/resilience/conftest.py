"""What every test of this folder starts from: a small installation, copied, and a physician signed in to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.server import RunningServer, serving
from support.visitor import Prepared, Visitor, prepare_visit, visiting


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Made once, never served."""
    return prepare_visit(tmp_path_factory.mktemp("resilience") / "data")


@pytest.fixture
def prepared(original: Prepared, tmp_path: Path) -> Prepared:
    return original.copy_to(tmp_path / "data")


@pytest.fixture(scope="module")
def shared_server(original: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One server for the tests of a module that must leave it standing."""
    copy = original.copy_to(tmp_path_factory.mktemp("shared") / "data")
    with serving(copy.data) as server:
        yield server


@pytest.fixture
def visitor(shared_server: RunningServer, original: Prepared) -> Iterator[Visitor]:
    with visiting(shared_server.origin, original) as visitor:
        yield visitor
