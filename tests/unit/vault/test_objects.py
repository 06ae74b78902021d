import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from serment import kernel, vault
from serment.vault.cobblestone import CHUNK_BYTES

WarrantFor = Callable[[vault.Scope], vault.Warrant]


@pytest.fixture
def database(embedded_database: kernel.Database, objects: vault.ObjectStore) -> kernel.Database:
    embedded_database.put_beside(objects)
    return embedded_database


def keep(
    database: kernel.Database, objects: vault.ObjectStore, scope: vault.Scope, *parts: bytes
) -> vault.ObjectHead:
    writer = objects.begin(scope)
    for part in parts:
        writer.write(memoryview(part))
        writer.flush_part()
    with database.unit_of_work() as uow:
        return vault.finish_object(uow, writer)


def reader_of(
    database: kernel.Database, head: vault.ObjectHead, warrant: vault.Warrant
) -> vault.ObjectReader:
    with database.reading() as uow:
        return vault.open_object(uow, head.id, warrant)


@pytest.fixture
def kept(
    database: kernel.Database, objects: vault.ObjectStore, scope: vault.Scope, warrant_for: WarrantFor
) -> tuple[vault.ObjectHead, vault.ObjectReader]:
    """An object of two chunks and an empty one, and its reader."""
    head = keep(database, objects, scope, bytes(2 * CHUNK_BYTES))
    return head, reader_of(database, head, warrant_for(scope))


def content_of(reader: vault.ObjectReader) -> bytes:
    return b"".join(bytes(piece) for piece in reader.read())


def part_files(part_directory: Path) -> list[Path]:
    return sorted(path for path in part_directory.rglob("*") if path.is_file())


def file_of(part_directory: Path, part: vault.Part) -> Path:
    return part_directory / part.name[:2] / part.name


