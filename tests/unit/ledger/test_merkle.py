import random
from collections.abc import Sequence
from hashlib import sha256

import pytest

from serment.ledger import merkle
from serment.ledger.merkle import HashAt

#: Source: the vectors of Certificate Transparency for RFC 6962.
LEAVES = [bytes.fromhex(leaf) for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
LEAVES += [bytes(range(0x60, 0x70))]


def hashes_of(leaves: Sequence[bytes]) -> list[bytes]:
    return [merkle.leaf_hash(leaf) for leaf in leaves]


def brute_root(hashes: Sequence[bytes]) -> bytes:
    """Compute MTH as RFC 6962 writes it."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256(b"").digest()
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return merkle.node_hash(brute_root(hashes[:split]), brute_root(hashes[split:]))


def brute_path(index: int, hashes: Sequence[bytes]) -> list[bytes]:
    """Compute PATH as RFC 6962 writes it."""
    if len(hashes) == 1:
        return []
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    if index < split:
        return [*brute_path(index, hashes[:split]), brute_root(hashes[split:])]
    return [*brute_path(index - split, hashes[split:]), brute_root(hashes[:split])]


def brute_subproof(old: int, hashes: Sequence[bytes], *, known: bool = True) -> list[bytes]:
    """Compute SUBPROOF as RFC 6962 writes it."""
    if old == len(hashes):
        return [] if known else [brute_root(hashes)]
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    if old <= split:
        return [*brute_subproof(old, hashes[:split], known=known), brute_root(hashes[split:])]
    return [*brute_subproof(old - split, hashes[split:], known=False), brute_root(hashes[:split])]


def reader(hashes: Sequence[bytes]) -> HashAt:
    """Hand out the hashes of complete subtrees, each computed once."""
    levels = [list(hashes)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([merkle.node_hash(*below[at : at + 2]) for at in range(0, len(below) - 1, 2)])
    return lambda level, index: levels[level][index]


@pytest.mark.parametrize(
    ("size", "root"),
    [
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
        (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
    ],
)
def test_tree_root_equals_the_published_vectors(size: int, root: str) -> None:
    assert merkle.tree_root(size, reader(hashes_of(LEAVES[:size]))).hex() == root


def test_complete_root_equals_the_tree_root() -> None:
    hashes = hashes_of(LEAVES)

    assert merkle.complete_root(hashes) == brute_root(hashes)


def check_proofs(old: int, hashes: Sequence[bytes], roots: Sequence[bytes]) -> None:
    """Compare the proofs from `old`, and of its last leaf, with brute force, and follow them."""
    size, at = len(hashes), reader(hashes)
    consistency = merkle.consistency_proof(old, size, at)
    assert list(consistency) == (brute_subproof(old, hashes) if 0 < old < size else [])
    assert merkle.is_consistent((old, roots[old]), (size, roots[size]), consistency)
    if old < size:
        inclusion = merkle.inclusion_proof(old, size, at)
        assert list(inclusion) == brute_path(old, hashes)
        assert merkle.root_from_inclusion(hashes[old], old, size, inclusion) == roots[size]


def prefix_roots(hashes: Sequence[bytes]) -> list[bytes]:
    return [brute_root(hashes[:size]) for size in range(len(hashes) + 1)]


def test_proofs_equal_brute_force_for_all_sizes_to_48() -> None:
    hashes = hashes_of([str(number).encode() for number in range(48)])
    roots = prefix_roots(hashes)

    for size in range(49):
        for old in range(size + 1):
            check_proofs(old, hashes[:size], roots)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_proofs_equal_brute_force_for_all_sizes_to_512() -> None:
    hashes = hashes_of([str(number).encode() for number in range(512)])
    roots = prefix_roots(hashes)

    for size in range(513):
        for old in range(size + 1):
            check_proofs(old, hashes[:size], roots)


def test_proofs_equal_brute_force_for_chosen_sizes_to_512() -> None:
    hashes = hashes_of([str(number).encode() for number in range(512)])
    roots = prefix_roots(hashes)
    drawn = random.Random(20260312)

    for size in (255, 256, 257, 300, 511, 512):
        for old in {0, 1, 128, 255, size - 1, size, *drawn.sample(range(size), 8)}:
            check_proofs(old, hashes[:size], roots)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_proofs_lead_to_the_root_for_random_sizes_to_a_million() -> None:
    drawn = random.Random(20260312)
    hashes = hashes_of([number.to_bytes(4, "big") for number in range(1_000_000)])
    at = reader(hashes)

    for _ in range(20_000):
        size = drawn.randint(1, 1_000_000)
        old, index = drawn.randint(0, size), drawn.randrange(size)
        old_root, root = merkle.tree_root(old, at), merkle.tree_root(size, at)
        proof = merkle.inclusion_proof(index, size, at)
        assert merkle.root_from_inclusion(hashes[index], index, size, proof) == root
        assert merkle.is_consistent((old, old_root), (size, root), merkle.consistency_proof(old, size, at))


def test_root_from_inclusion_refuses_a_path_that_does_not_fit() -> None:
    hashes = hashes_of(LEAVES)
    path = merkle.inclusion_proof(5, 8, reader(hashes))

    assert merkle.root_from_inclusion(hashes[5], 8, 8, path) is None
    assert merkle.root_from_inclusion(hashes[5], -1, 8, path) is None
    assert merkle.root_from_inclusion(hashes[5], 5, 8, path[:-1]) is None
    assert merkle.root_from_inclusion(hashes[5], 5, 8, [*path, path[0]]) is None
    assert merkle.root_from_inclusion(hashes[5], 4, 8, path) != brute_root(hashes)


def test_is_consistent_refuses_every_altered_proof() -> None:
    hashes = hashes_of(LEAVES)
    at = reader(hashes)
    for old in range(1, 8):
        ends = (old, brute_root(hashes[:old])), (8, brute_root(hashes))
        proof = merkle.consistency_proof(old, 8, at)
        for position in range(len(proof)):
            altered = [*proof[:position], bytes(32), *proof[position + 1 :]]
            assert not merkle.is_consistent(*ends, altered)
        assert not merkle.is_consistent(*ends, proof[:-1])
        assert not merkle.is_consistent(*ends, [*proof, bytes(32)])
        assert not merkle.is_consistent((old, bytes(32)), ends[1], proof)
        assert not merkle.is_consistent(ends[0], (8, bytes(32)), proof)


def test_is_consistent_refuses_sizes_that_go_back_or_stand_still() -> None:
    root, other = brute_root(hashes_of(LEAVES)), bytes(32)

    assert not merkle.is_consistent((8, root), (7, root), [other])
    assert not merkle.is_consistent((8, root), (8, other), [])
    assert not merkle.is_consistent((8, root), (8, root), [other])
    assert not merkle.is_consistent((0, other), (8, root), [])
    assert not merkle.is_consistent((0, merkle.EMPTY_ROOT), (8, root), [other])
    assert not merkle.is_consistent((3, root), (8, root), [])


def test_proofs_are_refused_outside_the_tree() -> None:
    at = reader(hashes_of(LEAVES))

    with pytest.raises(ValueError, match="leaf 8 is not in a tree of 8"):
        merkle.inclusion_proof(8, 8, at)
    with pytest.raises(ValueError, match="does not continue"):
        merkle.consistency_proof(9, 8, at)
