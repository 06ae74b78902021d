"""Leave traces and anchors."""

import os
from collections.abc import Iterable

from serment import vault
from serment.kernel import OrganisationId, UnitOfWork, new_id
from serment.ledger import store
from serment.ledger.commitment import SALT_BYTES, seal_digest, trace_commitment, trace_text
from serment.ledger.model import SECURITY, TRAIL, AnchorRow, Trace, TraceId, TraceRow

_GONE = b""


def record(uow: UnitOfWork, trace: Trace) -> TraceId:
    """Leave one trace; it survives a rollback of this transaction.

    The detail is sealed under the dossier's compartment `trace`, or `security` when no dossier is concerned.

    Raises:
        StoreUnavailable: the trace cannot be stored; nothing may then be served (O2).
    """
    return record_all(uow, (trace,))[0]


def record_all(uow: UnitOfWork, traces: Iterable[Trace]) -> tuple[TraceId, ...]:
    """Leave several traces in their order, by one statement; they survive a rollback together.

    Raises:
        StoreUnavailable: as `record`.
    """
    keyring = uow.part(vault.Keyring)
    rows = tuple(_sealed(keyring, uow, trace) for trace in traces)
    if rows:
        uow.insist(lambda unit: store.add_traces(unit.connection, rows))
    return tuple(row.id for row in rows)


def _sealed(keyring: vault.Keyring, uow: UnitOfWork, trace: Trace) -> TraceRow:
    trace_id = TraceId(new_id())
    salt = os.urandom(SALT_BYTES)
    text = trace_text(trace, trace_id, uow.now)
    sealed = keyring.seal(salt + text, seal_context(trace, trace_id))
    return TraceRow(
        id=trace_id,
        organisation=trace.organisation,
        dossier=trace.dossier,
        recorded_at=uow.now,
        commitment=trace_commitment(salt, text),
        seal_digest=seal_digest(sealed),
        sealed=sealed,
    )


def seal_context(about: Trace | TraceRow, trace_id: TraceId) -> vault.SealContext:
    """Return where the detail of a trace is sealed."""
    compartment = TRAIL if about.dossier else SECURITY
    scope = vault.Scope(about.organisation, about.dossier, compartment)
    return vault.SealContext(scope, "trace", trace_id)


def anchor(uow: UnitOfWork, place: str, digest: bytes, *, organisation: OrganisationId | None = None) -> None:
    """Commit the log to the seal of a stored thing: `entry/<uuid>/<version>`, `object/<uuid>`.

    The newest anchor of a place is the current one. It belongs to this transaction: a rollback takes the
    thing and its anchor alike. Two transactions that anchor one place must already wait for each other.
    """
    row = AnchorRow(organisation, place, digest, os.urandom(SALT_BYTES), uow.now)
    store.add_anchor(uow.connection, row)


def anchor_gone(uow: UnitOfWork, place: str, *, organisation: OrganisationId | None = None) -> None:
    """Commit the log to the lawful end of a stored thing: its newest anchor then carries an empty digest."""
    anchor(uow, place, _GONE, organisation=organisation)
