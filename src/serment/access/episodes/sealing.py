"""What an episode is about is health data: it is sealed under the key of its section, bound to its place."""

import json
from datetime import timedelta

from serment import kernel, vault
from serment.access.episodes.model import Episode, EpisodeKind
from serment.access.episodes.store import EpisodeRow
from serment.access.model import EpisodeId, Permit, Section

_KIND = "episode"


def seal_words(
    uow: kernel.UnitOfWork,
    permit: Permit,
    section: Section,
    episode: EpisodeId,
    words: tuple[EpisodeKind, str],
) -> bytes:
    """Seal the kind and the label of an episode."""
    kind, label = words
    clear = kernel.canonical_json({"kind": kind.value, "label": label})
    return uow.part(vault.Keyring).seal(
        clear, context_of(permit.organisation, permit.dossier, section, episode)
    )


def open_row(uow: kernel.UnitOfWork, permit: Permit, row: EpisodeRow) -> Episode:
    """Return an episode in clear, for a permit that covers its section.

    Raises:
        SealBroken: the stored bytes fail authentication, or are of another place.
    """
    context = context_of(permit.organisation, permit.dossier, row.section, row.id)
    words = json.loads(uow.part(vault.Keyring).unseal(row.sealed, context, permit.warrant))
    return Episode(
        row.id, row.dossier, row.section, EpisodeKind(words["kind"]), words["label"], row.opened_at, row.opened_by,
        timedelta(days=row.follow_up_days), row.closed_at,
    )  # fmt: skip


def context_of(
    organisation: kernel.OrganisationId, dossier: kernel.DossierId, section: Section, episode: EpisodeId
) -> vault.SealContext:
    """Return the place of an episode."""
    return vault.SealContext(vault.Scope(organisation, dossier, section.value), _KIND, episode)
