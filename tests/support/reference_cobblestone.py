"""A second reader and writer of Cobblestone-256, written from the specification alone.

It shares nothing with `serment.vault`: its key derivation is `hmac` and `hashlib`, its loop is the naive one.
It exists to disagree (CRY-05).
"""

import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CHUNK = 16384


class Refused(Exception):
    """The message is not valid."""


def expand(key: bytes, info: bytes, length: int) -> bytes:
    """HKDF-Expand with SHA-512 (RFC 5869, section 2.3)."""
    output = block = b""
    counter = 1
    while len(output) < length:
        block = hmac.new(key, block + info + bytes([counter]), hashlib.sha512).digest()
        output += block
        counter += 1
    return output[:length]


def derive(key: bytes, salt: bytes, context: bytes) -> tuple[bytes, bytes, bytes]:
    if len(key) != 32:
        raise Refused("key size")
    info = b"c2sp.org/chunked-encryption@v1+" + b"AEAD_AES_256_GCM" + b"\x00" + salt + context
    derived = expand(key, info, 76)
    return derived[:32], derived[32:44], derived[44:]


def nonce(base: bytes, index: int) -> bytes:
    return bytes(a ^ b for a, b in zip(base, index.to_bytes(12, "big"), strict=True))


def write(clear: bytes, key: bytes, context: bytes, salt: bytes) -> bytes:
    aead_key, base, commitment = derive(key, salt, context)
    message = salt + commitment
    for index in range(len(clear) // CHUNK + 1):
        chunk = clear[index * CHUNK : (index + 1) * CHUNK]
        message += AESGCM(aead_key).encrypt(nonce(base, index), chunk, None)
    return message


def read(message: bytes, key: bytes, context: bytes) -> bytes:
    aead_key, base, commitment = derive(key, message[:24], context)
    if message[24:56] != commitment:
        raise Refused("commitment")
    clear, index, rest = b"", 0, message[56:]
    while True:
        chunk, rest = rest[: CHUNK + 16], rest[CHUNK + 16 :]
        try:
            opened = AESGCM(aead_key).decrypt(nonce(base, index), chunk, None)
        except InvalidTag:
            raise Refused("chunk") from None
        clear += opened
        index += 1
        if len(opened) < CHUNK:
            break
    if rest:
        raise Refused("trailing data")
    return clear
