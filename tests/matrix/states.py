"""What brings each state of the table about, by the doors that the product itself uses."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from matrix.world import World
from serment import access, identity, kernel
from serment.access import Action, EntryId, GrantRequest, Purpose, Relation, Section
from serment.access.brake.model import Freeze, FreezeId, Measure
from serment.access.brake.store import freeze
from serment.access.store import grants
from serment.identity.sessions.store import sessions


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


def _close(
    against: access.Against, who: str | None = None, section: Section | None = None, name: str | None = None
) -> Callable[[World], None]:
    """The patient closes: to somebody or to all of a kind, a section, a document, or everything."""

    def closing(world: World) -> None:
        account = None if who is None else world.people[who].account
        entry = None if name is None else EntryId(world.entries[name])
        with world.rows.unit_of_work() as uow:
            permit = world.decide(uow, "patient", Action.CONTROL)
            access.restrict(uow, permit, access.RestrictionRequest(against, account, section, entry))

    return closing


def _physician_reserves(world: World) -> None:
    with world.rows.unit_of_work() as uow:
        permit = world.decide(uow, "physician", Action.SHARE)
        entry = EntryId(world.entries["letter"])
        access.restrict(uow, permit, access.RestrictionRequest(access.Against.DELEGATES, entry=entry))


def _relatives_stop(world: World) -> None:
    with world.rows.unit_of_work() as uow:
        own, sharing = (
            world.decide(uow, "patient", Action.CONTROL),
            world.decide(uow, "physician", Action.SHARE),
        )
        access.end_delegation(uow, own, access.DelegationId(world.things["trust"]))
        ended = access.DelegationId(world.things["guardianship"])
        access.end_delegation(uow, sharing, ended, reason="Mainlevée")


def _patient_dies(world: World) -> None:
    with world.rows.unit_of_work() as uow:
        access.declare_deceased(uow, world.decide(uow, "physician", Action.MANAGE_TEAM), uow.now.date())


def _emergency(reason: access.EmergencyReason) -> Callable[[World], None]:
    """A colleague without any part in the care opens two sections, for a while."""

    def opening(world: World) -> None:
        sections = frozenset({Section.CLINICAL, Section.SENSITIVE})
        request = access.EmergencyRequest(reason, sections, timedelta(minutes=30))
        with world.rows.unit_of_work() as uow:
            permit = world.decide(uow, "colleague", Action.OPEN_EMERGENCY)
            access.open_emergency(uow, permit, request)

    return opening


def _vital_emergency_behind_closed_doors(world: World) -> None:
    _close(access.Against.PROFESSIONALS)(world)
    _emergency(access.EmergencyReason.LIFE_AT_RISK)(world)


def _other_emergency_behind_closed_doors(world: World) -> None:
    _close(access.Against.PROFESSIONALS)(world)
    _emergency(access.EmergencyReason.TEAM_UNREACHABLE)(world)


def _vital_emergency_of_somebody_kept_away(world: World) -> None:
    _close(access.Against.PERSON, "colleague", Section.CLINICAL)(world)
    _emergency(access.EmergencyReason.LIFE_AT_RISK)(world)


def _brake_stops(world: World) -> None:
    physician = world.people["physician"]
    with world.rows.unit_of_work() as uow:
        stopped = Freeze(
            FreezeId(kernel.new_id()), physician.account, physician.organisation, Measure.DOSSIERS, uow.now
        )
        freeze(uow, stopped)


def confirmations_grow_old(world: World) -> None:
    """Everybody proved their factors an hour ago, and has not since."""
    with world.rows.unit_of_work() as uow:
        uow.connection.execute(sessions.update().values(stepped_up_at=uow.now - timedelta(hours=1)))


def _matrix_changes(world: World) -> None:
    """Nurses correct images and share nothing more; biologists lose the exchanges, secretaries the images."""
    administrator = world.people["administrator"]
    with world.rows.unit_of_work() as uow:
        held = access.current_matrix(uow, administrator.organisation)
        keeping = frozenset({Action.LIST, Action.READ, Action.FILE, Action.AMEND, Action.WITHDRAW})
        care, of = Relation.CARE_TEAM, identity.Profession
        proposed = held.with_rights(care, of.NURSE, Section.IMAGING, keeping)
        proposed = proposed.with_rights(care, of.BIOLOGIST, Section.EXCHANGES, ())
        proposed = proposed.with_rights(care, of.SECRETARY, Section.IMAGING, ())
        proposed = replace(
            proposed, manages_team=frozenset({of.PHYSICIAN}), reads_trail=frozenset({of.NURSE})
        )
        access.adopt_matrix(uow, administrator, proposed, held.version)


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
    "a document is closed to professionals": _close(access.Against.PROFESSIONALS, name="note"),
    "a section is closed to professionals": _close(access.Against.PROFESSIONALS, section=Section.CLINICAL),
    "everything is closed to professionals": _close(access.Against.PROFESSIONALS),
    "a section is closed to the nurse": _close(access.Against.PERSON, "nurse", Section.CLINICAL),
    "a document is closed to the expert": _close(access.Against.PERSON, "expert", None, "letter"),
    "everything is closed to relatives": _close(access.Against.DELEGATES),
    "everything is closed to the guardian": _close(access.Against.PERSON, "guardian"),
    "a document is reserved to the patient": _physician_reserves,
    "nobody acts for the patient any more": _relatives_stop,
    "the patient has died": _patient_dies,
    "an emergency is open": _emergency(access.EmergencyReason.TEAM_UNREACHABLE),
    "a vital emergency is open behind closed doors": _vital_emergency_behind_closed_doors,
    "another emergency is open behind closed doors": _other_emergency_behind_closed_doors,
    "a vital emergency is open of somebody kept away": _vital_emergency_of_somebody_kept_away,
    "who gave an opening is kept away": _close(access.Against.PERSON, "teammate", Section.CLINICAL),
    "the brake stopped the physician": _brake_stops,
    "another matrix was adopted": _matrix_changes,
}
