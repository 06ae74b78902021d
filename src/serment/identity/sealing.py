"""Personal data of accounts, sealed under the organisation's "accounts" compartment."""

from uuid import UUID

from serment import vault
from serment.kernel import OrganisationId, UnitOfWork

#: What a sealed text is: it opens as nothing else.
NAME = "account.name"
LOGIN = "account.login"
LABEL = "factor.label"
SEED = "totp.seed"
OFFERED_SEED = "totp.offered-seed"
SUBJECT = "link.subject"
KEY_PARTICULARS = "access-key.particulars"
KEY_PLACE = "access-key.place"
SESSION_PLACE = "session.place"
DEVICE_PLACE = "device.place"


def _context(organisation: OrganisationId, kind: str, subject: UUID) -> vault.SealContext:
    scope = vault.Scope(organisation, None, "accounts")
    return vault.SealContext(scope=scope, kind=kind, subject=subject)


def seal_text(uow: UnitOfWork, organisation: OrganisationId, kind: str, subject: UUID, text: str) -> bytes:
    """Seal a short text that belongs to `subject`, such as the name of an account."""
    keyring = uow.part(vault.Keyring)
    return keyring.seal(text.encode(), _context(organisation, kind, subject))


def unseal_text(
    uow: UnitOfWork, organisation: OrganisationId, kind: str, subject: UUID, sealed: bytes
) -> str:
    """Return the text in clear.

    Raises:
        SealBroken: the stored bytes are not what was sealed for this place.
    """
    keyring = uow.part(vault.Keyring)
    return keyring.unseal(sealed, _context(organisation, kind, subject)).decode()


def holds(
    keyring: vault.Keyring, organisation: OrganisationId, kind: str, subject: UUID, sealed: bytes
) -> bool:
    """Tell whether the stored bytes are what was sealed for this place; gives nothing of them back."""
    try:
        keyring.check(sealed, _context(organisation, kind, subject))
    except (vault.SealBroken, vault.KeyMissing):
        return False
    return True
