"""The matrix in every other state: people leave and join, openings end, the patient closes doors (O4)."""

import pytest

from matrix.cells import cells_of
from matrix.driving import acts_served, drive, one_in, those_of
from matrix.states import BRINGING
from matrix.table import STATES, differing, rows_in
from matrix.world import World

OTHERS = [state for state in STATES if state != "ordinary"]


def test_every_state_of_the_table_is_brought_about() -> None:
    assert set(BRINGING) == set(STATES)


@pytest.mark.parametrize("state", OTHERS)
def test_everybody_gets_what_the_table_says(world: World, state: str) -> None:
    """Those whose row differs at every route; of everybody, what the lists show."""
    with world.put_back():
        BRINGING[state](world)
        cells = cells_of(world, acts_served(world), rows_in(state))
        chosen = one_in(6, those_of(differing(state), cells), state)

        assert drive(world, chosen, label=state) == []


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("state", OTHERS)
def test_everybody_gets_what_the_table_says_everywhere(world: World, state: str) -> None:
    with world.put_back():
        BRINGING[state](world)

        assert (
            drive(world, cells_of(world, acts_served(world), rows_in(state)), label=f"{state}, every cell")
            == []
        )
