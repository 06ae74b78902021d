"""What the ledger vouches for of a factor: whose it is, and the seed or key that it proves itself by.

A factor slipped in or removed behind our back is named by `serment verify` (THR-08). Counters and dates of use are
left out: they move.
"""

from serment import ledger
from serment.identity.factors.store import PasskeyRow, TotpRow
from serment.identity.model import FactorId
from serment.kernel import OrganisationId, UnitOfWork


def anchor_factor(uow: UnitOfWork, organisation: OrganisationId, row: TotpRow | PasskeyRow) -> None:
    """Commit the ledger to a factor that was added."""
    ledger.anchor(uow, factor_place(row.id), factor_digest(row), organisation=organisation)


def anchor_factor_gone(uow: UnitOfWork, organisation: OrganisationId, factor: FactorId) -> None:
    """Commit the ledger to a factor's lawful end."""
    ledger.anchor_gone(uow, factor_place(factor), organisation=organisation)


def factor_place(factor: FactorId) -> str:
    """Return the name of a factor in the ledger."""
    return f"factor/{factor}"


def factor_digest(row: TotpRow | PasskeyRow) -> bytes:
    """Return what stands for a factor in the ledger."""
    proof = [row.seed_sealed] if isinstance(row, TotpRow) else [row.credential_id, row.public_key]
    return ledger.digest_of(row.id.bytes, row.account.bytes, row.label_sealed, *proof)
