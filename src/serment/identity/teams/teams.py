"""Teams of an organisation; administrators make them, and what they change holds from the next request on."""

from datetime import datetime

from serment.identity.directory.accounts import account_in_reach, require_administrator
from serment.identity.errors import MembershipNotFound, NotPermitted, TeamNotFound
from serment.identity.events.trail import Event, leave_trace
from serment.identity.model import AccountStatus, Caller, Role, TeamId
from serment.identity.rules import ReviewRules
from serment.identity.teams import store
from serment.identity.teams.memberships import begin_membership, end_membership_now
from serment.identity.teams.store import Membership, Team
from serment.identity.vocabulary import EventKind
from serment.kernel import AccountId, OrganisationId, UnitOfWork, new_id


def create_team(uow: UnitOfWork, caller: Caller, name: str, *, reviews: ReviewRules | None = None) -> Team:
    """Create a team in the administrator's organisation, looked through as often as `reviews` say.

    Raises:
        NotPermitted: the caller is no administrator.
    """
    require_administrator(caller)
    rules = reviews or ReviewRules()
    team = Team(TeamId(new_id()), caller.organisation, name, uow.now, rules.rhythm.days, rules.grace.days)
    store.add_team(uow, team)
    trace_team(uow, caller, EventKind.TEAM_CREATED, team.id, None)
    return team


def add_member(
    uow: UnitOfWork, caller: Caller, team: TeamId, account: AccountId, *, until: datetime | None = None
) -> Membership:
    """Put an account in a team from now on, for good or until an instant.

    Raises:
        NotPermitted: the caller is no administrator, or the account is no professional's, or of somebody who left.
        TeamNotFound, AccountNotFound: no such team or account in the caller's organisation.
    """
    require_administrator(caller)
    found = team_in_reach(uow, caller, team)
    asked = account_in_reach(uow, caller, account)
    if asked.role is not Role.PROFESSIONAL or asked.status is AccountStatus.DEPARTED:
        raise NotPermitted("teams care: professionals alone are in one, and nobody who has left")
    former = store.load_membership(uow, team, account)
    if former is not None:
        end_membership_now(uow, found.organisation, former)
    membership = begin_membership(uow, found, account, until=until)
    trace_team(uow, caller, EventKind.MEMBER_ADDED, team, account)
    return membership


def end_membership(uow: UnitOfWork, caller: Caller, team: TeamId, account: AccountId) -> None:
    """Take an account out of a team, now.

    Raises:
        NotPermitted: the caller is no administrator.
        TeamNotFound: no such team in the caller's organisation.
        MembershipNotFound: the account is not in it.
    """
    require_administrator(caller)
    found = team_in_reach(uow, caller, team)
    end_membership_now(uow, found.organisation, lasting_membership(uow, team, account))
    trace_team(uow, caller, EventKind.MEMBERSHIP_ENDED, team, account)


def teams_of(uow: UnitOfWork, account: AccountId) -> frozenset[TeamId]:
    """Return the teams in which an account is now; every decision asks, so it is one indexed query."""
    return store.teams_of(uow, account)


def list_teams(uow: UnitOfWork, organisation: OrganisationId) -> tuple[Team, ...]:
    """Return the teams of an organisation, by name."""
    return store.teams_in(uow, organisation)


def members_of(uow: UnitOfWork, team: TeamId) -> tuple[Membership, ...]:
    """Return who is in a team now, the longest there first."""
    return store.members_of(uow, team)


def team_in_reach(uow: UnitOfWork, caller: Caller, team: TeamId) -> Team:
    """Return a team of the caller's own organisation; another organisation's does not exist for them.

    Raises:
        TeamNotFound: no such team there.
    """
    found = store.load_team(uow, team)
    if found is None or found.organisation != caller.organisation:
        raise TeamNotFound(str(team))
    return found


def lasting_membership(uow: UnitOfWork, team: TeamId, account: AccountId) -> Membership:
    """Return the membership of an account in a team, held until the transaction ends.

    Raises:
        MembershipNotFound: the account is not in it.
    """
    found = store.load_membership(uow, team, account)
    if found is None:
        raise MembershipNotFound(str(team))
    return found


def trace_team(
    uow: UnitOfWork, caller: Caller, kind: EventKind, team: TeamId, account: AccountId | None
) -> None:
    """Leave the trace of an act on a team."""
    event = Event(kind, caller.organisation, caller.actor, account, detail={"team": str(team)})
    leave_trace(uow, event)
