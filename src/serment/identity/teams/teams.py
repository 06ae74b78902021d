"""Teams of an organisation; administrators make them, and what they change holds from the next request on."""

from datetime import datetime

from serment.identity.directory.accounts import account_in_reach, require_administrator
from serment.identity.errors import MembershipNotFound, NotPermitted, TeamNotFound
from serment.identity.events.trail import Event, leave_trace
from serment.identity.model import Caller, Role, TeamId
from serment.identity.teams import store
from serment.identity.teams.store import Membership, Team
from serment.identity.vocabulary import EventKind
from serment.kernel import AccountId, OrganisationId, UnitOfWork, new_id


def create_team(uow: UnitOfWork, caller: Caller, name: str) -> Team:
    """Create a team in the administrator's organisation.

    Raises:
        NotPermitted: the caller is no administrator.
    """
    require_administrator(caller)
    team = Team(TeamId(new_id()), caller.organisation, name, uow.now)
    store.add_team(uow, team)
    _trace(uow, caller, EventKind.TEAM_CREATED, team.id, None)
    return team


def add_member(
    uow: UnitOfWork, caller: Caller, team: TeamId, account: AccountId, *, until: datetime | None = None
) -> Membership:
    """Put an account in a team from now on, for good or until an instant.

    Raises:
        NotPermitted: the caller is no administrator, or the account is a patient's.
        TeamNotFound, AccountNotFound: no such team or account in the caller's organisation.
    """
    require_administrator(caller)
    _in_reach(uow, caller, team)
    if account_in_reach(uow, caller, account).role is Role.PATIENT:
        raise NotPermitted("patients are in no team")
    store.end_membership(uow, team, account)
    membership = Membership(new_id(), team, account, uow.now, until)
    store.add_membership(uow, membership)
    _trace(uow, caller, EventKind.MEMBER_ADDED, team, account)
    return membership


def end_membership(uow: UnitOfWork, caller: Caller, team: TeamId, account: AccountId) -> None:
    """Take an account out of a team, now.

    Raises:
        NotPermitted: the caller is no administrator.
        TeamNotFound: no such team in the caller's organisation.
        MembershipNotFound: the account is not in it.
    """
    require_administrator(caller)
    _in_reach(uow, caller, team)
    if not store.end_membership(uow, team, account):
        raise MembershipNotFound(str(team))
    _trace(uow, caller, EventKind.MEMBERSHIP_ENDED, team, account)


def teams_of(uow: UnitOfWork, account: AccountId) -> frozenset[TeamId]:
    """Return the teams in which an account is now; every decision asks, so it is one indexed query."""
    return store.teams_of(uow, account)


def list_teams(uow: UnitOfWork, organisation: OrganisationId) -> tuple[Team, ...]:
    """Return the teams of an organisation, by name."""
    return store.teams_in(uow, organisation)


def members_of(uow: UnitOfWork, team: TeamId) -> tuple[Membership, ...]:
    """Return who is in a team now, the longest there first."""
    return store.members_of(uow, team)


def _in_reach(uow: UnitOfWork, caller: Caller, team: TeamId) -> None:
    found = store.load_team(uow, team)
    if found is None or found.organisation != caller.organisation:
        raise TeamNotFound(str(team))


def _trace(uow: UnitOfWork, caller: Caller, kind: EventKind, team: TeamId, account: AccountId | None) -> None:
    event = Event(kind, caller.organisation, caller.actor, account, detail={"team": str(team)})
    leave_trace(uow, event)
