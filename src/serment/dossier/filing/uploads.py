"""Uploads that survive a cut: what was acknowledged is durable, and sending goes on from there (tus 1.0).

The offset that a client is told counts durable bytes only. One connection at a time sends bytes for an upload.
"""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from serment import access, clinical, identity, kernel, vault
from serment.dossier.errors import UploadBusy, UploadNotFound, UploadOffsetMismatch, UploadTooLarge
from serment.dossier.filing import store
from serment.dossier.filing.reception import Filing, Reception
from serment.dossier.filing.store import UploadId, UploadRow
from serment.dossier.model import Draft

COMPARTMENT = "uploads"
KEPT = timedelta(days=7)
#: A connection that says nothing for so long has lost its turn.
TURN = timedelta(seconds=30)


@dataclass(frozen=True)
class Upload:
    """Where an upload stands: how many bytes are durable, how many there will be, until when it is kept."""

    id: UploadId
    dossier: kernel.DossierId
    entry: access.EntryId
    offset: int
    length: int | None
    expires_at: datetime
    filed: bool


def begin_upload(
    uow: kernel.UnitOfWork, caller: identity.Caller, filing: Filing, length: int | None, *, most_bytes: int
) -> Upload:
    """Open an upload for a document whose filing was planned.

    Raises:
        UploadTooLarge: `length` is beyond `most_bytes`.
    """
    if length is not None and length > most_bytes:
        raise UploadTooLarge(str(length))
    upload = UploadId(kernel.new_id())
    sealed = uow.part(vault.Keyring).seal(_encode(filing.draft), _context(filing.organisation, upload))
    row = UploadRow(
        upload,
        filing.organisation,
        filing.dossier,
        caller.account,
        filing.entry,
        length,
        sealed,
        uow.now + KEPT,
    )
    store.insert_upload(uow, row)
    return _seen(row)


def upload_state(uow: kernel.UnitOfWork, caller: identity.Caller, upload: UploadId) -> Upload:
    """Say where an upload stands; only whoever began it may ask.

    Raises:
        UploadNotFound: no such upload of this person, or it has expired.
    """
    return _seen(_mine(uow, caller, upload))


def resume_upload(
    database: kernel.Database, caller: identity.Caller, upload: UploadId, offset: int
) -> Reception:
    """Take the turn to send bytes from `offset` on.

    Raises:
        UploadNotFound: no such upload of this person, or it has expired, or its document is filed.
        UploadOffsetMismatch: the upload stands elsewhere.
        UploadBusy: another connection has the turn.
        AccessRefused: the caller may no longer file there; traced.
    """
    with database.unit_of_work() as uow:
        row = _mine(uow, caller, upload)
        if row.filed_at is not None:
            raise UploadNotFound(str(upload))
        access.foresee(uow, caller, access.Action.FILE, row.dossier)
        if row.offset != offset:
            raise UploadOffsetMismatch(f"{row.offset}")
        if not store.take_turn(uow, upload, uow.now + TURN):
            raise UploadBusy(str(upload))
        objects = uow.part(vault.ObjectStore)
        filing = _filing(uow, row)
    if row.begun is None:
        return Reception(objects, filing)
    return Reception.resume(objects, filing, row.begun, row.parts)


def keep_progress(database: kernel.Database, upload: UploadId, reception: Reception, kept: int) -> int:
    """Write the parts that became durable since `kept` of them were written; return how many there are now.

    After this their bytes may be acknowledged.

    Raises:
        UploadNotFound: it was given up meanwhile; the parts that came since are taken away.
        UploadOffsetMismatch: the turn was lost and another connection went on; likewise.
    """
    fresh = reception.parts[kept:]
    if not fresh or reception.begun is None:
        return kept
    try:
        with database.unit_of_work() as uow:
            store.insert_parts(uow, upload, fresh, uow.now + TURN)
            if kept == 0:
                store.begin_object(uow, upload, reception.begun)
    except (UploadNotFound, UploadOffsetMismatch):
        reception.discard_since(kept)
        raise
    return kept + len(fresh)


def leave_upload(database: kernel.Database, upload: UploadId) -> None:
    """Give the turn back, so that another connection may go on at once."""
    with database.unit_of_work() as uow:
        store.leave_turn(uow, upload)


def set_length(
    uow: kernel.UnitOfWork, caller: identity.Caller, upload: UploadId, length: int, *, most_bytes: int
) -> Upload:
    """Say how long an upload will be that began without saying so.

    Raises:
        UploadNotFound: no such upload of this person, or it has expired.
        UploadOffsetMismatch: its length is known already, or more bytes came than that.
        UploadTooLarge: `length` is beyond `most_bytes`.
    """
    row = _mine(uow, caller, upload)
    if length > most_bytes:
        raise UploadTooLarge(str(length))
    if row.length is not None or row.offset > length:
        raise UploadOffsetMismatch(str(row.offset))
    store.set_length(uow, upload, length)
    return _seen(replace(row, length=length))


def discard_upload(database: kernel.Database, caller: identity.Caller, upload: UploadId) -> None:
    """Give an upload up: its parts are taken away, unless its document came through.

    Raises:
        UploadNotFound: no such upload of this person, or it has expired.
    """
    with database.unit_of_work() as uow:
        row = _mine(uow, caller, upload)
        objects = uow.part(vault.ObjectStore)
        unfiled = store.delete_upload(uow, upload)
    if unfiled:
        objects.discard(row.parts)


def discard_expired(database: kernel.Database, *, limit: int = 100) -> int:
    """Take away uploads whose time is over; return how many."""
    with database.unit_of_work() as uow:
        rows = [store.load_upload(uow, upload) for upload in store.load_expired(uow, limit)]
        objects = uow.part(vault.ObjectStore)
        gone = [(row.parts, store.delete_upload(uow, row.id)) for row in rows if row is not None]
    for durable, unfiled in gone:
        if unfiled:
            objects.discard(durable)
    return len(gone)


def _mine(uow: kernel.UnitOfWork, caller: identity.Caller, upload: UploadId) -> UploadRow:
    row = store.load_upload(uow, upload)
    if row is None or row.account != caller.account or row.expires_at <= uow.now:
        raise UploadNotFound(str(upload))
    return row


def _seen(row: UploadRow) -> Upload:
    offset = row.length or 0 if row.filed_at is not None else row.offset
    return Upload(
        row.id, row.dossier, row.entry, offset, row.length, row.expires_at, row.filed_at is not None
    )


def _filing(uow: kernel.UnitOfWork, row: UploadRow) -> Filing:
    """Open the draft: the caller's own words, kept for a week at most, under a key of the organisation."""
    sealed = uow.part(vault.Keyring).unseal(row.draft, _context(row.organisation, row.id))
    return Filing(row.organisation, row.dossier, row.entry, _decode(sealed))


def _context(organisation: kernel.OrganisationId, upload: UploadId) -> vault.SealContext:
    return vault.SealContext(vault.Scope(organisation, None, COMPARTMENT), "upload", upload)


def _encode(draft: Draft) -> bytes:
    return kernel.canonical_json({
        "title": draft.title, "kind": draft.kind.value, "date": draft.document_date.isoformat(),
        "file": draft.file_name, "sensitive": draft.sensitive,
    })  # fmt: skip


def _decode(encoded: bytes) -> Draft:
    said = json.loads(encoded)
    kind = clinical.DocumentKind(said["kind"])
    return Draft(said["title"], kind, date.fromisoformat(said["date"]), said["file"], said["sensitive"])
