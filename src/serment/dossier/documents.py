"""Documents as versions: filed, listed, opened, amended, withdrawn. Nothing is ever overwritten (O6)."""

from dataclasses import replace
from datetime import timedelta

from serment import access, clinical, identity, kernel
from serment.dossier import catalogue, store
from serment.dossier.errors import AlreadyWithdrawn, DocumentRefused, VersionConflict
from serment.dossier.line import Line, line_of
from serment.dossier.model import (
    Content,
    Document,
    Draft,
    EntryHead,
    EntryKind,
    Filter,
    SealedVersion,
)
from serment.dossier.sealing import open_version, write_version

LONGEST_TITLE = 200


def decide_entry(
    uow: kernel.UnitOfWork,
    caller: identity.Caller,
    action: access.Action,
    dossier: kernel.DossierId,
    entry: access.EntryId,
) -> access.Permit:
    """Decide one act on one entry; an entry that does not exist is refused as one that is forbidden.

    Raises:
        AccessRefused: no, or no such entry; traced either way.
    """
    head = _known(uow, caller, action, dossier, entry)
    return access.decide(uow, caller, action, dossier, section=head.section, entry=entry)


def decide_named_entry(
    uow: kernel.UnitOfWork, caller: identity.Caller, action: access.Action, entry: access.EntryId
) -> access.Permit:
    """Decide one act on one entry that is named by itself, as FHIR names it; else as `decide_entry`.

    Raises:
        AccessRefused: no, or no such entry; traced either way.
    """
    there = store.load_dossier_of(uow, entry)
    # An entry that there is not is looked for in a dossier that there is not: the same steps, the same answer.
    dossier = kernel.DossierId(entry) if there is None else there
    head = _known(uow, caller, action, dossier, entry)
    return access.decide_by_itself(uow, caller, action, dossier, section=head.section, entry=entry)


def file_document(
    uow: kernel.UnitOfWork, permit: access.Permit, entry: access.EntryId, draft: Draft, content: Content
) -> Document:
    """File a document in the dossier, under an identifier chosen beforehand.

    Raises:
        PermitMismatch: the permit is not for filing in the section where its bytes lie.
        DocumentRefused: no title, or one longer than 200 signs, or a date to come.
    """
    section = content.section
    permit.require(uow, access.Action.FILE, section, entry)
    head = EntryHead(entry, permit.dossier, section, EntryKind.DOCUMENT, 1, uow.now)
    description = _describe(uow, permit, head, draft, content)
    store.insert_entry(uow, head)
    access.note_filing(uow, permit, section, entry)
    return _write(uow, permit, head, description, "")


def list_documents(uow: kernel.UnitOfWork, permit: access.Permit, wanted: Filter) -> tuple[Line, ...]:
    """Return what the permit reaches and the filter wants, newest document first.

    Raises:
        PermitMismatch: the permit is not for listing.
        SealBroken: a page of the catalogue fails authentication.
    """
    permit.require(uow, access.Action.LIST, None, None)
    return catalogue.lines(uow, permit, wanted)


def open_document(
    uow: kernel.UnitOfWork, permit: access.Permit, entry: access.EntryId, version: int | None = None
) -> Document:
    """Return one version of a document in clear, the newest unless another is named.

    Raises:
        AccessRefused: no such version.
        PermitMismatch: the permit is for another dossier, section, entry or time.
        SealBroken: the stored bytes fail authentication.
    """
    head = _head(uow, permit, access.Action.READ, entry)
    found = store.load_version(uow, entry, head.version if version is None else version)
    if found is None:
        raise access.AccessRefused("no-such-version")
    return _opened(uow, permit, head, found)


def history_of(uow: kernel.UnitOfWork, permit: access.Permit, entry: access.EntryId) -> tuple[Document, ...]:
    """Return every version of a document in clear, newest first: who changed what, when and why.

    Raises:
        PermitMismatch: the permit is for another dossier, section, entry or time.
        SealBroken: the stored bytes of a version fail authentication.
    """
    head = _head(uow, permit, access.Action.READ, entry)
    return tuple(_opened(uow, permit, head, version) for version in store.load_history(uow, entry))


def amend_document(
    uow: kernel.UnitOfWork,
    permit: access.Permit,
    before: Document,
    draft: Draft,
    *,
    content: Content | None = None,
    note: str = "",
) -> Document:
    """File a new version over `before`: other words, or other bytes when `content` is given. `note` says why.

    Raises:
        PermitMismatch: the permit is not for amending this entry.
        VersionConflict: somebody amended it since `before` was read.
        AlreadyWithdrawn: it was withdrawn.
        DocumentRefused: the draft cannot be filed, or would move the document to another section.
    """
    head = _next(uow, permit, access.Action.AMEND, before, withdrawn=False)
    kept = content or content_of(before)
    if kept.section is not head.section:
        raise DocumentRefused("section")
    description = _describe(uow, permit, head, draft, kept)
    return _write(
        uow, permit, head, replace(description, added_by_patient=before.description.added_by_patient), note
    )


