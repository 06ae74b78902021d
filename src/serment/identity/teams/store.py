"""Rows of teams and of their memberships."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    RowMapping,
    String,
    Table,
    insert,
    select,
    update,
)

from serment.identity.model import TeamId
from serment.kernel import AccountId, OrganisationId, UnitOfWork, UtcDateTime, UuidText, metadata

teams = Table(
    "teams",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("organisation", UuidText, ForeignKey("organisations.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "organisation"),
)

memberships = Table(
    "memberships",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("team", UuidText, ForeignKey("teams.id"), nullable=False),
    Column("account", UuidText, ForeignKey("accounts.id"), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Index(None, "account", "ended_at"),
    Index(None, "team", "ended_at"),
)


@dataclass(frozen=True)
class Team:
    """A team of an organisation, such as "Cardiology"."""

    id: TeamId
    organisation: OrganisationId
    name: str
    created_at: datetime


@dataclass(frozen=True)
class Membership:
    """An account in a team from an instant to another; `ended_at` is None while it lasts."""

    id: UUID
    team: TeamId
    account: AccountId
    started_at: datetime
    ended_at: datetime | None = None


def add_team(uow: UnitOfWork, team: Team) -> None:
    """Insert a team."""
    uow.connection.execute(insert(teams).values(**vars(team)))


def load_team(uow: UnitOfWork, team: TeamId) -> Team | None:
    """Return a team, or None."""
    row: RowMapping | None = (
        uow.connection.execute(select(teams).where(teams.c.id == team)).mappings().first()
    )
    return None if row is None else Team(**row)


def teams_in(uow: UnitOfWork, organisation: OrganisationId) -> tuple[Team, ...]:
    """Return the teams of an organisation, by name."""
    query = select(teams).where(teams.c.organisation == organisation).order_by(teams.c.name)
    return tuple(Team(**row) for row in uow.connection.execute(query).mappings())


def teams_of(uow: UnitOfWork, account: AccountId) -> frozenset[TeamId]:
    """Return the teams in which an account is now."""
    query = select(memberships.c.team).where(memberships.c.account == account, _lasting(uow))
    return frozenset(uow.connection.execute(query).scalars())


def members_of(uow: UnitOfWork, team: TeamId) -> tuple[Membership, ...]:
    """Return the lasting memberships of a team, the longest first."""
    query = select(memberships).where(memberships.c.team == team, _lasting(uow))
    ordered = query.order_by(memberships.c.started_at)
    return tuple(Membership(**row) for row in uow.connection.execute(ordered).mappings())


def add_membership(uow: UnitOfWork, membership: Membership) -> None:
    """Insert a membership."""
    uow.connection.execute(insert(memberships).values(**vars(membership)))


def end_membership(uow: UnitOfWork, team: TeamId, account: AccountId) -> bool:
    """End the lasting membership of an account in a team; False when there is none."""
    lasting = update(memberships).where(
        memberships.c.team == team, memberships.c.account == account, _lasting(uow)
    )
    return uow.connection.execute(lasting.values(ended_at=uow.now)).rowcount > 0


def _lasting(uow: UnitOfWork) -> ColumnElement[bool]:
    ended = memberships.c.ended_at
    return (memberships.c.started_at <= uow.now) & (ended.is_(None) | (ended > uow.now))
