"""Every delegation, held against its seal and against the ledger (for `serment verify`)."""

from collections.abc import Iterator

from serment import kernel, ledger, vault
from serment.access.delegations import store
from serment.access.delegations.terms import context_of


def check_delegations(uow: kernel.UnitOfWork) -> Iterator[ledger.CheckedRow]:
    """Authenticate the terms of every delegation, and give nothing back of them."""
    keyring = uow.part(vault.Keyring)
    for row in store.load_rows(uow):
        context = context_of(row["organisation"], row["id"])
        yield ledger.CheckedRow(
            store.place_of(row["id"]), store.digest_of(row), _holds(keyring, row["sealed"], context)
        )


def _holds(keyring: vault.Keyring, sealed: bytes, context: vault.SealContext) -> bool:
    try:
        keyring.check(sealed, context)
    except (vault.SealBroken, vault.KeyMissing):
        return False
    return True
