"""Episodes of care: a stay, a course of visits; who takes part in one leaves with it, after a follow-up window (LAW-51)."""

from serment.access.episodes.checks import check_episodes
from serment.access.episodes.errors import EpisodeClosed, EpisodeInvalid, EpisodeNotFound
from serment.access.episodes.model import (
    LONGEST_FOLLOW_UP,
    Closing,
    Episode,
    EpisodeKind,
    EpisodeRequest,
)
from serment.access.episodes.operations import close_episode, open_episode, reopen_episode
from serment.access.episodes.queries import episodes_of

__all__ = [
    "LONGEST_FOLLOW_UP",
    "Closing",
    "Episode",
    "EpisodeClosed",
    "EpisodeInvalid",
    "EpisodeKind",
    "EpisodeNotFound",
    "EpisodeRequest",
    "check_episodes",
    "close_episode",
    "episodes_of",
    "open_episode",
    "reopen_episode",
]
