"""What the brake and those who look into it leave in the security log: no dossier is named."""

from collections.abc import Mapping

from serment import identity, ledger
from serment.access.model import Purpose


def brake_trace(
    kind: str,
    caller: identity.Caller,
    detail: Mapping[str, str],
    outcome: ledger.Outcome = ledger.Outcome.ALLOWED,
) -> ledger.Trace:
    """Return what happened around the brake, at the caller's organisation."""
    return ledger.Trace(
        kind=kind, actor=caller.actor, organisation=caller.organisation, dossier=None, category="security",
        purpose=Purpose.ADMINISTRATION.value, outcome=outcome, detail=detail,
    )  # fmt: skip
