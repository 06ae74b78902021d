"""What the ledger vouches for of an access key: whose it is, how far it goes, to what it is bound, and its end.

A key slipped in, widened, prolonged or taken away behind our back is named by `serment verify` (THR-08). Dates of
use are left out: they move.
"""

from serment import ledger
from serment.identity.access_keys.store import KeyRow
from serment.identity.model import AccessKeyId
from serment.kernel import OrganisationId, UnitOfWork


def anchor_key(uow: UnitOfWork, organisation: OrganisationId, row: KeyRow) -> None:
    """Commit the ledger to a key that was made."""
    ledger.anchor(uow, key_place(row.id), key_digest(row), organisation=organisation)


def anchor_key_gone(uow: UnitOfWork, organisation: OrganisationId, key: AccessKeyId) -> None:
    """Commit the ledger to a key's lawful end."""
    ledger.anchor_gone(uow, key_place(key), organisation=organisation)


def key_place(key: AccessKeyId) -> str:
    """Return the name of a key in the ledger."""
    return f"access-key/{key}"


def key_digest(row: KeyRow) -> bytes:
    """Return what stands for a key in the ledger."""
    terms = (row.face, row.sections, row.scope, row.binding, row.made_at.isoformat(), row.ends_at.isoformat())
    words = [term.encode() for term in terms]
    sealed = row.particulars_sealed
    return ledger.digest_of(
        row.id.bytes, row.account.bytes, row.token_digest, sealed, row.thumbprint or b"", *words
    )
