"""What is kept of a password beside its hash: when it was set, and what speaks against it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, update

from serment.identity.factors.store import passwords
from serment.kernel import AccountId, UnitOfWork


class PasswordFlag(StrEnum):
    """What speaks against a password; setting another one lifts it."""

    BREACHED = "breached"
    PROVED_ELSEWHERE = "proved-elsewhere"
    DEMANDED = "demanded"
    TOO_OLD = "too-old"


@dataclass(frozen=True)
class PasswordState:
    """When a password was set, and the first thing that spoke against it."""

    changed_at: datetime
    flag: PasswordFlag | None


def load_state(uow: UnitOfWork, account: AccountId) -> PasswordState | None:
    """Return what is kept of an account's password, or None when it has none."""
    query = select(passwords.c.changed_at, passwords.c.flag).where(passwords.c.account == account)
    row = uow.connection.execute(query).first()
    if row is None:
        return None
    return PasswordState(row.changed_at, None if row.flag is None else PasswordFlag(row.flag))


def set_flag(uow: UnitOfWork, account: AccountId, flag: PasswordFlag) -> bool:
    """Flag the password of an account; False when it has none, or when it was flagged before."""
    unflagged = update(passwords).where(passwords.c.account == account, passwords.c.flag.is_(None))
    return uow.connection.execute(unflagged.values(flag=flag)).rowcount == 1