def overwrite(path: Path, content: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(content)


@pytest.mark.parametrize(
    "size",
    [
        0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1,
        64 * CHUNK_BYTES - 1, 64 * CHUNK_BYTES, 64 * CHUNK_BYTES + 1, 65 * CHUNK_BYTES, 66 * CHUNK_BYTES,
        vault.PART_BYTES - 1, vault.PART_BYTES, vault.PART_BYTES + 1,
    ],
)  # fmt: skip
def test_an_object_of_any_size_comes_back_whole(
    database: kernel.Database,
    objects: vault.ObjectStore,
    scope: vault.Scope,
    warrant_for: WarrantFor,
    size: int,
) -> None:
    content = os.urandom(size)

    head = keep(database, objects, scope, content)

    reader = reader_of(database, head, warrant_for(scope))
    assert (head.size, reader.size) == (size, size)
    assert content_of(reader) == content


@pytest.mark.parametrize("step", [1000, CHUNK_BYTES, 50_000, 300_000, 3_000_000])
def test_an_object_may_be_written_in_pieces_of_any_size(
    database: kernel.Database,
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

    with database.unit_of_work() as uow:
        head = vault.finish_object(uow, writer)

    assert content_of(reader_of(database, head, warrant_for(scope))) == content


def test_any_range_gives_exactly_its_bytes(
    database: kernel.Database, objects: vault.ObjectStore, scope: vault.Scope, warrant_for: WarrantFor
) -> None:
    parts = [os.urandom(size) for size in (3 * CHUNK_BYTES, 100, CHUNK_BYTES + 7, 70 * CHUNK_BYTES)]
    content = b"".join(parts)
    reader = reader_of(database, keep(database, objects, scope, *parts), warrant_for(scope))
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
    database: kernel.Database, objects: vault.ObjectStore, scope: vault.Scope, warrant_for: WarrantFor
) -> None:
    reader = reader_of(database, keep(database, objects, scope, b"1234"), warrant_for(scope))

    for offset, length in ((-1, 2), (0, 5), (5, 0), (2, -1)):
        with pytest.raises(ValueError, match="range"):
            reader.read(offset, length)


def test_a_small_range_reads_only_the_chunks_it_needs(
    database: kernel.Database,
    objects: vault.ObjectStore,
    scope: vault.Scope,
    warrant_for: WarrantFor,
    part_directory: Path,
) -> None:
    content = os.urandom(10 * CHUNK_BYTES)
    head = keep(database, objects, scope, content)
    (path,) = part_files(part_directory)
    damaged = bytearray(path.read_bytes())
    damaged[56 + 5 * (CHUNK_BYTES + 16)] ^= 1
    overwrite(path, bytes(damaged))

    reader = reader_of(database, head, warrant_for(scope))

    assert bytes(next(reader.read(100, 50))) == content[100:150]
    with pytest.raises(vault.SealBroken):
        next(reader.read(5 * CHUNK_BYTES, 1))


def test_a_piece_kept_past_its_time_is_an_error_and_not_other_bytes(
    database: kernel.Database, objects: vault.ObjectStore, scope: vault.Scope, warrant_for: WarrantFor
) -> None:
    reader = reader_of(database, keep(database, objects, scope, bytes(200 * CHUNK_BYTES)), warrant_for(scope))
    pieces = reader.read()

    first = next(pieces)
    next(pieces)

    with pytest.raises(ValueError, match="released"):
        first.tobytes()


def test_a_reader_gives_nothing_more_once_it_found_damage(
    database: kernel.Database,
    objects: vault.ObjectStore,
    scope: vault.Scope,
    warrant_for: WarrantFor,
    part_directory: Path,
) -> None:
    head = keep(database, objects, scope, b"first part", b"second part")
    reader = reader_of(database, head, warrant_for(scope))
    second = reader._parts[1]
    file_of(part_directory, second).unlink()

    pieces = reader.read()
    assert bytes(next(pieces)) == b"first part"
    with pytest.raises(vault.SealBroken):
        next(pieces)
    with pytest.raises(vault.SealBroken) as raised:
        next(reader.read(0, 1))
    assert raised.value.place == f"object/{head.id}/part/2"


def _missing(path: Path) -> None:
    path.unlink()


def _emptied(path: Path) -> None:
    overwrite(path, b"")


def _cut_in_a_chunk(path: Path) -> None:
    overwrite(path, path.read_bytes()[:-1])


def _cut_at_a_chunk(path: Path) -> None:
    overwrite(path, path.read_bytes()[: 56 + CHUNK_BYTES + 16])


def _longer(path: Path) -> None:
    overwrite(path, path.read_bytes() + b"x")


def _other_salt(path: Path) -> None:
    content = path.read_bytes()
    overwrite(path, bytes([content[0] ^ 1]) + content[1:])


def _other_last_tag(path: Path) -> None:
    content = path.read_bytes()
    overwrite(path, content[:-1] + bytes([content[-1] ^ 1]))


DAMAGES = [_missing, _emptied, _cut_in_a_chunk, _cut_at_a_chunk, _longer, _other_salt, _other_last_tag]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_found_and_the_part_named(
    database: kernel.Database,
    objects: vault.ObjectStore,
    scope: vault.Scope,
    part_directory: Path,
    damage: Callable[[Path], None],
) -> None:
    writer = objects.begin(scope)
    for part in (bytes(2 * CHUNK_BYTES), bytes(2 * CHUNK_BYTES + 5)):
        writer.write(memoryview(part))
        writer.flush_part()
    with database.unit_of_work() as uow:
        head = vault.finish_object(uow, writer)
        check = vault.check_object(uow, head.id)
    assert check.broken_places() == ()

    damage(file_of(part_directory, writer.parts[1]))

    assert check.broken_places() == (f"object/{head.id}/part/2",)


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_never_served(
    kept: tuple[vault.ObjectHead, vault.ObjectReader],
    part_directory: Path,
    damage: Callable[[Path], None],
) -> None:
    head, reader = kept
    damage(part_files(part_directory)[0])

    with pytest.raises(vault.SealBroken) as raised:
        list(reader.read())
    assert raised.value.place == f"object/{head.id}/part/1"


def test_a_check_tells_every_broken_part(
    database: kernel.Database, objects: vault.ObjectStore, scope: vault.Scope, part_directory: Path
) -> None:
    head = keep(database, objects, scope, b"one", b"two", b"three")
    with database.reading() as uow:
        check = vault.check_object(uow, head.id)
    for path in part_files(part_directory):
        path.unlink()

    assert check.broken_places() == tuple(f"object/{head.id}/part/{number}" for number in (1, 2, 3))


def test_an_older_attempt_at_a_part_cannot_be_put_in_its_place(
    database: kernel.Database,
    objects: vault.ObjectStore,
    scope: vault.Scope,
    warrant_for: WarrantFor,
    part_directory: Path,
) -> None:
    writer = objects.begin(scope)
    writer.write(memoryview(b"older"))
    writer.flush_part()
    (older,) = writer.parts
    again = objects.resume(writer.draft, ())
    again.write(memoryview(b"newer"))
    again.flush_part()
    (newer,) = again.parts
    with database.unit_of_work() as uow:
        head = vault.finish_object(uow, again)

    overwrite(file_of(part_directory, newer), file_of(part_directory, older).read_bytes())

    with pytest.raises(vault.SealBroken):
        list(reader_of(database, head, warrant_for(scope)).read())


def test_parts_cannot_change_places(
    database: kernel.Database, objects: vault.ObjectStore, scope: vault.Scope, part_directory: Path
) -> None:
    head = keep(database, objects, scope, b"first", b"other")
    one, two = part_files(part_directory)
    first, second = one.read_bytes(), two.read_bytes()
    overwrite(one, second)
    overwrite(two, first)

    with database.reading() as uow:
        assert len(vault.check_object(uow, head.id).broken_places()) == 2


def test_an_upload_goes_on_after_a_restart(
    database: kernel.Database,
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
    with database.unit_of_work() as uow:
        head = vault.finish_object(uow, later)

    assert content_of(reader_of(database, head, warrant_for(scope))) == b"before after"


def test_parts_with_a_gap_are_no_beginning(objects: vault.ObjectStore, scope: vault.Scope) -> None:
    writer = objects.begin(scope)
    for _ in range(2):
        writer.write(memoryview(b"part"))
        writer.flush_part()

    with pytest.raises(ValueError, match="gaps"):
        objects.resume(writer.draft, writer.parts[1:])


def test_an_object_is_not_finished_while_bytes_are_not_durable(
    database: kernel.Database, objects: vault.ObjectStore, scope: vault.Scope
) -> None:
    writer = objects.begin(scope)
    writer.write(memoryview(b"pending"))

    with pytest.raises(ValueError, match="flush_part"), database.unit_of_work() as uow:
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
    database: kernel.Database,
    objects: vault.ObjectStore,
    scope: vault.Scope,
    tmp_path: Path,
    part_directory: Path,
) -> None:
    canary = b"canary-of-the-vault"
    keep(database, objects, scope, canary * 10_000)

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in files if canary in path.read_bytes()]
    assert [stat.S_IMODE(path.stat().st_mode) for path in part_files(part_directory)] == [0o400]


