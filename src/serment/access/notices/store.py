"""The rows of notices, and of who wishes to be told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    RowMapping,
    String,
    Table,
    UniqueConstraint,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from serment import kernel
from serment.access.model import Listener
from serment.access.notices.model import News, Notice, NoticeId
from serment.kernel import UtcDateTime, UuidText, metadata

notice_wishes = Table(
    "notice_wishes",
    metadata,
    Column("dossier", UuidText, primary_key=True),
    Column("account", UuidText, primary_key=True),
    Column("relation", String(20), nullable=False),
    Column("wished_at", UtcDateTime, nullable=False),
)

notices = Table(
    "notices",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("dossier", UuidText, nullable=False),
    Column("account", UuidText, nullable=False),
    Column("actor", UuidText, nullable=False),
    Column("news", String(20), nullable=False),
    Column("day", String(10), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime),
    UniqueConstraint("account", "dossier", "actor", "news", "day"),
    Index(None, "account", "seen_at"),
)

_ONCE_A_DAY = ("account", "dossier", "actor", "news", "day")


def add_notices(uow: kernel.UnitOfWork, some: Sequence[Notice]) -> None:
    """Write notices; of one person, one kind of news and one day only the first is kept."""
    uow.connection.execute(_new(uow, some).on_conflict_do_nothing(index_elements=_ONCE_A_DAY))


def renew_notices(uow: kernel.UnitOfWork, some: Sequence[Notice]) -> None:
    """Write notices; one like it of the same day is unseen again, and of now."""
    again = {"at": uow.now, "seen_at": None}
    uow.connection.execute(_new(uow, some).on_conflict_do_update(index_elements=_ONCE_A_DAY, set_=again))


def _new(uow: kernel.UnitOfWork, some: Sequence[Notice]) -> postgresql.Insert | sqlite.Insert:
    kind = postgresql if uow.connection.dialect.name == "postgresql" else sqlite
    new: postgresql.Insert | sqlite.Insert = kind.insert(notices)
    return new.values([_values(one) for one in some])


def _values(one: Notice) -> dict[str, Any]:
    return {
        "id": one.id,
        "dossier": one.dossier,
        "account": one.account,
        "actor": one.actor,
        "news": one.news.value,
        "day": one.at.date().isoformat(),
        "at": one.at,
    }


def load_unseen(uow: kernel.UnitOfWork, account: kernel.AccountId, most: int) -> tuple[Notice, ...]:
    """Return the notices that somebody has not seen, newest first."""
    query = select(notices).where(_unseen(account)).order_by(notices.c.at.desc(), notices.c.id)
    return tuple(_notice(row) for row in uow.connection.execute(query.limit(most)).mappings())


def mark_seen(uow: kernel.UnitOfWork, account: kernel.AccountId) -> None:
    """Write that somebody saw what they were shown."""
    unseen = update(notices).where(_unseen(account))
    uow.connection.execute(unseen.values(seen_at=uow.now))


def forget_seen(uow: kernel.UnitOfWork, before: datetime) -> int:
    """Delete the notices that were seen before an instant; the trail keeps what they told of."""
    return uow.connection.execute(delete(notices).where(notices.c.seen_at < before)).rowcount


def wishes(uow: kernel.UnitOfWork, dossier: kernel.DossierId, account: kernel.AccountId) -> bool:
    """Tell whether somebody wishes to be told of a dossier."""
    return uow.connection.execute(select(notice_wishes).where(_wish(dossier, account))).first() is not None


def insert_wish(uow: kernel.UnitOfWork, dossier: kernel.DossierId, who: Listener) -> None:
    """Write that somebody wishes to be told."""
    values = {"dossier": dossier, "account": who.account, "relation": who.relation, "wished_at": uow.now}
    uow.connection.execute(insert(notice_wishes).values(**values))


def delete_wish(uow: kernel.UnitOfWork, dossier: kernel.DossierId, account: kernel.AccountId) -> None:
    """Write that somebody no longer wishes to be told."""
    uow.connection.execute(delete(notice_wishes).where(_wish(dossier, account)))


def _wish(dossier: kernel.DossierId, account: kernel.AccountId) -> ColumnElement[bool]:
    return (notice_wishes.c.dossier == dossier) & (notice_wishes.c.account == account)


def _unseen(account: kernel.AccountId) -> ColumnElement[bool]:
    return (notices.c.account == account) & notices.c.seen_at.is_(None)


def _notice(row: RowMapping) -> Notice:
    return Notice(
        NoticeId(row["id"]), row["dossier"], row["account"], row["actor"], News(row["news"]), row["at"],
        row["seen_at"],
    )  # fmt: skip
