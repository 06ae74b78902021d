"""Reading an object: any range of it, and no byte before the chunk it lies in was authenticated (CRY-03)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from serment.vault import cobblestone
from serment.vault.buffers import SealedBuffers
from serment.vault.cobblestone import CHUNK_BYTES, HEADER_BYTES, SEALED_CHUNK_BYTES
from serment.vault.errors import MessageBroken, SealBroken
from serment.vault.manifest import ObjectId, Part, StoredObject, part_context, part_place
from serment.vault.part_store import PartSource, PartStore
from serment.vault.tags import TagDigest


@dataclass(frozen=True, slots=True)
class OpenedPart:
    """A part that stands in its place: its length, its salt and its commitment are what they must be."""

    part: Part
    source: PartSource
    opener: cobblestone.Opener

    def read_window(self, first: int, count: int, sealed: memoryview, clear: memoryview) -> tuple[int, int]:
        """Authenticate `count` chunks from the chunk `first` on.

        Returns how many bytes `sealed` then holds, and how many `clear` does.

        Raises:
            MessageBroken: a chunk is missing, or not what was sealed there.
            StoreFailed: the store cannot read.
        """
        last = self.part.clear_size // CHUNK_BYTES
        begin = cobblestone.chunk_offset(first)
        end = min(cobblestone.chunk_offset(first + count), cobblestone.sealed_size(self.part.clear_size))
        sealed = sealed[: end - begin]
        if self.source.read_into(sealed, begin) != len(sealed):
            raise MessageBroken("the part is cut short")
        whole = min(count, last - first)
        size = self.opener.open_chunks(first, sealed[: whole * SEALED_CHUNK_BYTES], clear)
        if first + count > last:
            size += self.opener.open_last(last, sealed[whole * SEALED_CHUNK_BYTES :], clear[size:])
        return len(sealed), size


class PartReader:
    """Reads the parts of one object: what a reader for people and a check for the operator share."""

    def __init__(self, store: PartStore, buffers: SealedBuffers, stored: StoredObject, key: bytes) -> None:
        self._store = store
        self._buffers = buffers
        self._draft = stored.draft
        self._key = key

    def read(self, part: Part, start: int, stop: int) -> Iterator[memoryview]:
        """Yield the bytes from `start` to `stop` of a part, which are not the same place.

        A range that reaches the end of the part authenticates its last chunk too, hence its length.

        Raises:
            SealBroken: the part is missing, damaged or another one.
            StoreFailed: the store cannot be read.
        """
        first, until = start // CHUNK_BYTES, -(-stop // CHUNK_BYTES)
        if stop == part.clear_size:
            until = stop // CHUNK_BYTES + 1
        clear = memoryview(bytearray(min(until - first, _WINDOW_CHUNKS) * CHUNK_BYTES))
        with self._opened(part) as opened, self._sealed_buffer() as sealed:
            for chunk, count in _windows(first, until):
                _, size = opened.read_window(chunk, count, sealed, clear)
                offset = chunk * CHUNK_BYTES
                piece = clear[max(start - offset, 0) : min(stop - offset, size)]
                yield piece
                # Whoever still looks at the piece would see the next one in its place: better an error.
                piece.release()

    def check(self, part: Part) -> None:
        """Authenticate a whole part and give nothing back.

        Raises:
            SealBroken: the part is missing, damaged or another one.
            StoreFailed: the store cannot be read.
        """
        tags = TagDigest()
        last = part.clear_size // CHUNK_BYTES
        clear = memoryview(bytearray(min(last + 1, _WINDOW_CHUNKS) * CHUNK_BYTES))
        with self._opened(part) as opened, self._sealed_buffer() as sealed:
            for chunk, count in _windows(0, last + 1):
                length, _ = opened.read_window(chunk, count, sealed, clear)
                tags.add(sealed[:length])
            if tags.digest() != part.tags:
                raise MessageBroken("the tags are not those of the manifest")

    @contextmanager
    def _opened(self, part: Part) -> Iterator[OpenedPart]:
        """Open a part in its place; what is found broken meanwhile is told with the name of the part."""
        try:
            with self._store.open(part.name) as source:
                yield OpenedPart(part, source, self._opener(part, source))
        except (FileNotFoundError, MessageBroken) as error:
            raise SealBroken(part_place(self._draft.id, part.number)) from error

    def _opener(self, part: Part, source: PartSource) -> cobblestone.Opener:
        header = bytearray(HEADER_BYTES)
        source.read_into(memoryview(header), 0)
        if source.size_bytes != cobblestone.sealed_size(part.clear_size):
            raise MessageBroken("the part has another length")
        context = part_context(self._draft.scope, self._draft.id, part.number)
        opener = cobblestone.Opener(self._key, context, bytes(header))
        if opener.salt != part.salt:
            # An older attempt at this part, sealed for this very place: only the manifest tells it apart.
            raise MessageBroken("the part is another attempt")
        return opener

    @contextmanager
    def _sealed_buffer(self) -> Iterator[memoryview]:
        buffer = self._buffers.take()
        try:
            yield buffer
        finally:
            self._buffers.give_back(buffer)


class ObjectReader:
    """Reads one object; it holds all it needs, so the transaction that opened it may be long over."""

    def __init__(self, object_id: ObjectId, parts: Sequence[Part], reader: PartReader) -> None:
        self.id = object_id
        self.size = sum(part.clear_size for part in parts)
        self._parts = parts
        self._reader = reader
        self._broken: SealBroken | None = None

    def read(self, offset: int = 0, length: int | None = None) -> Iterator[memoryview]:
        """Yield `length` bytes from `offset` on, to the end when it is not given, in pieces of up to 1 MiB.

        A piece is good until the next one is asked for: its buffer is used again. What must outlive it is
        copied. Once a part was found broken, the reader gives nothing more.

        Raises:
            ValueError: the range is not within the object.
            SealBroken: a part is missing, damaged or another one; what was given before is sound.
            StoreFailed: the store cannot be read.
        """
        end = self.size if length is None else offset + length
        if not 0 <= offset <= end <= self.size:
            raise ValueError("the range is not within the object")
        return self._pieces(offset, end)

    def _pieces(self, offset: int, end: int) -> Iterator[memoryview]:
        begin = 0
        for part in self._parts:
            start, stop = max(offset - begin, 0), min(end - begin, part.clear_size)
            begin += part.clear_size
            if start < stop:
                yield from self._from_part(part, start, stop)

    def _from_part(self, part: Part, start: int, stop: int) -> Iterator[memoryview]:
        if self._broken is not None:
            raise SealBroken(self._broken.place)
        try:
            yield from self._reader.read(part, start, stop)
        except SealBroken as broken:
            self._broken = broken
            raise


class ObjectCheck:
    """Checks one object without opening it to anyone; the transaction that began it may be over."""

    def __init__(self, parts: Sequence[Part], reader: PartReader) -> None:
        self._parts = parts
        self._reader = reader

    def broken_places(self) -> tuple[str, ...]:
        """Authenticate every byte and return the places that are missing or damaged: none when all is sound.

        Raises:
            StoreFailed: the store cannot be read.
        """
        return tuple(place for part in self._parts for place in self._broken_in(part))

    def _broken_in(self, part: Part) -> tuple[str, ...]:
        try:
            self._reader.check(part)
        except SealBroken as broken:
            return (broken.place,)
        return ()


# A window and the chunk after it: a part of exactly 1 MiB, which ends with an empty chunk, is read at once.
_WINDOW_CHUNKS = cobblestone.WINDOW_CHUNKS + 1


def _windows(first: int, until: int) -> Iterator[tuple[int, int]]:
    """Cut the chunks from `first` to before `until` in windows, each given by its first chunk and its count."""
    for chunk in range(first, until, _WINDOW_CHUNKS):
        yield chunk, min(_WINDOW_CHUNKS, until - chunk)
