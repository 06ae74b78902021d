"""What `serment verify` asks of the rows that open and close dossiers: where the ledger knows each, and its digest."""

from collections.abc import Iterator

from serment import kernel
from serment.access.restrictions.store import load_restrictions_to_check
from serment.access.store import load_ties_to_check
from serment.access.vouching import CheckedTie


def check_ties(uow: kernel.UnitOfWork) -> Iterator[CheckedTie]:
    """Yield every custody, part in care, opening, patient's account and restriction, to be held against the ledger."""
    yield from load_ties_to_check(uow)
    yield from load_restrictions_to_check(uow)
