"""Who looked: the trail of one dossier, for those who may read it."""

from serment import kernel, ledger
from serment.access.model import Action, Permit


def read_trail(
    uow: kernel.UnitOfWork, permit: Permit, *, limit: int = 100, before: ledger.TraceId | None = None
) -> tuple[ledger.RecordedTrace, ...]:
    """Return what happened to this dossier, newest first: who, when, what, why, from where, with what outcome.

    Raises:
        PermitMismatch: the permit is not for reading the trail.
    """
    permit.require(uow, Action.READ_TRAIL, None, None)
    return ledger.read_trail(
        uow, permit.organisation, permit.dossier, permit.warrant, limit=limit, before=before
    )
