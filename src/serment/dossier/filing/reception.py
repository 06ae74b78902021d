"""Bytes of one document on their way into the vault: sealed as they come, recognised by how they begin."""

from collections.abc import Sequence
from dataclasses import dataclass

from serment import access, clinical, kernel, vault
from serment.dossier.filing.store import ObjectBegun
from serment.dossier.model import Draft


@dataclass(frozen=True)
class Filing:
    """A document about to come: into whose dossier, under which identifier, and what its author says of it."""

    organisation: kernel.OrganisationId
    dossier: kernel.DossierId
    entry: access.EntryId
    draft: Draft


class Reception:
    """Takes the bytes of one document. One thread at a time; nothing in clear is kept but its first 16 KiB."""

    def __init__(self, objects: vault.ObjectStore, filing: Filing) -> None:
        self.filing = filing
        self._objects = objects
        self._head = bytearray()
        self._writer: vault.ObjectWriter | None = None
        self.begun: ObjectBegun | None = None

    @classmethod
    def resume(
        cls, objects: vault.ObjectStore, filing: Filing, begun: ObjectBegun, parts: Sequence[vault.Part]
    ) -> "Reception":
        """Go on after the durable parts of an object that was begun."""
        reception = cls(objects, filing)
        reception.begun = begun
        reception._writer = objects.resume(begun.draft, parts)
        return reception

    @property
    def parts(self) -> tuple[vault.Part, ...]:
        """The durable parts, in order."""
        return () if self._writer is None else self._writer.parts

    @property
    def size(self) -> int:
        """How many bytes were taken, durable or not."""
        if self._writer is None:
            return len(self._head)
        return self._writer.durable_size + self._writer.pending_size

    def room_in_part(self) -> int:
        """How many bytes may be written before a part is full and has to be made durable, which takes time."""
        return vault.PART_BYTES if self._writer is None else self._writer.room

    def write(self, piece: memoryview) -> None:
        """Take more bytes; the caller may use its buffer again on return.

        Raises:
            ObjectTooLarge: more parts than an object may have.
            StoreFull: there is no room.
            StoreFailed: the store refused for another reason.
        """
        if self._writer is None:
            self._head += piece
            if len(self._head) >= clinical.RECOGNITION_BYTES:
                self._begin()
            return
        self._writer.write(piece)

    def flush(self) -> None:
        """Return once all that was taken is durable. Raises: as `write`."""
        writer = self._writer or self._begin()
        writer.flush_part()

    def abandon(self) -> None:
        """Take away what is not durable."""
        if self._writer is not None:
            self._writer.abandon()

    def discard(self) -> None:
        """Take everything away, durable parts too: this document will not come."""
        self.abandon()
        self.discard_since(0)

    def discard_since(self, kept: int) -> None:
        """Take away the durable parts that came after the first `kept`."""
        self._objects.discard(self.parts[kept:])

    def stored(self) -> vault.StoredObject:
        """Return the object as its row will hold it, once all is flushed."""
        return self.writer.stored()

    @property
    def writer(self) -> vault.ObjectWriter:
        """The writer of the object, once it was begun."""
        if self._writer is None:
            raise ValueError("nothing was written yet")
        return self._writer

    def _begin(self) -> vault.ObjectWriter:
        """Begin the object in the section where such content belongs."""
        head = bytes(self._head[: clinical.RECOGNITION_BYTES])
        media = clinical.recognise(head, len(self._head))
        section = section_for(self.filing.draft, media)
        scope = vault.Scope(self.filing.organisation, self.filing.dossier, section.value)
        writer = self._objects.begin(scope)
        self.begun = ObjectBegun(writer.draft, section, media.value)
        self._writer = writer
        with memoryview(self._head) as gathered:
            writer.write(gathered)
        self._head = bytearray()
        return writer


def section_for(draft: Draft, media: clinical.MediaType) -> access.Section:
    """Return the section where a document belongs: what is said to be sensitive, images, all the rest."""
    if draft.sensitive:
        return access.Section.SENSITIVE
    is_image = media is clinical.MediaType.DICOM or draft.kind is clinical.DocumentKind.IMAGE
    return access.Section.IMAGING if is_image else access.Section.CLINICAL
