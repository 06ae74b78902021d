import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from serment import kernel, vault
from serment.vault.cobblestone import CHUNK_BYTES
from support.vault import file_of, keep_object, overwrite, part_files, reader_of

WarrantFor = Callable[[vault.Scope], vault.Warrant]


@pytest.fixture
def kept(
    object_database: kernel.Database, objects: vault.ObjectStore, scope: vault.Scope, warrant_for: WarrantFor
) -> tuple[vault.ObjectHead, vault.ObjectReader]:
    """An object of two chunks and an empty one, and its reader."""
    head = keep_object(object_database, objects, scope, bytes(2 * CHUNK_BYTES))
    return head, reader_of(object_database, head, warrant_for(scope))


def test_a_small_range_reads_only_the_chunks_it_needs(
    object_database: kernel.Database,
    objects: vault.ObjectStore,
    scope: vault.Scope,
    warrant_for: WarrantFor,
    part_directory: Path,
) -> None:
    content = os.urandom(10 * CHUNK_BYTES)
    head = keep_object(object_database, objects, scope, content)
    (path,) = part_files(part_directory)
    damaged = bytearray(path.read_bytes())
    damaged[56 + 5 * (CHUNK_BYTES + 16)] ^= 1
    overwrite(path, bytes(damaged))

    reader = reader_of(object_database, head, warrant_for(scope))

    assert bytes(next(reader.read(100, 50))) == content[100:150]
    with pytest.raises(vault.SealBroken):
        next(reader.read(5 * CHUNK_BYTES, 1))


def test_a_reader_gives_nothing_more_once_it_found_damage(
    object_database: kernel.Database,
    objects: vault.ObjectStore,
    scope: vault.Scope,
    warrant_for: WarrantFor,
    part_directory: Path,
) -> None:
    head = keep_object(object_database, objects, scope, b"first part", b"second part")
    reader = reader_of(object_database, head, warrant_for(scope))
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
    object_database: kernel.Database,
    objects: vault.ObjectStore,
    scope: vault.Scope,
    part_directory: Path,
    damage: Callable[[Path], None],
) -> None:
    writer = objects.begin(scope)
    for part in (bytes(2 * CHUNK_BYTES), bytes(2 * CHUNK_BYTES + 5)):
        writer.write(memoryview(part))
        writer.flush_part()
    with object_database.unit_of_work() as uow:
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
    object_database: kernel.Database, objects: vault.ObjectStore, scope: vault.Scope, part_directory: Path
) -> None:
    head = keep_object(object_database, objects, scope, b"one", b"two", b"three")
    with object_database.reading() as uow:
        check = vault.check_object(uow, head.id)
    for path in part_files(part_directory):
        path.unlink()

    assert check.broken_places() == tuple(f"object/{head.id}/part/{number}" for number in (1, 2, 3))


def test_an_older_attempt_at_a_part_cannot_be_put_in_its_place(
    object_database: kernel.Database,
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
    with object_database.unit_of_work() as uow:
        head = vault.finish_object(uow, again)

    overwrite(file_of(part_directory, newer), file_of(part_directory, older).read_bytes())

    with pytest.raises(vault.SealBroken):
        list(reader_of(object_database, head, warrant_for(scope)).read())


def test_parts_cannot_change_places(
    object_database: kernel.Database, objects: vault.ObjectStore, scope: vault.Scope, part_directory: Path
) -> None:
    head = keep_object(object_database, objects, scope, b"first", b"other")
    one, two = part_files(part_directory)
    first, second = one.read_bytes(), two.read_bytes()
    overwrite(one, second)
    overwrite(two, first)

    with object_database.reading() as uow:
        assert len(vault.check_object(uow, head.id).broken_places()) == 2


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
    object_database: kernel.Database, objects: vault.ObjectStore, scope: vault.Scope, change: str, place: str
) -> None:
    head = keep_object(object_database, objects, scope, b"content")
    keep_object(object_database, objects, replace(scope, compartment="imaging"), b"so that this key exists")
    with object_database.unit_of_work() as uow:
        assert _listed(uow, head.id) == head
        uow.connection.execute(text(f"UPDATE objects SET {change} WHERE id = '{head.id.hex}'"))

    with object_database.reading() as uow:
        assert _listed(uow, head.id).digest != head.digest
        with pytest.raises(vault.SealBroken) as raised:
            vault.check_object(uow, head.id)
    assert raised.value.place == place.format(head.id)


def _listed(uow: kernel.UnitOfWork, wanted: vault.ObjectId) -> vault.ObjectHead:
    return next(one for one in vault.list_objects(uow) if one.id == wanted)
