"""The world of the matrix, made once a file."""

from collections.abc import Iterator

import pytest

from matrix.world import World, opened_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened_world(tmp_path_factory.mktemp("matrix")) as made:
        yield made