def test_a_reader_outlives_the_transaction_that_opened_it(
    database: kernel.Database, objects: vault.ObjectStore, scope: vault.Scope, warrant_for: WarrantFor
) -> None:
    reader = reader_of(database, keep(database, objects, scope, b"later"), warrant_for(scope))
    database.close()

    assert content_of(reader) == b"later"


def test_opening_takes_a_warrant(
    database: kernel.Database, objects: vault.ObjectStore, scope: vault.Scope, warrant_for: WarrantFor
) -> None:
    head = keep(database, objects, scope, b"secret")

    with pytest.raises(vault.WarrantRefused), database.reading() as uow:
        vault.open_object(uow, head.id)
    with pytest.raises(vault.WarrantRefused), database.reading() as uow:
        vault.open_object(uow, head.id, warrant_for(replace(scope, compartment="imaging")))


def test_an_unknown_object_is_missing(database: kernel.Database) -> None:
    unknown = vault.ObjectId(kernel.new_id())

    with database.reading() as uow:
        for look in (vault.object_head, vault.open_object, vault.check_object, vault.manifest_digest):
            with pytest.raises(vault.ObjectMissing):
                look(uow, unknown)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ("wrapped_key = zeroblob(120)", "key/object/{}"),
        ("manifest = zeroblob(120)", "object/{}"),
        ("size = size + 1", "object/{}"),
        ("compartment = 'imaging'", "key/object/{}"),
    ],
)
def test_an_altered_row_is_found(
    database: kernel.Database, objects: vault.ObjectStore, scope: vault.Scope, change: str, place: str
) -> None:
    head = keep(database, objects, scope, b"content")
    keep(database, objects, replace(scope, compartment="imaging"), b"so that this key exists")
    with database.unit_of_work() as uow:
        assert vault.manifest_digest(uow, head.id) == head.digest
        uow.connection.execute(text(f"UPDATE objects SET {change} WHERE id = '{head.id.hex}'"))

    with database.reading() as uow:
        assert vault.manifest_digest(uow, head.id) != head.digest
        with pytest.raises(vault.SealBroken) as raised:
            vault.check_object(uow, head.id)
    assert raised.value.place == place.format(head.id)


def test_objects_are_listed_in_order_and_in_pages(
    database: kernel.Database, objects: vault.ObjectStore, scope: vault.Scope
) -> None:
    heads = sorted((keep(database, objects, scope, b"x") for _ in range(3)), key=lambda head: head.id.hex)

    with database.reading() as uow:
        first = vault.list_objects(uow, limit=2)
        rest = vault.list_objects(uow, after=first[-1].id, limit=2)
        assert vault.object_head(uow, heads[0].id) == heads[0]

    assert (*first, *rest) == tuple(heads)
