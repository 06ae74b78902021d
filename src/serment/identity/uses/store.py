"""Rows of the last use of each account; an account that was never used has none."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Select, Table, func, insert, or_, select, update

from serment.identity.directory.store import accounts, is_active
from serment.identity.model import Role
from serment.kernel import AccountId, OrganisationId, UnitOfWork, UtcDateTime, UuidText, metadata

account_uses = Table(
    "account_uses",
    metadata,
    Column("account", UuidText, ForeignKey("accounts.id"), primary_key=True),
    Column("used_at", UtcDateTime),
    Column("woken_at", UtcDateTime),
)


def note_use(uow: UnitOfWork, account: AccountId) -> None:
    """Note that the owner of an account signed in now; whoever calls holds the account."""
    _note(uow, account, {"used_at": uow.now})


def note_waking(uow: UnitOfWork, account: AccountId) -> None:
    """Note that an account was woken now; whoever calls holds the account."""
    _note(uow, account, {"woken_at": uow.now})


def last_uses(uow: UnitOfWork, accounts_asked: frozenset[AccountId]) -> dict[AccountId, datetime]:
    """Return when each of these accounts was last signed in to; those never used are absent."""
    used = account_uses.c.used_at
    query = select(account_uses.c.account, used).where(account_uses.c.account.in_(accounts_asked))
    return {row.account: row.used_at for row in uow.connection.execute(query.where(used.is_not(None)))}


def unused_since(
    uow: UnitOfWork, role: Role, at: datetime, *, organisation: OrganisationId | None = None
) -> tuple[tuple[AccountId, datetime], ...]:
    """Return the active accounts of a role that nobody used or woke since an instant, and when that was last."""
    query = _idle().where(accounts.c.role == role, *is_active(uow.now), accounts.c.created_at <= at)
    query = query.where(
        or_(account_uses.c.used_at.is_(None), account_uses.c.used_at <= at),
        or_(account_uses.c.woken_at.is_(None), account_uses.c.woken_at <= at),
    )
    if organisation is not None:
        query = query.where(accounts.c.organisation == organisation)
    found = uow.connection.execute(query.order_by(accounts.c.created_at))
    return tuple((row.id, max(filter(None, (row.created_at, row.used_at, row.woken_at)))) for row in found)


def count_active(uow: UnitOfWork, organisation: OrganisationId, role: Role) -> int:
    """Return how many active accounts of a role an organisation has, without those whose owners are leaving."""
    query = select(func.count()).select_from(accounts)
    staying = query.where(
        accounts.c.organisation == organisation,
        accounts.c.role == role,
        *is_active(uow.now),
        accounts.c.leaves_at.is_(None),
    )
    return int(uow.connection.execute(staying).scalar_one())


def _idle() -> Select[tuple[AccountId, datetime, datetime | None, datetime | None]]:
    columns = (accounts.c.id, accounts.c.created_at, account_uses.c.used_at, account_uses.c.woken_at)
    return select(*columns).join_from(
        accounts, account_uses, account_uses.c.account == accounts.c.id, isouter=True
    )


def _note(uow: UnitOfWork, account: AccountId, what: dict[str, datetime]) -> None:
    known = update(account_uses).where(account_uses.c.account == account).values(**what)
    if uow.connection.execute(known).rowcount == 0:
        uow.connection.execute(insert(account_uses).values(account=account, **what))
