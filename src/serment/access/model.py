"""The words of a decision: what, on which part of the dossier, why, by which relation, and the permit it yields."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from serment import identity, kernel, vault
from serment.access.errors import PermitMismatch

EntryId = NewType("EntryId", UUID)
GrantId = NewType("GrantId", UUID)
RestrictionId = NewType("RestrictionId", UUID)
EpisodeId = NewType("EpisodeId", UUID)
OpeningId = NewType("OpeningId", UUID)


class Section(StrEnum):
    """A partition of the dossier with keys of its own (LAW-74)."""

    IDENTITY = "identity"
    CLINICAL = "clinical"
    IMAGING = "imaging"
    MEASUREMENTS = "measurements"
    EXCHANGES = "exchanges"
    SENSITIVE = "sensitive"


class Action(StrEnum):
    """What somebody wants to do with a dossier or one of its entries."""

    LIST = "list"
    READ = "read"
    FILE = "file"
    AMEND = "amend"
    WITHDRAW = "withdraw"
    SHARE = "share"
    JOIN_TEAM = "join-team"
    MANAGE_TEAM = "manage-team"
    READ_TRAIL = "read-trail"
    #: The patient's own acts, and those of whoever acts for them: restrictions, delegations, notices, contesting.
    CONTROL = "control"
    OPEN_EMERGENCY = "open-emergency"


class Purpose(StrEnum):
    """Why: the purpose of use, from a closed list (LAW-01). Source: HL7 v3 PurposeOfUse."""

    CARE = "care"
    EMERGENCY = "emergency"
    PATIENT_REQUEST = "patient-request"
    ADMINISTRATION = "administration"
    RESEARCH = "research"
    LEGAL = "legal"


class Relation(StrEnum):
    """What ties somebody to a dossier."""

    PATIENT = "patient"
    CARE_TEAM = "care-team"
    GRANT = "grant"
    SAME_ORGANISATION = "same-organisation"
    DATA_PROTECTION = "data-protection"
    DELEGATE = "delegate"
    EMERGENCY = "emergency"


class DelegateKind(StrEnum):
    """In what quality somebody acts for the person whose dossier it is (F21)."""

    PARENT = "parent"
    GUARDIAN = "guardian"
    TRUSTED_PERSON = "trusted-person"


@dataclass(frozen=True)
class Mandate:
    """What lets somebody act for the patient now: in what quality, and on which sections (None: all it may reach)."""

    kind: DelegateKind
    sections: frozenset[Section] | None = None


@dataclass(frozen=True)
class Opening:
    """What somebody opened in an emergency, as long as it lasts: these sections of one dossier, until an instant.

    `vital` says that a life was at risk: what the patient closed to professionals gives way to nothing else.
    """

    id: OpeningId
    sections: frozenset[Section]
    ends_at: datetime
    vital: bool


@dataclass(frozen=True)
class Extent:
    """How far a permission goes within a section: all entries, or `only` some; never those that it leaves out, `but`."""

    only: frozenset[EntryId] | None = None
    but: frozenset[EntryId] = frozenset()

    def covers(self, entry: EntryId | None) -> bool:
        """Tell whether it reaches one entry (None: the section as a whole, whatever is hidden in it)."""
        return (self.only is None or entry in self.only) and entry not in self.but

    def joined(self, other: "Extent") -> "Extent":
        """Return what either of the two reaches."""
        if self.only is None and other.only is None:
            return Extent(but=self.but & other.but)
        if self.only is None:
            return Extent(but=self.but - other.named)
        if other.only is None:
            return other.joined(self)
        return Extent(self.named | other.named)

    def without(self, hidden: frozenset[EntryId]) -> "Extent":
        """Return what is left of it once some entries are taken away."""
        return Extent(self.only, self.but | hidden)

    def within(self, kept: frozenset[EntryId]) -> "Extent":
        """Return what is left of it when nothing but some entries is kept."""
        return Extent(kept if self.only is None else self.only & kept, self.but)

    @property
    def named(self) -> frozenset[EntryId]:
        """The entries that it names one by one; none when it reaches all."""
        return frozenset() if self.only is None else self.only - self.but


#: How far a permission goes: the sections, and in each how much of it.
Reach = Mapping[Section, Extent]


class Against(StrEnum):
    """Whom a restriction keeps away: one person, all professionals, or all who act for the patient."""

    PERSON = "person"
    PROFESSIONALS = "professionals"
    DELEGATES = "delegates"


@dataclass(frozen=True)
class Bar:
    """A restriction as it bears on a decision: one entry of a section, a section, or everything (None)."""

    against: Against
    section: Section | None = None
    entry: EntryId | None = None


@dataclass(frozen=True)
class Hidden:
    """What is absent for somebody: whole sections, and single entries; never what they filed and nobody else changed."""

    sections: frozenset[Section] = frozenset()
    entries: frozenset[EntryId] = frozenset()
    own: frozenset[EntryId] = frozenset()

    def hides(self, section: Section, entry: EntryId) -> bool:
        """Tell whether one entry is absent."""
        return entry not in self.own and (section in self.sections or entry in self.entries)

    def left_of(self, section: Section, extent: Extent) -> Extent:
        """Return what is left of an extent: the section itself stays, with what can be seen of it."""
        if section in self.sections:
            return extent.within(self.own)
        return extent.without(self.entries - self.own)


@dataclass(frozen=True)
class Restricted:
    """The restrictions that may bear on one person, and which of the entries concerned are theirs alone."""

    bars: tuple[Bar, ...] = ()
    own: frozenset[EntryId] = frozenset()

    def hidden(self, against: frozenset[Against], *, but: frozenset[Section] = frozenset()) -> Hidden:
        """Return what bars of some kinds hide, apart from some sections; the identity is never hidden."""
        bars = [bar for bar in self.bars if bar.against in against]
        entries = frozenset(bar.entry for bar in bars if bar.entry is not None and bar.section not in but)
        whole = {bar.section for bar in bars if bar.entry is None}
        sections = frozenset(one for one in Section if one in whole or None in whole)
        return Hidden(sections - but - {Section.IDENTITY}, entries, self.own)


#: Actions on the dossier itself; the others are asked section by section.
WHOLE_DOSSIER = frozenset({
    Action.JOIN_TEAM, Action.MANAGE_TEAM, Action.READ_TRAIL, Action.CONTROL, Action.OPEN_EMERGENCY,
})  # fmt: skip
TRAIL = "trace"
#: Why an entry is not opened that there is not, or that is hidden; and the mark of a trace that the second alone left.
ABSENT, RESTRICTED = "no-such-entry", "restricted"


@dataclass(frozen=True)
class Permit:
    """Proof that a decision was taken: who may do what, where, why and until when.

    Only `serment.access.decision` makes one. The warrant in it is what the vault asks for before it unseals
    anything.
    """

    caller: identity.Caller
    action: Action
    organisation: kernel.OrganisationId
    dossier: kernel.DossierId
    reach: Reach
    purpose: Purpose
    until: datetime
    warrant: vault.Warrant
    #: By which tie it was allowed: some acts are open to the patient alone.
    relation: Relation | None = None
    #: What is absent for the caller, whatever the action.
    hidden: Hidden = Hidden()

    def require(
        self, uow: kernel.UnitOfWork, action: Action, section: Section | None, entry: EntryId | None
    ) -> None:
        """Refuse any use that the decision did not cover.

        Raises:
            PermitMismatch: another action, section or entry than decided, or too late.
        """
        if self.action is not action:
            raise PermitMismatch(f"made to {self.action}, used to {action}")
        if uow.now > self.until:
            raise PermitMismatch(f"ended at {self.until.isoformat()}")
        if section is not None and not self.covers(section, entry):
            raise PermitMismatch(f"does not cover {section} {entry}")

    def covers(self, section: Section, entry: EntryId | None) -> bool:
        """Tell whether this permit reaches a section, and in it one entry (None: the section as a whole)."""
        return section in self.reach and self.reach[section].covers(entry)


@dataclass(frozen=True)
class Participation:
    """Somebody's, or a team's, part in the care of one patient, from a start to an end, which may be to come.

    `episode` is the episode of care it is for; None: the care as a whole.
    """

    dossier: kernel.DossierId
    account: kernel.AccountId | None
    team: identity.TeamId | None
    started_at: datetime
    ended_at: datetime | None
    reason: str
    episode: EpisodeId | None = None

    def holds(self, at: datetime) -> bool:
        """Tell whether it opens anything at an instant: it has begun and its end, if it has one, is to come."""
        return self.started_at <= at and (self.ended_at is None or self.ended_at > at)


@dataclass(frozen=True)
class GrantRequest:
    """An opening to be made: to an account or to a team, on sections or on some entries, for a purpose, until an end."""

    account: kernel.AccountId | None
    team: identity.TeamId | None
    sections: frozenset[Section]
    entries: frozenset[EntryId] | None
    purpose: Purpose
    ends_at: datetime
    #: What is hidden from whoever answers for it, hence from whom they let in.
    withheld: Hidden = Hidden()


@dataclass(frozen=True)
class Grant:
    """An opening given by somebody who held the right to give it."""

    id: GrantId
    dossier: kernel.DossierId
    given_by: kernel.AccountId
    given_at: datetime
    request: GrantRequest
    revoked_at: datetime | None = None
    #: Who answers for it: whoever gave it, or a colleague who took it over. It ends when they leave.
    kept_by: kernel.AccountId | None = None

    @property
    def keeper(self) -> kernel.AccountId:
        """Who answers for this opening."""
        return self.kept_by or self.given_by


@dataclass(frozen=True)
class Listener:
    """Somebody who wishes to be told of what others do with a dossier: the patient, or who acts for them."""

    account: kernel.AccountId
    relation: Relation


@dataclass(frozen=True)
class Ties:
    """Everything that ties one person to one dossier at one instant: the facts of a decision."""

    organisation: kernel.OrganisationId | None
    is_patient: bool = False
    in_care_team: bool = False
    grants: tuple[GrantRequest, ...] = ()
    #: What the person may do in the patient's place now.
    delegations: tuple[Mandate, ...] = ()
    #: What the person holds open in an emergency now.
    opening: Opening | None = None
    #: What the patient, or a rule in their favour, keeps from the person.
    restricted: Restricted | None = None
    #: The day on which the patient died, once it was declared.
    deceased_on: date | None = None
    #: Who wishes to be told of what is done.
    listeners: tuple[Listener, ...] = ()
    #: Whether the person's account opens anything now; it may have been closed since the request came in.
    stands: bool = True
    #: Whether the brake holds the person's account.
    frozen: bool = False
    #: The version of the matrix of rights that holds for the dossier; 0 is the one that is shipped.
    matrix: int = 0


@dataclass(frozen=True)
class Verdict:
    """What the rules allow: how far, and by which relation; or nothing, and the code that says why."""

    reach: Reach
    relation: Relation | None
    reason: str
    hidden: Hidden = Hidden()

    @property
    def allowed(self) -> bool:
        """True when something is allowed."""
        return self.relation is not None
