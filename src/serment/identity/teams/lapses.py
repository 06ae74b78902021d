"""What becomes of memberships that nobody confirmed: first everybody concerned is told, then they end by themselves."""

from dataclasses import replace

from serment.identity.directory import store as directory
from serment.identity.directory.organisations import worker_of
from serment.identity.errors import TeamNotFound
from serment.identity.events.trail import Event, leave_trace
from serment.identity.model import Quality, Role, TeamId
from serment.identity.teams import store
from serment.identity.teams.memberships import end_membership_now, write_membership
from serment.identity.teams.store import Membership
from serment.identity.vocabulary import EventKind
from serment.kernel import OrganisationId, UnitOfWork

_AT_ONCE = 500


def tell_of_lapsing(uow: UnitOfWork) -> int:
    """Tell members whose confirmation is overdue that their membership will end, and who can say otherwise."""
    found = store.lapsing(uow, _AT_ONCE)
    for team in sorted({membership.team for membership in found}):
        overdue = [membership for membership in found if membership.team == team]
        _tell(uow, team, overdue)
    return len(found)


def end_lapsed_memberships(uow: UnitOfWork) -> int:
    """End the memberships that nobody confirmed in time; they opened nothing any more since that instant."""
    found = store.lapsed(uow, _AT_ONCE)
    for membership in found:
        organisation = _organisation(uow, membership.team)
        end_membership_now(uow, organisation, membership)
        actor, detail = worker_of(organisation), {"team": str(membership.team)}
        kind, account = EventKind.MEMBERSHIP_LAPSED, membership.account
        leave_trace(uow, Event(kind, organisation, actor, account, detail=detail))
    return len(found)


def _tell(uow: UnitOfWork, team: TeamId, overdue: list[Membership]) -> None:
    organisation = _organisation(uow, team)
    actor, detail = worker_of(organisation), {"team": str(team)}
    for membership in overdue:
        write_membership(uow, organisation, replace(membership, warned_at=uow.now))
        event = Event(EventKind.MEMBERSHIP_LAPSING, organisation, actor, membership.account, detail=detail)
        leave_trace(uow, event)
    heads = {one.account for one in store.members_of(uow, team) if one.quality is Quality.HEAD}
    rows = directory.accounts_of(uow, organisation)
    administrators = {row.id for row in rows if row.role is Role.ADMINISTRATOR}
    for account in sorted(heads | administrators):
        event = Event(EventKind.TEAM_REVIEW_OVERDUE, organisation, actor, told=account, detail=detail)
        leave_trace(uow, event)


def _organisation(uow: UnitOfWork, team: TeamId) -> OrganisationId:
    found = store.load_team(uow, team)
    if found is None:
        raise TeamNotFound(str(team))
    return found.organisation
