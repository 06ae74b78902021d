import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typing_extensions import override

from serment import kernel, vault
from serment.vault.cobblestone import CHUNK_BYTES
from serment.vault.durable_file import NewFile
from support.vault import keep_object, part_files, reader_of

WarrantFor = Callable[[vault.Scope], vault.Warrant]


def content_of(reader: vault.ObjectReader) -> bytes:
    return b"".join(bytes(piece) for piece in reader.read())


@pytest.mark.parametrize(
    "size",
    [
        0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1,
        64 * CHUNK_BYTES - 1, 64 * CHUNK_BYTES, 64 * CHUNK_BYTES + 1, 65 * CHUNK_BYTES, 66 * CHUNK_BYTES,
        vault.PART_BYTES - 1, vault.PART_BYTES, vault.PART_BYTES + 1,
    ],
)  # fmt: skip
def test_an_object_of_any_size_comes_back_whole(
    object_database: kernel.Database,
    objects: vault.ObjectStore,
    scope: vault.Scope,
    warrant_for: WarrantFor,
    size: int,
) -> None:
    content = os.urandom(size)

    head = keep_object(object_database, objects, scope, content)

    reader = reader_of(object_database, head, warrant_for(scope))
    assert (head.size, reader.size) == (size, size)
    assert content_of(reader) == content


@pytest.mark.parametrize("step", [1000, CHUNK_BYTES, 50_000, 300_000, 3_000_000])
def test_an_object_may_be_written_in_pieces_of_any_size(
    object_database: kernel.Database,
    objects: vault.ObjectStore,
    scope: vault.Scope,
    warrant_for: WarrantFor,
    step: int,
) -> None:
    content = os.urandom(9_000_000 if step > 1000 else 100_000)
    writer = objects.begin(scope)
    for start in range(0, len(content), step):
        writer.write(memoryview(content)[start : start + step])
    writer.flush_part()

    with object_database.unit_of_work() as uow:
        head = vault.finish_object(uow, writer)

    assert content_of(reader_of(object_database, head, warrant_for(scope))) == content


def test_any_range_gives_exactly_its_bytes(
    object_database: kernel.Database, objects: vault.ObjectStore, scope: vault.Scope, warrant_for: WarrantFor
) -> None:
    parts = [os.urandom(size) for size in (3 * CHUNK_BYTES, 100, CHUNK_BYTES + 7, 70 * CHUNK_BYTES)]
    content = b"".join(parts)
    reader = reader_of(
        object_database, keep_object(object_database, objects, scope, *parts), warrant_for(scope)
    )
    edges = {0, 1, len(content) - 1, len(content)}
    end = 0
    for part in parts:
        end += len(part)
        edges |= {end - 1, end, end + 1, end - CHUNK_BYTES}
    edges = {edge for edge in edges if 0 <= edge <= len(content)}

    for start in edges:
        for stop in (edge for edge in edges if edge >= start):
            got = b"".join(bytes(piece) for piece in reader.read(start, stop - start))
            assert got == content[start:stop]


def test_a_range_outside_the_object_is_refused(
    object_database: kernel.Database, objects: vault.ObjectStore, scope: vault.Scope, warrant_for: WarrantFor
) -> None:
    reader = reader_of(
        object_database, keep_object(object_database, objects, scope, b"1234"), warrant_for(scope)
    )

    for offset, length in ((-1, 2), (0, 5), (5, 0), (2, -1)):
        with pytest.raises(ValueError, match="range"):
            reader.read(offset, length)


def test_a_piece_kept_past_its_time_is_an_error_and_not_other_bytes(
    object_database: kernel.Database, objects: vault.ObjectStore, scope: vault.Scope, warrant_for: WarrantFor
) -> None:
    reader = reader_of(
        object_database,
        keep_object(object_database, objects, scope, bytes(200 * CHUNK_BYTES)),
        warrant_for(scope),
    )
    pieces = reader.read()

    first = next(pieces)
    next(pieces)

    with pytest.raises(ValueError, match="released"):
        first.tobytes()


def test_an_upload_goes_on_after_a_restart(
    object_database: kernel.Database,
    objects: vault.ObjectStore,
    scope: vault.Scope,
    warrant_for: WarrantFor,
    reopen: Callable[[], vault.Keyring],
) -> None:
    writer = objects.begin(scope)
    writer.write(memoryview(b"before "))
    writer.flush_part()
    writer.write(memoryview(b"lost in the crash"))
    draft, parts = writer.draft, writer.parts

    restarted = vault.ObjectStore(reopen(), objects._parts)
    later = restarted.resume(draft, parts)
    assert (later.durable_size, later.pending_size) == (7, 0)
    later.write(memoryview(b"after"))
    assert later.pending_size == 5
    later.flush_part()
    with object_database.unit_of_work() as uow:
        head = vault.finish_object(uow, later)

    assert content_of(reader_of(object_database, head, warrant_for(scope))) == b"before after"


def test_parts_with_a_gap_are_no_beginning(objects: vault.ObjectStore, scope: vault.Scope) -> None:
    writer = objects.begin(scope)
    for _ in range(2):
        writer.write(memoryview(b"part"))
        writer.flush_part()

    with pytest.raises(ValueError, match="gaps"):
        objects.resume(writer.draft, writer.parts[1:])


