"""Who was touched: the acts of a suspect, summed up by patient, by entry, by object and by byte. Pure.

Like acts are one deed, with its first and last hour and how often: what an answer weighs does not grow with repetition.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from serment import access, dossier, ledger
from serment.kernel import AccountId, DossierId, OrganisationId

_SPANS_AT_MOST = 512
_FILED = "dossier.file"
_TRAIL = f"dossier.{access.Action.READ_TRAIL}"
_CHANGES = frozenset({_FILED, f"dossier.{access.Action.AMEND}", f"dossier.{access.Action.WITHDRAW}"})
_DOSSIER_ACTS = "dossier."


class Link(StrEnum):
    """By what the acts in question hang together."""

    ACCOUNT = "account"
    SESSION = "session"
    KEY = "key"
    BROWSER = "browser"
    GRANT = "grant"


@dataclass(frozen=True)
class Question:
    """Whose acts, from one instant on and before another."""

    link: Link
    subject: UUID
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Deed:
    """What one person did to one thing from one place: once or again and again.

    `sent_bytes` counts every byte that left, `spans` says which they were (each run from its first to before its last);
    `drawings` counts the pictures that were made of the object here. `refused` deeds opened nothing.
    """

    dossier: DossierId
    kind: str
    category: str
    purpose: str
    account: AccountId | None
    role: str
    origin: str
    refused: bool
    first_at: datetime
    last_at: datetime
    times: int
    entry: access.EntryId | None = None
    version: int | None = None
    object: UUID | None = None
    size_bytes: int = 0
    sent_bytes: int = 0
    drawings: int = 0
    spans: tuple[tuple[int, int], ...] = ()

    @property
    def shows_name(self) -> bool:
        """Whether it showed the patient in a list, by name and birth date, and nothing else."""
        return self.kind == "dossier.list" and self.category == access.Section.IDENTITY

    @property
    def shows_list(self) -> bool:
        """Whether it showed the list of the dossier's documents."""
        return self.kind == "dossier.list" and not self.shows_name

    @property
    def opens_entry(self) -> bool:
        """Whether it opened an entry: to read it, to change it or to share it; filing one opens nothing."""
        within = self.kind.startswith(_DOSSIER_ACTS) and self.kind not in {_FILED, "dossier.list"}
        return self.entry is not None and within and not self.refused


@dataclass(frozen=True)
class TouchedObject:
    """One object of which bytes left, or pictures were made."""

    object: UUID
    version: int | None
    size_bytes: int
    sent_bytes: int
    distinct_bytes: int
    drawings: int


@dataclass(frozen=True)
class TouchedEntry:
    """One entry that was opened."""

    entry: access.EntryId
    section: str
    first_at: datetime
    last_at: datetime
    objects: tuple[TouchedObject, ...]


@dataclass(frozen=True)
class TouchedPatient:
    """Everything of one patient that was touched; `acts` counts what was done beside reading."""

    dossier: DossierId
    first_at: datetime
    last_at: datetime
    named: bool
    listed: bool
    entries: tuple[TouchedEntry, ...]
    acts: Mapping[str, int]

    @property
    def changed(self) -> bool:
        """Whether something of the dossier was filed, amended or withdrawn."""
        return not self.acts.keys().isdisjoint(_CHANGES)

    @property
    def trail_read(self) -> bool:
        """Whether the trail was read: it tells who cares for the patient."""
        return _TRAIL in self.acts

    @property
    def objects(self) -> tuple[TouchedObject, ...]:
        """Every object touched, in the order of its entries."""
        return tuple(one for entry in self.entries for one in entry.objects)

    @property
    def sent_bytes(self) -> int:
        """How many bytes of content left."""
        return sum(one.sent_bytes for one in self.objects)


@dataclass(frozen=True)
class Answer:
    """What one controller must know: the deeds of the suspect on its dossiers, and how many traces told of them.

    `unopened` counts the dossiers whose trail could not be read; an answer with any is not complete.
    """

    organisation: OrganisationId
    question: Question
    asked_at: datetime
    traces: int
    deeds: tuple[Deed, ...]
    unopened: int = 0

    @property
    def patients(self) -> tuple[TouchedPatient, ...]:
        """The patients who were touched: those of whom anything was opened."""
        return patients_of(self.deeds)


@dataclass(slots=True)
class _Tally:
    """A deed while its acts are counted."""

    first_at: datetime
    last_at: datetime
    size_bytes: int = 0
    times: int = 0
    sent_bytes: int = 0
    drawings: int = 0
    spans: list[tuple[int, int]] = field(default_factory=list)

    def add(self, one: ledger.RecordedTrace) -> None:
        detail = one.trace.detail
        self.times += 1
        self.first_at, self.last_at = min(self.first_at, one.recorded_at), max(self.last_at, one.recorded_at)
        if one.trace.kind != dossier.CONTENT_OPENED:
            return
        self.size_bytes = int(detail["size"])
        length = int(detail["bytes"]) if one.trace.outcome is ledger.Outcome.ALLOWED else 0
        if detail["form"] == dossier.Form.DRAWING:
            self.drawings += 1 if length else 0
            return
        self.sent_bytes += length
        first = int(detail["first"])
        self.spans.append((first, first + length))
        if len(self.spans) > _SPANS_AT_MOST:
            self.spans = merged(self.spans)


