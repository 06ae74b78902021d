"""How a key is wrapped under the one above it: a Cobblestone message whose context is the wrap's own label.

Source: docs/formats/keys.md, section 3.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from struct import Struct
from uuid import UUID

from serment import kernel
from serment.vault import cobblestone
from serment.vault.context import Scope, encode_fields
from serment.vault.errors import MessageBroken, SealBroken
from serment.vault.root import RootProvider

_NUMBER = Struct(">Q").pack


def new_key() -> bytes:
    """Draw a key from the operating system (CRY-06)."""
    return os.urandom(cobblestone.KEY_BYTES)


def wrap_secret(root: RootProvider, name: str, secret: bytes) -> bytes:
    """Wrap a named secret under the root."""
    return root.wrap(secret, _label(b"secret", name.encode()))


def unwrap_secret(root: RootProvider, name: str, wrapped: bytes) -> bytes:
    """Open a named secret; SealBroken when its wrap was altered."""
    with broken_at(f"key/secret/{name}"):
        return root.unwrap(wrapped, _label(b"secret", name.encode()))


def wrap_organisation(root: RootProvider, organisation: kernel.OrganisationId, key: bytes) -> bytes:
    """Wrap an organisation's key under the root."""
    return root.wrap(key, _label(b"organisation", organisation.bytes))


def unwrap_organisation(root: RootProvider, organisation: kernel.OrganisationId, wrapped: bytes) -> bytes:
    """Open an organisation's key; SealBroken when its wrap was altered."""
    with broken_at(f"key/organisation/{organisation}"):
        return root.unwrap(wrapped, _label(b"organisation", organisation.bytes))


def wrap_epoch(above: bytes, organisation: kernel.OrganisationId, epoch: int, key: bytes) -> bytes:
    """Wrap an epoch's key under its organisation's."""
    return cobblestone.seal(key, above, _label(b"epoch", organisation.bytes, _NUMBER(epoch)))


def unwrap_epoch(above: bytes, organisation: kernel.OrganisationId, epoch: int, wrapped: bytes) -> bytes:
    """Open an epoch's key; SealBroken when its wrap was altered."""
    with broken_at(f"key/epoch/{organisation}/{epoch}"):
        return cobblestone.unseal(wrapped, above, _label(b"epoch", organisation.bytes, _NUMBER(epoch)))


def wrap_compartment(above: bytes, scope: Scope, epoch: int, key: bytes) -> bytes:
    """Wrap a compartment's key under an epoch's."""
    return cobblestone.seal(key, above, _label(b"compartment", *scope.fields(), _NUMBER(epoch)))


def unwrap_compartment(above: bytes, scope: Scope, epoch: int, wrapped: bytes) -> bytes:
    """Open a compartment's key; SealBroken when its wrap was altered."""
    with broken_at(key_place(scope)):
        return cobblestone.unseal(wrapped, above, _label(b"compartment", *scope.fields(), _NUMBER(epoch)))


def wrap_object(above: bytes, scope: Scope, object_id: UUID, key: bytes) -> bytes:
    """Wrap an object's key under its compartment's."""
    return cobblestone.seal(key, above, _label(b"object", *scope.fields(), object_id.bytes))


def unwrap_object(above: bytes, scope: Scope, object_id: UUID, wrapped: bytes) -> bytes:
    """Open an object's key; SealBroken when its wrap was altered."""
    with broken_at(f"key/object/{object_id}"):
        return cobblestone.unseal(wrapped, above, _label(b"object", *scope.fields(), object_id.bytes))


def key_place(scope: Scope) -> str:
    """Name a compartment's key, by identifiers only."""
    return f"key/compartment/{scope.organisation}/{scope.dossier or '-'}/{scope.compartment}"


@contextmanager
def broken_at(place: str) -> Iterator[None]:
    """Say where a broken message was found."""
    try:
        yield
    except MessageBroken as error:
        raise SealBroken(place) from error


def _label(kind: bytes, *fields: bytes) -> bytes:
    return encode_fields(b"serment/wrap/1", (kind, *fields))
