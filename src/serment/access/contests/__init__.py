"""A line of the trail that a patient contests, and what the data protection officer answers."""

from serment.access.contests.contests import (
    answer_contest,
    contest,
    contests_at,
    contests_of,
    count_waiting_contests,
    open_line,
)
from serment.access.contests.errors import AlreadyAnswered, AlreadyContested, ContestNotFound
from serment.access.contests.model import (
    Contest,
    ContestAnswer,
    ContestFinding,
    ContestHead,
    ContestId,
)

__all__ = [
    "AlreadyAnswered",
    "AlreadyContested",
    "Contest",
    "ContestAnswer",
    "ContestFinding",
    "ContestHead",
    "ContestId",
    "ContestNotFound",
    "answer_contest",
    "contest",
    "contests_at",
    "contests_of",
    "count_waiting_contests",
    "open_line",
]
