"""Rows of organisations and accounts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    RowMapping,
    Select,
    String,
    Table,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from serment.identity.errors import LoginTaken
from serment.identity.model import AccountStatus, Organisation, OrganisationKind, Profession, Role
from serment.kernel import AccountId, OrganisationId, UnitOfWork, UtcDateTime, UuidText, metadata

organisations = Table(
    "organisations",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("organisation", UuidText, ForeignKey("organisations.id"), nullable=False),
    Column("login_tag", LargeBinary(32), nullable=False, unique=True),
    Column("login_sealed", LargeBinary, nullable=False),
    Column("name_sealed", LargeBinary, nullable=False),
    Column("role", String(40), nullable=False),
    Column("profession", String(40), nullable=False),
    Column("status", String(40), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("leaves_at", UtcDateTime, index=True),
    Index(None, "organisation", "status"),
)

installation = Table(
    "installation",
    metadata,
    Column("kind", String(40), primary_key=True),
    Column("declared_at", UtcDateTime, nullable=False),
)


@dataclass(frozen=True)
class SealedAccount:
    """An account as stored: its login and name sealed.

    `status` is what holds now: once `leaves_at` is past it is departed, whether or not anybody wrote so yet.
    `written_status` is what the row says, None for a row that is being written.
    """

    id: AccountId
    organisation: OrganisationId
    login_tag: bytes
    login_sealed: bytes
    name_sealed: bytes
    role: Role
    profession: Profession
    status: AccountStatus
    created_at: datetime
    leaves_at: datetime | None = None
    written_status: AccountStatus | None = None


def add_organisation(uow: UnitOfWork, organisation: Organisation) -> None:
    """Insert an organisation."""
    uow.connection.execute(insert(organisations).values(**vars(organisation)))


def load_organisation(uow: UnitOfWork, organisation: OrganisationId) -> Organisation | None:
    """Return an organisation, or None."""
    row = uow.connection.execute(_ORGANISATION, {"organisation": organisation}).mappings().first()
    return None if row is None else _organisation(row)


def load_organisations(uow: UnitOfWork) -> tuple[Organisation, ...]:
    """Return all organisations, oldest first."""
    query = select(organisations).order_by(organisations.c.created_at, organisations.c.id)
    return tuple(_organisation(row) for row in uow.connection.execute(query).mappings())


def oldest_organisation(uow: UnitOfWork) -> OrganisationId | None:
    """Return the organisation that this installation began with, or None."""
    query = select(organisations.c.id).order_by(organisations.c.created_at, organisations.c.id).limit(1)
    return uow.connection.execute(query).scalar()


def add_account(uow: UnitOfWork, account: SealedAccount) -> None:
    """Insert an account.

    Raises:
        LoginTaken: its login was given to another one, perhaps a moment ago.
    """
    try:
        row = {name: value for name, value in vars(account).items() if name in accounts.c}
        uow.connection.execute(insert(accounts).values(**row))
    except IntegrityError:
        raise LoginTaken(str(account.id)) from None


def load_account(uow: UnitOfWork, account: AccountId) -> SealedAccount | None:
    """Return an account, or None."""
    return _one(uow, select(accounts).where(accounts.c.id == account))


def hold_account(uow: UnitOfWork, account: AccountId) -> SealedAccount | None:
    """Return an account and hold it until the transaction ends, so that what was seen of it stays true.

    Whoever holds an account and other rows takes the account first; two that wait for each other never meet.
    """
    chosen = select(accounts).where(accounts.c.id == account)
    return _one(uow, chosen.with_for_update(key_share=True))


def find_by_login_tag(uow: UnitOfWork, login_tag: bytes) -> SealedAccount | None:
    """Return the account that a login names, or None."""
    return _one(uow, select(accounts).where(accounts.c.login_tag == login_tag))


def load_accounts(uow: UnitOfWork, chosen: Collection[AccountId]) -> tuple[SealedAccount, ...]:
    """Return the accounts among `chosen` that exist."""
    found = uow.connection.execute(_CHOSEN, {"chosen": list(chosen)}).mappings()
    return tuple(_account(uow, row) for row in found)


def accounts_of(uow: UnitOfWork, organisation: OrganisationId) -> tuple[SealedAccount, ...]:
    """Return every account of an organisation."""
    return _all(uow, select(accounts).where(accounts.c.organisation == organisation))


def load_all_accounts(uow: UnitOfWork) -> tuple[SealedAccount, ...]:
    """Return every account of this installation, for whoever checks them all."""
    return _all(uow, select(accounts).order_by(accounts.c.created_at, accounts.c.id))


def colleagues_of(uow: UnitOfWork, organisation: OrganisationId) -> tuple[SealedAccount, ...]:
    """Return the active accounts of an organisation, patients excepted."""
    query = select(accounts).where(
        accounts.c.organisation == organisation,
        *is_active(uow.now),
        accounts.c.role != Role.PATIENT,
    )
    return _all(uow, query)


def is_active(now: datetime | BindParameter[datetime]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions under which an account opens anything: active, and its owner has not left."""
    stays = accounts.c.leaves_at.is_(None) | (accounts.c.leaves_at > now)
    return accounts.c.status == AccountStatus.ACTIVE, stays


