"""Cobblestone-256: C2SP chunked encryption with AES-256-GCM, the one primitive that seals everything.

Layout (bytes):  salt 24 | commitment 32 | chunk 16384 + tag 16 | ... | last chunk 0 to 16383 + tag 16

    key 32 | base nonce 12 | commitment 32 = HKDF-Expand-SHA-512(input key, LABEL | salt | context)
    chunk i is sealed with AES-256-GCM(key, nonce = base nonce XOR i, big-endian), no associated data

The last chunk is always shorter than the others, so a message cut at a chunk is told from a whole one, and
each length has one encoding. The commitment makes a message open under one key and one context only.

Source: C2SP chunked-encryption, version 1; docs/formats/sealed-bytes.md. Every AEAD call of the product is in
this file (CRY-04).
"""

import os
from collections import deque
from collections.abc import Callable
from hmac import compare_digest
from itertools import repeat

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from serment.vault.errors import MessageBroken

KEY_BYTES = 32
SALT_BYTES = 24
COMMITMENT_BYTES = 32
HEADER_BYTES = SALT_BYTES + COMMITMENT_BYTES
TAG_BYTES = 16
CHUNK_BYTES = 16 * 1024
SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES
MAX_CHUNKS = 2**38

_LABEL = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00"
_NONCE_BYTES = 12
_SHA512 = SHA512()

# One window is what `_each_chunk` walks at a time. Its slices are made once: making them anew for every chunk
# costs a tenth of the AES itself.
WINDOW_CHUNKS = 64
WINDOW_BYTES = WINDOW_CHUNKS * CHUNK_BYTES
SEALED_WINDOW_BYTES = WINDOW_CHUNKS * SEALED_CHUNK_BYTES
_CLEAR_SLICES = tuple(slice(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES) for i in range(WINDOW_CHUNKS))
_SEALED_SLICES = tuple(
    slice(i * SEALED_CHUNK_BYTES, (i + 1) * SEALED_CHUNK_BYTES) for i in range(WINDOW_CHUNKS)
)


