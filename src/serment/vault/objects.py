"""Objects: sealed bytes of any size, in parts, each object under a key of its own."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from serment import kernel
from serment.vault import cobblestone, store, wraps
from serment.vault.buffers import SealedBuffers
from serment.vault.context import Scope
from serment.vault.errors import ObjectMissing, SealBroken
from serment.vault.keyring import Keyring
from serment.vault.manifest import (
    ObjectDraft,
    ObjectId,
    Part,
    StoredObject,
    decode_manifest,
    manifest_context,
    object_place,
)
from serment.vault.object_reader import ObjectCheck, ObjectReader, PartReader
from serment.vault.object_writer import ObjectWriter
from serment.vault.part_store import PartStore
from serment.vault.warrant import Warrant

#: How many parts, of all objects together, wait for the disk in the background.
BACKGROUND_THREADS = 4


@dataclass(frozen=True, slots=True)
class ObjectHead:
    """What is known of an object without opening it; `digest` is what the ledger anchors."""

    id: ObjectId
    scope: Scope
    size: int
    digest: bytes


class ObjectStore:
    """Keys and parts together: app makes one and puts it beside the row database. Thread-safe."""

    def __init__(self, keyring: Keyring, parts: PartStore) -> None:
        self._keyring = keyring
        self._parts = parts
        self._buffers = SealedBuffers()
        self._background = ThreadPoolExecutor(BACKGROUND_THREADS, thread_name_prefix="parts")

    def begin(self, scope: Scope) -> ObjectWriter:
        """Begin an object: draw its identifier and its key. It takes no transaction and no warrant.

        Raises:
            SealBroken: a key's wrap was altered.
        """
        object_id = ObjectId(kernel.new_id())
        key = wraps.new_key()
        above = self._keyring.hierarchy.key_to_seal(scope)
        draft = ObjectDraft(object_id, scope, wraps.wrap_object(above, scope, object_id, key))
        return self._writer(draft, key)

    def resume(self, draft: ObjectDraft, parts: Sequence[Part]) -> ObjectWriter:
        """Go on with an object that was begun, after its durable parts. A writer gives nothing back: no warrant.

        Raises:
            SealBroken: a key's wrap was altered.
            KeyMissing: the scope's key was destroyed meanwhile.
        """
        key = self._key_of(draft)
        return self._writer(draft, key, parts)

    def discard(self, parts: Sequence[Part]) -> None:
        """Take away the parts of an object that will never be finished.

        Raises:
            StoreFailed: the store refused.
        """
        for part in parts:
            self._parts.discard(part.name)

    def reader(self, stored: StoredObject, warrant: Warrant | None) -> ObjectReader:
        """Return a reader of an object. Raises: as `open_object`."""
        self._keyring.insist_on_warrant(stored.draft.scope, warrant)
        parts, reader = self._open(stored)
        return ObjectReader(stored.draft.id, parts, reader)

    def check(self, stored: StoredObject) -> ObjectCheck:
        """Return a check of an object. Raises: as `check_object`."""
        return ObjectCheck(*self._open(stored))

    def _writer(self, draft: ObjectDraft, key: bytes, parts: Sequence[Part] = ()) -> ObjectWriter:
        store, buffers, background = self._parts, self._buffers, self._background
        return ObjectWriter(
            store=store, buffers=buffers, background=background, draft=draft, key=key, parts=parts
        )

    def _open(self, stored: StoredObject) -> tuple[tuple[Part, ...], PartReader]:
        draft = stored.draft
        key = self._key_of(draft)
        with wraps.broken_at(object_place(draft.id)):
            manifest = cobblestone.unseal(
                stored.sealed_manifest, key, manifest_context(draft.scope, draft.id)
            )
            parts = decode_manifest(manifest)
        if sum(part.clear_size for part in parts) != stored.size:
            raise SealBroken(object_place(draft.id))
        return parts, PartReader(self._parts, self._buffers, stored, key)

    def _key_of(self, draft: ObjectDraft) -> bytes:
        above = self._keyring.hierarchy.key_to_open(draft.scope)
        return wraps.unwrap_object(above, draft.scope, draft.id, draft.wrapped_key)


def finish_object(uow: kernel.UnitOfWork, writer: ObjectWriter) -> ObjectHead:
    """Keep the row of an object that is wholly written and flushed; it exists once `uow` commits.

    Raises:
        ValueError: some of its bytes are not durable: `writer.flush_part()` comes first, outside the transaction.
    """
    stored = writer.stored()
    store.add_object(uow, stored)
    return _head_of(stored)


def list_objects(
    uow: kernel.UnitOfWork, *, after: ObjectId | None = None, limit: int = 1000
) -> tuple[ObjectHead, ...]:
    """Return objects in the order of their identifiers, for whoever checks them all."""
    return tuple(_head_of(stored) for stored in store.list_objects(uow, after, limit))


def open_object(uow: kernel.UnitOfWork, object_id: ObjectId, warrant: Warrant | None = None) -> ObjectReader:
    """Return a reader of an object; it outlives `uow`, and no byte of a part has been read yet.

    Raises:
        ObjectMissing: there is none.
        WarrantRefused: its scope has a dossier, and no live warrant covers it.
        SealBroken: its key's wrap or its manifest was altered.
        KeyMissing: its scope's key was destroyed.
    """
    return uow.part(ObjectStore).reader(_load(uow, object_id), warrant)


def check_object(uow: kernel.UnitOfWork, object_id: ObjectId) -> ObjectCheck:
    """Return a check of an object, to run once `uow` is over; it gives nothing back and takes no warrant.

    Raises:
        ObjectMissing: there is none.
        SealBroken: its key's wrap or its manifest was altered.
        KeyMissing: its scope's key was destroyed.
    """
    return uow.part(ObjectStore).check(_load(uow, object_id))


def _load(uow: kernel.UnitOfWork, object_id: ObjectId) -> StoredObject:
    stored = store.load_object(uow, object_id)
    if stored is None:
        raise ObjectMissing(object_place(object_id))
    return stored


def _head_of(stored: StoredObject) -> ObjectHead:
    return ObjectHead(stored.draft.id, stored.draft.scope, stored.size, stored.digest())