Key = tuple[DossierId, str, str, str, AccountId | None, str, str, ledger.Outcome, str, str, str]


def gather(traces: Iterable[ledger.RecordedTrace]) -> tuple[int, tuple[Deed, ...]]:
    """Return how many traces about dossiers there are, and the deeds they tell of, by dossier and hour."""
    tallies: dict[Key, _Tally] = {}
    count = 0
    for one in traces:
        if one.trace.dossier is not None:
            count += 1
            key = _key(one.trace, one.trace.dossier)
            tally = tallies.get(key)
            if tally is None:
                tally = tallies[key] = _Tally(one.recorded_at, one.recorded_at)
            tally.add(one)
    deeds = (_deed(key, tally) for key, tally in tallies.items())
    return count, tuple(sorted(deeds, key=lambda deed: (deed.dossier, deed.first_at, deed.kind)))


def _key(trace: ledger.Trace, about: DossierId) -> Key:
    actor, detail = trace.actor, trace.detail
    named = (detail.get("entry", ""), detail.get("version", ""), detail.get("object", ""))
    who = (actor.account, actor.role, actor.origin)
    return (about, trace.kind, trace.category, trace.purpose, *who, trace.outcome, *named)


def _deed(key: Key, tally: _Tally) -> Deed:
    about, kind, category, purpose, account, role, origin, outcome, entry, version, thing = key
    return Deed(
        about, kind, category, purpose, account, role, origin, outcome is not ledger.Outcome.ALLOWED,
        tally.first_at, tally.last_at, tally.times,
        entry=access.EntryId(UUID(entry)) if entry else None,
        version=int(version) if version else None,
        object=UUID(thing) if thing else None,
        size_bytes=tally.size_bytes, sent_bytes=tally.sent_bytes, drawings=tally.drawings,
        spans=tuple(merged(tally.spans)),
    )  # fmt: skip


def merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the same bytes as runs that neither meet nor overlap; a run ends before its second number."""
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif begin < end:
            joined.append((begin, end))
    return joined


def patients_of(deeds: Iterable[Deed]) -> tuple[TouchedPatient, ...]:
    """Return the patients of whom anything was opened, from deeds that are in order of dossiers."""
    allowed = (deed for deed in deeds if not deed.refused)
    return tuple(_patient(about, list(of_one)) for about, of_one in groupby(allowed, attrgetter("dossier")))


def _patient(about: DossierId, deeds: list[Deed]) -> TouchedPatient:
    acts: dict[str, int] = {}
    for deed in deeds:
        if deed.kind not in {"dossier.list", "dossier.read", dossier.CONTENT_OPENED}:
            acts[deed.kind] = acts.get(deed.kind, 0) + deed.times
    return TouchedPatient(
        about,
        first_at=min(deed.first_at for deed in deeds),
        last_at=max(deed.last_at for deed in deeds),
        named=any(deed.shows_name for deed in deeds),
        listed=any(deed.shows_list for deed in deeds),
        entries=tuple(_entries(deeds)),
        acts=acts,
    )


def _entries(deeds: list[Deed]) -> Iterator[TouchedEntry]:
    opened: dict[access.EntryId, list[Deed]] = {}
    for deed in deeds:
        if deed.opens_entry and deed.entry is not None:
            opened.setdefault(deed.entry, []).append(deed)
    for entry, of_it in opened.items():
        first_at, last_at = min(one.first_at for one in of_it), max(one.last_at for one in of_it)
        yield TouchedEntry(entry, of_it[0].category, first_at, last_at, tuple(_objects(of_it)))


def _objects(deeds: list[Deed]) -> Iterator[TouchedObject]:
    """Sum up by object; a byte that several people, or one from several places, took is distinct once."""
    contents = sorted(
        (deed for deed in deeds if deed.object is not None and (deed.sent_bytes or deed.drawings)),
        key=lambda deed: str(deed.object),
    )
    for thing, same in groupby(contents, attrgetter("object")):
        of_it = list(same)
        yield TouchedObject(
            thing, of_it[0].version, of_it[0].size_bytes,
            sent_bytes=sum(one.sent_bytes for one in of_it),
            distinct_bytes=sum(end - begin for begin, end in merged([span for one in of_it for span in one.spans])),
            drawings=sum(one.drawings for one in of_it),
        )  # fmt: skip
