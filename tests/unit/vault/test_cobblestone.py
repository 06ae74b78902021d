import os

import pytest

from serment.vault import cobblestone
from serment.vault.cobblestone import CHUNK_BYTES, HEADER_BYTES, SEALED_CHUNK_BYTES, chunk_offset
from serment.vault.errors import MessageBroken

KEY = bytes(range(32))
CONTEXT = b"a place"


def sealed_chunks(count: int) -> tuple[bytes, bytes]:
    clear = os.urandom(count * CHUNK_BYTES)
    return clear, cobblestone.seal(clear, KEY, CONTEXT)


def opener_of(message: bytes) -> cobblestone.Opener:
    return cobblestone.Opener(KEY, CONTEXT, message[:HEADER_BYTES])


@pytest.mark.parametrize(
    "size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, 64 * CHUNK_BYTES, 130 * CHUNK_BYTES + 9]
)
def test_sizes_are_told_both_ways(size: int) -> None:
    sealed = cobblestone.seal(bytes(size), KEY, CONTEXT)

    assert len(sealed) == cobblestone.sealed_size(size)
    assert cobblestone.clear_size(len(sealed)) == size
    assert cobblestone.unseal(sealed, KEY, CONTEXT) == bytes(size)


@pytest.mark.parametrize("size", [0, HEADER_BYTES, HEADER_BYTES + 15, HEADER_BYTES + SEALED_CHUNK_BYTES])
def test_lengths_that_no_message_has_are_refused(size: int) -> None:
    with pytest.raises(MessageBroken):
        cobblestone.clear_size(size)
    with pytest.raises(MessageBroken):
        cobblestone.unseal(bytes(size), KEY, CONTEXT)


def test_a_message_opens_under_its_key_and_context_only() -> None:
    for size in (5, CHUNK_BYTES + 5):
        sealed = cobblestone.seal(bytes(size), KEY, CONTEXT)
        for key, context in ((bytes(32), CONTEXT), (KEY, b"another place"), (KEY, b"")):
            with pytest.raises(MessageBroken):
                cobblestone.unseal(sealed, key, context)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_key_of_another_length_is_a_fault(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        cobblestone.seal(b"", bytes(size), CONTEXT)


def test_any_chunk_opens_alone() -> None:
    clear, sealed = sealed_chunks(70)
    opener = opener_of(sealed)
    target = memoryview(bytearray(2 * CHUNK_BYTES))

    for first in (68, 0, 33):
        message = memoryview(sealed)[chunk_offset(first) : chunk_offset(first + 2)]
        assert opener.open_chunks(first, message, target) == 2 * CHUNK_BYTES
        assert target == clear[first * CHUNK_BYTES : (first + 2) * CHUNK_BYTES]


def test_a_chunk_opens_at_its_own_index_only() -> None:
    _, sealed = sealed_chunks(2)
    target = memoryview(bytearray(CHUNK_BYTES))

    with pytest.raises(MessageBroken):
        opener_of(sealed).open_chunks(1, memoryview(sealed)[chunk_offset(0) : chunk_offset(1)], target)


def test_a_broken_chunk_leaves_nothing_in_the_buffer() -> None:
    _, sealed = sealed_chunks(3)
    damaged = bytearray(sealed)
    damaged[chunk_offset(2)] ^= 1
    target = memoryview(bytearray(b"x" * 3 * CHUNK_BYTES))

    with pytest.raises(MessageBroken):
        opener_of(sealed).open_chunks(0, memoryview(damaged)[chunk_offset(0) : chunk_offset(3)], target)

    assert target == bytes(3 * CHUNK_BYTES)


def test_a_broken_end_leaves_nothing_of_the_whole_message() -> None:
    _, sealed = sealed_chunks(3)
    damaged = sealed[:-1] + bytes([sealed[-1] ^ 1])
    target = memoryview(bytearray(b"x" * 3 * CHUNK_BYTES))

    with pytest.raises(MessageBroken):
        cobblestone.unseal_into(memoryview(damaged), KEY, CONTEXT, target)

    assert target == bytes(3 * CHUNK_BYTES)


def test_an_opener_that_found_damage_opens_nothing_more() -> None:
    _, sealed = sealed_chunks(2)
    opener = opener_of(sealed)
    target = memoryview(bytearray(CHUNK_BYTES))
    with pytest.raises(MessageBroken):
        opener.open_chunks(0, memoryview(bytes(SEALED_CHUNK_BYTES)), target)

    with pytest.raises(MessageBroken, match="before"):
        opener.open_chunks(0, memoryview(sealed)[chunk_offset(0) : chunk_offset(1)], target)


def test_an_opener_takes_whole_chunks_only() -> None:
    _, sealed = sealed_chunks(1)

    with pytest.raises(ValueError, match="whole"):
        opener_of(sealed).open_chunks(0, memoryview(sealed)[:100], memoryview(bytearray(CHUNK_BYTES)))


@pytest.mark.parametrize("size", [0, 15, SEALED_CHUNK_BYTES])
def test_a_last_chunk_is_short_and_has_a_tag(size: int) -> None:
    _, sealed = sealed_chunks(1)

    with pytest.raises(MessageBroken, match="last"):
        opener_of(sealed).open_last(1, memoryview(bytes(size)), memoryview(bytearray(CHUNK_BYTES)))


def test_a_header_cut_short_is_refused() -> None:
    with pytest.raises(MessageBroken, match="header"):
        cobblestone.Opener(KEY, CONTEXT, bytes(HEADER_BYTES - 1))


def test_a_sealer_keeps_to_the_order() -> None:
    sealer = cobblestone.Sealer(KEY, CONTEXT)
    target = memoryview(bytearray(2 * SEALED_CHUNK_BYTES))
    with pytest.raises(ValueError, match="whole"):
        sealer.seal_chunks(memoryview(bytes(5)), target)
    with pytest.raises(ValueError, match="short"):
        sealer.seal_last(memoryview(bytes(CHUNK_BYTES)), target)

    sealer.seal_last(memoryview(b"end"), target)

    with pytest.raises(ValueError, match="after the last"):
        sealer.seal_chunks(memoryview(bytes(CHUNK_BYTES)), target)
    with pytest.raises(ValueError, match="only last"):
        sealer.seal_last(memoryview(b""), target)


def test_a_message_has_at_most_two_to_the_thirty_eight_chunks() -> None:
    _, sealed = sealed_chunks(1)
    chunk = memoryview(bytes(SEALED_CHUNK_BYTES))

    with pytest.raises(ValueError, match="2\\*\\*38"):
        opener_of(sealed).open_chunks(2**38, chunk, memoryview(bytearray(CHUNK_BYTES)))


def test_two_messages_never_share_a_salt() -> None:
    assert cobblestone.Sealer(KEY, CONTEXT).salt != cobblestone.Sealer(KEY, CONTEXT).salt
