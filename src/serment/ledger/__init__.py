"""The tamper-evident trail: traces, the Merkle tree over them, signed checkpoints, proofs."""

from serment.ledger.bundle import BundleRequest, export_bundle, verify_bundle
from serment.ledger.checkpoint import Checkpoint, Signer, open_note
from serment.ledger.checks import check_traces
from serment.ledger.commitment import digest_of
from serment.ledger.errors import (
    LogDamaged,
    LogInconsistent,
    NoteRefused,
    ProofRefused,
    RetentionTooShort,
    TraceBroken,
)
from serment.ledger.merkle import is_consistent
from serment.ledger.model import Actor, CheckedRow, Mark, Outcome, RecordedTrace, Trace, TraceId
from serment.ledger.operations import anchor, anchor_gone, record, record_all
from serment.ledger.ports import Storage
from serment.ledger.proofs import InclusionProof, prove_consistency, prove_inclusion
from serment.ledger.queries import (
    Suspect,
    Window,
    current_anchor,
    current_anchors,
    dossiers_marked,
    open_trace,
    read_between,
    read_marked,
    read_security_log,
    read_trail,
)
from serment.ledger.retention import purge_security_details, purge_trail_details
from serment.ledger.sequencer import Log, integrate, open_log
from serment.ledger.storage import DirectoryStorage
from serment.ledger.verifier import Finding, verify_directory

__all__ = [
    "Actor",
    "BundleRequest",
    "CheckedRow",
    "Checkpoint",
    "DirectoryStorage",
    "Finding",
    "InclusionProof",
    "Log",
    "LogDamaged",
    "LogInconsistent",
    "Mark",
    "NoteRefused",
    "Outcome",
    "ProofRefused",
    "RecordedTrace",
    "RetentionTooShort",
    "Signer",
    "Storage",
    "Suspect",
    "Trace",
    "TraceBroken",
    "TraceId",
    "Window",
    "anchor",
    "anchor_gone",
    "check_traces",
    "current_anchor",
    "current_anchors",
    "digest_of",
    "dossiers_marked",
    "export_bundle",
    "integrate",
    "is_consistent",
    "open_log",
    "open_note",
    "open_trace",
    "prove_consistency",
    "prove_inclusion",
    "purge_security_details",
    "purge_trail_details",
    "read_between",
    "read_marked",
    "read_security_log",
    "read_trail",
    "record",
    "record_all",
    "verify_bundle",
    "verify_directory",
]
