"""What patients are told of by themselves: that somebody acted on their dossier, when they wish to be told (LAW-42)."""

from serment.access.notices.model import News, Notice, NoticeId, Wish
from serment.access.notices.notices import (
    Done,
    forget_seen_notices,
    see_notices,
    tell,
    tell_unasked,
    unseen_notices,
    wish_for_notices,
    wish_of,
)

__all__ = [
    "Done",
    "News",
    "Notice",
    "NoticeId",
    "Wish",
    "forget_seen_notices",
    "see_notices",
    "tell",
    "tell_unasked",
    "unseen_notices",
    "wish_for_notices",
    "wish_of",
]
