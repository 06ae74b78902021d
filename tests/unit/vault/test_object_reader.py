"""Reading from a store that is not a directory: whatever it gives back, nothing wrong is served."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from serment import kernel, vault
from serment.vault.errors import MessageBroken
from serment.vault.manifest import decode_manifest


@dataclass
class MemoryPart:
    """A part in memory, and the store's claim of its size."""

    content: bytearray = field(default_factory=bytearray)
    claimed: int | None = None

    @property
    def size_bytes(self) -> int:
        return len(self.content) if self.claimed is None else self.claimed

    def write(self, piece: memoryview) -> None:
        self.content += piece

    def keep(self) -> None:
        pass

    def discard(self) -> None:
        self.content.clear()

    def read_into(self, buffer: memoryview, offset: int) -> int:
        found = self.content[offset : offset + len(buffer)]
        buffer[: len(found)] = found
        return len(found)


class MemoryStore:
    """A part store in memory."""

    def __init__(self) -> None:
        self.parts: dict[str, MemoryPart] = {}

    def begin(self, name: str) -> MemoryPart:
        return self.parts.setdefault(name, MemoryPart())

    @contextmanager
    def open(self, name: str) -> Iterator[MemoryPart]:
        yield self.parts[name]

    def discard(self, name: str) -> None:
        del self.parts[name]


@pytest.fixture
def memory() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def reader(
    memory: MemoryStore,
    keyring: vault.Keyring,
    scope: vault.Scope,
    warrant_for: Callable[[vault.Scope], vault.Warrant],
) -> vault.ObjectReader:
    objects = vault.ObjectStore(keyring, memory)
    writer = objects.begin(scope)
    writer.write(memoryview(bytes(50_000)))
    writer.flush_part()
    return objects.reader(writer.stored(), warrant_for(scope))


def test_any_store_of_that_shape_serves(reader: vault.ObjectReader) -> None:
    assert b"".join(bytes(piece) for piece in reader.read()) == bytes(50_000)


def test_a_store_that_gives_fewer_bytes_than_it_claims_is_found_out(
    memory: MemoryStore, reader: vault.ObjectReader
) -> None:
    (part,) = memory.parts.values()
    part.claimed = len(part.content)
    del part.content[-10:]

    with pytest.raises(vault.SealBroken):
        list(reader.read())


def test_a_range_left_early_gives_its_buffer_back(reader: vault.ObjectReader) -> None:
    pieces = reader.read()
    next(pieces)
    del pieces

    assert b"".join(bytes(piece) for piece in reader.read(10, 5)) == bytes(5)


def test_bytes_that_are_no_manifest_are_refused() -> None:
    with pytest.raises(MessageBroken):
        decode_manifest(b"neither one part nor none")


def test_a_check_compares_the_tags_with_the_manifest(
    memory: MemoryStore, keyring: vault.Keyring, scope: vault.Scope
) -> None:
    objects = vault.ObjectStore(keyring, memory)
    writer = objects.begin(scope)
    writer.write(memoryview(b"content"))
    writer.flush_part()
    (part,) = writer.parts
    other = vault.Part(part.number, part.salt, part.clear_size, bytes(32))
    stored = objects.resume(writer.draft, [other]).stored()

    assert objects.check(stored).broken_places() == (f"object/{writer.draft.id}/part/1",)
    assert objects.check(writer.stored()).broken_places() == ()


def test_an_object_about_no_dossier_needs_no_warrant(memory: MemoryStore, keyring: vault.Keyring) -> None:
    objects = vault.ObjectStore(keyring, memory)
    scope = vault.Scope(kernel.OrganisationId(kernel.new_id()), None, "accounts")
    writer = objects.begin(scope)

    assert list(objects.reader(writer.stored(), None).read()) == []
