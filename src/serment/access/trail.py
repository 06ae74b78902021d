"""Who looked: the trail of one dossier, for those who may read it."""

from collections.abc import Callable

from serment import kernel, ledger
from serment.access.emergency.notices import is_told, untold
from serment.access.errors import AccessRefused
from serment.access.model import Action, Permit, Relation
from serment.access.restrictions.concealment import concealment

#: Says of a trace whether the reader of a trail may see it.
Shown = Callable[[ledger.Trace], bool]

#: Who is told of an emergency opening later than at once, when its opener gave a reason for that.
_TOLD_LATER = frozenset({Relation.PATIENT, Relation.DELEGATE})

#: Traces of incidents: that an access was contested is read by the patient and by whoever answers, who are kept from
#: nothing; least of all by whose access it was.
_INCIDENT = "vigilance.incident."


def read_trail(
    uow: kernel.UnitOfWork, permit: Permit, *, limit: int = 100, before: ledger.TraceId | None = None
) -> tuple[ledger.RecordedTrace, ...]:
    """Return what happened to this dossier, newest first: who, when, what, why, from where, with what outcome.

    What the reader may not see is absent: it shortens no page.

    Raises:
        PermitMismatch: the permit is not for reading the trail.
    """
    permit.require(uow, Action.READ_TRAIL, None, None)
    shown, kept = shown_to(uow, permit), list[ledger.RecordedTrace]()
    while True:
        found = ledger.read_trail(
            uow, permit.organisation, permit.dossier, permit.warrant, limit=limit, before=before
        )
        kept += [one for one in found if shown(one.trace)]
        if len(found) < limit or len(kept) >= limit:
            return tuple(kept[:limit])
        before = found[-1].id


def open_line(uow: kernel.UnitOfWork, permit: Permit, asked: ledger.TraceId) -> ledger.RecordedTrace:
    """Return one line of the trail.

    Raises:
        PermitMismatch: the permit is not for reading the trail.
        AccessRefused: there is no such line, or it is not for the reader.
    """
    permit.require(uow, Action.READ_TRAIL, None, None)
    found = ledger.open_trace(uow, permit.organisation, permit.dossier, permit.warrant, wanted=asked)
    shown = shown_to(uow, permit)
    if found is None or not shown(found.trace):
        raise AccessRefused("no-such-line")
    return found


def shown_to(uow: kernel.UnitOfWork, permit: Permit) -> Shown:
    """Return what says of each trace whether the holder of a permit to read the trail sees it now."""
    later = untold(uow, permit.dossier) if permit.relation in _TOLD_LATER else frozenset[str]()
    withheld = concealment(uow, permit)
    if withheld is None:
        return lambda trace: is_told(trace, later)
    return lambda trace: (
        not trace.kind.startswith(_INCIDENT) and is_told(trace, later) and not withheld(trace)
    )
