"""A membership as it is written: each writing is anchored, so that one added behind our back is found.

Who is in a team reads what the team reads: a row slipped in is worth an account (THR-05, THR-08).
"""

from dataclasses import replace
from datetime import datetime, timedelta

from serment import ledger
from serment.identity.model import Quality
from serment.identity.teams import store
from serment.identity.teams.store import Membership, Team
from serment.kernel import AccountId, OrganisationId, UnitOfWork, new_id


def begin_membership(
    uow: UnitOfWork, team: Team, account: AccountId, *, until: datetime | None = None
) -> Membership:
    """Put an account in a team from now on."""
    blank = Membership(new_id(), team.id, account, uow.now, until, Quality.MEMBER, uow.now, uow.now, uow.now)
    membership = _confirmed_at(blank, team, uow.now)
    store.add_membership(uow, membership)
    _anchor(uow, team.organisation, membership)
    return membership


def confirm_membership(uow: UnitOfWork, team: Team, membership: Membership) -> None:
    """Let a membership last until the team is looked through again."""
    write_membership(uow, team.organisation, _confirmed_at(membership, team, uow.now))


def reckon_again(uow: UnitOfWork, team: Team, membership: Membership) -> None:
    """Reckon when a membership is due by the team's present rhythm, the days of grace from now on at least."""
    due = _confirmed_at(membership, team, membership.confirmed_at)
    least = max(due.lapses_at, uow.now + timedelta(days=team.grace_days))
    write_membership(uow, team.organisation, replace(due, lapses_at=least))


def end_membership_now(uow: UnitOfWork, organisation: OrganisationId, membership: Membership) -> None:
    """End a membership; it holds from the next request on."""
    write_membership(uow, organisation, replace(membership, ended_at=uow.now))


def write_membership(uow: UnitOfWork, organisation: OrganisationId, membership: Membership) -> None:
    """Write how a membership stands, and commit the ledger to it."""
    store.write_membership(uow, membership)
    _anchor(uow, organisation, membership)


def membership_place(membership: Membership) -> str:
    """Return the name of a membership in the ledger."""
    return f"membership/{membership.id}"


def membership_digest(membership: Membership) -> bytes:
    """Return what stands for a membership in the ledger."""
    ended_at = "" if membership.ended_at is None else membership.ended_at.isoformat()
    instants = (membership.started_at, membership.confirmed_at, membership.due_at, membership.lapses_at)
    return ledger.digest_of(
        membership.id.bytes,
        membership.team.bytes,
        membership.account.bytes,
        membership.quality.encode(),
        ended_at.encode(),
        *(instant.isoformat().encode() for instant in instants),
    )


def _confirmed_at(membership: Membership, team: Team, at: datetime) -> Membership:
    due_at = at + timedelta(days=team.review_days)
    lapses_at = due_at + timedelta(days=team.grace_days)
    return replace(membership, confirmed_at=at, due_at=due_at, lapses_at=lapses_at, warned_at=None)


def _anchor(uow: UnitOfWork, organisation: OrganisationId, membership: Membership) -> None:
    digest = membership_digest(membership)
    ledger.anchor(uow, membership_place(membership), digest, organisation=organisation)
