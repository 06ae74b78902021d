"""Read the trail, the security log and the current anchors."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from serment import vault
from serment.kernel import DossierId, OrganisationId, UnitOfWork
from serment.ledger import store
from serment.ledger.commitment import trace_from_text
from serment.ledger.detail import open_detail
from serment.ledger.model import Mark, RecordedTrace, TraceId, TraceRow
from serment.ledger.tags import tag_of


def read_trail(
    uow: UnitOfWork,
    organisation: OrganisationId,
    dossier: DossierId,
    warrant: vault.Warrant,
    *,
    limit: int,
    before: TraceId | None = None,
) -> tuple[RecordedTrace, ...]:
    """Return the traces of one dossier, newest first; `before` is the last one of the page shown before.

    Traces whose detail was purged are not among them.

    Raises:
        WarrantRefused: the warrant does not cover the compartment `trace` of this dossier.
        TraceBroken, SealBroken: a stored trace is not what was recorded.
    """
    rows = store.load_traces(uow.connection, organisation, dossier, limit=limit, before=before)
    return tuple(_opened(uow, row, warrant) for row in rows)


def open_trace(
    uow: UnitOfWork,
    organisation: OrganisationId,
    dossier: DossierId,
    warrant: vault.Warrant,
    *,
    wanted: TraceId,
) -> RecordedTrace | None:
    """Return one trace of a dossier; None when there is none of that name, or its detail was purged.

    Raises:
        WarrantRefused, TraceBroken, SealBroken: as `read_trail`.
    """
    row = store.load_trace(uow.connection, organisation, dossier, wanted)
    return None if row is None else _opened(uow, row, warrant)


def read_security_log(
    uow: UnitOfWork, organisation: OrganisationId, *, limit: int, before: TraceId | None = None
) -> tuple[RecordedTrace, ...]:
    """Return the organisation's traces that concern no dossier, newest first.

    Raises:
        TraceBroken, SealBroken: a stored trace is not what was recorded.
    """
    rows = store.load_traces(uow.connection, organisation, None, limit=limit, before=before)
    return tuple(_opened(uow, row, None) for row in rows)


@dataclass(frozen=True)
class Suspect:
    """Whose traces are asked for: an account, a session or access key, or a known browser."""

    mark: Mark
    subject: UUID


@dataclass(frozen=True)
class Window:
    """A stretch of time: from one instant on, and before another."""

    since: datetime
    until: datetime


def dossiers_marked(
    uow: UnitOfWork, organisation: OrganisationId, suspect: Suspect, window: Window
) -> dict[DossierId | None, int]:
    """Return which dossiers of an organisation bear traces of a suspect in that time, and how many each; opens none.

    None stands for traces about no dossier.
    """
    return store.tagged_dossiers(uow.connection, _tagged(uow, organisation, suspect, window))


def read_marked(
    uow: UnitOfWork,
    organisation: OrganisationId,
    suspect: Suspect,
    window: Window,
    *,
    warrants: Mapping[DossierId, vault.Warrant],
) -> Iterator[RecordedTrace]:
    """Yield the traces of a suspect in that time, streamed: dossier by dossier, each oldest first.

    Those whose detail was purged are left out.

    Raises:
        WarrantRefused: no warrant covers the trail of a dossier that one is about.
        TraceBroken, SealBroken: a stored trace is not what was recorded.
    """
    for row in store.stream_tagged(uow.connection, _tagged(uow, organisation, suspect, window)):
        yield _opened(uow, row, None if row.dossier is None else warrants.get(row.dossier))


def read_between(
    uow: UnitOfWork,
    organisation: OrganisationId,
    dossier: DossierId,
    window: Window,
    *,
    warrant: vault.Warrant | None,
) -> Iterator[RecordedTrace]:
    """Yield the traces of one dossier in that time, oldest first, streamed; those whose detail was purged are left out.

    Raises: as `read_marked`.
    """
    for row in store.stream_between(uow.connection, organisation, dossier, window.since, window.until):
        yield _opened(uow, row, warrant)


def _tagged(uow: UnitOfWork, organisation: OrganisationId, suspect: Suspect, window: Window) -> store.Tagged:
    tag = tag_of(uow.part(vault.Keyring), organisation, suspect.mark, suspect.subject)
    return store.Tagged(organisation, suspect.mark, tag, window.since, window.until)


def _opened(uow: UnitOfWork, row: TraceRow, warrant: vault.Warrant | None) -> RecordedTrace:
    _, text = open_detail(uow.part(vault.Keyring), row, warrant)
    return RecordedTrace(row.id, row.recorded_at, trace_from_text(text), row.leaf)


def current_anchors(
    uow: UnitOfWork, organisation: OrganisationId | None = None
) -> Iterator[tuple[str, bytes]]:
    """Yield place and digest of the newest anchor of each place, streamed; an empty digest: lawfully gone."""
    return store.stream_current_anchors(uow.connection, organisation)


def current_anchor(uow: UnitOfWork, place: str) -> bytes | None:
    """Return the digest of the newest anchor of one place; empty: lawfully gone; None: never anchored."""
    return store.current_anchor(uow.connection, place)
