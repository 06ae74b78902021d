from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from serment import kernel
from serment.access import Episode, EpisodeKind, Section
from serment.access.model import EpisodeId

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
STAY = Episode(
    EpisodeId(kernel.new_id()), kernel.DossierId(kernel.new_id()), Section.CLINICAL, EpisodeKind.STAY,
    "Fracture du poignet", NOW - timedelta(days=9), kernel.AccountId(kernel.new_id()), timedelta(days=30),
)  # fmt: skip
CLOSED = replace(STAY, closed_at=NOW)


@pytest.mark.parametrize(
    ("episode", "at", "follows_up"),
    [
        (STAY, NOW, False),
        (CLOSED, NOW, True),
        (CLOSED, NOW + timedelta(days=30) - INSTANT, True),
        (CLOSED, NOW + timedelta(days=30), False),
    ],
)
def test_episode_is_followed_up_from_its_closing_for_its_window(
    episode: Episode, at: datetime, follows_up: bool
) -> None:
    assert episode.follows_up(at) is follows_up
