"""The detail of a trace: its salt and its text, sealed together beside the leaf that commits to them."""

import os
from datetime import datetime

from serment import vault
from serment.kernel import new_id
from serment.ledger.commitment import SALT_BYTES, seal_digest, trace_commitment, trace_text
from serment.ledger.errors import TraceBroken
from serment.ledger.model import SECURITY, TRAIL, Trace, TraceId, TraceRow
from serment.ledger.tags import Tags, bound, tags_of


def seal_trace(keyring: vault.Keyring, trace: Trace, recorded_at: datetime) -> TraceRow:
    """Return a trace as the row that it is stored as, under a new identifier and a new salt."""
    trace_id = TraceId(new_id())
    salt = os.urandom(SALT_BYTES)
    text = trace_text(trace, trace_id, recorded_at)
    tags = tags_of(keyring, trace.organisation, trace.actor)
    sealed = keyring.seal(salt + text, seal_context(trace, trace_id, tags))
    actor_tag, means_tag, browser_tag = tags
    return TraceRow(
        id=trace_id,
        organisation=trace.organisation,
        dossier=trace.dossier,
        recorded_at=recorded_at,
        commitment=trace_commitment(salt, text),
        seal_digest=seal_digest(sealed),
        sealed=sealed,
        actor_tag=actor_tag,
        means_tag=means_tag,
        browser_tag=browser_tag,
    )


def seal_context(about: Trace | TraceRow, trace_id: TraceId, tags: Tags) -> vault.SealContext:
    """Return where the detail of a trace is sealed, and beside which tags: beside others it does not open."""
    compartment = TRAIL if about.dossier else SECURITY
    scope = vault.Scope(about.organisation, about.dossier, compartment)
    return vault.SealContext(scope, "trace", trace_id, media_class=bound(tags))


def open_detail(keyring: vault.Keyring, row: TraceRow, warrant: vault.Warrant | None) -> tuple[bytes, bytes]:
    """Return the salt and the canonical text of a trace, once they match its commitment.

    Raises:
        TraceBroken: they do not, or the detail is not the one that was sealed.
        WarrantRefused, SealBroken: as the vault says.
    """
    sealed = row.sealed or b""
    clear = keyring.unseal(sealed, seal_context(row, row.id, row.tags), warrant)
    salt, text = clear[:SALT_BYTES], clear[SALT_BYTES:]
    if trace_commitment(salt, text) != row.commitment or seal_digest(sealed) != row.seal_digest:
        raise TraceBroken(f"trace/{row.id}")
    return salt, text
