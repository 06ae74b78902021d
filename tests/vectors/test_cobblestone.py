"""Cobblestone-256 against Wycheproof, and against a second reader written from the specification (CRY-05)."""

import hashlib
import random
import zlib
from collections.abc import Callable

import pytest

from serment.vault import cobblestone
from serment.vault.cobblestone import CHUNK_BYTES, HEADER_BYTES, TAG_BYTES, chunk_offset
from serment.vault.errors import MessageBroken
from support import reference_cobblestone as reference
from support.wycheproof import Vector, vectors_of

FILE = "c2sp_chunked_encryption_aes_256_gcm_test.json"
EDGES = (0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES - 1)
Reader = Callable[[bytes, bytes, bytes], bytes]


def message_of(vector: Vector) -> bytes:
    return zlib.decompress(vector.bytes_of("ct"))


def prefix_of(vector: Vector) -> tuple[int, str]:
    """Return the length and the SHA-512 of the longest prefix that may be given out."""
    nothing = hashlib.sha512(b"").hexdigest()
    return vector.test.get("msgLength", 0), vector.test.get("msgSha512", nothing)


@pytest.mark.parametrize(
    ("read", "refusals"),
    [(cobblestone.unseal, (MessageBroken, ValueError)), (reference.read, (reference.Refused,))],
)
def test_whole_messages_agree_with_wycheproof(read: Reader, refusals: tuple[type[Exception], ...]) -> None:
    for vector in vectors_of(FILE):
        try:
            clear = read(message_of(vector), vector.bytes_of("key"), vector.bytes_of("ctx"))
        except refusals:
            assert not vector.is_valid, vector
        else:
            assert vector.is_valid, vector
            assert (len(clear), hashlib.sha512(clear).hexdigest()) == prefix_of(vector)


def opened_chunk_by_chunk(opener: cobblestone.Opener, message: bytes) -> bytes:
    """Return what a reader gives out, one chunk at a time, before it fails or ends."""
    given = b""
    chunk = memoryview(bytearray(CHUNK_BYTES))
    try:
        size = cobblestone.clear_size(len(message))
        for index in range(size // CHUNK_BYTES):
            sealed = memoryview(message)[chunk_offset(index) : chunk_offset(index + 1)]
            opener.open_chunks(index, sealed, chunk)
            given += chunk
        last = size // CHUNK_BYTES
        length = opener.open_last(last, memoryview(message)[chunk_offset(last) :], chunk)
        given += chunk[:length]
    except MessageBroken:
        return given
    return given


def test_a_streaming_reader_gives_out_no_more_than_the_valid_prefix() -> None:
    seen = 0
    for vector in vectors_of(FILE):
        if "HeaderFailure" in vector.flags:
            continue
        message = message_of(vector)
        opener = cobblestone.Opener(vector.bytes_of("key"), vector.bytes_of("ctx"), message[:HEADER_BYTES])
        given = opened_chunk_by_chunk(opener, message)
        length, digest = prefix_of(vector)
        assert len(given) <= length, vector
        if len(given) == length:
            assert hashlib.sha512(given).hexdigest() == digest, vector
        seen += 1
    assert seen == 25


def test_the_header_alone_refuses_what_must_fail_there() -> None:
    failures = [vector for vector in vectors_of(FILE) if "HeaderFailure" in vector.flags]

    for vector in failures:
        with pytest.raises((MessageBroken, ValueError)):
            cobblestone.Opener(
                vector.bytes_of("key"), vector.bytes_of("ctx"), message_of(vector)[:HEADER_BYTES]
            )
    assert len(failures) == 10


def test_the_last_chunk_opens_first_where_it_may_and_nowhere_else() -> None:
    for vector in vectors_of(FILE):
        if "HeaderFailure" in vector.flags:
            continue
        message = message_of(vector)
        opener = cobblestone.Opener(vector.bytes_of("key"), vector.bytes_of("ctx"), message[:HEADER_BYTES])
        try:
            last = cobblestone.clear_size(len(message)) // CHUNK_BYTES
            sealed = memoryview(message)[chunk_offset(last) :]
            opener.open_last(last, sealed, memoryview(bytearray(CHUNK_BYTES)))
        except MessageBroken:
            assert not vector.is_valid, vector
            assert "ValidFinalChunk" not in vector.flags, vector
        else:
            assert vector.is_valid or "ValidFinalChunk" in vector.flags, vector


def disagreement(draw: random.Random) -> str | None:
    """Seal and read with one and the other; return how they differ."""
    length = draw.choice((draw.choice(EDGES), draw.randrange(600), draw.randrange(40_000)))
    clear, key = draw.randbytes(length), draw.randbytes(32)
    context, salt = draw.randbytes(draw.randrange(300)), draw.randbytes(24)
    ours = cobblestone.seal(clear, key, context)
    theirs = reference.write(clear, key, context, salt)
    if reference.write(clear, key, context, ours[:24]) != ours:
        return f"bytes written, length {length}"
    if cobblestone.unseal(theirs, key, context) != clear or reference.read(ours, key, context) != clear:
        return f"bytes read, length {length}"
    position = draw.randrange(len(ours))
    damaged = ours[:position] + bytes([ours[position] ^ 1 << draw.randrange(8)]) + ours[position + 1 :]
    for broken in (damaged, ours[:position], ours + draw.randbytes(draw.randrange(1, 20))):
        if _refuses(cobblestone.unseal, broken, key, context, MessageBroken) != _refuses(
            reference.read, broken, key, context, reference.Refused
        ):
            return f"refusal, length {length}, position {position}"
    return None


def _refuses(read: Reader, message: bytes, key: bytes, context: bytes, refusal: type[Exception]) -> bool:
    try:
        read(message, key, context)
    except refusal:
        return True
    return False


def differential(rounds: int) -> None:
    seed = random.SystemRandom().randrange(2**32)
    draw = random.Random(seed)

    assert [found for _ in range(rounds) if (found := disagreement(draw))] == [], f"seed {seed}"


def test_two_implementations_agree_on_ten_thousand_messages() -> None:
    differential(10_000)


@pytest.mark.long
def test_two_implementations_agree_on_a_hundred_thousand_messages() -> None:
    differential(100_000)


def test_every_flipped_bit_and_every_cut_of_a_message_is_refused() -> None:
    key, context = bytes(range(32)), b"context"
    sealed = cobblestone.seal(b"content", key, context)

    for bit in range(len(sealed) * 8):
        damaged = bytearray(sealed)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(MessageBroken):
            cobblestone.unseal(bytes(damaged), key, context)
    for end in range(len(sealed)):
        with pytest.raises(MessageBroken):
            cobblestone.unseal(sealed[:end], key, context)
    assert len(sealed) == HEADER_BYTES + 7 + TAG_BYTES
