"""No path to a dossier without a decision (O4): its door asks for a Permit, or for the caller to decide about."""

import ast

from architecture.house import Module, module_named, public_names

#: Functions of the door that take a transaction and neither: they give nothing of a dossier to anybody.
NOBODY_ASKS = {
    "check_rows": "authenticates seals and gives back nothing of them",
    "discard_expired": "takes unfinished uploads away",
    "keep_progress": "writes which parts are durable; whoever holds the reception was let in",
    "leave_upload": "gives the turn to send bytes back",
}
TRANSACTIONS = {"uow", "database"}
DECIDED = {"permit", "permits", "caller"}


def test_the_door_of_the_dossier_asks_for_a_decision() -> None:
    taking = {name: _parameters(node) for name, node in _door_functions("dossier").items()}
    open_to_all = {
        name for name, parameters in taking.items() if parameters & TRANSACTIONS and not parameters & DECIDED
    }

    assert open_to_all == set(NOBODY_ASKS)


def test_grants_and_care_teams_ask_for_a_decision() -> None:
    taking = {name: _parameters(node) for name, node in _door_functions("access").items()}
    open_to_all = {
        name for name, parameters in taking.items() if parameters & TRANSACTIONS and not parameters & DECIDED
    }

    # Which organisation holds a dossier names nobody; the worker ends what departures end, and gives nothing back. An
    # inquiry on the machine itself opens trails and nothing else, and leaves a trace in each. What is usual for an
    # account is learned at night from counts. What a check of all rows is given are places and digests.
    assert open_to_all == {
        "custodian",
        "carry_out_departures",
        "raise_alarm",
        "open_trails_from_console",
        "grant_in_question",
        "learn_habits",
        "check_rows",
    }


def _door_functions(package: str) -> dict[str, ast.FunctionDef]:
    """Return the functions that a door lists, by name."""
    door = module_named(f"serment.{package}")
    assert door is not None
    return {
        node.name: node
        for taken in door.imports
        if taken.bound_as in public_names(f"serment.{package}")
        for node in _body(module_named(taken.module))
        if isinstance(node, ast.FunctionDef) and node.name == taken.name
    }


def _body(module: Module | None) -> list[ast.stmt]:
    return [] if module is None else module.tree.body


def _parameters(function: ast.FunctionDef) -> set[str]:
    arguments = function.args
    return {argument.arg for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]}
