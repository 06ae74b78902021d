"""What an inquiry into who was touched may read from the machine itself, where no officer can sign in."""

from collections.abc import Sequence
from datetime import timedelta

from serment import identity, kernel, ledger, vault
from serment.access import store
from serment.access.model import TRAIL, Action, Grant, GrantId, Purpose

#: Long enough for the largest inquiry; the warrants open nothing but trails, in this process.
INQUIRY_LASTS = timedelta(minutes=30)


def open_trails_from_console(
    uow: kernel.UnitOfWork, organisation: kernel.OrganisationId, dossiers: Sequence[kernel.DossierId]
) -> dict[kernel.DossierId, vault.Warrant]:
    """Open the trails of these dossiers to an inquiry made on the machine; each patient sees that it was made."""
    ledger.record_all(uow, [_trace(organisation, dossier) for dossier in dossiers])
    notary, until = uow.part(vault.Notary), uow.now + INQUIRY_LASTS
    return {
        dossier: notary.issue(
            organisation=organisation, dossier=dossier, compartments=frozenset({TRAIL}), until=until
        )
        for dossier in dossiers
    }


def grant_in_question(uow: kernel.UnitOfWork, grant: GrantId) -> Grant | None:
    """Return an opening by its identifier alone: whose dossier, to whom, how far. It holds identifiers only."""
    return store.find_grant(uow, grant)


def _trace(organisation: kernel.OrganisationId, dossier: kernel.DossierId) -> ledger.Trace:
    return ledger.Trace(
        kind=f"dossier.{Action.READ_TRAIL}", actor=identity.operator_of(organisation), organisation=organisation,
        dossier=dossier, category="dossier", purpose=Purpose.LEGAL.value, outcome=ledger.Outcome.ALLOWED,
        detail={"because": "inquiry-from-console"},
    )  # fmt: skip
