"""Reading episodes: those of the sections that the reader reaches, and none that is hidden from them."""

from serment import kernel
from serment.access.episodes import store
from serment.access.episodes.model import Closing, Episode, as_entry
from serment.access.episodes.sealing import open_row
from serment.access.model import Action, EpisodeId, Participation, Permit


def episodes_of(uow: kernel.UnitOfWork, permit: Permit) -> tuple[Episode, ...]:
    """Return the episodes that a permit to read reaches, the last opened first; the others are simply absent.

    Raises:
        PermitMismatch: the permit is not for reading.
    """
    permit.require(uow, Action.READ, None, None)
    rows = store.load_episodes(uow, permit.dossier)
    return tuple(open_row(uow, permit, row) for row in rows if permit.covers(row.section, as_entry(row.id)))


def foresee_closing(
    uow: kernel.UnitOfWork, permit: Permit, episode: EpisodeId, closing: Closing
) -> tuple[Participation, ...]:
    """Return the parts whose end the closing of an episode would bring, for a page that says so first.

    Raises:
        PermitMismatch: the permit is not for reading.
    """
    permit.require(uow, Action.READ, None, None)
    return store.parts_open_at(uow, permit.dossier, episode, max(closing.at + closing.follow_up, uow.now))
