"""Writing an object: bytes are sealed as they come, and every part is durable before it is told of."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress

from serment.vault import cobblestone
from serment.vault.buffers import SealedBuffers
from serment.vault.errors import ObjectTooLarge, StoreFailed, StoreFull
from serment.vault.manifest import (
    MAX_PARTS,
    PART_BYTES,
    ObjectDraft,
    Part,
    StoredObject,
    encode_manifest,
    manifest_context,
    object_place,
    part_context,
)
from serment.vault.part_store import PartStore
from serment.vault.part_writer import PartWriter


class ObjectWriter:
    """Writes one object, in parts of 8 MiB, or shorter ones where `flush_part` was called.

    `draft` and `parts` are all that must be kept to go on later, in this process or another. One thread at a
    time. A full part is made durable in the background while the next one is sealed. When the store fails, what
    was not durable is gone, and the writer stands at the end of its durable parts.
    """

    def __init__(
        self,
        *,
        store: PartStore,
        buffers: SealedBuffers,
        background: Executor,
        draft: ObjectDraft,
        key: bytes,
        parts: Sequence[Part] = (),
    ) -> None:
        if [part.number for part in parts] != list(range(1, len(parts) + 1)):
            raise ValueError("parts are given in order and without gaps")
        self.draft = draft
        self._store = store
        self._buffers = buffers
        self._background = background
        self._key = key
        self._parts = list(parts)
        self._part: PartWriter | None = None
        self._settling: tuple[PartWriter, Future[Part]] | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """The durable parts, in order."""
        return tuple(self._parts)

    @property
    def durable_size(self) -> int:
        """How many bytes of content are durable."""
        return sum(part.clear_size for part in self._parts)

    @property
    def pending_size(self) -> int:
        """How many bytes were written since; a crash would lose them."""
        settling = 0 if self._settling is None else self._settling[0].clear_size
        return settling + (0 if self._part is None else self._part.clear_size)

    @property
    def room(self) -> int:
        """How many bytes the part has room for; writing as many may have to wait for the disk."""
        return PART_BYTES - (0 if self._part is None else self._part.clear_size)

    def write(self, clear: memoryview) -> None:
        """Seal bytes, of any number, at the end of the object; the caller may use its buffer again on return.

        Raises:
            ObjectTooLarge: the object would have more than 10,000 parts.
            StoreFull: there is no room.
            StoreFailed: the store refused for another reason.
        """
        while clear:
            with self._discarding_on_error():
                part = self._part = self._part or self._begin_part()
                piece = clear[: PART_BYTES - part.clear_size]
                part.write(piece)
                if part.clear_size == PART_BYTES:
                    self._settle_in_background(part)
            clear = clear[len(piece) :]

    def flush_part(self) -> None:
        """Return once all that was written is durable; what is written next begins a new part.

        Raises:
            StoreFull: there is no room.
            StoreFailed: the store refused for another reason.
        """
        with self._discarding_on_error():
            self._await_settling()
            if self._part is not None:
                self._parts.append(self._part.keep(len(self._parts) + 1))
        self._part = None

    def abandon(self) -> None:
        """Take away the part that is being written; durable parts stay, for whoever goes on later."""
        if self._part is not None:
            self._part.discard()
            self._part = None
        with suppress(StoreFull, StoreFailed):
            self._await_settling()

    def stored(self) -> StoredObject:
        """Return the object as its row will hold it; every byte must be durable by then.

        Raises:
            ValueError: some are not: `flush_part` comes first.
        """
        if self._part is not None or self._settling is not None:
            raise ValueError("flush_part comes before the end")
        context = manifest_context(self.draft.scope, self.draft.id)
        manifest = cobblestone.seal(encode_manifest(self._parts), self._key, context)
        return StoredObject(self.draft, manifest, self.durable_size)

    def _begin_part(self) -> PartWriter:
        number = len(self._parts) + (1 if self._settling is None else 2)
        if number > MAX_PARTS:
            raise ObjectTooLarge(object_place(self.draft.id))
        context = part_context(self.draft.scope, self.draft.id, number)
        return PartWriter(self._store, self._buffers, self._key, context)

    def _settle_in_background(self, part: PartWriter) -> None:
        """Have a full part made durable meanwhile; one at a time, so that a slow disk slows the sender down."""
        self._await_settling()
        self._settling = part, self._background.submit(part.keep, len(self._parts) + 1)
        self._part = None

    def _await_settling(self) -> None:
        if self._settling is None:
            return
        _, settled = self._settling
        self._settling = None
        self._parts.append(settled.result())

    @contextmanager
    def _discarding_on_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.abandon()
            raise
