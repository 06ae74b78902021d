"""What `serment verify` asks of episodes of care: each row, with its place in the ledger and whether its seal holds."""

from collections.abc import Iterator
from hashlib import sha256

from serment import kernel, ledger, vault
from serment.access.episodes import store
from serment.access.episodes.sealing import context_of
from serment.access.episodes.store import EpisodeRow
from serment.access.model import EpisodeId
from serment.access.store import custodians


def check_episodes(uow: kernel.UnitOfWork) -> Iterator[ledger.CheckedRow]:
    """Authenticate every episode of every dossier and give nothing of it back; it takes no warrant."""
    rows = store.load_every(uow)
    homes = custodians(uow, {row.dossier for row in rows})
    for row in rows:
        sound = row.dossier in homes and _holds(uow, homes[row.dossier], row)
        yield ledger.CheckedRow(_place_of(row.id), _digest_of(row), sound)


def anchor_row(uow: kernel.UnitOfWork, organisation: kernel.OrganisationId, row: EpisodeRow) -> None:
    """Commit the ledger to an episode as it stands: its words, and from when to when it opens a dossier."""
    ledger.anchor(uow, _place_of(row.id), _digest_of(row), organisation=organisation)


def _place_of(episode: EpisodeId) -> str:
    return f"episode/{episode}"


def _digest_of(row: EpisodeRow) -> bytes:
    """Return the digest of the whole row: a later end, written in the database, is found.

    Source: docs/formats/rows.md, on episodes of care.
    """
    said = {
        "closed_at": None if row.closed_at is None else row.closed_at.isoformat(),
        "dossier": str(row.dossier),
        "follow_up_days": row.follow_up_days,
        "opened_at": row.opened_at.isoformat(),
        "opened_by": str(row.opened_by),
        "sealed": sha256(row.sealed).hexdigest(),
        "section": row.section.value,
    }
    return sha256(kernel.canonical_json(said)).digest()


def _holds(uow: kernel.UnitOfWork, organisation: kernel.OrganisationId, row: EpisodeRow) -> bool:
    try:
        uow.part(vault.Keyring).check(row.sealed, context_of(organisation, row.dossier, row.section, row.id))
    except (vault.SealBroken, vault.KeyMissing):
        return False
    return True
