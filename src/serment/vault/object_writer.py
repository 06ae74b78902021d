"""Writing an object: bytes are sealed as they come, and every part is durable before it is told of."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from serment.vault import cobblestone
from serment.vault.buffers import SealedBuffers
from serment.vault.errors import ObjectTooLarge
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
    time. When the store fails, the part that was being written is gone, and the writer stands at the end of its
    durable parts.
    """

    def __init__(
        self,
        *,
        store: PartStore,
        buffers: SealedBuffers,
        draft: ObjectDraft,
        key: bytes,
        parts: Sequence[Part] = (),
    ) -> None:
        if [part.number for part in parts] != list(range(1, len(parts) + 1)):
            raise ValueError("parts are given in order and without gaps")
        self.draft = draft
        self._store = store
        self._buffers = buffers
        self._key = key
        self._parts = list(parts)
        self._part: PartWriter | None = None

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
        return 0 if self._part is None else self._part.clear_size

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
            clear = clear[len(piece) :]
            if part.clear_size == PART_BYTES:
                self.flush_part()

    def flush_part(self) -> None:
        """Return once all that was written is durable; what is written next begins a new part.

        Raises:
            StoreFull: there is no room.
            StoreFailed: the store refused for another reason.
        """
        if self._part is None:
            return
        with self._discarding_on_error():
            self._parts.append(self._part.keep(len(self._parts) + 1))
        self._part = None

    def abandon(self) -> None:
        """Take away the part that is being written; durable parts stay, for whoever goes on later."""
        if self._part is not None:
            self._part.discard()
            self._part = None

    def stored(self) -> StoredObject:
        """Return the object as its row will hold it; every byte must be durable by then.

        Raises:
            ValueError: some are not: `flush_part` comes first.
        """
        if self._part is not None:
            raise ValueError("flush_part comes before the end")
        context = manifest_context(self.draft.scope, self.draft.id)
        manifest = cobblestone.seal(encode_manifest(self._parts), self._key, context)
        return StoredObject(self.draft, manifest, self.durable_size)

    def _begin_part(self) -> PartWriter:
        number = len(self._parts) + 1
        if number > MAX_PARTS:
            raise ObjectTooLarge(object_place(self.draft.id))
        context = part_context(self.draft.scope, self.draft.id, number)
        return PartWriter(self._store, self._buffers, self._key, context)

    @contextmanager
    def _discarding_on_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.abandon()
            raise
