"""What the ledger vouches for of a linked identity: whose account it opens, and who it is at which provider.

A link slipped in behind our back would open an account; `serment verify` names it (THR-08).
"""

from serment import ledger
from serment.identity.federation.store import LinkId, LinkRow
from serment.kernel import OrganisationId, UnitOfWork


def anchor_link(uow: UnitOfWork, organisation: OrganisationId, row: LinkRow) -> None:
    """Commit the ledger to a link that was made."""
    ledger.anchor(uow, link_place(row.id), link_digest(row), organisation=organisation)


def anchor_link_gone(uow: UnitOfWork, organisation: OrganisationId, link: LinkId) -> None:
    """Commit the ledger to a link's lawful end."""
    ledger.anchor_gone(uow, link_place(link), organisation=organisation)


def link_place(link: LinkId) -> str:
    """Return the name of a link in the ledger."""
    return f"link/{link}"


def link_digest(row: LinkRow) -> bytes:
    """Return what stands for a link in the ledger."""
    return ledger.digest_of(
        row.id.bytes, row.account.bytes, row.issuer.encode(), row.subject_digest, row.subject_sealed
    )
