"""Reading episodes: those of the sections that the reader reaches, and none that is hidden from them."""

from serment import kernel
from serment.access.episodes import store
from serment.access.episodes.model import Episode, as_entry
from serment.access.episodes.sealing import open_row
from serment.access.model import Action, Permit


def episodes_of(uow: kernel.UnitOfWork, permit: Permit) -> tuple[Episode, ...]:
    """Return the episodes that a permit to read reaches, the last opened first; the others are simply absent.

    Raises:
        PermitMismatch: the permit is not for reading.
    """
    permit.require(uow, Action.READ, None, None)
    rows = store.load_episodes(uow, permit.dossier)
    return tuple(open_row(uow, permit, row) for row in rows if permit.covers(row.section, as_entry(row.id)))
