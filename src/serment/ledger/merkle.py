"""The Merkle tree of RFC 6962, over hashes of complete subtrees that a reader hands out.

`at(level, index)` is the hash over leaves [index * 2^level, (index + 1) * 2^level): what tiles can answer.
Nothing here knows of files. The independent verifier does not use this module: it folds a stack of its own.
Source: RFC 6962, section 2.1.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256

HashAt = Callable[[int, int], bytes]

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Hash one leaf: SHA-256(0x00 || data)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash an inner node: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def complete_subtrees(hashes: Sequence[bytes]) -> list[list[bytes]]:
    """Return the hashes themselves, then those over each two, each four...: every complete subtree of a row."""
    rows = [list(hashes)]
    while len(rows[-1]) > 1:
        below = rows[-1]
        pairs = zip(below[::2], below[1::2], strict=False)
        rows.append([sha256(b"\x01" + left + right).digest() for left, right in pairs])
    return rows


def complete_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root over hashes whose count is a power of two."""
    return complete_subtrees(hashes)[-1][0]


def range_root(start: int, end: int, at: HashAt) -> bytes:
    """Return MTH(D[start:end]) for a range that is a node of the tree, complete or cut at its right edge."""
    size = end - start
    if size == 0:
        return EMPTY_ROOT
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return at(level, start >> level)
    split = start + _largest_power_below(size)
    return node_hash(range_root(start, split, at), range_root(split, end, at))


def tree_root(size: int, at: HashAt) -> bytes:
    """Return the root of the tree of that size."""
    return range_root(0, size, at)


def inclusion_proof(index: int, size: int, at: HashAt) -> tuple[bytes, ...]:
    """Return PATH(index, D[size]), from the leaf's sibling up to the root's child.

    Raises:
        ValueError: the tree of that size holds no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    start, end, path = 0, size, list[bytes]()
    while end - start > 1:
        split = start + _largest_power_below(end - start)
        if index < split:
            path.append(range_root(split, end, at))
            end = split
        else:
            path.append(range_root(start, split, at))
            start = split
    return tuple(reversed(path))


def consistency_proof(old: int, new: int, at: HashAt) -> tuple[bytes, ...]:
    """Return PROOF(old, D[new]); empty when the sizes are equal or the old tree was empty.

    Raises:
        ValueError: the old tree is larger than the new one.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} does not continue a tree of {old}")
    if old in (0, new):
        return ()
    start, end, path, known = 0, new, list[bytes](), True
    while end != old:
        split = start + _largest_power_below(end - start)
        if old <= split:
            path.append(range_root(split, end, at))
            end = split
        else:
            path.append(range_root(start, split, at))
            start, known = split, False
    if not known:
        path.append(range_root(start, end, at))
    return tuple(reversed(path))


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """Return the root that the proof leads to, or None when its length does not fit the place."""
    if not 0 <= index < size:
        return None
    node, last, root = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if node & 1 or node == last:
            root = node_hash(sibling, root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        node, last = node >> 1, last >> 1
    return root if last == 0 else None


def is_consistent(old: tuple[int, bytes], new: tuple[int, bytes], proof: Sequence[bytes]) -> bool:
    """Say whether the proof shows that the new tree (size, root) begins with the old one.

    Source: RFC 9162, section 2.1.4.2.
    """
    (old_size, old_root), (new_size, new_root) = old, new
    if old_size == new_size:
        return not proof and old_root == new_root
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    if old_size > new_size or not proof:
        return False
    return _walk_consistency(old, new, proof)


def _walk_consistency(old: tuple[int, bytes], new: tuple[int, bytes], proof: Sequence[bytes]) -> bool:
    path = list(proof) if old[0] & (old[0] - 1) else [old[1], *proof]
    node, last = old[0] - 1, new[0] - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old_root = new_root = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old_root, new_root = node_hash(sibling, old_root), node_hash(sibling, new_root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new_root = node_hash(new_root, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and old_root == old[1] and new_root == new[1]


def _largest_power_below(size: int) -> int:
    """Return the largest power of two smaller than a size of at least two."""
    return 1 << ((size - 1).bit_length() - 1)
