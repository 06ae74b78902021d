"""The bytes of a document, as they are served: any range, each byte authenticated, neutralised where it must be."""

from collections.abc import Iterator
from dataclasses import dataclass

from serment import access, clinical, kernel, vault
from serment.dossier.documents import open_document
from serment.dossier.errors import PreviewUnavailable
from serment.dossier.model import Document

LARGEST_DRAWN_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class ServedContent:
    """A document with a reader of its bytes; the reader outlives the transaction that opened it."""

    document: Document
    reader: vault.ObjectReader

    @property
    def size_bytes(self) -> int:
        """The length of what is served, the same as what was filed."""
        return self.reader.size

    @property
    def media_type(self) -> clinical.MediaType:
        """The type found from the content when it was filed."""
        return clinical.MediaType(self.document.description.media_type)

    def read(self, offset: int, length: int) -> Iterator[bytes | bytearray | memoryview]:
        """Yield a range in pieces of up to 1 MiB; a piece is good until the next one is asked for.

        Raises:
            ValueError: the range is not within the content.
            SealBroken: a part is missing or damaged; what was given before is sound.
        """
        patches = self.document.description.patches
        at = offset
        for piece in self.reader.read(offset, length):
            size = len(piece)
            yield piece if not patches else clinical.apply_patches(bytes(piece), at, patches)
            at += size

    def whole(self) -> bytes:
        """Return all of it, for drawing.

        Raises:
            PreviewUnavailable: it is larger than 64 MiB.
            SealBroken: a part is missing or damaged.
        """
        if self.size_bytes > LARGEST_DRAWN_BYTES:
            raise PreviewUnavailable("too-large-to-preview")
        return b"".join(bytes(piece) for piece in self.read(0, self.size_bytes))


def open_content(
    uow: kernel.UnitOfWork, permit: access.Permit, entry: access.EntryId, version: int | None = None
) -> ServedContent:
    """Return the bytes of one version of a document, to be read once the transaction has committed.

    Raises:
        AccessRefused: no such entry or version.
        PermitMismatch: the permit is for another dossier, section, entry or time.
        SealBroken: the row, or the object's manifest, fails authentication.
    """
    document = open_document(uow, permit, entry, version)
    object_id = vault.ObjectId(document.description.object_id)
    return ServedContent(document, vault.open_object(uow, object_id, permit.warrant))
