"""The trace that an officer's act or reading leaves where no dossier is named: in the security log."""

from collections.abc import Mapping

from serment import access, ledger
from serment.kernel import OrganisationId


def office_trace(
    kind: str, actor: ledger.Actor, organisation: OrganisationId, detail: Mapping[str, str]
) -> ledger.Trace:
    """Return what happened, for legal duty, with what it was about in `detail`."""
    return ledger.Trace(
        kind=kind, actor=actor, organisation=organisation, dossier=None, category="identity",
        purpose=access.Purpose.LEGAL.value, outcome=ledger.Outcome.ALLOWED, detail=detail,
    )  # fmt: skip
