"""Rows of unfinished steps: found by the digest of their token, gone once used.

A step is taken by one `DELETE … RETURNING`, so that of two requests with one token exactly one goes on.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    LargeBinary,
    RowMapping,
    String,
    Table,
    delete,
    insert,
    select,
)

from serment.identity.tokens import digest_of, draw_token
from serment.kernel import AccountId, UnitOfWork, UtcDateTime, UuidText, metadata

ceremonies = Table(
    "ceremonies",
    metadata,
    Column("token_digest", LargeBinary(32), primary_key=True),
    Column("purpose", String(40), nullable=False),
    Column("account", UuidText),
    Column("payload", LargeBinary, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index(None, "account"),
    Index(None, "expires_at"),
)


class Purpose(StrEnum):
    """What a token is good for; it is good for nothing else."""

    PASSKEY_STEP_UP = "passkey-step-up"
    PASSKEY_REGISTRATION = "passkey-registration"
    TOTP_ADDITION = "totp-addition"
    ENROLMENT = "enrolment"
    RECOVERY = "recovery"
    FEDERATED_SIGN_IN = "federated-sign-in"
    FEDERATED_LINK = "federated-link"


@dataclass(frozen=True)
class Ceremony:
    """A step that was begun: what for, for which account, what has to be remembered."""

    purpose: Purpose
    account: AccountId | None = None
    payload: bytes = b""


def begin(uow: UnitOfWork, ceremony: Ceremony, life: timedelta) -> str:
    """Open a step and return its token, which is kept nowhere else."""
    token = draw_token()
    keep(uow, token, ceremony, life)
    return token


def keep(uow: UnitOfWork, token: str, ceremony: Ceremony, life: timedelta) -> None:
    """Open a step under a token that was drawn before."""
    row = {**vars(ceremony), "token_digest": digest_of(token), "expires_at": uow.now + life}
    uow.connection.execute(insert(ceremonies).values(**row))


def look_at(uow: UnitOfWork, token: str, purpose: Purpose) -> Ceremony | None:
    """Return a living step without touching it."""
    query = select(ceremonies).where(*_living(uow, token, purpose))
    return _ceremony(uow.connection.execute(query).mappings().first())


def take(uow: UnitOfWork, token: str, purpose: Purpose) -> Ceremony | None:
    """Return a living step and end it: of several takers at once, one gets it."""
    taken = delete(ceremonies).where(*_living(uow, token, purpose)).returning(*ceremonies.c)
    return _ceremony(uow.connection.execute(taken).mappings().first())


def end_all_of(uow: UnitOfWork, account: AccountId) -> None:
    """End every step begun for an account."""
    uow.connection.execute(delete(ceremonies).where(ceremonies.c.account == account))


def forget_expired(uow: UnitOfWork) -> None:
    """Delete the steps that nobody finished in time."""
    uow.connection.execute(delete(ceremonies).where(ceremonies.c.expires_at <= uow.now))


def _living(uow: UnitOfWork, token: str, purpose: Purpose) -> tuple[ColumnElement[bool], ...]:
    return (
        ceremonies.c.token_digest == digest_of(token),
        ceremonies.c.purpose == purpose,
        ceremonies.c.expires_at > uow.now,
    )


def _ceremony(row: RowMapping | None) -> Ceremony | None:
    if row is None:
        return None
    return Ceremony(Purpose(row["purpose"]), row["account"], row["payload"])
