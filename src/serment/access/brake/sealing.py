"""What people typed around the brake: sealed with the organisation's accounts, for it may say anything."""

from uuid import UUID

from serment import kernel, vault

LIFT_WORDS = "brake.reason"
FREEZE_WORDS = "brake.freeze-ended"


def seal_words(
    uow: kernel.UnitOfWork, organisation: kernel.OrganisationId, kind: str, subject: UUID, words: str
) -> bytes:
    """Seal words that belong to a reason or to a freeze."""
    return uow.part(vault.Keyring).seal(words.encode(), _context(organisation, kind, subject))


def unseal_words(
    uow: kernel.UnitOfWork, organisation: kernel.OrganisationId, kind: str, subject: UUID, sealed: bytes
) -> str:
    """Return words in clear.

    Raises:
        SealBroken: the stored bytes are not what was sealed for this place.
    """
    return uow.part(vault.Keyring).unseal(sealed, _context(organisation, kind, subject)).decode()


def words_hold(
    uow: kernel.UnitOfWork, organisation: kernel.OrganisationId, kind: str, subject: UUID, sealed: bytes
) -> bool:
    """Tell whether stored bytes are what was sealed for this place; give nothing of them back."""
    try:
        uow.part(vault.Keyring).check(sealed, _context(organisation, kind, subject))
    except (vault.SealBroken, vault.KeyMissing):
        return False
    return True


def _context(organisation: kernel.OrganisationId, kind: str, subject: UUID) -> vault.SealContext:
    return vault.SealContext(vault.Scope(organisation, None, "accounts"), kind, subject)
