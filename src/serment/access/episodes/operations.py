"""Opening, closing and reopening an episode: acts of those who lead the care and read what it is about."""

from datetime import timedelta

from serment import kernel, ledger
from serment.access.episodes import store
from serment.access.episodes.checks import anchor_row
from serment.access.episodes.errors import EpisodeClosed, EpisodeInvalid, EpisodeNotFound
from serment.access.episodes.model import (
    EPISODE_SECTIONS,
    LONGEST_FOLLOW_UP,
    LONGEST_LABEL,
    Closing,
    Episode,
    EpisodeRequest,
    as_entry,
)
from serment.access.episodes.sealing import open_row, seal_words
from serment.access.errors import PermitMismatch
from serment.access.model import Action, EpisodeId, Permit
from serment.access.restrictions import note_filing


def open_episode(uow: kernel.UnitOfWork, leading: Permit, filing: Permit, request: EpisodeRequest) -> Episode:
    """Begin an episode of care; who takes part in it is said afterwards, one by one.

    Raises:
        PermitMismatch: `leading` is not for managing the care team, `filing` not for filing in that section, or they
            are not of one person on one dossier.
        EpisodeInvalid: no label or one too long, a section that holds no episodes, a follow-up window too long.
    """
    _insist_on_pair(uow, leading, filing)
    filing.require(uow, Action.FILE, request.section, None)
    label = request.label.strip()
    if request.section not in EPISODE_SECTIONS or not 0 < len(label) <= LONGEST_LABEL:
        raise EpisodeInvalid("label")
    days = _days(request.follow_up)
    episode = EpisodeId(kernel.new_id())
    sealed = seal_words(uow, filing, request.section, episode, (request.kind, label))
    row = store.EpisodeRow(
        episode, leading.dossier, request.section, sealed, uow.now, leading.caller.account, days
    )
    store.insert_episode(uow, row)
    anchor_row(uow, leading.organisation, row)
    note_filing(uow, filing, request.section, as_entry(episode))
    opened = Episode(
        episode, leading.dossier, request.section, request.kind, label, uow.now, leading.caller.account,
        timedelta(days=days),
    )  # fmt: skip
    _record(uow, leading, "episode.opened", opened)
    return opened


def close_episode(
    uow: kernel.UnitOfWork, leading: Permit, reading: Permit, episode: EpisodeId, closing: Closing
) -> Episode:
    """End an episode: each part taken in it ends when its follow-up window ends, at once when that is past.

    Raises:
        PermitMismatch: `leading` is not for managing the care team, or `reading` not for reading.
        EpisodeNotFound: no such episode here, or it is hidden from the caller.
        EpisodeClosed: it is closed already.
        EpisodeInvalid: the end is before its start or to come, or the follow-up window is too long.
    """
    found = _found(uow, leading, reading, episode)
    if found.closed_at is not None:
        raise EpisodeClosed(str(episode))
    if not found.opened_at <= closing.at <= uow.now:
        raise EpisodeInvalid("end")
    days = _days(closing.follow_up)
    store.write_closing(uow, episode, closing.at, days)
    store.end_parts(uow, episode, max(closing.at + timedelta(days=days), uow.now))
    return _recorded(uow, leading, reading, "episode.closed", episode)


def reopen_episode(uow: kernel.UnitOfWork, leading: Permit, reading: Permit, episode: EpisodeId) -> Episode:
    """Take back the end of an episode. Who still follows up goes on; who has left is admitted anew, or not.

    Raises:
        PermitMismatch: `leading` is not for managing the care team, or `reading` not for reading.
        EpisodeNotFound: no such episode here, or it is hidden from the caller.
        EpisodeClosed: it is open.
    """
    found = _found(uow, leading, reading, episode)
    ends_at = found.follow_up_ends_at
    if ends_at is None:
        raise EpisodeClosed(str(episode))
    store.continue_parts(uow, episode, ends_at)
    store.write_closing(uow, episode, None, found.follow_up.days)
    return _recorded(uow, leading, reading, "episode.reopened", episode)


def _found(uow: kernel.UnitOfWork, leading: Permit, reading: Permit, episode: EpisodeId) -> Episode:
    _insist_on_pair(uow, leading, reading)
    reading.require(uow, Action.READ, None, None)
    return open_row(uow, reading, _row(uow, leading, reading, episode))


def _row(uow: kernel.UnitOfWork, leading: Permit, reading: Permit, episode: EpisodeId) -> store.EpisodeRow:
    row = store.load_episode(uow, leading.dossier, episode)
    if row is None or not reading.covers(row.section, as_entry(row.id)):
        raise EpisodeNotFound(str(episode))
    return row


def _insist_on_pair(uow: kernel.UnitOfWork, leading: Permit, other: Permit) -> None:
    """Two permits stand for two decisions about one act: of one person, on one dossier."""
    leading.require(uow, Action.MANAGE_TEAM, None, None)
    if (leading.dossier, leading.caller.account) != (other.dossier, other.caller.account):
        raise PermitMismatch("two permits of two acts")


def _days(follow_up: timedelta) -> int:
    if not timedelta(0) <= follow_up <= LONGEST_FOLLOW_UP:
        raise EpisodeInvalid("follow-up")
    return follow_up.days


def _recorded(
    uow: kernel.UnitOfWork, leading: Permit, reading: Permit, kind: str, episode: EpisodeId
) -> Episode:
    row = _row(uow, leading, reading, episode)
    anchor_row(uow, leading.organisation, row)
    after = open_row(uow, reading, row)
    _record(uow, leading, kind, after)
    return after


def _record(uow: kernel.UnitOfWork, leading: Permit, kind: str, episode: Episode) -> None:
    ends_at = episode.follow_up_ends_at
    detail = {"entry": str(episode.id), "follow_up_days": str(episode.follow_up.days)}
    trace = ledger.Trace(
        kind=kind, actor=leading.caller.actor, organisation=leading.organisation, dossier=leading.dossier,
        category=episode.section.value, purpose=leading.purpose.value, outcome=ledger.Outcome.ALLOWED,
        detail=detail if ends_at is None else {**detail, "ends": ends_at.isoformat()},
    )  # fmt: skip
    ledger.record(uow, trace)