def withdraw_document(
    uow: kernel.UnitOfWork, permit: access.Permit, before: Document, reason: str
) -> Document:
    """Say that a document was filed in error; it stays readable as such, with who said so and why.

    Raises:
        PermitMismatch: the permit is not for withdrawing this entry.
        VersionConflict: somebody amended it since `before` was read.
        AlreadyWithdrawn: it was withdrawn.
        DocumentRefused: no reason was given.
    """
    if not reason.strip():
        raise DocumentRefused("reason")
    head = _next(uow, permit, access.Action.WITHDRAW, before, withdrawn=True)
    author = permit.caller
    description = replace(
        before.description, status=clinical.DocumentStatus.ENTERED_IN_ERROR,
        author=author.account, author_name=author.name, filed_at=uow.now,
    )  # fmt: skip
    return _write(uow, permit, head, description, reason)


def check_draft(uow: kernel.UnitOfWork, draft: Draft) -> None:
    """Refuse a draft that cannot be filed.

    Raises:
        DocumentRefused: no title, one longer than 200 signs, or a date to come.
    """
    if not 0 < len(_one_line(draft.title)) <= LONGEST_TITLE:
        raise DocumentRefused("title")
    # Somewhere on Earth it is tomorrow already; a document of the day after is a mistake.
    if draft.document_date > (uow.now + timedelta(hours=14)).date():
        raise DocumentRefused("document_date")


def _one_line(words: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())


def content_of(document: Document) -> Content:
    """Return the bytes that a document stands for."""
    said = document.description
    section = access.Section(said.section)
    return Content(
        said.object_id, section, said.size_bytes, said.media_type, said.patches, said.dicom, said.pages
    )


def _known(
    uow: kernel.UnitOfWork,
    caller: identity.Caller,
    action: access.Action,
    dossier: kernel.DossierId,
    entry: access.EntryId,
) -> EntryHead:
    head = store.load_head(uow, dossier, entry)
    if head is None:
        raise access.refuse_absent(uow, caller, action, dossier, entry)
    return head


def _head(
    uow: kernel.UnitOfWork, permit: access.Permit, action: access.Action, entry: access.EntryId
) -> EntryHead:
    head = store.load_head(uow, permit.dossier, entry)
    if head is None or head.kind is not EntryKind.DOCUMENT:
        raise access.AccessRefused("no-such-entry")
    permit.require(uow, action, head.section, entry)
    return head


def _next(
    uow: kernel.UnitOfWork, permit: access.Permit, action: access.Action, before: Document, *, withdrawn: bool
) -> EntryHead:
    """Take the next version number of an entry, or say why it cannot be had."""
    head = _head(uow, permit, action, before.head.id)
    if before.is_withdrawn:
        raise AlreadyWithdrawn(str(head.id))
    if not store.advance_entry(uow, replace(head, version=before.version), withdrawn=withdrawn):
        raise VersionConflict(str(head.id))
    access.note_version(uow, permit, head.section, head.id)
    return replace(head, version=before.version + 1, recorded_at=uow.now)


def _describe(
    uow: kernel.UnitOfWork, permit: access.Permit, head: EntryHead, draft: Draft, content: Content
) -> clinical.DocumentDescription:
    check_draft(uow, draft)
    author = permit.caller
    return clinical.DocumentDescription(
        title=_one_line(draft.title), kind=draft.kind, document_date=draft.document_date, filed_at=uow.now,
        author=author.account, author_name=author.name, section=head.section.value,
        media_type=content.media_type, size_bytes=content.size_bytes, object_id=content.object_id,
        file_name=_one_line(draft.file_name), patches=content.patches, dicom=content.dicom,
        added_by_patient=author.role is identity.Role.PATIENT,
        pages=content.pages,
    )  # fmt: skip


def _write(
    uow: kernel.UnitOfWork,
    permit: access.Permit,
    head: EntryHead,
    description: clinical.DocumentDescription,
    note: str,
) -> Document:
    resource = clinical.document_to_fhir(description, resource_id=head.id, subject=head.dossier)
    write_version(uow, permit.organisation, head, {"resource": resource, "note": note})
    catalogue.add_line(uow, permit.organisation, head.dossier, line_of(head, description))
    return Document(head, head.version, uow.now, description, note)


def _opened(
    uow: kernel.UnitOfWork, permit: access.Permit, head: EntryHead, version: SealedVersion
) -> Document:
    stored = open_version(uow, permit, head, version)
    description = clinical.document_from_fhir(stored["resource"])
    return Document(head, version.version, version.recorded_at, description, stored["note"])
