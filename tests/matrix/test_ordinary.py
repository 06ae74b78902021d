"""The matrix on an ordinary day: everybody, at every route that is decided about one dossier (O4, LAW-52)."""

import pytest

from matrix.cells import cells_of
from matrix.driving import acts_served, drive, lists_in, sampled
from matrix.table import rows_in
from matrix.world import World


def test_everybody_gets_what_the_table_says(world: World) -> None:
    everything = list(cells_of(world, acts_served(world), rows_in("ordinary")))
    cells = [*lists_in(everything), *sampled(everything, "", entries=24, dossiers=4)]

    assert drive(world, cells, label="an ordinary day") == []


@pytest.mark.long
@pytest.mark.timeout(600)
def test_everybody_gets_what_the_table_says_of_every_document(world: World) -> None:
    cells = cells_of(world, acts_served(world), rows_in("ordinary"))

    assert drive(world, cells, label="an ordinary day, every cell") == []