def test_an_object_is_not_finished_while_bytes_are_not_durable(
    object_database: kernel.Database, objects: vault.ObjectStore, scope: vault.Scope
) -> None:
    writer = objects.begin(scope)
    writer.write(memoryview(b"pending"))

    with pytest.raises(ValueError, match="flush_part"), object_database.unit_of_work() as uow:
        vault.finish_object(uow, writer)


def test_an_abandoned_part_leaves_no_file(
    objects: vault.ObjectStore, scope: vault.Scope, part_directory: Path
) -> None:
    writer = objects.begin(scope)
    writer.write(memoryview(b"durable"))
    writer.flush_part()
    writer.write(memoryview(b"pending"))

    writer.abandon()
    writer.abandon()

    assert [path.name for path in part_files(part_directory)] == [writer.parts[0].name]
    objects.discard(writer.parts)
    objects.discard(writer.parts)
    assert part_files(part_directory) == []


def test_an_object_has_at_most_ten_thousand_parts(objects: vault.ObjectStore, scope: vault.Scope) -> None:
    writer = objects.begin(scope)
    full = [vault.Part(number, bytes(24), 1, bytes(32)) for number in range(1, vault.MAX_PARTS + 1)]

    with pytest.raises(vault.ObjectTooLarge):
        objects.resume(writer.draft, full).write(memoryview(b"x"))


def test_twenty_gigabytes_fit() -> None:
    assert vault.MAX_PARTS * vault.PART_BYTES >= 80 * 10**9


def test_no_file_holds_anything_in_clear_and_only_the_owner_reads_it(
    object_database: kernel.Database,
    objects: vault.ObjectStore,
    scope: vault.Scope,
    tmp_path: Path,
    part_directory: Path,
) -> None:
    canary = b"canary-of-the-vault"
    keep_object(object_database, objects, scope, canary * 10_000)

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in files if canary in path.read_bytes()]
    assert [stat.S_IMODE(path.stat().st_mode) for path in part_files(part_directory)] == [0o400]


def test_a_reader_outlives_the_transaction_that_opened_it(
    object_database: kernel.Database, objects: vault.ObjectStore, scope: vault.Scope, warrant_for: WarrantFor
) -> None:
    reader = reader_of(
        object_database, keep_object(object_database, objects, scope, b"later"), warrant_for(scope)
    )
    object_database.close()

    assert content_of(reader) == b"later"


def test_opening_takes_a_warrant(
    object_database: kernel.Database, objects: vault.ObjectStore, scope: vault.Scope, warrant_for: WarrantFor
) -> None:
    head = keep_object(object_database, objects, scope, b"secret")

    with pytest.raises(vault.WarrantRefused), object_database.reading() as uow:
        vault.open_object(uow, head.id)
    with pytest.raises(vault.WarrantRefused), object_database.reading() as uow:
        vault.open_object(uow, head.id, warrant_for(replace(scope, compartment="imaging")))


def test_an_unknown_object_is_missing(object_database: kernel.Database) -> None:
    unknown = vault.ObjectId(kernel.new_id())

    with object_database.reading() as uow:
        for look in (vault.open_object, vault.check_object):
            with pytest.raises(vault.ObjectMissing):
                look(uow, unknown)


def test_objects_are_listed_in_order_and_in_pages(
    object_database: kernel.Database, objects: vault.ObjectStore, scope: vault.Scope
) -> None:
    heads = sorted(
        (keep_object(object_database, objects, scope, b"x") for _ in range(3)), key=lambda head: head.id.hex
    )

    with object_database.reading() as uow:
        first = vault.list_objects(uow, limit=2)
        rest = vault.list_objects(uow, after=first[-1].id, limit=2)

    assert (*first, *rest) == tuple(heads)


def test_part_that_fails_in_the_background_leaves_the_durable_ones(
    keyring: vault.Keyring, part_directory: Path, scope: vault.Scope
) -> None:
    store = _FullAfter(part_directory, parts=2)
    writer = vault.ObjectStore(keyring, store).begin(scope)
    content = memoryview(bytes(vault.PART_BYTES))

    writer.write(content)
    writer.write(content)
    writer.write(content)
    with pytest.raises(vault.StoreFull):
        writer.flush_part()

    assert [part.number for part in writer.parts] == [1, 2]
    assert (writer.durable_size, writer.pending_size) == (2 * vault.PART_BYTES, 0)


class _FullAfter(vault.DirectoryStore):
    """A directory that takes so many parts and says that it is full when the next one is to be kept."""

    def __init__(self, path: Path, *, parts: int) -> None:
        super().__init__(path)
        self.room = parts

    @override
    def begin(self, name: str) -> NewFile:
        self.room -= 1
        return super().begin(name) if self.room >= 0 else _Unkept(part_path(self, name), 0o400)


class _Unkept(NewFile):
    @override
    def keep(self) -> None:
        self.discard()
        raise vault.StoreFull("ENOSPC")


def part_path(store: vault.DirectoryStore, name: str) -> Path:
    path = store._path_of(name)
    path.parent.mkdir(exist_ok=True)
    return path
