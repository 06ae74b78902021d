"""The rows of delegations: which account is tied to which dossier; how, and until when, is sealed."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    LargeBinary,
    RowMapping,
    Select,
    Table,
    Update,
    and_,
    insert,
    select,
    update,
)

from serment import kernel, ledger
from serment.access.delegations.model import Delegation, DelegationId
from serment.access.delegations.terms import open_terms, seal_terms
from serment.access.model import Mandate
from serment.kernel import UtcDateTime, UuidText, metadata

delegations = Table(
    "delegations",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("organisation", UuidText, nullable=False),
    Column("dossier", UuidText, nullable=False),
    Column("account", UuidText),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("given_by", UuidText, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("digest", LargeBinary, unique=True),
    Column("offer_ends_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Index(None, "dossier"),
    Index(None, "account"),
)


def insert_delegation(uow: kernel.UnitOfWork, new: Delegation, digest: bytes | None = None) -> None:
    """Write a delegation; `digest` is what is kept of the code that ties an account to it."""
    uow.connection.execute(
        insert(delegations).values(
            id=new.id, organisation=new.organisation, dossier=new.dossier, account=new.account,
            starts_at=new.starts_at, given_by=new.given_by, sealed=seal_terms(uow, new), digest=digest,
            offer_ends_at=new.offer_ends_at, revoked_at=None,
        )
    )  # fmt: skip
    _vouch(uow, new.id)


def tie_account(uow: kernel.UnitOfWork, tied: Delegation) -> bool:
    """Write whom an offered delegation is for; False when somebody was first."""
    unused = update(delegations).where(delegations.c.id == tied.id, delegations.c.account.is_(None))
    values = {"account": tied.account, "starts_at": tied.starts_at, "sealed": seal_terms(uow, tied)}
    return _written(uow, unused.values(**values, digest=None), tied.id)


def revoke_delegation(uow: kernel.UnitOfWork, delegation: DelegationId) -> bool:
    """End a delegation now; False when it was ended."""
    living = update(delegations).where(delegations.c.id == delegation, is_unrevoked())
    return _written(uow, living.values(revoked_at=uow.now, digest=None), delegation)


def rewrite_terms(uow: kernel.UnitOfWork, moved: Delegation) -> None:
    """Write other terms over those of a delegation."""
    one = update(delegations).where(delegations.c.id == moved.id)
    _written(uow, one.values(sealed=seal_terms(uow, moved)), moved.id)


def load_delegations(uow: kernel.UnitOfWork, dossier: kernel.DossierId) -> tuple[Delegation, ...]:
    """Return every delegation ever given on a dossier, oldest first.

    Raises:
        SealBroken: a row was altered.
    """
    return _read(uow, select(delegations).where(delegations.c.dossier == dossier))


def load_delegations_to(uow: kernel.UnitOfWork, account: kernel.AccountId) -> tuple[Delegation, ...]:
    """Return the delegations that an account was given and nobody revoked, oldest first.

    Raises:
        SealBroken: a row was altered.
    """
    theirs = and_(delegations.c.account == account, is_unrevoked())
    return _read(uow, select(delegations).where(theirs))


def load_delegations_at(
    uow: kernel.UnitOfWork, organisation: kernel.OrganisationId
) -> tuple[Delegation, ...]:
    """Return the delegations on all dossiers of an organisation that nobody revoked, oldest first.

    Raises:
        SealBroken: a row was altered.
    """
    living = and_(delegations.c.organisation == organisation, delegations.c.revoked_at.is_(None))
    return _read(uow, select(delegations).where(living))


def find_offered(uow: kernel.UnitOfWork, digest: bytes) -> Delegation | None:
    """Return the delegation that a code is for.

    Raises:
        SealBroken: the row was altered.
    """
    return next(iter(_read(uow, select(delegations).where(delegations.c.digest == digest))), None)


def read_delegation(uow: kernel.UnitOfWork, row: Mapping[str, Any]) -> Delegation:
    """Return a delegation from the columns of its row.

    Raises:
        SealBroken: the row was altered.
    """
    return Delegation(
        DelegationId(row["id"]), row["organisation"], row["dossier"], row["account"], open_terms(uow, row),
        row["starts_at"], row["given_by"], row["offer_ends_at"], row["revoked_at"],
    )  # fmt: skip


def is_unrevoked() -> ColumnElement[bool]:
    """Return the condition that nobody ended a delegation; whether its own end has come, its terms say."""
    return delegations.c.revoked_at.is_(None)


def mandate_in(uow: kernel.UnitOfWork, row: RowMapping) -> Mandate | None:
    """Return what a row among the facts of a decision lets its account do now; None when its end has come.

    Raises:
        SealBroken: the row was altered.
    """
    terms = open_terms(uow, dict(row))
    over = terms.ends_at is not None and terms.ends_at <= uow.now
    return None if over else Mandate(terms.kind, terms.sections)


def load_rows(uow: kernel.UnitOfWork) -> list[RowMapping]:
    """Return every row as it is stored, for a check of all seals."""
    return list(uow.connection.execute(select(delegations).order_by(delegations.c.id)).mappings())


def place_of(delegation: DelegationId) -> str:
    """Return the name of a delegation in the ledger."""
    return f"delegation/{delegation}"


def digest_of(row: RowMapping) -> bytes:
    """Return what the ledger vouches for: whom the row ties to which dossier, whether it was ended, and its seal."""
    said = {
        "account": _text(row["account"]),
        "dossier": str(row["dossier"]),
        "organisation": str(row["organisation"]),
        "revoked": _text(row["revoked_at"] and row["revoked_at"].isoformat()),
        "sealed": sha256(row["sealed"]).hexdigest(),
        "starts": row["starts_at"].isoformat(),
    }
    return sha256(kernel.canonical_json(said)).digest()


def _written(uow: kernel.UnitOfWork, change: Update, delegation: DelegationId) -> bool:
    """Change a row and let the ledger vouch for what it says by now; False when there was nothing to change."""
    if uow.connection.execute(change).rowcount == 0:
        return False
    _vouch(uow, delegation)
    return True


def _vouch(uow: kernel.UnitOfWork, delegation: DelegationId) -> None:
    row = uow.connection.execute(select(delegations).where(delegations.c.id == delegation)).mappings().one()
    ledger.anchor(uow, place_of(delegation), digest_of(row), organisation=row["organisation"])


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _read(uow: kernel.UnitOfWork, wanted: Select[Any]) -> tuple[Delegation, ...]:
    rows = uow.connection.execute(wanted.order_by(delegations.c.starts_at, delegations.c.id)).mappings()
    return tuple(read_delegation(uow, dict(row)) for row in rows)
