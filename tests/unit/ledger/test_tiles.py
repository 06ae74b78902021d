from pathlib import Path

import pytest

from serment import ledger
from serment.ledger import merkle, tiles
from serment.ledger.merkle import complete_root, leaf_hash
from support.ledger import lengthen, some_leaves

SIZES = (1, 2, 255, 256, 257, 300, 511, 512, 513, 1000)


@pytest.mark.parametrize(
    ("number", "path"),
    [(0, "tile/0/000"), (67, "tile/0/067"), (1000, "tile/0/x001/000"), (1234067, "tile/0/x001/x234/067")],
)
def test_tile_path_groups_digits_by_three(number: int, path: str) -> None:
    assert tiles.tile_path(0, number) == path


def test_paths_name_the_width_of_what_is_partial() -> None:
    assert tiles.tile_path(1, 0, 17) == "tile/1/000.p/17"
    assert tiles.bundle_path(273, 112) == "tile/entries/273.p/112"


def test_a_log_of_70000_leaves_has_the_tiles_of_the_standard() -> None:
    assert [tiles.width_of(0, number, 70_000) for number in (0, 272, 273, 274)] == [256, 256, 112, 0]
    assert [tiles.width_of(1, number, 70_000) for number in (0, 1, 2)] == [256, 17, 0]
    assert tiles.width_of(2, 0, 70_000) == 1
    assert [tiles.width_of(level, 0, 256) for level in (0, 1, 2)] == [256, 1, 0]


def test_a_bundle_gives_its_leaves_back() -> None:
    leaves = [b"", b"a", bytes(tiles.LARGEST_LEAF)]

    assert tiles.unpack_bundle(tiles.pack_bundle(leaves), "here") == leaves


def test_a_bundle_refuses_a_leaf_that_is_too_long() -> None:
    with pytest.raises(OverflowError):
        tiles.pack_bundle([bytes(tiles.LARGEST_LEAF + 1)])


@pytest.mark.parametrize("cut", [1, 2])
def test_a_bundle_that_ends_inside_a_leaf_is_refused(cut: int) -> None:
    with pytest.raises(ledger.LogDamaged, match="here: ends inside a leaf"):
        tiles.unpack_bundle(tiles.pack_bundle([b"ab"])[:-cut], "here")
    with pytest.raises(ledger.LogDamaged):
        tiles.unpack_bundle(b"\x00", "here")


def test_growing_by_any_steps_gives_the_root_of_the_leaves(log: ledger.Log) -> None:
    leaves, size = some_leaves(SIZES[-1]), 0
    for goal in SIZES:
        checkpoint = lengthen(log, leaves[size:goal])
        size = goal
        at = tiles.TileHashes(log.storage.read, size)
        assert checkpoint.root == merkle.tree_root(size, at.at)
        assert tiles.read_bundle(log.storage.read, (size - 1) // 256, size)[-1] == leaves[size - 1]

    at = tiles.TileHashes(log.storage.read, size)
    assert at.at(8, 2) == complete_root([leaf_hash(leaf) for leaf in leaves[512:768]])
    assert at.at(1, 300) == merkle.node_hash(leaf_hash(leaves[600]), leaf_hash(leaves[601]))


def test_a_full_tile_stands_for_a_partial_one_that_was_dropped(log: ledger.Log) -> None:
    before = lengthen(log, some_leaves(100))
    lengthen(log, some_leaves(200, first=100))
    for path in tiles.finished_by(100, 300):
        log.storage.drop_partials(path)

    assert merkle.tree_root(100, tiles.TileHashes(log.storage.read, 100).at) == before.root
    assert tiles.read_bundle(log.storage.read, 0, 100) == some_leaves(100)


def test_finished_by_names_what_growth_completed() -> None:
    assert list(tiles.finished_by(100, 200)) == []
    assert list(tiles.finished_by(100, 256)) == ["tile/0/000", "tile/entries/000"]
    assert list(tiles.finished_by(256, 1000)) == []
    assert list(tiles.finished_by(65_535, 65_536)) == ["tile/0/255", "tile/entries/255", "tile/1/000"]


def test_a_missing_tile_is_named(log: ledger.Log, log_folder: Path) -> None:
    lengthen(log, some_leaves(3))
    (log_folder / "tile/0/000.p/3").unlink()
    (log_folder / "tile/entries/000.p/3").unlink()

    with pytest.raises(ledger.LogDamaged, match=r"tile/0/000\.p/3: is missing"):
        tiles.TileHashes(log.storage.read, 3).at(0, 0)
    with pytest.raises(ledger.LogDamaged, match=r"tile/entries/000\.p/3: is missing"):
        tiles.read_bundle(log.storage.read, 0, 3)


def test_a_tile_of_another_length_is_named(log: ledger.Log, log_folder: Path) -> None:
    lengthen(log, some_leaves(3))
    (log_folder / "tile/0/000.p/3").write_bytes(bytes(95))
    (log_folder / "tile/entries/000.p/3").write_bytes(tiles.pack_bundle(some_leaves(2)))

    with pytest.raises(ledger.LogDamaged, match=r"tile/0/000\.p/3: has another length"):
        tiles.TileHashes(log.storage.read, 3).at(0, 0)
    with pytest.raises(ledger.LogDamaged, match="holds 2 leaves, not 3"):
        tiles.read_bundle(log.storage.read, 0, 3)
    with pytest.raises(ledger.LogDamaged):
        tiles.TileHashes(log.storage.read, 3).tile(0, 7)
