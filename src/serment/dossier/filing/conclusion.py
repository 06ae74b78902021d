"""The end of a filing: the decision, a look into the content, and the document in the dossier."""

from dataclasses import dataclass

from serment import access, clinical, identity, kernel, ledger, vault
from serment.dossier import documents, store
from serment.dossier.errors import AlreadyFiled, DocumentRefused, UploadNotFound
from serment.dossier.filing.reception import Filing, Reception
from serment.dossier.filing.store import ObjectBegun, UploadId, mark_filed
from serment.dossier.model import Content, Document, Draft
from serment.dossier.ports import Findings, Workbench

#: What is looked into before it is filed: the others are served as they came, and previews look at them later.
LOOKED_INTO = frozenset({
    clinical.MediaType.DICOM, clinical.MediaType.JPEG, clinical.MediaType.PNG, clinical.MediaType.WEBP,
    clinical.MediaType.PDF, clinical.MediaType.TIFF,
})  # fmt: skip
NOTHING_FOUND = Findings()


def plan_filing(
    uow: kernel.UnitOfWork,
    caller: identity.Caller,
    dossier: kernel.DossierId,
    draft: Draft,
    entry: access.EntryId | None = None,
) -> Filing:
    """Say before the bytes come whether they will be taken; `entry` is an identifier chosen by whoever sends them.

    Raises:
        AccessRefused: the caller may not file there; traced.
        AlreadyFiled: that entry is in the dossier: an earlier attempt came through.
        DocumentRefused: no title, one longer than 200 signs, or a date to come.
    """
    section = access.Section.SENSITIVE if draft.sensitive else None
    organisation = access.foresee(uow, caller, access.Action.FILE, dossier, section)
    documents.check_draft(uow, draft)
    if entry is not None and store.load_head(uow, dossier, entry) is not None:
        raise AlreadyFiled(str(entry))
    return Filing(organisation, dossier, entry or access.EntryId(kernel.new_id()), draft)


def conclude(
    database: kernel.Database,
    caller: identity.Caller,
    reception: Reception,
    *,
    upload: UploadId | None = None,
) -> Document:
    """File what was received: decide, look into it where that is needed, write. Everything is durable on return.

    `upload` is the upload by which it came; it ends in the same transaction.

    Looking into content takes time: it is done between two transactions, never inside one.

    Raises:
        AccessRefused: the caller's right ended meanwhile; traced.
        AlreadyFiled: an earlier attempt came through.
        DocumentRefused: nothing was received.
        UploadNotFound: the upload was given up meanwhile, and its parts with it.
        StoreUnavailable: the rows cannot be written; the parts stay orphans, nothing was acknowledged.
    """
    begun = _begun(reception)
    if begun.media_type not in LOOKED_INTO:
        with database.unit_of_work() as uow:
            permit = _decide(uow, caller, reception.filing, begun)
            return _file(uow, permit, reception, _content(reception, begun, NOTHING_FOUND), upload)
    with database.recorded_reading() as uow:
        permit = _decide(uow, caller, reception.filing, begun)
        workbench = uow.part(Workbench)  # type: ignore[type-abstract] # the part app put there as the port's
        reader = uow.part(vault.ObjectStore).reader(reception.stored(), permit.warrant)
    found = workbench.inspect(begun.media_type, ObjectSource(reader), reader.size)
    with database.unit_of_work() as uow:
        return _file(uow, permit, reception, _content(reception, begun, found), upload)


def _file(
    uow: kernel.UnitOfWork,
    permit: access.Permit,
    reception: Reception,
    content: Content,
    upload: UploadId | None,
) -> Document:
    """Write the object, its anchor and the document that stands for it, all in one transaction."""
    if upload is not None and not mark_filed(uow, upload):
        raise UploadNotFound(str(upload))
    keep_object(uow, permit.organisation, reception)
    return documents.file_document(uow, permit, reception.filing.entry, reception.filing.draft, content)


def keep_object(uow: kernel.UnitOfWork, organisation: kernel.OrganisationId, reception: Reception) -> None:
    """Write the row of a received object and commit the ledger to it."""
    head = vault.finish_object(uow, reception.writer)
    ledger.anchor(uow, f"object/{head.id}", head.digest, organisation=organisation)


@dataclass(frozen=True)
class ObjectSource:
    """An object as a `clinical.RandomReader`."""

    reader: vault.ObjectReader

    def read_at(self, offset: int, length: int) -> bytes:
        """Return the bytes from `offset`, fewer than `length` only at the end."""
        begin = min(offset, self.reader.size)
        pieces = self.reader.read(begin, min(length, self.reader.size - begin))
        return b"".join(bytes(piece) for piece in pieces)


def _begun(reception: Reception) -> ObjectBegun:
    if reception.begun is None or reception.size == 0:
        raise DocumentRefused("content")
    return reception.begun


def _decide(
    uow: kernel.UnitOfWork, caller: identity.Caller, filing: Filing, begun: ObjectBegun
) -> access.Permit:
    action, dossier = access.Action.FILE, filing.dossier
    return access.decide(uow, caller, action, dossier, section=begun.section, entry=filing.entry)


def _content(reception: Reception, begun: ObjectBegun, found: Findings) -> Content:
    return Content(
        begun.draft.id,
        begun.section,
        reception.size,
        begun.media_type,
        found.patches,
        found.dicom,
        found.pages,
    )
