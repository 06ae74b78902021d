"""Proofs for outsiders: inclusion and consistency."""

from base64 import b64encode
from dataclasses import dataclass

from serment.ledger import merkle
from serment.ledger.checkpoint import Checkpoint
from serment.ledger.errors import ProofRefused
from serment.ledger.sequencer import Log
from serment.ledger.tiles import TileHashes

_PROOF_HEADER = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True)
class InclusionProof:
    """A leaf's place, and the path from it to the root of a checkpoint."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: Checkpoint

    def text(self) -> str:
        """Return the proof as a `.tlog-proof` file. Source: C2SP tlog-proof."""
        lines = (_PROOF_HEADER, f"index {self.index}", *(b64encode(digest).decode() for digest in self.path))
        return "\n".join(lines) + "\n\n" + self.checkpoint.note


def prove_inclusion(log: Log, index: int) -> InclusionProof:
    """Prove that a leaf is in the log, as of its newest checkpoint.

    Raises:
        ProofRefused: the log does not hold that leaf yet.
        LogDamaged: a tile is missing.
    """
    checkpoint = _latest(log)
    return inclusion(TileHashes(log.storage.read, checkpoint.size), checkpoint, index)


def prove_consistency(log: Log, old_size: int) -> tuple[bytes, ...]:
    """Prove that the log of today begins with the log of that size (RFC 6962, section 2.1.2).

    Raises:
        ProofRefused: the log never had that size.
        LogDamaged: a tile is missing.
    """
    size = _latest(log).size
    if not 0 <= old_size <= size:
        raise ProofRefused(f"the log has {size} leaves, not {old_size}")
    return merkle.consistency_proof(old_size, size, TileHashes(log.storage.read, size).at)


def inclusion(hashes: TileHashes, checkpoint: Checkpoint, index: int) -> InclusionProof:
    """Prove that a leaf is in the tree of a checkpoint.

    Raises:
        ProofRefused: it is not.
        LogDamaged: a tile is missing.
    """
    if not 0 <= index < checkpoint.size:
        raise ProofRefused(f"the log has {checkpoint.size} leaves; leaf {index} is not among them")
    return InclusionProof(index, merkle.inclusion_proof(index, checkpoint.size, hashes.at), checkpoint)


def _latest(log: Log) -> Checkpoint:
    checkpoint = log.latest()
    if checkpoint is None:
        raise ProofRefused("the log has no checkpoint yet")
    return checkpoint
