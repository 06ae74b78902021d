"""What brings each state of the table about, by the doors that the product itself uses."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from matrix.world import World
from serment import access, identity
from serment.access import Action, EntryId, GrantRequest, Purpose, Section
from serment.access.store import grants


def _team_leaves(world: World) -> None:
    with world.rows.unit_of_work() as uow:
        permit = world.decide(uow, "physician", Action.MANAGE_TEAM)
        access.end_participation(uow, permit, team=identity.TeamId(world.things["team T"]))


def _nurse_leaves(world: World) -> None:
    with world.rows.unit_of_work() as uow:
        permit = world.decide(uow, "physician", Action.MANAGE_TEAM)
        access.end_participation(uow, permit, account=world.people["nurse"].account)


def _somebody_joins(world: World) -> None:
    with world.rows.unit_of_work() as uow:
        for name in ("colleague", "desk"):
            access.join_care_team(uow, world.decide(uow, name, Action.JOIN_TEAM))


def _openings_close(world: World) -> None:
    with world.rows.unit_of_work() as uow:
        permit = world.decide(uow, "physician", Action.SHARE)
        for grant in access.grants_of(uow, permit):
            if grant.revoked_at is None and grant.request.ends_at > uow.now:
                access.revoke_grant(uow, permit, grant.id)


def _openings_end(world: World) -> None:
    """Their last instant was just now; sessions, which end too, stay."""
    with world.rows.unit_of_work() as uow:
        uow.connection.execute(grants.update().values(ends_at=uow.now))


def _answerer_leaves(world: World) -> None:
    _leave(world, "teammate")


def _physician_leaves(world: World) -> None:
    _leave(world, "physician")


def _leave(world: World, name: str) -> None:
    with world.rows.unit_of_work() as uow:
        access.let_go(uow, world.people["administrator"], world.people[name].account)


def _more_is_opened(world: World) -> None:
    """To somebody let in already, another section; to a stranger, and to a colleague one document by name."""
    asked = {
        "reader": (Section.IMAGING, None),
        "stranger": (Section.EXCHANGES, None),
        "colleague": (Section.CLINICAL, frozenset({EntryId(world.entries["note"])})),
    }
    with world.rows.unit_of_work() as uow:
        permit, until = world.decide(uow, "physician", Action.SHARE), uow.now + timedelta(days=1)
        for name, (section, entries) in asked.items():
            account, sections = world.people[name].account, frozenset({section})
            access.grant_access(
                uow, permit, GrantRequest(account, None, sections, entries, Purpose.CARE, until)
            )


BRINGING: Mapping[str, Callable[[World], None]] = {
    "ordinary": lambda _world: None,
    "the team has left": _team_leaves,
    "the nurse has left the care": _nurse_leaves,
    "somebody has joined": _somebody_joins,
    "the openings are closed": _openings_close,
    "the openings have ended": _openings_end,
    "who answered for an opening has left": _answerer_leaves,
    "more was opened": _more_is_opened,
    "the physician has left": _physician_leaves,
}