def sealed_size(clear_size: int) -> int:
    """Return the length of the message that seals `clear_size` bytes."""
    return HEADER_BYTES + clear_size + TAG_BYTES * (clear_size // CHUNK_BYTES + 1)


def clear_size(sealed_size: int) -> int:
    """Return the length of what a message of `sealed_size` bytes holds.

    Raises:
        MessageBroken: no message has this length.
    """
    whole, rest = divmod(sealed_size - HEADER_BYTES, SEALED_CHUNK_BYTES)
    if whole < 0 or rest < TAG_BYTES:
        raise MessageBroken("no message has this length")
    return whole * CHUNK_BYTES + rest - TAG_BYTES


def chunk_offset(index: int) -> int:
    """Return where the sealed chunk `index` begins in its message."""
    return HEADER_BYTES + index * SEALED_CHUNK_BYTES


class Sealer:
    """Seals one message in order: whole chunks, then the last one, once.

    The salt is drawn here and cannot be given: two messages under one key never share a nonce.
    """

    def __init__(self, key: bytes, context: bytes) -> None:
        self.salt = os.urandom(SALT_BYTES)
        self._cipher, self._base_nonce, commitment = _derive(key, self.salt, context)
        self.header = self.salt + commitment
        self._next = 0
        self._closed = False

    def seal_chunks(self, clear: memoryview, sealed: memoryview) -> int:
        """Seal whole chunks into the front of `sealed`; return how many bytes were written there."""
        count, rest = divmod(len(clear), CHUNK_BYTES)
        if rest or self._closed:
            raise ValueError("only whole chunks, and none after the last")
        for first in range(0, count, WINDOW_CHUNKS):
            window = min(WINDOW_CHUNKS, count - first)
            nonces = _nonces(self._base_nonce, self._next, window)
            self._next += window
            _each_chunk(
                self._cipher.encrypt_into,
                nonces,
                (clear[first * CHUNK_BYTES :], _CLEAR_SLICES),
                (sealed[first * SEALED_CHUNK_BYTES :], _SEALED_SLICES),
            )
        return count * SEALED_CHUNK_BYTES

    def seal_last(self, clear: memoryview, sealed: memoryview) -> int:
        """Seal the last chunk, shorter than the others; return how many bytes were written to `sealed`."""
        if len(clear) >= CHUNK_BYTES or self._closed:
            raise ValueError("the last chunk is short, and the only last")
        self._closed = True
        (nonce,) = _nonces(self._base_nonce, self._next, 1)
        return self._cipher.encrypt_into(nonce, clear, None, sealed[: len(clear) + TAG_BYTES])


class Opener:
    """Opens the chunks of one message, in any order.

    Nothing of a chunk is given out before it is authenticated: when one fails, the buffer it was meant for is
    wiped, and the opener refuses from then on (CRY-03).

    Raises:
        MessageBroken: the header does not commit to this key and this context.
    """

    def __init__(self, key: bytes, context: bytes, header: bytes) -> None:
        if len(header) != HEADER_BYTES:
            raise MessageBroken("the header is cut short")
        self.salt = header[:SALT_BYTES]
        self._cipher, self._base_nonce, commitment = _derive(key, self.salt, context)
        if not compare_digest(commitment, header[SALT_BYTES:]):
            raise MessageBroken("the header commits to another key or context")
        self._broken = False

    def open_chunks(self, first: int, sealed: memoryview, clear: memoryview) -> int:
        """Open whole chunks, of which `first` is the index of the first, into `clear`; return their clear size.

        Raises:
            MessageBroken: one of them is not what was sealed there; `clear` is wiped.
        """
        count, rest = divmod(len(sealed), SEALED_CHUNK_BYTES)
        if rest:
            raise ValueError("only whole chunks")
        for done in range(0, count, WINDOW_CHUNKS):
            window = min(WINDOW_CHUNKS, count - done)
            source = sealed[done * SEALED_CHUNK_BYTES :], _SEALED_SLICES
            target = clear[done * CHUNK_BYTES :], _CLEAR_SLICES
            self._open(clear, _nonces(self._base_nonce, first + done, window), source, target)
        return count * CHUNK_BYTES

    def open_last(self, index: int, sealed: memoryview, clear: memoryview) -> int:
        """Open the last chunk, of that index, into the front of `clear`; return its clear size.

        Raises:
            MessageBroken: it is not what was sealed there as the last; `clear` is wiped.
        """
        size = len(sealed) - TAG_BYTES
        if not 0 <= size < CHUNK_BYTES:
            raise MessageBroken("the last chunk is missing")
        target = clear, (slice(0, size),)
        self._open(clear, _nonces(self._base_nonce, index, 1), (sealed, (slice(None),)), target)
        return size

    def _open(self, clear: memoryview, nonces: list[bytes], source: "_Cut", target: "_Cut") -> None:
        if self._broken:
            raise MessageBroken("this message was found broken before")
        try:
            _each_chunk(self._cipher.decrypt_into, nonces, source, target)
        except InvalidTag:
            self._broken = True
            clear[:] = bytes(len(clear))
            raise MessageBroken("a chunk is not what was sealed there") from None


def seal(clear: bytes, key: bytes, context: bytes) -> bytes:
    """Seal a whole message held in memory."""
    if len(clear) < CHUNK_BYTES:
        salt = os.urandom(SALT_BYTES)
        cipher, base_nonce, commitment = _derive(key, salt, context)
        return salt + commitment + cipher.encrypt(base_nonce.to_bytes(_NONCE_BYTES, "big"), clear, None)
    sealed = bytearray(sealed_size(len(clear)))
    seal_into(memoryview(clear), key, context, memoryview(sealed))
    return bytes(sealed)


def seal_into(clear: memoryview, key: bytes, context: bytes, sealed: memoryview) -> int:
    """Seal a whole message into the front of `sealed`; return its length, `sealed_size(len(clear))`."""
    sealer = Sealer(key, context)
    whole = len(clear) - len(clear) % CHUNK_BYTES
    sealed[:HEADER_BYTES] = sealer.header
    end = HEADER_BYTES + sealer.seal_chunks(clear[:whole], sealed[HEADER_BYTES:])
    return end + sealer.seal_last(clear[whole:], sealed[end:])


def unseal(sealed: bytes, key: bytes, context: bytes) -> bytes:
    """Open a whole message held in memory.

    Raises:
        MessageBroken: it is not what was sealed under this key for this context.
    """
    if HEADER_BYTES + TAG_BYTES <= len(sealed) < HEADER_BYTES + SEALED_CHUNK_BYTES:
        return _unseal_one_chunk(sealed, key, context)
    clear = bytearray(clear_size(len(sealed)))
    unseal_into(memoryview(sealed), key, context, memoryview(clear))
    return bytes(clear)


def unseal_into(sealed: memoryview, key: bytes, context: bytes, clear: memoryview) -> int:
    """Open a whole message into the front of `clear`; return its clear size.

    Raises:
        MessageBroken: it is not what was sealed under this key for this context; `clear` is wiped.
    """
    size = clear_size(len(sealed))
    opener = Opener(key, context, bytes(sealed[:HEADER_BYTES]))
    last = size // CHUNK_BYTES
    clear = clear[:size]
    try:
        done = opener.open_chunks(0, sealed[HEADER_BYTES : chunk_offset(last)], clear)
        opener.open_last(last, sealed[chunk_offset(last) :], clear[done:])
    except MessageBroken:
        clear[:] = bytes(size)
        raise
    return size


def _unseal_one_chunk(sealed: bytes, key: bytes, context: bytes) -> bytes:
    cipher, base_nonce, commitment = _derive(key, sealed[:SALT_BYTES], context)
    if not compare_digest(commitment, sealed[SALT_BYTES:HEADER_BYTES]):
        raise MessageBroken("the header commits to another key or context")
    try:
        return cipher.decrypt(base_nonce.to_bytes(_NONCE_BYTES, "big"), sealed[HEADER_BYTES:], None)
    except InvalidTag:
        raise MessageBroken("a chunk is not what was sealed there") from None


def _derive(key: bytes, salt: bytes, context: bytes) -> tuple[AESGCM, int, bytes]:
    """Return the cipher, the base nonce as a number, and the commitment of one message."""
    if len(key) != KEY_BYTES:
        raise ValueError("a key is 32 bytes")
    info = _LABEL + salt + context
    length = KEY_BYTES + _NONCE_BYTES + COMMITMENT_BYTES
    derived = HKDFExpand(_SHA512, length, info).derive(key)
    base_nonce = int.from_bytes(derived[KEY_BYTES : KEY_BYTES + _NONCE_BYTES], "big")
    return AESGCM(derived[:KEY_BYTES]), base_nonce, derived[KEY_BYTES + _NONCE_BYTES :]


def _nonces(base_nonce: int, first: int, count: int) -> list[bytes]:
    if first + count > MAX_CHUNKS:
        raise ValueError("a message has at most 2**38 chunks")
    return [(base_nonce ^ index).to_bytes(_NONCE_BYTES, "big") for index in range(first, first + count)]


_Cut = tuple[memoryview, tuple[slice, ...]]


def _each_chunk(
    operation: Callable[[bytes, memoryview, None, memoryview], int],
    nonces: list[bytes],
    source: _Cut,
    target: _Cut,
) -> None:
    """Seal or open one window of chunks; the loop runs inside the interpreter, which is why it is fast."""
    (from_view, from_slices), (to_view, to_slices) = source, target
    chunks = map(from_view.__getitem__, from_slices)
    places = map(to_view.__getitem__, to_slices)
    deque(map(operation, nonces, chunks, repeat(None), places), maxlen=0)
