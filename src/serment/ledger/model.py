"""Traces, and what is read back of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from serment.kernel import AccountId, DossierId, OrganisationId

TraceId = NewType("TraceId", UUID)

#: Compartments under which the detail of a trace is sealed: about a dossier, and about an organisation.
TRAIL = "trace"
SECURITY = "security"


class Outcome(StrEnum):
    """How the act ended."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True)
class Actor:
    """Who acted: account, organisation and role at that moment, and from where (`web 203.0.113.7`).

    `means` is the session or the access key, `browser` the known browser. They are kept as blind tags beside the
    trace and nowhere in its text: a trace that is read again has neither.
    """

    account: AccountId | None
    organisation: OrganisationId | None
    role: str
    origin: str
    means: UUID | None = field(default=None, compare=False)
    browser: UUID | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Trace:
    """One event of the trail: who, about whom, which category, from where, why, with which outcome.

    `organisation` is the controller whose trail it is; `detail` holds identifiers and codes, never content.
    Source: EHDS annex II, 3.2 (LAW-40).
    """

    kind: str
    actor: Actor
    organisation: OrganisationId
    dossier: DossierId | None
    category: str
    purpose: str
    outcome: Outcome
    detail: Mapping[str, str]


class Mark(StrEnum):
    """By what the traces of somebody are found without opening any: each is the name of a blind tag."""

    ACTOR = "actor"
    MEANS = "means"
    BROWSER = "browser"


@dataclass(frozen=True)
class RecordedTrace:
    """A trace as it was recorded; `leaf` is its place in the tree, None until it is integrated."""

    id: TraceId
    recorded_at: datetime
    trace: Trace
    leaf: int | None


@dataclass(frozen=True)
class TraceRow:
    """A trace as it lies in the database; `sealed` and the blind tags are None once its detail was purged."""

    id: TraceId
    organisation: OrganisationId
    dossier: DossierId | None
    recorded_at: datetime
    commitment: bytes
    seal_digest: bytes
    sealed: bytes | None
    leaf: int | None = None
    actor_tag: bytes | None = None
    means_tag: bytes | None = None
    browser_tag: bytes | None = None

    @property
    def tags(self) -> tuple[bytes | None, ...]:
        """The blind tags, in the order in which the seal binds them."""
        return self.actor_tag, self.means_tag, self.browser_tag


@dataclass(frozen=True)
class AnchorRow:
    """An anchor as it lies in the database; an empty digest says that the thing is lawfully gone."""

    organisation: OrganisationId | None
    place: str
    digest: bytes
    salt: bytes
    recorded_at: datetime
    leaf: int | None = None


@dataclass(frozen=True)
class Head:
    """Where the log stands in the database.

    Leaves below `assigned` have their place; `size` and `root` are the last that were allowed a signature.
    """

    assigned: int
    size: int
    root: bytes


@dataclass(frozen=True)
class CheckedRow:
    """A row as a check of all rows meets it, with nothing of what it says.

    `place` is where the ledger knows it, `digest` that of what is stored, `sound` whether its seals hold; `hidden`,
    that an older version is passed off as the newest.
    """

    place: str
    digest: bytes
    sound: bool = True
    hidden: bool = False
