"""What a notice says, and to whom."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from serment import kernel

NoticeId = NewType("NoticeId", UUID)


class News(StrEnum):
    """What happened to a dossier, as somebody is told of it; the trail says exactly what."""

    LOOKED = "looked"
    FILED = "filed"
    CHANGED = "changed"
    SHARED = "shared"
    TEAM = "team"
    #: The practice linked an account of the patient's, or named a parent or a guardian: told whatever one wishes.
    LET_IN = "let-in"


class Wish(StrEnum):
    """Whether somebody wishes to be told."""

    TOLD = "told"
    LEFT_ALONE = "left-alone"


@dataclass(frozen=True)
class Notice:
    """Somebody acted on a dossier: told to one account until it is seen."""

    id: NoticeId
    dossier: kernel.DossierId
    account: kernel.AccountId
    actor: kernel.AccountId
    news: News
    at: datetime
    seen_at: datetime | None = None
