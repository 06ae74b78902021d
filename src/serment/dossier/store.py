"""The rows of dossiers: entries, their versions, the pages that list them, blind indexes, unfinished uploads."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    RowMapping,
    String,
    Table,
    and_,
    bindparam,
    delete,
    false,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from serment import access, kernel
from serment.dossier.errors import AlreadyFiled
from serment.dossier.model import EntryHead, EntryKind, SealedVersion
from serment.kernel import UtcDateTime, UuidText, metadata

entries = Table(
    "entries",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("dossier", UuidText, nullable=False),
    Column("section", String(40), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Index(None, "dossier", "kind", "recorded_at"),
)

versions = Table(
    "entry_versions",
    metadata,
    Column("entry", UuidText, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("dossier", UuidText, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    ForeignKeyConstraint(["entry"], ["entries.id"]),
)

catalogue = Table(
    "catalogue_pages",
    metadata,
    Column("dossier", UuidText, primary_key=True),
    Column("section", String(40), primary_key=True),
    Column("page", Integer, primary_key=True),
    Column("lines", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

patient_index = Table(
    "patient_index",
    metadata,
    Column("dossier", UuidText, primary_key=True),
    Column("field", String(40), primary_key=True),
    Column("tag", LargeBinary, primary_key=True),
    Column("organisation", UuidText, nullable=False),
    Index(None, "organisation", "field", "tag"),
)


# Built once: these are asked with nearly every request.
_INSERT_VERSION = insert(versions)
_DOSSIER = bindparam("dossier", type_=UuidText())
_ENTRY = bindparam("entry", type_=UuidText())
_HEAD = select(entries).where(entries.c.id == _ENTRY, entries.c.dossier == _DOSSIER)
_VERSION = select(versions).where(versions.c.entry == _ENTRY, versions.c.version == bindparam("version"))
_PAGES = (
    select(catalogue.c.section, catalogue.c.page, catalogue.c.sealed)
    .where(catalogue.c.dossier == _DOSSIER)
    .order_by(catalogue.c.section, catalogue.c.page)
)
_LOCK = select(entries.c.id).where(entries.c.id == _DOSSIER).with_for_update(key_share=True)
_LAST_PAGE = (
    select(catalogue.c.page, catalogue.c.lines, catalogue.c.sealed)
    .where(catalogue.c.dossier == _DOSSIER, catalogue.c.section == bindparam("section"))
    .order_by(catalogue.c.page.desc())
    .limit(1)
)


def insert_entry(uow: kernel.UnitOfWork, head: EntryHead) -> None:
    """Write the head of a new entry.

    Raises:
        AlreadyFiled: the identifier is taken.
    """
    row = {"id": head.id, "dossier": head.dossier, "section": head.section, "kind": head.kind}
    new = insert(entries).values(**row, version=head.version, recorded_at=head.recorded_at, withdrawn=False)
    try:
        uow.connection.execute(new)
    except IntegrityError:
        raise AlreadyFiled(str(head.id)) from None


def insert_version(uow: kernel.UnitOfWork, dossier: kernel.DossierId, version: SealedVersion) -> None:
    """Write one version; none is ever written again."""
    row = {"entry": version.entry, "version": version.version, "dossier": dossier}
    uow.connection.execute(
        _INSERT_VERSION, {**row, "recorded_at": version.recorded_at, "sealed": version.sealed}
    )


def advance_entry(uow: kernel.UnitOfWork, head: EntryHead, *, withdrawn: bool) -> bool:
    """Move an entry to its next version; False when somebody moved it first, or it is withdrawn."""
    unmoved = and_(entries.c.id == head.id, entries.c.version == head.version, entries.c.withdrawn.is_(False))
    moved = (
        update(entries)
        .where(unmoved)
        .values(version=head.version + 1, recorded_at=uow.now, withdrawn=withdrawn)
    )
    return uow.connection.execute(moved).rowcount == 1


def load_head(uow: kernel.UnitOfWork, dossier: kernel.DossierId, entry: access.EntryId) -> EntryHead | None:
    """Return the head of one entry of one dossier."""
    row = uow.connection.execute(_HEAD, {"entry": entry, "dossier": dossier}).mappings().first()
    return None if row is None else _head(row)


def load_dossier_of(uow: kernel.UnitOfWork, entry: access.EntryId) -> kernel.DossierId | None:
    """Return the dossier that an entry is of; it says nothing of who may know."""
    return uow.connection.execute(select(entries.c.dossier).where(entries.c.id == entry)).scalar()


def _head(row: RowMapping) -> EntryHead:
    return EntryHead(
        access.EntryId(row["id"]), row["dossier"], access.Section(row["section"]), EntryKind(row["kind"]),
        row["version"], row["recorded_at"],
    )  # fmt: skip


def load_version(uow: kernel.UnitOfWork, entry: access.EntryId, version: int) -> SealedVersion | None:
    """Return one version of an entry, sealed."""
    row = uow.connection.execute(_VERSION, {"entry": entry, "version": version}).mappings().first()
    return None if row is None else _version(row)


def load_history(uow: kernel.UnitOfWork, entry: access.EntryId) -> list[SealedVersion]:
    """Return every version of an entry, newest first."""
    query = select(versions).where(versions.c.entry == entry).order_by(versions.c.version.desc())
    return [_version(row) for row in uow.connection.execute(query).mappings()]


def _version(row: RowMapping) -> SealedVersion:
    return SealedVersion(access.EntryId(row["entry"]), row["version"], row["recorded_at"], row["sealed"])


def load_identities(
    uow: kernel.UnitOfWork, dossiers: Iterable[kernel.DossierId]
) -> list[tuple[kernel.DossierId, SealedVersion]]:
    """Return the newest identity of each of these dossiers, sealed, in one query."""
    found = uow.connection.execute(_IDENTITIES, {"dossiers": list(dossiers)}).mappings()
    return [(row["dossier"], _version(row)) for row in found]


#: What nearly every page asks is put into words once.
_IDENTITIES = (
    select(versions)
    .join(entries, and_(versions.c.entry == entries.c.id, versions.c.version == entries.c.version))
    .where(entries.c.dossier.in_(bindparam("dossiers", expanding=True)), entries.c.kind == EntryKind.PATIENT)
)


def load_recent(
    uow: kernel.UnitOfWork, reaches: Mapping[kernel.DossierId, access.Reach], limit: int
) -> list[EntryHead]:
    """Return the documents that moved last among those reached, newest first; what is withdrawn is left out.

    The limit counts what is reached only: how much lies beyond must not be told from what is missing (O4).
    """
    alike: dict[frozenset[tuple[access.Section, access.Extent]], list[kernel.DossierId]] = {}
    for dossier, reach in reaches.items():
        alike.setdefault(frozenset(reach.items()), []).append(dossier)
    reached = (and_(entries.c.dossier.in_(these), _within(reach)) for reach, these in alike.items())
    document = and_(entries.c.kind == EntryKind.DOCUMENT, entries.c.withdrawn.is_(False))
    query = select(entries).where(document, or_(false(), *reached))
    newest = query.order_by(entries.c.recorded_at.desc(), entries.c.id).limit(limit)
    return [_head(row) for row in uow.connection.execute(newest).mappings()]


def _within(reach: Iterable[tuple[access.Section, access.Extent]]) -> ColumnElement[bool]:
    return or_(*(and_(entries.c.section == section, *_covered(extent)) for section, extent in reach))


def _covered(extent: access.Extent) -> Iterator[ColumnElement[bool]]:
    if extent.only is not None:
        yield entries.c.id.in_(sorted(extent.only))
    if extent.but:
        yield entries.c.id.not_in(sorted(extent.but))


def lock_dossier(uow: kernel.UnitOfWork, dossier: kernel.DossierId) -> None:
    """Let one transaction at a time add to the catalogue of a dossier; the entry of its identity stands for it.

    Locking the last page would not do: of two that begin a page, neither would see the other's. SQLite has one writer.
    """
    if uow.connection.dialect.name == "postgresql":
        uow.connection.execute(_LOCK, {"dossier": dossier})


def load_last_page(
    uow: kernel.UnitOfWork, dossier: kernel.DossierId, section: access.Section
) -> tuple[int, int, bytes] | None:
    """Return the page of a section that is being filled: its number, how many lines it has, its seal."""
    row = uow.connection.execute(_LAST_PAGE, {"dossier": dossier, "section": section}).first()
    return None if row is None else (row[0], row[1], row[2])


def load_pages(
    uow: kernel.UnitOfWork, dossier: kernel.DossierId, sections: frozenset[access.Section]
) -> list[tuple[access.Section, int, bytes]]:
    """Return every page that lists these sections of a dossier, in their order."""
    rows = uow.connection.execute(_PAGES, {"dossier": dossier})
    found = ((access.Section(row[0]), row[1], row[2]) for row in rows)
    return [page for page in found if page[0] in sections]


def insert_page(
    uow: kernel.UnitOfWork, dossier: kernel.DossierId, section: access.Section, page: int, sealed: bytes
) -> None:
    """Begin a page with its first line."""
    row = {"dossier": dossier, "section": section, "page": page}
    uow.connection.execute(insert(catalogue).values(**row, lines=1, sealed=sealed))


def update_page(
    uow: kernel.UnitOfWork,
    dossier: kernel.DossierId,
    section: access.Section,
    page: int,
    *,
    lines: int,
    sealed: bytes,
) -> None:
    """Replace a page by the same page with one more line."""
    mine = and_(catalogue.c.dossier == dossier, catalogue.c.section == section, catalogue.c.page == page)
    uow.connection.execute(update(catalogue).where(mine).values(lines=lines, sealed=sealed))


def replace_index(
    uow: kernel.UnitOfWork,
    organisation: kernel.OrganisationId,
    dossier: kernel.DossierId,
    tags: Iterable[tuple[str, bytes]],
) -> None:
    """Write the blind tags under which a patient is found, in place of earlier ones."""
    uow.connection.execute(delete(patient_index).where(patient_index.c.dossier == dossier))
    rows = [
        {"dossier": dossier, "organisation": organisation, "field": field, "tag": tag} for field, tag in tags
    ]
    uow.connection.execute(insert(patient_index), rows)


def find_by_tag(
    uow: kernel.UnitOfWork, organisation: kernel.OrganisationId, field: str, tag: bytes, limit: int
) -> list[kernel.DossierId]:
    """Return the dossiers of an organisation that carry a tag; tags are short, so some may be another's."""
    same = and_(
        patient_index.c.organisation == organisation,
        patient_index.c.field == field,
        patient_index.c.tag == tag,
    )
    query = select(patient_index.c.dossier).where(same).order_by(patient_index.c.dossier).limit(limit)
    return [kernel.DossierId(row) for row in uow.connection.execute(query).scalars()]


@dataclass(frozen=True)
class SealedRow:
    """A sealed row of a dossier, as a check of all seals meets it; its section is as the row says, right or wrong.

    `newest` is the number that its entry's head gives as the newest version; for a page, its own number.
    """

    dossier: kernel.DossierId
    section: str
    entry: access.EntryId | None
    number: int
    sealed: bytes
    newest: int


def load_sealed_rows(uow: kernel.UnitOfWork) -> Iterator[SealedRow]:
    """Yield every version of every entry, then every page of every catalogue."""
    newest = entries.c.version.label("newest")
    joined = select(versions, entries.c.section, newest).join(entries, entries.c.id == versions.c.entry)
    for row in uow.connection.execute(joined.execution_options(yield_per=500)).mappings():
        entry = access.EntryId(row["entry"])
        yield SealedRow(row["dossier"], row["section"], entry, row["version"], row["sealed"], row["newest"])
    for row in uow.connection.execute(select(catalogue).execution_options(yield_per=100)).mappings():
        yield SealedRow(row["dossier"], row["section"], None, row["page"], row["sealed"], row["page"])
