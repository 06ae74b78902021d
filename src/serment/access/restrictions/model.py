"""What the patient closes, and to whom. A restriction hides entries; it never takes a section or a right away."""

from dataclasses import dataclass
from datetime import datetime

from serment import kernel
from serment.access.model import Against, Bar, EntryId, RestrictionId, Section


@dataclass(frozen=True)
class RestrictionRequest:
    """A restriction to be placed: against one person, all professionals, or all who act for the patient.

    On one entry, on a section, or, naming neither, on everything but the identity.
    """

    against: Against
    account: kernel.AccountId | None = None
    section: Section | None = None
    entry: EntryId | None = None


@dataclass(frozen=True)
class Restriction:
    """A restriction as it was placed; what the person kept away alone wrote stays theirs to see.

    With `entry`, `section` is the section in which that entry lies.
    """

    id: RestrictionId
    dossier: kernel.DossierId
    against: Against
    account: kernel.AccountId | None
    section: Section | None
    entry: EntryId | None
    placed_by: kernel.AccountId
    placed_at: datetime
    lifted_at: datetime | None = None

    @property
    def bar(self) -> Bar:
        """The restriction as it bears on a decision."""
        return Bar(self.against, self.section, self.entry)


@dataclass(frozen=True)
class Filing:
    """Who filed an entry, and in which section it lies."""

    entry: EntryId
    section: Section
    account: kernel.AccountId
