"""Where the words of incidents and the answers of inquiries are sealed: under the organisation, for one place each."""

from uuid import UUID

from serment import kernel, vault

WORDS, ANSWER = "incident.words", "incident.answer"
QUESTION, INQUIRY_ANSWER = "inquiry.question", "inquiry.answer"
_COMPARTMENT = "incidents"


def seal(
    uow: kernel.UnitOfWork, organisation: kernel.OrganisationId, subject: UUID, kind: str, clear: bytes
) -> bytes:
    """Seal what belongs to one incident or inquiry."""
    return uow.part(vault.Keyring).seal(clear, context_of(organisation, subject, kind))


def unseal(
    uow: kernel.UnitOfWork, organisation: kernel.OrganisationId, subject: UUID, kind: str, sealed: bytes
) -> bytes:
    """Return it in clear.

    Raises:
        SealBroken: these are not the bytes that were sealed for this place.
    """
    return uow.part(vault.Keyring).unseal(sealed, context_of(organisation, subject, kind))


def context_of(organisation: kernel.OrganisationId, subject: UUID, kind: str) -> vault.SealContext:
    """Return the place of one sealed part of an incident or of an inquiry."""
    return vault.SealContext(vault.Scope(organisation, None, _COMPARTMENT), kind, subject)
