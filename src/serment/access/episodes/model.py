"""An episode of care: what it is, from when to when, and how long those who took part follow up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from serment import kernel
from serment.access.model import EntryId, EpisodeId, Section

#: The sections under whose key an episode may be sealed: whoever reads that section reads what the episode is about.
EPISODE_SECTIONS = (Section.CLINICAL, Section.SENSITIVE)
LONGEST_FOLLOW_UP = timedelta(days=366)
LONGEST_LABEL = 200


class EpisodeKind(StrEnum):
    """How care is given during an episode; not what for. Source: FHIR EpisodeOfCare, HL7 v3 ActEncounterCode."""

    VISITS = "visits"
    STAY = "stay"
    DAY_CARE = "day-care"
    EMERGENCY = "emergency"
    HOME = "home"
    REMOTE = "remote"


@dataclass(frozen=True)
class EpisodeRequest:
    """An episode to be opened: `label` says what it is about, in the words of the team."""

    kind: EpisodeKind
    label: str
    section: Section
    follow_up: timedelta


@dataclass(frozen=True)
class Closing:
    """How an episode ends: when it ended, now or before, and how long the team follows up from then."""

    at: datetime
    follow_up: timedelta


@dataclass(frozen=True)
class Episode:
    """One episode of the care of one patient."""

    id: EpisodeId
    dossier: kernel.DossierId
    section: Section
    kind: EpisodeKind
    label: str
    opened_at: datetime
    opened_by: kernel.AccountId
    follow_up: timedelta
    closed_at: datetime | None = None

    @property
    def follow_up_ends_at(self) -> datetime | None:
        """When the last of those who took part in it leave; None while it is open."""
        return None if self.closed_at is None else self.closed_at + self.follow_up

    def follows_up(self, at: datetime) -> bool:
        """Tell whether it is closed, and those who took part still follow up."""
        ends_at = self.follow_up_ends_at
        return ends_at is not None and at < ends_at


def as_entry(episode: EpisodeId) -> EntryId:
    """Return an episode as the entry that a restriction may hide: what hides the section hides its episodes."""
    return EntryId(episode)
