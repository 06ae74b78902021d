"""Every route of the server declares what it asks, and asks what it declares (O4)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

import pytest

from matrix.cells import LETTERS, Cell, cells_of
from matrix.driving import acts_served, served
from matrix.table import rows_in
from matrix.wire import ask
from matrix.world import DOCUMENTS, World
from serment import access, ledger, vault
from serment.edge.acts import Need, Where, read_acts
from support.apart import run_apart

ADVICE = """
{count} of the server's routes say nowhere what they ask. Write a line for each in the table of
src/serment/edge/acts.py, such as

{lines}

Who may ask, where no dossier is named:  anyone | oneself | each | professional | administrator | dpo | head
What is decided about a dossier:         <action> <where>, the decisions in their order, set apart by commas;
                                         where: dossier | anywhere | entry | circle | a section by its name
Then run tests/matrix: an act on a dossier is driven for everybody at once. Where an empty form is answered "absent"
to those who are let in, give an example in tests/matrix/requests.py; where people differ in a new way, add a row, a
column or a state to tests/matrix/table.py, by hand, from what the rule is meant to be.
"""
#: A decision as the trail tells it: the action, and the section or "dossier".
Told = tuple[str, str]
#: What a route decides besides, because what it shows besides has a decision of its own.
#: A line of the trail is told with the titles of its documents.
_TITLES = frozenset({("list", "dossier")})
BESIDES: Mapping[str, Collection[Told]] = {
    "GET /dossiers/{dossier:uuid}/trail": _TITLES,
    "GET /dossiers/{dossier:uuid}/trail/bundle": _TITLES,
    "GET /dossiers/{dossier:uuid}/trail/contest/{trace:uuid}": _TITLES,
    "POST /dossiers/{dossier:uuid}/trail/contest/{trace:uuid}": _TITLES,
}


def test_every_route_declares_what_it_asks(world: World) -> None:
    acts = read_acts()
    missing = [door for door in served(world, everything=True) if door not in acts]

    assert not missing, ADVICE.format(
        count=len(missing), lines="\n".join(f"{door:<66} {_guess(door)}" for door in missing)
    )


def test_nothing_is_declared_that_is_not_served(world: World) -> None:
    gone = set(read_acts()) - set(served(world, everything=True))

    assert not gone, f"take these lines out of src/serment/edge/acts.py: {sorted(gone)}"


def test_every_route_that_names_a_dossier_declares_a_decision(world: World) -> None:
    open_to_all = [
        door
        for door, act in acts_served(world).items()
        if ("{dossier" in door or "{entry" in door) and not act.needs and not door.startswith("OPTIONS ")
    ]

    assert open_to_all == []


def test_matrix_knows_every_action() -> None:
    missing = set(access.Action) - set(LETTERS)

    assert not missing, (
        f"give {sorted(missing)} a letter in tests/matrix/cells.py, and write who has it in table.py"
    )


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ("GET /x anyone\nGET /x oneself", "declared twice"),
        ("GET /x somebody dossier", "somebody"),
        ("GET /x read nowhere", "nowhere"),
    ],
)
def test_line_that_says_nothing_is_refused(table: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        read_acts(table)


def test_routes_decide_what_they_declare(world: World) -> None:
    """What the trail holds after a request: decisions that the route declares, the first of them in any case.

    Somebody without any tie is refused at the first decision; the physician passes, and all that is decided is seen.
    """
    acts, wrong = acts_served(world), []
    chosen = {"physician", "stranger", "key of all", "key of stranger"}
    rows = {who: row for who, row in rows_in("ordinary").items() if who in chosen}
    for cell in cells_of(world, acts, rows):
        if cell.thing not in {"dossier", "letter"}:
            continue
        declared = [_told(need, cell.thing) for need in acts[cell.door].needs]
        with world.put_back():
            decided = _decided_by(world, cell)
        first_is_missing = "stranger" in cell.who and declared[0][0] not in dict(decided)
        beyond = {one for one in decided if not _covered(one, declared, BESIDES.get(cell.door, ()))}
        if beyond or first_is_missing:
            wrong.append(f"{cell.who} · {cell.door}: decided {sorted(decided)}, declares {declared}")

    assert wrong == []


def _decided_by(world: World, cell: Cell) -> set[Told]:
    """Return the decisions that a request leaves in the trail of the dossier."""
    before = {recorded.id for recorded in _trail(world)}
    run_apart(ask(world.app, cell.request))
    fresh = [recorded.trace for recorded in _trail(world) if recorded.id not in before]
    actions = {action.value for action in access.Action}
    told = [(trace.kind.removeprefix("dossier."), trace.category) for trace in fresh]
    return {(kind, category) for kind, category in told if kind in actions}


def _trail(world: World) -> tuple[ledger.RecordedTrace, ...]:
    house, martin = world.houses["A"].id, world.dossiers["martin"]
    with world.rows.reading() as uow:
        until = uow.now + timedelta(minutes=1)
        warrant = uow.part(vault.Notary).issue(
            organisation=house, dossier=martin, compartments=frozenset({"trace"}), until=until
        )
        return ledger.read_trail(uow, house, martin, warrant, limit=40)


def _covered(decided: Told, declared: Sequence[Told], besides: Collection[Told]) -> bool:
    """What may be anywhere in the dossier is decided about a section that a form names; what is absent has none."""
    if decided in declared or decided in besides:
        return True
    return any(decided[0] == action and "dossier" in {decided[1], place} for action, place in declared)


def _told(need: Need, thing: str) -> Told:
    """Return how the trail tells a decision: the action, and the section or "dossier"."""
    match need.where:
        case Where.ANYWHERE | Where.WHOLE:
            return need.action.value, "dossier"
        case Where.CIRCLE:
            return need.action.value, "identity"
        case Where.ENTRY:
            return need.action.value, DOCUMENTS[thing][0].value
        case _:
            return need.action.value, need.where.value


def _guess(door: str) -> str:
    """Return the beginning of a line for a route: whoever writes it knows better."""
    if "{entry" in door:
        return "read entry"
    return "read identity" if "{dossier" in door else "oneself"
