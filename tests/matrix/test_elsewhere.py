"""The matrix beside the dossier: other dossiers, none at all, and what is no act on a dossier (O4)."""

import pytest

from matrix.cells import cells_of, cells_of_finding, cells_of_roles
from matrix.driving import acts_served, drive, sampled
from matrix.requests import request_for
from matrix.table import ELSEWHERE, STATES, roles, rows_in, rows_of
from matrix.wire import ask
from matrix.world import World
from support.apart import run_apart


@pytest.mark.parametrize("place", ELSEWHERE)
def test_another_dossier_gives_what_the_table_says(world: World, place: str) -> None:
    cells = sampled(cells_of(world, acts_served(world), rows_of(place), place), place, entries=40, dossiers=8)

    assert drive(world, cells, label=f"the dossier that is {place}") == []


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("place", ELSEWHERE)
def test_another_dossier_gives_what_the_table_says_everywhere(world: World, place: str) -> None:
    cells = cells_of(world, acts_served(world), rows_of(place), place)

    assert drive(world, cells, label=f"the dossier that is {place}, every cell") == []


def test_accounts_people_and_teams_give_what_the_table_says(world: World) -> None:
    cells = sampled(cells_of_roles(world, acts_served(world), roles()), "", entries=1, dossiers=2)

    assert drive(world, cells, label="accounts, people, teams") == []


def test_patients_are_found_by_those_whom_the_table_names(world: World) -> None:
    assert drive(world, cells_of_finding(world, rows_in("ordinary")), label="finding") == []


def test_every_route_is_in_the_matrix(world: World) -> None:
    """None is left out by the way the cells are made."""
    acts = acts_served(world)
    driven = {cell.door for cell in cells_of(world, acts, rows_in("ordinary"))}
    driven |= {cell.door for cell in cells_of_roles(world, acts, roles())}
    driven |= {cell.door for cell in cells_of_finding(world, rows_in("ordinary"))}

    assert {door for door, act in acts.items() if door not in driven and not act.is_open} == set()
    assert len(STATES) > 1


def test_session_of_somebody_else_is_not_ended(world: World) -> None:
    """The answer is the same whoever's session the address names; only one's own is ended."""
    end, home = "POST /account/security/sessions/{session:uuid}/end", "GET /patients"
    with world.put_back():
        for who in ("nurse", "administrator", "stranger"):
            run_apart(ask(world.app, request_for(world, end, who, {})))

        assert run_apart(ask(world.app, request_for(world, home, "physician", {}))).status == 200
