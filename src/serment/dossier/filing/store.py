"""Unfinished uploads and their durable parts. A row holds no word of the document: its draft is sealed."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    String,
    Table,
    and_,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from serment import access, kernel, vault
from serment.dossier.errors import UploadNotFound, UploadOffsetMismatch
from serment.kernel import UtcDateTime, UuidText, metadata

UploadId = NewType("UploadId", UUID)

uploads = Table(
    "uploads",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("organisation", UuidText, nullable=False),
    Column("dossier", UuidText, nullable=False),
    Column("account", UuidText, nullable=False),
    Column("entry", UuidText, nullable=False),
    Column("length", BigInteger),
    Column("draft", LargeBinary, nullable=False),
    Column("object", UuidText),
    Column("section", String(40)),
    Column("wrapped_key", LargeBinary),
    Column("media_type", String(120)),
    Column("busy_until", UtcDateTime),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("filed_at", UtcDateTime),
)

parts = Table(
    "upload_parts",
    metadata,
    Column("upload", UuidText, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("clear_size", Integer, nullable=False),
    Column("tags", LargeBinary, nullable=False),
    ForeignKeyConstraint(["upload"], ["uploads.id"], ondelete="CASCADE"),
)


@dataclass(frozen=True)
class ObjectBegun:
    """The object that an upload fills: known once the first bytes said what they are."""

    draft: vault.ObjectDraft
    section: access.Section
    media_type: str


@dataclass(frozen=True)
class UploadRow:
    """An upload as it lies in the database."""

    id: UploadId
    organisation: kernel.OrganisationId
    dossier: kernel.DossierId
    account: kernel.AccountId
    entry: access.EntryId
    length: int | None
    draft: bytes
    expires_at: datetime
    begun: ObjectBegun | None = None
    filed_at: datetime | None = None
    parts: tuple[vault.Part, ...] = ()

    @property
    def offset(self) -> int:
        """How many bytes are durable."""
        return sum(part.clear_size for part in self.parts)


def insert_upload(uow: kernel.UnitOfWork, row: UploadRow) -> None:
    """Write a new upload."""
    uow.connection.execute(
        insert(uploads).values(
            id=row.id, organisation=row.organisation, dossier=row.dossier, account=row.account, entry=row.entry,
            length=row.length, draft=row.draft, expires_at=row.expires_at,
        )
    )  # fmt: skip


def load_upload(uow: kernel.UnitOfWork, upload: UploadId) -> UploadRow | None:
    """Return an upload with its durable parts."""
    row = uow.connection.execute(select(uploads).where(uploads.c.id == upload)).mappings().first()
    if row is None:
        return None
    begun = None
    if row["object"] is not None:
        section = access.Section(row["section"])
        scope = vault.Scope(row["organisation"], row["dossier"], section.value)
        draft = vault.ObjectDraft(vault.ObjectId(row["object"]), scope, row["wrapped_key"])
        begun = ObjectBegun(draft, section, row["media_type"])
    return UploadRow(
        id=upload, organisation=row["organisation"], dossier=row["dossier"], account=row["account"],
        entry=access.EntryId(row["entry"]), length=row["length"], draft=row["draft"], expires_at=row["expires_at"],
        begun=begun, filed_at=row["filed_at"], parts=_load_parts(uow, upload),
    )  # fmt: skip


def _load_parts(uow: kernel.UnitOfWork, upload: UploadId) -> tuple[vault.Part, ...]:
    query = select(parts).where(parts.c.upload == upload).order_by(parts.c.number)
    rows = uow.connection.execute(query).mappings()
    return tuple(vault.Part(row["number"], row["salt"], row["clear_size"], row["tags"]) for row in rows)


def take_turn(uow: kernel.UnitOfWork, upload: UploadId, until: datetime) -> bool:
    """Make this connection the one that sends bytes; False while another one does."""
    free = or_(uploads.c.busy_until.is_(None), uploads.c.busy_until < uow.now)
    taken = update(uploads).where(and_(uploads.c.id == upload, free)).values(busy_until=until)
    return uow.connection.execute(taken).rowcount == 1


def leave_turn(uow: kernel.UnitOfWork, upload: UploadId) -> None:
    """Let another connection send bytes."""
    uow.connection.execute(update(uploads).where(uploads.c.id == upload).values(busy_until=None))


def begin_object(uow: kernel.UnitOfWork, upload: UploadId, begun: ObjectBegun) -> None:
    """Write which object the upload fills."""
    draft = begun.draft
    values = {"object": draft.id, "section": begun.section, "wrapped_key": draft.wrapped_key}
    mine = uploads.c.id == upload
    uow.connection.execute(update(uploads).where(mine).values(**values, media_type=begun.media_type))


def insert_parts(
    uow: kernel.UnitOfWork, upload: UploadId, durable: tuple[vault.Part, ...], busy_until: datetime
) -> None:
    """Keep the turn and write parts that are durable.

    Raises:
        UploadNotFound: the upload was given up meanwhile.
        UploadOffsetMismatch: another connection wrote such parts first, this one having lost its turn.
    """
    kept = update(uploads).where(uploads.c.id == upload).values(busy_until=busy_until)
    if uow.connection.execute(kept).rowcount == 0:
        raise UploadNotFound(str(upload))
    rows = [
        {"upload": upload, "number": p.number, "salt": p.salt, "clear_size": p.clear_size, "tags": p.tags}
        for p in durable
    ]
    try:
        uow.connection.execute(insert(parts), rows)
    except IntegrityError:
        raise UploadOffsetMismatch(str(durable[0].number)) from None


def set_length(uow: kernel.UnitOfWork, upload: UploadId, length: int) -> None:
    """Write the length of an upload that began without one."""
    uow.connection.execute(update(uploads).where(uploads.c.id == upload).values(length=length))


def mark_filed(uow: kernel.UnitOfWork, upload: UploadId) -> bool:
    """Write that the document is in the dossier; the parts belong to its object from now on.

    False when the upload was given up, or filed, meanwhile: its parts may be gone.
    """
    unfiled = and_(uploads.c.id == upload, uploads.c.filed_at.is_(None))
    filed = uow.connection.execute(update(uploads).where(unfiled).values(filed_at=uow.now, busy_until=None))
    uow.connection.execute(delete(parts).where(parts.c.upload == upload))
    return filed.rowcount == 1


def delete_upload(uow: kernel.UnitOfWork, upload: UploadId) -> bool:
    """Forget an upload, and its parts with it; False when its document was filed meanwhile: they are an object's.

    The upload goes first, as in `mark_filed`: two that took the same rows in another order would wait for each other.
    """
    unfiled = and_(uploads.c.id == upload, uploads.c.filed_at.is_(None))
    if uow.connection.execute(delete(uploads).where(unfiled)).rowcount == 1:
        return True
    uow.connection.execute(delete(uploads).where(uploads.c.id == upload))
    return False


def load_expired(uow: kernel.UnitOfWork, limit: int) -> list[UploadId]:
    """Return uploads whose time is over."""
    query = select(uploads.c.id).where(uploads.c.expires_at < uow.now).limit(limit)
    return [UploadId(row) for row in uow.connection.execute(query).scalars()]
