"""The root key: it seals the organisations' keys and the named secrets, and nothing else."""

import hashlib
import os
import unicodedata
from dataclasses import dataclass
from hmac import compare_digest
from pathlib import Path
from struct import Struct
from typing import Protocol

from argon2.low_level import Type, hash_secret_raw

from serment.vault import cobblestone
from serment.vault.durable_file import write_once
from serment.vault.errors import MessageBroken, PassphraseWrong, RootKeyDamaged, RootKeyExists

_MAGIC = b"serment/root-1\r\n"
_COST = Struct(">III")
_SALT_BYTES = 16
_CHECKSUM_BYTES = 32
_HEAD_BYTES = len(_MAGIC) + _COST.size + _SALT_BYTES
_MAX_PASSES = 64
_MAX_LANES = 64
_MAX_MEMORY_KIB = 4 * 1024 * 1024
_FILE_BYTES = _HEAD_BYTES + cobblestone.sealed_size(cobblestone.KEY_BYTES) + _CHECKSUM_BYTES


class RootProvider(Protocol):
    """Where the root key lives: a sealed file, a key service, a hardware module."""

    def wrap(self, key: bytes, label: bytes) -> bytes:
        """Seal a key under the root key, bound to `label`."""
        ...

    def unwrap(self, wrapped: bytes, label: bytes) -> bytes:
        """Open what `wrap` sealed.

        Raises:
            MessageBroken: it was not sealed under this root key for this label.
        """
        ...


@dataclass(frozen=True, slots=True)
class PassphraseCost:
    """What one guess at the passphrase costs: Argon2id passes, memory in KiB, lanes.

    Source: RFC 9106, section 4, second recommended option.
    """

    passes: int = 3
    memory_kib: int = 64 * 1024
    lanes: int = 4

    def is_bearable(self) -> bool:
        """Tell whether a machine should agree to pay it: a forged file must not take all its memory."""
        turns = 1 <= self.passes <= _MAX_PASSES and 1 <= self.lanes <= _MAX_LANES
        return turns and 8 * self.lanes <= self.memory_kib <= _MAX_MEMORY_KIB


class SealedKeyFile:
    """A root key in a file, sealed under a passphrase; open, it holds the key in memory.

    Layout (bytes):  magic 16 | passes 4 | memory in KiB 4 | lanes 4 | salt 16 | sealed key 104 | SHA-256 32
    Source: docs/formats/keys.md, section 2.
    """

    def __init__(self, root_key: bytes) -> None:
        self._key = root_key

    @classmethod
    def create(cls, path: Path, passphrase: str, cost: PassphraseCost = PassphraseCost()) -> "SealedKeyFile":
        """Draw a root key and write it sealed; on return the file is durable, readable by its owner only.

        Raises:
            RootKeyExists: a file stands there; it is left as it is.
            StoreFull: there is no room.
            StoreFailed: the disk refused for another reason.
        """
        key = os.urandom(cobblestone.KEY_BYTES)
        head = _MAGIC + _COST.pack(cost.passes, cost.memory_kib, cost.lanes) + os.urandom(_SALT_BYTES)
        body = head + cobblestone.seal(key, _stretch(passphrase, head), head)
        try:
            write_once(path, [memoryview(body + hashlib.sha256(body).digest())], mode=0o600)
        except FileExistsError:
            raise RootKeyExists(path.name) from None
        return cls(key)

    @classmethod
    def open(cls, path: Path, passphrase: str) -> "SealedKeyFile":
        """Open a root key file.

        Raises:
            FileNotFoundError: there is none.
            RootKeyDamaged: it is not one, is cut short or was altered.
            PassphraseWrong: it is whole, and the passphrase does not open it.
        """
        content = path.read_bytes()
        body, checksum = content[:-_CHECKSUM_BYTES], content[-_CHECKSUM_BYTES:]
        whole = len(content) == _FILE_BYTES and content.startswith(_MAGIC)
        if not whole or not compare_digest(hashlib.sha256(body).digest(), checksum):
            raise RootKeyDamaged(path.name)
        head, sealed = body[:_HEAD_BYTES], body[_HEAD_BYTES:]
        try:
            return cls(cobblestone.unseal(sealed, _stretch(passphrase, head), head))
        except MessageBroken:
            raise PassphraseWrong(path.name) from None

    def wrap(self, key: bytes, label: bytes) -> bytes:
        """Seal a key under the root key, bound to `label`."""
        return cobblestone.seal(key, self._key, label)

    def unwrap(self, wrapped: bytes, label: bytes) -> bytes:
        """Open what `wrap` sealed.

        Raises:
            MessageBroken: it was not sealed under this root key for this label.
        """
        return cobblestone.unseal(wrapped, self._key, label)


def _stretch(passphrase: str, head: bytes) -> bytes:
    """Derive the key of the file from the passphrase, at the cost its head states."""
    cost = PassphraseCost(*_COST.unpack_from(head, len(_MAGIC)))
    if not cost.is_bearable():
        raise RootKeyDamaged("the stated cost is out of bounds")
    return hash_secret_raw(
        # The same accented letters reach us composed from one keyboard and decomposed from another.
        unicodedata.normalize("NFKC", passphrase).encode(),
        salt=head[-_SALT_BYTES:],
        time_cost=cost.passes,
        memory_cost=cost.memory_kib,
        parallelism=cost.lanes,
        hash_len=cobblestone.KEY_BYTES,
        type=Type.ID,
    )
