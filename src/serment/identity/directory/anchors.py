"""What the ledger vouches for of an account: whose it is, and in what quality it acts.

A role raised or a name exchanged behind our back no longer is what its anchor says, and `serment verify` names it
(THR-05, THR-08).
"""

from datetime import datetime

from serment import ledger
from serment.identity.directory import store
from serment.identity.directory.store import SealedAccount
from serment.identity.errors import AccountNotFound
from serment.identity.model import AccountStatus
from serment.kernel import AccountId, UnitOfWork


def anchor_account(uow: UnitOfWork, row: SealedAccount) -> None:
    """Commit the ledger to an account as it is stored now."""
    ledger.anchor(uow, account_place(row.id), account_digest(row), organisation=row.organisation)


def change_status(uow: UnitOfWork, account: AccountId, status: AccountStatus) -> None:
    """Move an account to another status, and commit the ledger to it.

    Raises:
        AccountNotFound: there is none with that identifier.
    """
    store.set_status(uow, account, status)
    _anchor_again(uow, account)


def change_leaving(uow: UnitOfWork, account: AccountId, at: datetime | None) -> None:
    """Write when the owner of an account leaves, None when they stay, and commit the ledger to it.

    Raises:
        AccountNotFound: there is none with that identifier.
    """
    store.set_leaving(uow, account, at)
    _anchor_again(uow, account)


def _anchor_again(uow: UnitOfWork, account: AccountId) -> None:
    row = store.load_account(uow, account)
    if row is None:
        raise AccountNotFound(str(account))
    anchor_account(uow, row)


def account_place(account: AccountId) -> str:
    """Return the name of an account in the ledger."""
    return f"account/{account}"


def account_digest(row: SealedAccount) -> bytes:
    """Return what stands for an account in the ledger."""
    status = row.written_status or row.status
    leaves_at = "" if row.leaves_at is None else row.leaves_at.isoformat()
    words = (row.role.encode(), row.profession.encode(), status.encode(), leaves_at.encode())
    return ledger.digest_of(
        row.id.bytes, row.organisation.bytes, row.login_tag, row.login_sealed, row.name_sealed, *words
    )
