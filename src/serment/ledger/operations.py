"""Leave traces and anchors."""

import os
from collections.abc import Iterable

from serment import vault
from serment.kernel import OrganisationId, UnitOfWork
from serment.ledger import store
from serment.ledger.commitment import SALT_BYTES
from serment.ledger.detail import seal_trace
from serment.ledger.model import AnchorRow, Trace, TraceId

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
    rows = tuple(seal_trace(keyring, trace, uow.now) for trace in traces)
    if rows:
        uow.insist(lambda unit: store.add_traces(unit.connection, rows))
    return tuple(row.id for row in rows)


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
