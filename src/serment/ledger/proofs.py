"""Proofs for outsiders: inclusion, consistency, and the whole trail of one dossier in a file."""

import json
from base64 import b64encode
from dataclasses import dataclass

from serment import vault
from serment.kernel import DossierId, OrganisationId, UnitOfWork
from serment.ledger import merkle, store
from serment.ledger.checkpoint import Checkpoint
from serment.ledger.detail import open_detail
from serment.ledger.errors import ProofRefused
from serment.ledger.model import TraceRow
from serment.ledger.sequencer import Log
from serment.ledger.tiles import TileHashes

BUNDLE_FORMAT = "serment-trail/1"
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
    return _inclusion(TileHashes(log.storage.read, checkpoint.size), checkpoint, index)


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


def export_bundle(
    uow: UnitOfWork, log: Log, organisation: OrganisationId, dossier: DossierId, warrant: vault.Warrant
) -> bytes:
    """Return the integrated trail of one dossier, in clear, with what proves each trace; see `verifier`.

    It holds health data: it is made for the patient, or for who may lawfully have the trail.

    Raises:
        WarrantRefused: the warrant does not cover the compartment `trace` of this dossier.
        TraceBroken, SealBroken, LogDamaged: what is stored is not what was recorded.
    """
    checkpoint = _latest(log)
    hashes = TileHashes(log.storage.read, checkpoint.size)
    keyring = uow.part(vault.Keyring)
    bundle = {
        "format": BUNDLE_FORMAT,
        "organisation": str(organisation),
        "dossier": str(dossier),
        "public_key": log.signer.verifier_key,
        "checkpoint": checkpoint.note,
        "traces": [
            _proved(row, open_detail(keyring, row, warrant), _inclusion(hashes, checkpoint, row.leaf))
            for row in store.all_traces(uow.connection, organisation, dossier)
            if row.leaf is not None and row.leaf < checkpoint.size
        ],
    }
    return json.dumps(bundle, ensure_ascii=False, indent=1).encode()


def _proved(row: TraceRow, detail: tuple[bytes, bytes], proof: InclusionProof) -> dict[str, object]:
    salt, text = detail
    return {
        "index": proof.index,
        "detail": text.decode(),
        "salt": salt.hex(),
        "seal_digest": row.seal_digest.hex(),
        "proof": [b64encode(digest).decode() for digest in proof.path],
    }


def _inclusion(hashes: TileHashes, checkpoint: Checkpoint, index: int) -> InclusionProof:
    if not 0 <= index < checkpoint.size:
        raise ProofRefused(f"the log has {checkpoint.size} leaves; leaf {index} is not among them")
    return InclusionProof(index, merkle.inclusion_proof(index, checkpoint.size, hashes.at), checkpoint)


def _latest(log: Log) -> Checkpoint:
    checkpoint = log.latest()
    if checkpoint is None:
        raise ProofRefused("the log has no checkpoint yet")
    return checkpoint
