"""What `serment verify` asks of the rows that open and close dossiers: where the ledger knows each, and its digest."""

from collections.abc import Iterator

from serment import kernel, ledger
from serment.access.brake.checks import check_stops
from serment.access.delegations import check_delegations
from serment.access.emergency import check_emergencies
from serment.access.episodes import check_episodes
from serment.access.matrix import check_matrices
from serment.access.restrictions.store import load_restrictions_to_check
from serment.access.store import load_ties_to_check


def check_rows(uow: kernel.UnitOfWork) -> Iterator[ledger.CheckedRow]:
    """Authenticate what is sealed of every rule, tie, episode, mandate, emergency and stop; give nothing of it back."""
    yield from check_matrices(uow)
    yield from load_ties_to_check(uow)
    yield from load_restrictions_to_check(uow)
    yield from check_episodes(uow)
    yield from check_delegations(uow)
    yield from check_emergencies(uow)
    yield from check_stops(uow)
