"""The rows of episodes. What an episode is about is sealed; the row says from when to when."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Integer, LargeBinary, RowMapping, String, Table, insert, or_, select, update

from serment import kernel
from serment.access.model import EpisodeId, Section
from serment.access.store import participations, write_vouched
from serment.access.vouching import TieKind
from serment.kernel import UtcDateTime, UuidText, metadata

episodes = Table(
    "episodes",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("dossier", UuidText, nullable=False, index=True),
    Column("section", String(20), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("opened_by", UuidText, nullable=False),
    Column("follow_up_days", Integer, nullable=False),
    Column("closed_at", UtcDateTime),
)


@dataclass(frozen=True)
class EpisodeRow:
    """An episode as it is stored."""

    id: EpisodeId
    dossier: kernel.DossierId
    section: Section
    sealed: bytes
    opened_at: datetime
    opened_by: kernel.AccountId
    follow_up_days: int
    closed_at: datetime | None = None


def insert_episode(uow: kernel.UnitOfWork, row: EpisodeRow) -> None:
    """Write an episode."""
    uow.connection.execute(
        insert(episodes).values(
            id=row.id, dossier=row.dossier, section=row.section.value, sealed=row.sealed, opened_at=row.opened_at,
            opened_by=row.opened_by, follow_up_days=row.follow_up_days, closed_at=row.closed_at,
        )
    )  # fmt: skip


def load_episode(uow: kernel.UnitOfWork, dossier: kernel.DossierId, episode: EpisodeId) -> EpisodeRow | None:
    """Return one episode of a dossier."""
    query = select(episodes).where(episodes.c.id == episode, episodes.c.dossier == dossier)
    row = uow.connection.execute(query).mappings().one_or_none()
    return None if row is None else _row(row)


def load_episodes(uow: kernel.UnitOfWork, dossier: kernel.DossierId) -> list[EpisodeRow]:
    """Return the episodes of a dossier, the last opened first."""
    query = select(episodes).where(episodes.c.dossier == dossier)
    rows = uow.connection.execute(query.order_by(episodes.c.opened_at.desc(), episodes.c.id)).mappings()
    return [_row(row) for row in rows]


def load_every(uow: kernel.UnitOfWork) -> list[EpisodeRow]:
    """Return every episode of every dossier."""
    return [_row(row) for row in uow.connection.execute(select(episodes)).mappings()]


def write_closing(
    uow: kernel.UnitOfWork, episode: EpisodeId, closed_at: datetime | None, follow_up_days: int
) -> None:
    """Write when an episode ended, None when it goes on, and its follow-up window."""
    uow.connection.execute(
        update(episodes)
        .where(episodes.c.id == episode)
        .values(closed_at=closed_at, follow_up_days=follow_up_days)
    )


def end_parts(uow: kernel.UnitOfWork, episode: EpisodeId, at: datetime) -> None:
    """Let the parts taken in an episode end at an instant, unless they end before."""
    later = or_(participations.c.ended_at.is_(None), participations.c.ended_at > at)
    change = update(participations).where(participations.c.episode == episode, later).values(ended_at=at)
    write_vouched(uow, TieKind.PARTICIPATION, change)


def continue_parts(uow: kernel.UnitOfWork, episode: EpisodeId, ending_at: datetime) -> None:
    """Take back the end that the closing of an episode gave to parts that hold still."""
    change = update(participations).where(
        participations.c.episode == episode,
        participations.c.ended_at == ending_at,
        participations.c.ended_at > uow.now,
    )
    write_vouched(uow, TieKind.PARTICIPATION, change.values(ended_at=None))


def _row(row: RowMapping) -> EpisodeRow:
    return EpisodeRow(
        EpisodeId(row["id"]), row["dossier"], Section(row["section"]), row["sealed"], row["opened_at"],
        row["opened_by"], row["follow_up_days"], row["closed_at"],
    )  # fmt: skip
