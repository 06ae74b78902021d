"""Take the trail of one dossier away, with the proofs of it: what its reader may read, and no more."""

from collections.abc import Mapping

from serment import kernel, ledger
from serment.access.model import Action, Permit
from serment.access.trail import shown_to


def export_trail(uow: kernel.UnitOfWork, permit: Permit, enclosed: Mapping[str, bytes]) -> bytes:
    """Return the proof bundle of a dossier's trail, with what is enclosed for people to read; traced.

    Traces of the last moment, which are not under a signed checkpoint yet, are not in it.

    Raises:
        PermitMismatch: the permit is not for reading the trail.
        ProofRefused: the log has no checkpoint yet.
        TraceBroken, SealBroken, LogDamaged: what is stored is not what was recorded.
    """
    permit.require(uow, Action.READ_TRAIL, None, None)
    request = ledger.BundleRequest(
        permit.organisation, permit.dossier, permit.warrant, permit.relation or "unknown", enclosed,
        shown_to(uow, permit),
    )  # fmt: skip
    bundle = ledger.export_bundle(uow, uow.part(ledger.Log), request)
    trace = ledger.Trace(
        kind="trail.taken-out", actor=permit.caller.actor, organisation=permit.organisation, dossier=permit.dossier,
        category="dossier", purpose=permit.purpose.value, outcome=ledger.Outcome.ALLOWED,
        detail={"bytes": str(len(bundle))},
    )  # fmt: skip
    ledger.record(uow, trace)
    return bundle
