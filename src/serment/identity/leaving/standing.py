"""Whether an account still counts, asked within the transaction of what it does: sessions are looked at before it."""

from collections.abc import Collection

from serment.identity.directory import store as directory
from serment.identity.model import AccountStatus, Role
from serment.kernel import AccountId, OrganisationId, UnitOfWork


def stands(uow: UnitOfWork, account: AccountId) -> bool:
    """Tell whether an account opens anything now: enrolled, neither suspended nor asleep, its owner not gone."""
    return directory.stands(uow, account)


def is_vacant(uow: UnitOfWork, organisation: OrganisationId, role: Role) -> bool:
    """Tell whether nobody holds a role in an organisation: none ever enrolled, or all have left. One suspended holds it."""
    return not directory.is_held(uow, organisation, role)


def departed_among(uow: UnitOfWork, accounts: Collection[AccountId]) -> frozenset[AccountId]:
    """Return those whose owners have left for good."""
    found = directory.load_accounts(uow, frozenset(accounts)) if accounts else ()
    return frozenset(row.id for row in found if row.status is AccountStatus.DEPARTED)
