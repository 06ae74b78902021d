"""What is asked, how far the rules allow it, and the trace that it leaves. Pure: `decision` does what these say."""

from collections.abc import Mapping
from dataclasses import dataclass

from serment import identity, kernel, ledger
from serment.access.emergency.uses import OPENING
from serment.access.matrix import Matrix
from serment.access.model import (
    ABSENT,
    RESTRICTED,
    Action,
    EntryId,
    Opening,
    Purpose,
    Relation,
    Section,
    Ties,
    Verdict,
)
from serment.access.policy import judge

#: The matrix of every organisation whose dossiers an act is about, by organisation and version.
Matrices = Mapping[tuple[kernel.OrganisationId | None, int], Matrix]


@dataclass(frozen=True)
class Act:
    """What is asked: one action on one dossier, perhaps on one section, perhaps on one entry of it."""

    caller: identity.Caller
    action: Action
    dossier: kernel.DossierId
    purpose: Purpose
    section: Section | None = None
    entry: EntryId | None = None
    #: Whether the entry was named by itself, as FHIR names it, and not within its dossier.
    by_itself: bool = False


def judged(act: Act, ties: Ties, matrices: Matrices) -> Verdict:
    """Say how far the rules allow an act, by the matrix of whose dossier it is."""
    matrix = matrices[ties.organisation, ties.matrix]
    return _narrowed(act, judge(act.caller, ties, act.action, act.purpose, matrix))


def _narrowed(act: Act, verdict: Verdict) -> Verdict:
    """Keep a verdict only if it reaches the section and the entry that the act is about.

    An entry that is hidden from somebody is absent for them before any other reason is looked at (LAW-41).
    """
    if act.section is None:
        return verdict
    if _is_hidden(act, act.section, verdict):
        return Verdict({}, None, ABSENT, verdict.hidden)
    if not verdict.allowed:
        return verdict
    if act.section not in verdict.reach:
        return Verdict({}, None, "section-not-reached")
    if act.entry is not None and not verdict.reach[act.section].covers(act.entry):
        return Verdict({}, None, "entry-not-reached")
    return verdict


def _is_hidden(act: Act, section: Section, verdict: Verdict) -> bool:
    """Who files names an entry that is not there yet."""
    if act.entry is None or act.action is Action.FILE:
        return False
    return verdict.hidden.hides(section, act.entry)


def trace_of(act: Act, ties: Ties, verdict: Verdict) -> ledger.Trace:
    """Who, about whom, which category, from where, why, outcome (LAW-40); the time is the transaction's."""
    withheld = verdict.reason == ABSENT
    detail = {"because": verdict.reason, "matrix": str(ties.matrix)}
    if verdict.relation is not None:
        detail["relation"] = verdict.relation.value
    if (opening := used(ties, verdict)) is not None:
        detail[OPENING] = str(opening.id)
    if withheld and act.by_itself:
        # Nothing would stand in this trail if the entry were not there: whoever asked must not find it either.
        detail[RESTRICTED] = "yes"
    if act.entry is not None:
        detail["entry"] = str(act.entry)
    if act.caller.key is not None:
        detail["key"] = str(act.caller.key.key)
    return ledger.Trace(
        kind=f"dossier.{act.action}",
        actor=act.caller.actor,
        organisation=ties.organisation or act.caller.organisation,
        # A dossier that nobody keeps has no key to seal its trail under: the attempt is kept as a security event.
        dossier=act.dossier if ties.organisation is not None else None,
        category=act.section.value if act.section is not None and not withheld else "dossier",
        purpose=purpose_by(act, verdict).value,
        outcome=ledger.Outcome.ALLOWED if verdict.allowed else ledger.Outcome.REFUSED,
        detail=detail,
    )


def purpose_by(act: Act, verdict: Verdict) -> Purpose:
    """What is seen by an emergency opening is seen for that, whatever was asked."""
    return Purpose.EMERGENCY if verdict.relation is Relation.EMERGENCY else act.purpose


def used(ties: Ties, verdict: Verdict) -> Opening | None:
    """Return the emergency opening by which something is allowed, None where it is allowed otherwise."""
    return ties.opening if verdict.relation is Relation.EMERGENCY else None
