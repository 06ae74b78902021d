"""What an opening and the look at it leave in the trail of the dossier: identifiers and codes, never words."""

from serment import ledger
from serment.access.emergency.model import EmergencyOpening
from serment.access.model import Permit, Purpose

#: The detail by which every trace that has to do with an opening names it.
OPENING = "opening"


def trace_of(
    permit: Permit, kind: str, opening: EmergencyOpening, purpose: Purpose, **detail: str
) -> ledger.Trace:
    """Return the trace of an act on an opening."""
    return ledger.Trace(
        kind=kind,
        actor=permit.caller.actor,
        organisation=opening.organisation,
        dossier=opening.dossier,
        category="dossier",
        purpose=purpose.value,
        outcome=ledger.Outcome.ALLOWED,
        detail={OPENING: str(opening.id), "account": str(opening.account), **detail},
    )
