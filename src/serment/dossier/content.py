"""The bytes of a document, as they are served: any range, each byte authenticated, neutralised where it must be.

Which bytes of which object are about to leave is traced with their opening; no others can then be read (ADR 0022).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from serment import access, clinical, kernel, ledger, vault
from serment.dossier.documents import open_document
from serment.dossier.errors import PreviewUnavailable
from serment.dossier.model import Document

LARGEST_DRAWN_BYTES = 64 * 1024 * 1024
#: What a drawing counts at most in the budget of volume: about one page, or one frame.
MOST_DRAWN_BYTES = 4_000_000


#: The kind of trace that says which bytes left.
CONTENT_OPENED = "dossier.content"


class Form(StrEnum):
    """As what bytes leave: as they are, or opened here and drawn as a picture."""

    BYTES = "bytes"
    DRAWING = "drawing"


@dataclass(frozen=True)
class Span:
    """A run of bytes: where it begins, how many they are (0: none), and as what they leave."""

    first: int
    length: int
    form: Form = Form.BYTES


@dataclass(frozen=True)
class ServedContent:
    """A document with a reader of those of its bytes that were traced; it outlives the transaction that opened it."""

    document: Document
    reader: vault.ObjectReader
    span: Span

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
            ValueError: the range is not within the bytes that were traced as leaving.
            SealBroken: a part is missing or damaged; what was given before is sound.
        """
        if not self.span.first <= offset <= offset + length <= self.span.first + self.span.length:
            raise ValueError("the range is not within the bytes whose leaving was traced")
        return self._read(offset, length)

    def _read(self, offset: int, length: int) -> Iterator[bytes | bytearray | memoryview]:
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


#: Says which bytes of a content will leave, once its size is known.
Choice = Callable[[ServedContent], Span]


def to_draw(content: ServedContent) -> Span:
    """Choose all of a content, to be drawn; nothing of one that is too large for it."""
    fits = content.size_bytes <= LARGEST_DRAWN_BYTES
    return Span(0, content.size_bytes if fits else 0, Form.DRAWING)


def open_content(
    uow: kernel.UnitOfWork,
    permit: access.Permit,
    entry: access.EntryId,
    version: int | None = None,
    *,
    choose: Choice | None = None,
) -> ServedContent:
    """Return the bytes of one version of a document, to be read once the transaction has committed.

    `choose` says which of them will leave: all of them, unless it is given. They are traced, and no others are read.

    Raises:
        AccessRefused: no such entry or version.
        BudgetSpent, AccountFrozen: the brake stopped it; traced as a refusal.
        PermitMismatch: the permit is for another dossier, section, entry or time.
        SealBroken: the row, or the object's manifest, fails authentication.
    """
    document = open_document(uow, permit, entry, version)
    reader = vault.open_object(uow, vault.ObjectId(document.description.object_id), permit.warrant)
    content = ServedContent(document, reader, Span(0, reader.size))
    chosen = content if choose is None else replace(content, span=choose(content))
    trace = _trace(permit, chosen)
    try:
        access.spend_volume(uow, permit, _leaving_bytes(chosen.span))
    except access.Braked:
        ledger.record(uow, replace(trace, outcome=ledger.Outcome.REFUSED))
        raise
    ledger.record(uow, trace)
    return chosen


def _leaving_bytes(span: Span) -> int:
    """Return how much of it is counted: of a drawing, one page or frame leaves and not the whole that it is drawn from."""
    return min(span.length, MOST_DRAWN_BYTES) if span.form is Form.DRAWING else span.length


def _trace(permit: access.Permit, content: ServedContent) -> ledger.Trace:
    document, span = content.document, content.span
    by = {} if permit.relation is None else {"relation": permit.relation.value}
    key = {} if permit.caller.key is None else {"key": str(permit.caller.key.key)}
    detail = {
        "entry": str(document.head.id), "version": str(document.version),
        "object": str(document.description.object_id), "size": str(content.size_bytes),
        "first": str(span.first), "bytes": str(span.length), "form": span.form.value, **by, **key,
    }  # fmt: skip
    return ledger.Trace(
        kind=CONTENT_OPENED, actor=permit.caller.actor, organisation=permit.organisation, dossier=permit.dossier,
        category=document.head.section.value, purpose=permit.purpose.value, outcome=ledger.Outcome.ALLOWED,
        detail=detail,
    )  # fmt: skip
