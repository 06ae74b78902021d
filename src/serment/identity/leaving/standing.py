"""Whether an account still counts, asked within the transaction of what it does: sessions are looked at before it."""

from collections.abc import Collection

from serment.identity.directory import store as directory
from serment.identity.model import AccountStatus
from serment.kernel import AccountId, UnitOfWork


def stands(uow: UnitOfWork, account: AccountId) -> bool:
    """Tell whether an account opens anything now: enrolled, neither suspended nor asleep, its owner not gone."""
    return directory.stands(uow, account)


def departed_among(uow: UnitOfWork, accounts: Collection[AccountId]) -> frozenset[AccountId]:
    """Return those whose owners have left for good."""
    found = directory.load_accounts(uow, frozenset(accounts)) if accounts else ()
    return frozenset(row.id for row in found if row.status is AccountStatus.DEPARTED)
