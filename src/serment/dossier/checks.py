"""What `serment verify` asks of dossiers: every sealed row, with its place in the ledger and whether it is sound."""

from collections.abc import Iterator
from hashlib import sha256

from serment import access, kernel, ledger, vault
from serment.dossier import store
from serment.dossier.sealing import catalogue_place, entry_place, page_context, scope_of, version_context
from serment.dossier.store import SealedRow


def check_rows(uow: kernel.UnitOfWork) -> Iterator[ledger.CheckedRow]:
    """Authenticate every sealed row of every dossier and give nothing of it back; it takes no warrant."""
    keyring = uow.part(vault.Keyring)
    for row in store.load_sealed_rows(uow):
        place, context = _expected(uow, row)
        sound, hidden = _holds(keyring, row.sealed, context), row.number > row.newest
        yield ledger.CheckedRow(place, sha256(row.sealed).digest(), sound, hidden)


def _expected(uow: kernel.UnitOfWork, row: SealedRow) -> tuple[str, vault.SealContext | None]:
    """Say where the ledger knows a row, and for which place it must be sealed: for none, when the row is no row of ours."""
    if row.entry is not None:
        place = entry_place(row.entry, row.number)
    else:
        place = catalogue_place(row.dossier, row.section, row.number)
    organisation = access.custodian(uow, row.dossier)
    if organisation is None or row.section not in set(access.Section):
        return place, None
    scope = scope_of(organisation, row.dossier, access.Section(row.section))
    if row.entry is not None:
        return place, version_context(scope, row.entry, row.number)
    return place, page_context(scope, row.number)


def _holds(keyring: vault.Keyring, sealed: bytes, context: vault.SealContext | None) -> bool:
    if context is None:
        return False
    try:
        keyring.check(sealed, context)
    except (vault.SealBroken, vault.KeyMissing):
        return False
    return True
