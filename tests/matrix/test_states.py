"""The matrix in every other state: people leave and join, openings end, the patient closes doors (O4)."""

import pytest

from matrix.cells import cells_of, unconfirmed
from matrix.driving import acts_served, drive, lists_in, sampled, those_of
from matrix.states import BRINGING, confirmations_grow_old
from matrix.table import CONFIRMED, CONFIRMED_BY_ALL, STATES, differing, rows_in
from matrix.world import World

OTHERS = [state for state in STATES if state != "ordinary"]


def test_every_state_of_the_table_is_brought_about() -> None:
    assert set(BRINGING) == set(STATES)


@pytest.mark.parametrize("state", OTHERS)
def test_everybody_gets_what_the_table_says(world: World, state: str) -> None:
    """Of those whose row differs, every list and a part of all routes; of the others, a part of the lists."""
    with world.put_back():
        BRINGING[state](world)
        everything = list(cells_of(world, acts_served(world), rows_in(state)))
        theirs = list(those_of(differing(state), everything))
        cells = [*lists_in(theirs), *sampled(lists_in(everything), state, entries=1, dossiers=3)]
        cells += sampled(theirs, state, entries=16, dossiers=12)

        assert drive(world, cells, label=state) == []


def test_acts_that_give_rights_are_confirmed_anew(world: World) -> None:
    with world.put_back():
        confirmations_grow_old(world)
        everything = [unconfirmed(one) for one in cells_of(world, acts_served(world), rows_in("ordinary"))]
        asked = [
            one for one in everything if one.expected == "to confirm" and one.door not in CONFIRMED_BY_ALL
        ]
        others = sampled(everything, "unconfirmed", entries=100, dossiers=20)

        assert {one.door for one in asked} == CONFIRMED - CONFIRMED_BY_ALL
        assert drive(world, [*asked, *others], label="no factor proved of late") == []


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
