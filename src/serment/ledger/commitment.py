"""What a leaf commits to: a kind byte, then a SHA-256 over length-prefixed fields.

    trace text   canonical JSON of the trace with its id and its instant
    commitment   H("serment/trace/v1", salt, text)              hides the text behind 32 random bytes
    trace leaf   0x01 || H("serment/trace-leaf/v1", id, organisation, dossier, instant, commitment, seal digest)
    anchor leaf  0x02 || H("serment/anchor-leaf/v1", salt, organisation, instant, place, digest)

where H(fields) = SHA-256 over each field after its length as a big-endian uint32. The leaf of a trace covers
every column of its row, so that a change is found without any key.
Source: docs/formats/ledger.md, section 2.
"""

import json
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from serment.kernel import AccountId, DossierId, OrganisationId, canonical_json
from serment.ledger.model import Actor, AnchorRow, Outcome, Trace, TraceRow

TRACE_LEAF: Final = b"\x01"
ANCHOR_LEAF: Final = b"\x02"
SALT_BYTES: Final = 32
_LENGTH_BYTES: Final = 4
_FORMAT: Final = "1"


def digest_of(*fields: bytes) -> bytes:
    """Return SHA-256 over the fields, each after its length as a big-endian uint32."""
    return sha256(b"".join(len(field).to_bytes(_LENGTH_BYTES, "big") + field for field in fields)).digest()


def instant_text(at: datetime) -> str:
    """Return the one spelling of a UTC instant: `2026-03-12T09:00:00.000000Z`."""
    return at.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def trace_text(trace: Trace, trace_id: UUID, recorded_at: datetime) -> bytes:
    """Return the canonical JSON that is committed to and sealed."""
    actor = trace.actor
    return canonical_json(
        {
            "account": _text(actor.account),
            "actor_organisation": _text(actor.organisation),
            "category": trace.category,
            "detail": dict(trace.detail),
            "dossier": _text(trace.dossier),
            "format": _FORMAT,
            "id": str(trace_id),
            "kind": trace.kind,
            "organisation": str(trace.organisation),
            "origin": actor.origin,
            "outcome": str(trace.outcome),
            "purpose": trace.purpose,
            "recorded_at": instant_text(recorded_at),
            "role": actor.role,
        }
    )


def trace_from_text(text: bytes) -> Trace:
    """Return the trace that a canonical text holds."""
    held = json.loads(text)
    account, organisation, dossier = held["account"], held["actor_organisation"], held["dossier"]
    return Trace(
        kind=held["kind"],
        actor=Actor(
            account=AccountId(UUID(account)) if account else None,
            organisation=OrganisationId(UUID(organisation)) if organisation else None,
            role=held["role"],
            origin=held["origin"],
        ),
        organisation=OrganisationId(UUID(held["organisation"])),
        dossier=DossierId(UUID(dossier)) if dossier else None,
        category=held["category"],
        purpose=held["purpose"],
        outcome=Outcome(held["outcome"]),
        detail=held["detail"],
    )


def trace_commitment(salt: bytes, text: bytes) -> bytes:
    """Return the commitment to one trace: it says nothing without the salt (LED-08)."""
    return digest_of(b"serment/trace/v1", salt, text)


def seal_digest(sealed: bytes) -> bytes:
    """Return the digest by which a leaf holds the sealed detail."""
    return sha256(sealed).digest()


def trace_leaf(row: TraceRow) -> bytes:
    """Return the 33 bytes that stand for a trace in the log."""
    return TRACE_LEAF + digest_of(
        b"serment/trace-leaf/v1",
        row.id.bytes,
        row.organisation.bytes,
        row.dossier.bytes if row.dossier else b"",
        instant_text(row.recorded_at).encode(),
        row.commitment,
        row.seal_digest,
    )


def anchor_leaf(row: AnchorRow) -> bytes:
    """Return the 33 bytes that stand for an anchor in the log."""
    return ANCHOR_LEAF + digest_of(
        b"serment/anchor-leaf/v1",
        row.salt,
        row.organisation.bytes if row.organisation else b"",
        instant_text(row.recorded_at).encode(),
        row.place.encode(),
        row.digest,
    )


def _text(identifier: UUID | None) -> str:
    return str(identifier) if identifier else ""


def leaf_of(row: TraceRow | AnchorRow) -> bytes:
    """Return the leaf data of a row of either kind."""
    return trace_leaf(row) if isinstance(row, TraceRow) else anchor_leaf(row)
