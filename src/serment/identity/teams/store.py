"""Rows of teams and of their memberships."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    Select,
    String,
    Table,
    insert,
    select,
    update,
)

from serment.identity.model import Quality, TeamId
from serment.kernel import AccountId, OrganisationId, UnitOfWork, UtcDateTime, UuidText, metadata

teams = Table(
    "teams",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("organisation", UuidText, ForeignKey("organisations.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("review_days", Integer, nullable=False),
    Column("grace_days", Integer, nullable=False),
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
    Column("quality", String(40), nullable=False),
    Column("confirmed_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("lapses_at", UtcDateTime, nullable=False),
    Column("warned_at", UtcDateTime),
    Index(None, "account", "ended_at"),
    Index(None, "team", "ended_at"),
    Index(None, "ended_at", "due_at"),
)


@dataclass(frozen=True)
class Team:
    """A team of an organisation, such as "Cardiology"; how often it is looked through, and the days of grace then."""

    id: TeamId
    organisation: OrganisationId
    name: str
    created_at: datetime
    review_days: int
    grace_days: int


@dataclass(frozen=True)
class Membership:
    """An account in a team from an instant to another; `ended_at` is None while it lasts.

    It is to be confirmed from `due_at` on; unless somebody does so before `lapses_at`, it ends then by itself.
    """

    id: UUID
    team: TeamId
    account: AccountId
    started_at: datetime
    ended_at: datetime | None
    quality: Quality
    confirmed_at: datetime
    due_at: datetime
    lapses_at: datetime
    warned_at: datetime | None = None


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


def set_rhythm(uow: UnitOfWork, team: TeamId, review_days: int) -> None:
    """Write how often a team is looked through."""
    uow.connection.execute(update(teams).where(teams.c.id == team).values(review_days=review_days))


def teams_of(uow: UnitOfWork, account: AccountId) -> frozenset[TeamId]:
    """Return the teams in which an account is now."""
    query = select(memberships.c.team).where(memberships.c.account == account, _lasting(uow))
    return frozenset(uow.connection.execute(query).scalars())


def memberships_of(uow: UnitOfWork, account: AccountId) -> tuple[Membership, ...]:
    """Return the lasting memberships of an account, the longest first."""
    return _all(uow, select(memberships).where(memberships.c.account == account, _lasting(uow)))


def members_of(uow: UnitOfWork, team: TeamId) -> tuple[Membership, ...]:
    """Return the lasting memberships of a team, the longest first."""
    return _all(uow, select(memberships).where(memberships.c.team == team, _lasting(uow)))


def members_in(uow: UnitOfWork, organisation: OrganisationId) -> tuple[Membership, ...]:
    """Return the lasting memberships of every team of an organisation."""
    query = select(memberships).join(teams, teams.c.id == memberships.c.team)
    return _all(uow, query.where(teams.c.organisation == organisation, _lasting(uow)))


def load_membership(uow: UnitOfWork, team: TeamId, account: AccountId) -> Membership | None:
    """Return the lasting membership of an account in a team, held until the transaction ends, or None."""
    query = select(memberships).where(
        memberships.c.team == team, memberships.c.account == account, _lasting(uow)
    )
    found = _all(uow, query.with_for_update())
    return found[0] if found else None


def load_all_memberships(uow: UnitOfWork) -> tuple[Membership, ...]:
    """Return every membership there ever was, for whoever checks them all."""
    return _all(uow, select(memberships))


def add_membership(uow: UnitOfWork, membership: Membership) -> None:
    """Insert a membership."""
    uow.connection.execute(insert(memberships).values(**vars(membership)))


def write_membership(uow: UnitOfWork, membership: Membership) -> None:
    """Write how a membership stands now; whoever calls holds it."""
    row = {name: value for name, value in vars(membership).items() if name not in {"id", "team", "account"}}
    uow.connection.execute(update(memberships).where(memberships.c.id == membership.id).values(**row))


def lapsed(uow: UnitOfWork, limit: int) -> tuple[Membership, ...]:
    """Return memberships that nobody confirmed in time, and whose rows do not say so yet."""
    query = select(memberships).where(_open(uow), memberships.c.lapses_at <= uow.now)
    return _all(uow, query.limit(limit).with_for_update())


def lapsing(uow: UnitOfWork, limit: int) -> tuple[Membership, ...]:
    """Return unconfirmed memberships whose days of grace have begun, and of which nobody was told yet."""
    untold = select(memberships).where(_lasting(uow), memberships.c.warned_at.is_(None))
    return _all(uow, untold.where(memberships.c.due_at <= uow.now).limit(limit).with_for_update())


def _all(uow: UnitOfWork, query: Select[Any]) -> tuple[Membership, ...]:
    ordered = query.order_by(memberships.c.started_at, memberships.c.id)
    return tuple(_membership(row) for row in uow.connection.execute(ordered).mappings())


def _membership(row: RowMapping) -> Membership:
    return Membership(**{**row, "quality": Quality(row["quality"])})


def _open(uow: UnitOfWork) -> ColumnElement[bool]:
    ended = memberships.c.ended_at
    return (memberships.c.started_at <= uow.now) & (ended.is_(None) | (ended > uow.now))


def _lasting(uow: UnitOfWork) -> ColumnElement[bool]:
    return _open(uow) & (memberships.c.lapses_at > uow.now)
