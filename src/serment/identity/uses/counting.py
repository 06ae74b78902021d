"""How many people work in an organisation."""

from serment.identity.model import Role
from serment.identity.uses import store
from serment.kernel import OrganisationId, UnitOfWork


def count_professionals(uow: UnitOfWork, organisation: OrganisationId) -> int:
    """Return how many professionals of an organisation have an account that opens something, and stay."""
    return store.count_active(uow, organisation, Role.PROFESSIONAL)
