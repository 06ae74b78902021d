"""Recovery codes: ten codes of 120 bits for the day every other factor is lost; each one opens once (AUT-04)."""

from serment import vault
from serment.identity.factors import store
from serment.identity.tokens import draw_code, keyed_digest, tidy_code
from serment.kernel import AccountId, UnitOfWork

_CODES = 10
_GROUPS = 6


def replace_recovery_codes(uow: UnitOfWork, account: AccountId) -> tuple[str, ...]:
    """Draw ten new codes, which are shown once; the former ones are worth nothing from now on."""
    codes = tuple(draw_code(_GROUPS) for _ in range(_CODES))
    store.replace_recovery_codes(uow, account, [_digest(uow, account, code) for code in codes])
    return codes


def use_recovery_code(uow: UnitOfWork, account: AccountId, code: str) -> bool:
    """Use up a code; False when it is none of the account's, or was used."""
    return store.use_recovery_code(uow, account, _digest(uow, account, code))


def _digest(uow: UnitOfWork, account: AccountId, code: str) -> bytes:
    key = uow.part(vault.Keyring).secret("identity-codes")
    return keyed_digest(key, "recovery", account.bytes, tidy_code(code))
