"""What an object is made of: its parts in order, each pinned by its salt, its size and its tags."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct
from typing import NewType
from uuid import UUID

from serment.vault import cobblestone
from serment.vault.context import Scope, encode_fields
from serment.vault.errors import MessageBroken

ObjectId = NewType("ObjectId", UUID)

#: A part holds at most 512 chunks, and an object at most 10,000 parts: 83.9 GB.
PART_BYTES = 512 * cobblestone.CHUNK_BYTES
MAX_PARTS = 10_000

_PART = Struct(f">{cobblestone.SALT_BYTES}sI32s")
_PART_NUMBER = Struct(">I").pack
_SIZE = Struct(">Q").pack


@dataclass(frozen=True, slots=True)
class Part:
    """A durable part of an object; `number` counts from 1.

    `salt` is the salt of its Cobblestone message, drawn anew for each attempt at the part: it pins the attempt,
    and names the part in its store. `tags` is the SHA-256 of the tags of its chunks, in order.
    """

    number: int
    salt: bytes
    clear_size: int
    tags: bytes

    @property
    def name(self) -> str:
        """The name of the part in its store."""
        return self.salt.hex()


@dataclass(frozen=True, slots=True)
class ObjectDraft:
    """An object that was begun: what must be kept to go on with it later, beside its durable parts."""

    id: ObjectId
    scope: Scope
    wrapped_key: bytes


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as its row holds it."""

    draft: ObjectDraft
    sealed_manifest: bytes
    size: int

    def digest(self) -> bytes:
        """Return the 32 bytes that stand for the object in the ledger; they are computed without any key.

        Source: docs/formats/objects.md, section 5.
        """
        draft = self.draft
        row = (
            *draft.scope.fields(),
            draft.id.bytes,
            draft.wrapped_key,
            self.sealed_manifest,
            _SIZE(self.size),
        )
        return hashlib.sha256(encode_fields(b"serment/object-digest/1", row)).digest()


def encode_manifest(parts: Sequence[Part]) -> bytes:
    """Return the manifest as bytes.

    Layout (bytes), for each part in order:  salt 24 | clear size 4, big-endian | tags 32
    Source: docs/formats/objects.md, section 4.
    """
    return b"".join(_PART.pack(part.salt, part.clear_size, part.tags) for part in parts)


def decode_manifest(encoded: bytes) -> tuple[Part, ...]:
    """Return the parts of a manifest.

    Raises:
        MessageBroken: it is not one.
    """
    if len(encoded) % _PART.size:
        raise MessageBroken("not a manifest")
    found = enumerate(_PART.iter_unpack(encoded), start=1)
    return tuple(Part(number, salt, size, tags) for number, (salt, size, tags) in found)


def part_context(scope: Scope, object_id: ObjectId, number: int) -> bytes:
    """Return the context that a part is sealed for."""
    fields = (*scope.fields(), object_id.bytes, _PART_NUMBER(number))
    return encode_fields(b"serment/part/1", fields)


def manifest_context(scope: Scope, object_id: ObjectId) -> bytes:
    """Return the context that a manifest is sealed for."""
    return encode_fields(b"serment/manifest/1", (*scope.fields(), object_id.bytes))


def object_place(object_id: ObjectId) -> str:
    """Name an object, for errors and findings."""
    return f"object/{object_id}"


def part_place(object_id: ObjectId, number: int) -> str:
    """Name a part, for errors and findings."""
    return f"object/{object_id}/part/{number}"
