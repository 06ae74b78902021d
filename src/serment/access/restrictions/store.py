"""The rows of restrictions, and of who filed what: what somebody alone wrote is never hidden from them."""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Index,
    RowMapping,
    String,
    Table,
    and_,
    exists,
    insert,
    or_,
    select,
    update,
)

from serment import kernel, ledger
from serment.access.model import Against, EntryId, RestrictionId, Section
from serment.access.restrictions.model import Filing, Restriction
from serment.access.store import write_vouched
from serment.access.vouching import TieKind, checked_tie
from serment.kernel import UtcDateTime, UuidText, metadata

restrictions = Table(
    "restrictions",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("dossier", UuidText, nullable=False, index=True),
    Column("against", String(20), nullable=False),
    Column("account", UuidText),
    Column("section", String(40)),
    Column("entry", UuidText),
    Column("placed_by", UuidText, nullable=False),
    Column("placed_at", UtcDateTime, nullable=False),
    Column("lifted_at", UtcDateTime),
)

filings = Table(
    "filings",
    metadata,
    Column("entry", UuidText, primary_key=True),
    Column("dossier", UuidText, nullable=False),
    Column("section", String(40), nullable=False),
    Column("account", UuidText, nullable=False),
    Column("by_others", Boolean, nullable=False),
    Index(None, "dossier", "account"),
)


def holds() -> ColumnElement[bool]:
    """Return the condition that a restriction was not lifted."""
    return restrictions.c.lifted_at.is_(None)


def is_own(account: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that somebody filed an entry, and that every later version of it is theirs as well."""
    return and_(filings.c.account == account, filings.c.by_others.is_(False))


def is_concerned() -> ColumnElement[bool]:
    """Return the condition that some restriction bears on what was filed: of other filings a decision asks nothing."""
    whole = and_(
        restrictions.c.entry.is_(None),
        or_(restrictions.c.section.is_(None), restrictions.c.section == filings.c.section),
    )
    same = restrictions.c.dossier == filings.c.dossier
    return exists().where(same, holds(), or_(restrictions.c.entry == filings.c.entry, whole))


def insert_restriction(uow: kernel.UnitOfWork, placed: Restriction) -> None:
    """Write a restriction."""
    new = insert(restrictions).values(
        id=placed.id, dossier=placed.dossier, against=placed.against, account=placed.account,
        section=placed.section, entry=placed.entry, placed_by=placed.placed_by, placed_at=placed.placed_at,
    )  # fmt: skip
    write_vouched(uow, TieKind.RESTRICTION, new)


def lift(uow: kernel.UnitOfWork, restriction: RestrictionId) -> bool:
    """Write that a restriction ends now; False when it was lifted."""
    held = update(restrictions).where(restrictions.c.id == restriction, holds())
    return write_vouched(uow, TieKind.RESTRICTION, held.values(lifted_at=uow.now)) > 0


def load_restrictions_to_check(uow: kernel.UnitOfWork) -> Iterator[ledger.CheckedRow]:
    """Yield every restriction as it is stored, to be held against the ledger."""
    for row in uow.connection.execute(select(restrictions)).mappings():
        yield checked_tie(TieKind.RESTRICTION, dict(row))


def load_restrictions(uow: kernel.UnitOfWork, dossier: kernel.DossierId) -> tuple[Restriction, ...]:
    """Return every restriction ever placed on a dossier, newest first."""
    newest = restrictions.c.placed_at.desc(), restrictions.c.id
    query = select(restrictions).where(restrictions.c.dossier == dossier).order_by(*newest)
    return tuple(_read(row) for row in uow.connection.execute(query).mappings())


def insert_filing(uow: kernel.UnitOfWork, dossier: kernel.DossierId, filing: Filing) -> None:
    """Write who filed an entry."""
    row: dict[str, Any] = {"entry": filing.entry, "section": filing.section, "account": filing.account}
    uow.connection.execute(insert(filings).values(**row, dossier=dossier, by_others=False))


def mark_others(uow: kernel.UnitOfWork, entry: EntryId, writer: kernel.AccountId) -> None:
    """Write that an entry holds a version that is not of whoever filed it, if it does by this one."""
    of_another = update(filings).where(filings.c.entry == entry, filings.c.account != writer)
    uow.connection.execute(of_another.values(by_others=True))


def load_filings(
    uow: kernel.UnitOfWork, dossier: kernel.DossierId, entries: Collection[EntryId]
) -> tuple[Filing, ...]:
    """Return who filed these entries of a dossier; those that are not in it are left out."""
    return _filings(uow, and_(filings.c.dossier == dossier, filings.c.entry.in_(list(entries))))


def load_all_filings(uow: kernel.UnitOfWork, dossier: kernel.DossierId) -> tuple[Filing, ...]:
    """Return who filed every entry of a dossier."""
    return _filings(uow, filings.c.dossier == dossier)


def _filings(uow: kernel.UnitOfWork, wanted: ColumnElement[bool]) -> tuple[Filing, ...]:
    rows = uow.connection.execute(select(filings).where(wanted)).mappings()
    return tuple(Filing(EntryId(row["entry"]), Section(row["section"]), row["account"]) for row in rows)


def _read(row: RowMapping) -> Restriction:
    section = None if row["section"] is None else Section(row["section"])
    return Restriction(
        RestrictionId(row["id"]), row["dossier"], Against(row["against"]), row["account"], section,
        row["entry"], row["placed_by"], row["placed_at"], row["lifted_at"],
    )  # fmt: skip
