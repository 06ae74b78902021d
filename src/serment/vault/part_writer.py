"""Writing one part: sealed as it comes, in a buffer that is used again, and handed on a window at a time."""

from serment.vault import cobblestone
from serment.vault.buffers import SealedBuffers
from serment.vault.cobblestone import CHUNK_BYTES, SEALED_CHUNK_BYTES
from serment.vault.manifest import Part
from serment.vault.part_store import PartStore
from serment.vault.tags import TagDigest


class PartWriter:
    """Seals one part and hands it to its store, a window at a time."""

    def __init__(self, store: PartStore, buffers: SealedBuffers, key: bytes, context: bytes) -> None:
        self._buffers = buffers
        self._sealer = cobblestone.Sealer(key, context)
        self._tags = TagDigest()
        self._sink = store.begin(self._sealer.salt.hex())
        self._sealed = buffers.take()
        self._sealed[: cobblestone.HEADER_BYTES] = self._sealer.header
        self._filled = cobblestone.HEADER_BYTES
        self._carry = memoryview(bytearray(CHUNK_BYTES))
        self._carried = 0
        self.clear_size = 0

    def write(self, clear: memoryview) -> None:
        """Seal bytes; what does not fill a chunk is carried to the next call."""
        self.clear_size += len(clear)
        if self._carried:
            clear = self._fill_carry(clear)
        while len(clear) >= CHUNK_BYTES:
            window = min(len(clear) - len(clear) % CHUNK_BYTES, cobblestone.WINDOW_BYTES)
            self._seal_chunks(clear[:window])
            clear = clear[window:]
        if clear:
            self._carry[: len(clear)] = clear
            self._carried = len(clear)

    def keep(self, number: int) -> Part:
        """Seal the last chunk and return once the part is durable; on error nothing of it is kept."""
        self._make_room(SEALED_CHUNK_BYTES)
        end = self._filled + self._sealer.seal_last(
            self._carry[: self._carried], self._sealed[self._filled :]
        )
        self._tags.add(self._sealed[self._filled : end])
        self._filled = end
        self._write_out()
        self._sink.keep()
        self._buffers.give_back(self._sealed)
        return Part(number, self._sealer.salt, self.clear_size, self._tags.digest())

    def discard(self) -> None:
        """Take the part away."""
        self._sink.discard()

    def _fill_carry(self, clear: memoryview) -> memoryview:
        taken = min(CHUNK_BYTES - self._carried, len(clear))
        self._carry[self._carried : self._carried + taken] = clear[:taken]
        self._carried += taken
        if self._carried == CHUNK_BYTES:
            self._seal_chunks(self._carry)
            self._carried = 0
        return clear[taken:]

    def _seal_chunks(self, clear: memoryview) -> None:
        """Seal whole chunks, a window of them at most."""
        self._make_room(len(clear) // CHUNK_BYTES * SEALED_CHUNK_BYTES)
        end = self._filled + self._sealer.seal_chunks(clear, self._sealed[self._filled :])
        self._tags.add(self._sealed[self._filled : end])
        self._filled = end

    def _make_room(self, wanted: int) -> None:
        if self._filled + wanted > len(self._sealed):
            self._write_out()

    def _write_out(self) -> None:
        self._sink.write(self._sealed[: self._filled])
        self._filled = 0
