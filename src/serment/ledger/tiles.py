"""Tiles and entry bundles: where they lie, what they hold, and the hashes read from them.

Source: C2SP tlog-tiles. A tile holds up to 256 hashes of 32 bytes; an entry bundle holds up to 256 leaves,
each after its length as a big-endian uint16.
"""

from collections.abc import Callable, Iterator, Sequence

from serment.ledger.errors import LogDamaged
from serment.ledger.merkle import complete_root, complete_subtrees, leaf_hash

ReadFile = Callable[[str], bytes]

WIDTH = 256
HEIGHT = 8
HASH_BYTES = 32
PREFIX_BYTES = 2
LARGEST_LEAF = 0xFFFF


def tile_path(level: int, number: int, width: int = WIDTH) -> str:
    """Return the path of a tile: `tile/0/x001/x234/067`, with `.p/112` when 112 hashes wide."""
    return f"tile/{level}/{_numbered(number, width)}"


def bundle_path(number: int, width: int = WIDTH) -> str:
    """Return the path of an entry bundle: `tile/entries/000` or `tile/entries/000.p/7`."""
    return f"tile/entries/{_numbered(number, width)}"


def _numbered(number: int, width: int) -> str:
    elements = [f"{number % 1000:03d}"]
    while number := number // 1000:
        elements.append(f"x{number % 1000:03d}")
    partial = "" if width == WIDTH else f".p/{width}"
    return "/".join(reversed(elements)) + partial


def width_of(level: int, number: int, size: int) -> int:
    """Return how many hashes the tile holds in a log of that size: 0 to 256."""
    hashes = size >> (HEIGHT * level)
    return max(0, min(WIDTH, hashes - number * WIDTH))


def pack_bundle(leaves: Sequence[bytes]) -> bytes:
    """Return the bytes of an entry bundle.

    Raises:
        OverflowError: a leaf is longer than 65,535 bytes.
    """
    return b"".join(len(leaf).to_bytes(PREFIX_BYTES, "big") + leaf for leaf in leaves)


def unpack_bundle(data: bytes, place: str) -> list[bytes]:
    """Return the leaves of an entry bundle.

    Raises:
        LogDamaged: the bytes end inside a leaf.
    """
    leaves, position = list[bytes](), 0
    while position < len(data):
        start = position + PREFIX_BYTES
        position = start + int.from_bytes(data[position:start], "big")
        if position > len(data) or start > len(data):
            raise LogDamaged(place, "ends inside a leaf")
        leaves.append(data[start:position])
    return leaves


class TileHashes:
    """The hashes of complete subtrees of a log of one size, read from its tiles; each tile is read once."""

    def __init__(self, read: ReadFile, size: int) -> None:
        self._read = read
        self._size = size
        self._tiles: dict[tuple[int, int], bytes] = {}
        self._subtrees: dict[tuple[int, int], list[list[bytes]]] = {}

    def at(self, level: int, index: int) -> bytes:
        """Return the hash over leaves [index * 2^level, (index + 1) * 2^level).

        Raises:
            LogDamaged: the tile is missing or has another length.
        """
        tile_level, height = divmod(level, HEIGHT)
        number, within = divmod(index << height, WIDTH)
        rows = self._subtrees.get((tile_level, number))
        if rows is None:
            rows = self._subtrees[tile_level, number] = complete_subtrees(
                _hashes(self.tile(tile_level, number))
            )
        return rows[height][within >> height]

    def tile(self, level: int, number: int) -> bytes:
        """Return the bytes of the tile, as wide as it is in a log of this size."""
        known = self._tiles.get((level, number))
        if known is None:
            known = self._tiles[level, number] = self._read_tile(level, number)
        return known

    def _read_tile(self, level: int, number: int) -> bytes:
        width = width_of(level, number, self._size)
        place = tile_path(level, number, width)
        tile = self._read_or_full(place, tile_path(level, number))[: width * HASH_BYTES]
        if len(tile) != width * HASH_BYTES or not width:
            raise LogDamaged(place, "has another length")
        return tile

    def _read_or_full(self, place: str, full_place: str) -> bytes:
        """Read a partial tile; a log may have dropped it once the full one was there."""
        try:
            return self._read(place)
        except FileNotFoundError:
            try:
                return self._read(full_place)
            except FileNotFoundError:
                raise LogDamaged(place, "is missing") from None


def _hashes(tile: bytes) -> list[bytes]:
    return [tile[start : start + HASH_BYTES] for start in range(0, len(tile), HASH_BYTES)]


def read_bundle(read: ReadFile, number: int, size: int) -> list[bytes]:
    """Return the leaves that the bundle holds in a log of that size.

    Raises:
        LogDamaged: the bundle is missing or holds another number of leaves.
    """
    width = width_of(0, number, size)
    place = bundle_path(number, width)
    try:
        data = read(place)
    except FileNotFoundError:
        try:
            data = read(bundle_path(number))
        except FileNotFoundError:
            raise LogDamaged(place, "is missing") from None
    leaves = unpack_bundle(data, place)[:width]
    if len(leaves) != width:
        raise LogDamaged(place, f"holds {len(leaves)} leaves, not {width}")
    return leaves


def grow(read: ReadFile, size: int, leaves: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield the files, path and bytes, that lengthen a log of `size` by these leaves.

    Only what changed is given: bundles first, then the tiles from the lowest level up.
    """
    yield from _grown_bundles(read, size, leaves)
    added = [leaf_hash(leaf) for leaf in leaves]
    hashes = TileHashes(read, size)
    level = 0
    while added:
        start = size >> (HEIGHT * level)
        row = _edge(hashes, level, start) + added
        first = start // WIDTH
        added = []
        for step in range(0, len(row), WIDTH):
            tile = row[step : step + WIDTH]
            yield tile_path(level, first + step // WIDTH, len(tile)), b"".join(tile)
            added += [complete_root(tile)] if len(tile) == WIDTH else []
        level += 1


def _grown_bundles(read: ReadFile, size: int, leaves: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    first, width = divmod(size, WIDTH)
    row = (read_bundle(read, first, size) if width else []) + list(leaves)
    for step in range(0, len(row), WIDTH):
        bundle = row[step : step + WIDTH]
        yield bundle_path(first + step // WIDTH, len(bundle)), pack_bundle(bundle)


def _edge(hashes: TileHashes, level: int, start: int) -> list[bytes]:
    """Return the hashes that the unfinished tile at the right edge already holds."""
    number, width = divmod(start, WIDTH)
    return _hashes(hashes.tile(level, number)) if width else []


def finished_by(old: int, new: int) -> Iterator[str]:
    """Yield the paths of the full tiles and bundles that growth from `old` to `new` completed over partial ones."""
    level = 0
    while old >> (HEIGHT * level):
        number, width = divmod(old >> (HEIGHT * level), WIDTH)
        if width and width_of(level, number, new) == WIDTH:
            yield tile_path(level, number)
            yield from [bundle_path(number)] if level == 0 else []
        level += 1