def stands(uow: UnitOfWork, account: AccountId) -> bool:
    """Tell whether an account opens anything now."""
    found = uow.connection.execute(_STANDING, {"account": account, "now": uow.now})
    return found.first() is not None


def is_held(uow: UnitOfWork, organisation: OrganisationId, role: Role) -> bool:
    """Tell whether somebody who enrolled and has not left holds a role in an organisation, suspended or asleep or not."""
    nobody = accounts.c.status.in_([AccountStatus.INVITED, AccountStatus.DEPARTED])
    stays = accounts.c.leaves_at.is_(None) | (accounts.c.leaves_at > uow.now)
    query = select(accounts.c.id).where(
        accounts.c.organisation == organisation, accounts.c.role == role, ~nobody, stays
    )
    return uow.connection.execute(query.limit(1)).first() is not None


def set_leaving(uow: UnitOfWork, account: AccountId, at: datetime | None) -> None:
    """Write when the owner of an account leaves; None when they stay after all."""
    uow.connection.execute(update(accounts).where(accounts.c.id == account).values(leaves_at=at))


def leaving_by(uow: UnitOfWork, at: datetime, limit: int) -> tuple[SealedAccount, ...]:
    """Return accounts whose owners have left by an instant, and whose rows do not say so yet."""
    due = select(accounts).where(accounts.c.leaves_at <= at, accounts.c.status != AccountStatus.DEPARTED)
    return _all(uow, due.order_by(accounts.c.leaves_at).limit(limit))


def set_status(uow: UnitOfWork, account: AccountId, status: AccountStatus) -> None:
    """Move an account to another status."""
    uow.connection.execute(update(accounts).where(accounts.c.id == account).values(status=status))


def count_accounts(uow: UnitOfWork) -> int:
    """Return how many accounts this installation has."""
    return int(uow.connection.execute(select(func.count()).select_from(accounts)).scalar_one())


def declare_installation(uow: UnitOfWork, kind: str) -> None:
    """Flag this installation as being of a kind."""
    uow.connection.execute(insert(installation).values(kind=kind, declared_at=uow.now))


def installation_is(uow: UnitOfWork, kind: str) -> bool:
    """Tell whether this installation was flagged as being of a kind."""
    query = select(installation.c.kind).where(installation.c.kind == kind)
    return uow.connection.execute(query).first() is not None


def _organisation(row: RowMapping) -> Organisation:
    return Organisation(
        OrganisationId(row["id"]), row["name"], OrganisationKind(row["kind"]), row["created_at"]
    )


#: What every request asks is put into words once.
_ORGANISATION = select(organisations).where(organisations.c.id == bindparam("organisation", type_=UuidText()))
_CHOSEN = select(accounts).where(accounts.c.id.in_(bindparam("chosen", expanding=True)))
_STANDING = select(accounts.c.id).where(
    accounts.c.id == bindparam("account", type_=UuidText()),
    *is_active(bindparam("now", type_=UtcDateTime())),
)


def _one(uow: UnitOfWork, query: Select[Any]) -> SealedAccount | None:
    row = uow.connection.execute(query).mappings().first()
    return None if row is None else _account(uow, row)


def _all(uow: UnitOfWork, query: Select[Any]) -> tuple[SealedAccount, ...]:
    return tuple(_account(uow, row) for row in uow.connection.execute(query).mappings())


def _account(uow: UnitOfWork, row: RowMapping) -> SealedAccount:
    written = AccountStatus(row["status"])
    left = row["leaves_at"] is not None and row["leaves_at"] <= uow.now
    states = {
        "role": Role(row["role"]),
        "profession": Profession(row["profession"]),
        "status": AccountStatus.DEPARTED if left else written,
        "written_status": written,
    }
    return SealedAccount(**{**row, **states})
