"""Heads of service look through their team at a set rhythm; who is not confirmed is no member any more.

A head says who stays and who leaves, and adds nobody. Nobody confirms their own membership: an administrator, or
another head, does. Source: LAW-74 (annual review of rights); features F13.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from serment.identity.directory.accounts import require_administrator
from serment.identity.errors import NotPermitted, OwnDeparture, RhythmRefused
from serment.identity.model import Caller, Quality, Role, TeamId
from serment.identity.teams import store
from serment.identity.teams.memberships import (
    confirm_membership,
    end_membership_now,
    reckon_again,
    write_membership,
)
from serment.identity.teams.store import Membership, Team
from serment.identity.teams.teams import lasting_membership, team_in_reach, trace_team
from serment.identity.uses.store import last_uses
from serment.identity.vocabulary import EventKind
from serment.kernel import AccountId, OrganisationId, UnitOfWork

LEAST_DAYS, MOST_DAYS = 30, 365
#: So long before it is due, a membership may be looked at again.
ANNOUNCED = timedelta(days=30)


class Verdict(StrEnum):
    """What a head says of a member."""

    STAYS = "stays"
    LEAVES = "leaves"


@dataclass(frozen=True)
class ReviewedMember:
    """A member as the head of the team sees them; `last_used_at` is of their account."""

    membership: Membership
    last_used_at: datetime | None


@dataclass(frozen=True)
class TeamReview:
    """How the review of a team stands: `due` may be confirmed by now, `overdue` should have been."""

    team: Team
    heads: tuple[Membership, ...]
    members: int
    due: int
    overdue: int
    due_at: datetime | None
    lapses_at: datetime | None


def name_head(uow: UnitOfWork, caller: Caller, team: TeamId, account: AccountId) -> None:
    """Make a member a head of their team; an administrator does so, or a head of that team.

    Raises:
        NotPermitted: the caller is neither.
        TeamNotFound, MembershipNotFound: no such team in the caller's organisation, or the account is not in it.
    """
    _set_quality(uow, caller, team, account, Quality.HEAD)
    trace_team(uow, caller, EventKind.HEAD_NAMED, team, account)


def end_headship(uow: UnitOfWork, caller: Caller, team: TeamId, account: AccountId) -> None:
    """Make a head of a team an ordinary member again; an administrator does so.

    Raises:
        NotPermitted: the caller is no administrator.
        TeamNotFound, MembershipNotFound: no such team in the caller's organisation, or the account is not in it.
    """
    require_administrator(caller)
    _set_quality(uow, caller, team, account, Quality.MEMBER)
    trace_team(uow, caller, EventKind.HEAD_ENDED, team, account)


def set_review_rhythm(uow: UnitOfWork, caller: Caller, team: TeamId, days: int) -> None:
    """Say every how many days a team is looked through; nobody's membership ends before the days of grace.

    Raises:
        NotPermitted: the caller is no administrator.
        RhythmRefused: fewer than 30 days, or more than a year.
        TeamNotFound: no such team in the caller's organisation.
    """
    require_administrator(caller)
    if not LEAST_DAYS <= days <= MOST_DAYS:
        raise RhythmRefused(str(days))
    found = replace(team_in_reach(uow, caller, team), review_days=days)
    store.set_rhythm(uow, team, days)
    for membership in store.members_of(uow, team):
        reckon_again(uow, found, membership)
    trace_team(uow, caller, EventKind.REVIEW_RHYTHM_SET, team, None)


def review_team(uow: UnitOfWork, caller: Caller, team: TeamId, verdicts: Mapping[AccountId, Verdict]) -> None:
    """Say of members who stays until the next review and who leaves now; of the others nothing changes.

    Raises:
        NotPermitted: the caller is neither a head of that team nor an administrator.
        OwnDeparture: the caller's own membership is among them.
        TeamNotFound, MembershipNotFound: no such team in the caller's organisation, or an account is not in it.
    """
    found = reviewed_team(uow, caller, team)
    if caller.account in verdicts:
        raise OwnDeparture(str(team))
    for account, verdict in verdicts.items():
        membership = lasting_membership(uow, team, account)
        if verdict is Verdict.STAYS:
            confirm_membership(uow, found, membership)
            trace_team(uow, caller, EventKind.MEMBERSHIP_CONFIRMED, team, account)
        else:
            end_membership_now(uow, found.organisation, membership)
            trace_team(uow, caller, EventKind.MEMBERSHIP_ENDED, team, account)


def reviewed_team(uow: UnitOfWork, caller: Caller, team: TeamId) -> Team:
    """Return a team that the caller may look through.

    Raises:
        NotPermitted: the caller is neither a head of that team nor an administrator.
        TeamNotFound: no such team in the caller's organisation.
    """
    found = team_in_reach(uow, caller, team)
    if caller.role is not Role.ADMINISTRATOR and team not in _headed(uow, caller.account):
        raise NotPermitted(str(team))
    return found


def members_to_review(uow: UnitOfWork, caller: Caller, team: TeamId) -> tuple[ReviewedMember, ...]:
    """Return the members of a team, for its head or an administrator: since when, and when they last signed in.

    Raises: as `reviewed_team`.
    """
    reviewed_team(uow, caller, team)
    members = store.members_of(uow, team)
    uses = last_uses(uow, frozenset(member.account for member in members))
    return tuple(ReviewedMember(member, uses.get(member.account)) for member in members)


def reviews_of_mine(uow: UnitOfWork, caller: Caller) -> tuple[TeamReview, ...]:
    """Return how the review stands of each team that the caller heads."""
    headed = _headed(uow, caller.account)
    teams = [team for team in store.teams_in(uow, caller.organisation) if team.id in headed] if headed else []
    return tuple(_review(uow, team, store.members_of(uow, team.id)) for team in teams)


def reviews_in(uow: UnitOfWork, organisation: OrganisationId) -> tuple[TeamReview, ...]:
    """Return how the review stands of each team of an organisation, by name; two queries for all of them."""
    members = store.members_in(uow, organisation)
    return tuple(
        _review(uow, team, [one for one in members if one.team == team.id])
        for team in store.teams_in(uow, organisation)
    )


def own_memberships(uow: UnitOfWork, caller: Caller) -> tuple[Membership, ...]:
    """Return the caller's own lasting memberships."""
    return store.memberships_of(uow, caller.account)


def _set_quality(uow: UnitOfWork, caller: Caller, team: TeamId, account: AccountId, quality: Quality) -> None:
    found = reviewed_team(uow, caller, team)
    membership = lasting_membership(uow, team, account)
    write_membership(uow, found.organisation, replace(membership, quality=quality))


def _headed(uow: UnitOfWork, account: AccountId) -> frozenset[TeamId]:
    mine = store.memberships_of(uow, account)
    return frozenset(one.team for one in mine if one.quality is Quality.HEAD)


def _review(uow: UnitOfWork, team: Team, members: Sequence[Membership]) -> TeamReview:
    return TeamReview(
        team=team,
        heads=tuple(one for one in members if one.quality is Quality.HEAD),
        members=len(members),
        due=sum(one.due_at <= uow.now + ANNOUNCED for one in members),
        overdue=sum(one.due_at <= uow.now for one in members),
        due_at=min((one.due_at for one in members), default=None),
        lapses_at=min((one.lapses_at for one in members), default=None),
    )
