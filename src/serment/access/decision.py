"""The one door: decide, trace, and mint the permit. Nothing else in Serment makes a `Permit`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from serment import identity, kernel, ledger, vault
from serment.access.brake.errors import Braked
from serment.access.brake.spending import spend, spend_names, standing
from serment.access.emergency.uses import OPENING, note_use
from serment.access.errors import AccessRefused
from serment.access.matrix import Matrix, version_of
from serment.access.model import (
    ABSENT,
    RESTRICTED,
    TRAIL,
    Action,
    EntryId,
    Opening,
    Permit,
    Purpose,
    Relation,
    Section,
    Ties,
    Verdict,
)
from serment.access.notices import Done, tell
from serment.access.policy import judge
from serment.access.ties import gather

#: A permit outlives the request that asked for it only as long as a slow page or a resumed download needs.
PERMIT_LASTS = timedelta(minutes=5)

_Matrices = Mapping[tuple[kernel.OrganisationId | None, int], Matrix]


@dataclass(frozen=True)
class _Act:
    """What is asked: one action on one dossier, perhaps on one section, perhaps on one entry of it."""

    caller: identity.Caller
    action: Action
    dossier: kernel.DossierId
    purpose: Purpose
    section: Section | None = None
    entry: EntryId | None = None
    #: Whether the entry was named by itself, as FHIR names it, and not within its dossier.
    by_itself: bool = False


def decide(
    uow: kernel.UnitOfWork,
    caller: identity.Caller,
    action: Action,
    dossier: kernel.DossierId,
    purpose: Purpose = Purpose.CARE,
    *,
    section: Section | None = None,
    entry: EntryId | None = None,
) -> Permit:
    """Decide one act of one person on one dossier, and trace the decision in the same transaction.

    With `section` (and `entry`) the act must reach it; without, the permit carries all that is reached.

    Raises:
        AccessRefused: no; the trace of the refusal survives the rollback.
        BudgetSpent, AccountFrozen: the rules allow it, and the brake stopped it; traced likewise.
    """
    return _decide(uow, _Act(caller, action, dossier, _purpose_of(caller, purpose), section, entry))


def decide_by_itself(
    uow: kernel.UnitOfWork,
    caller: identity.Caller,
    action: Action,
    dossier: kernel.DossierId,
    *,
    section: Section,
    entry: EntryId,
) -> Permit:
    """Decide one act on an entry that was named without its dossier; else as `decide`.

    Where such an entry is hidden from the caller, nothing in the dossier's trail tells them that it was found there.
    """
    purpose = _purpose_of(caller, Purpose.CARE)
    return _decide(uow, _Act(caller, action, dossier, purpose, section, entry, by_itself=True))


def _decide(uow: kernel.UnitOfWork, act: _Act) -> Permit:
    ties = gather(uow, act.caller, [act.dossier]).get(act.dossier, Ties(None))
    verdict = _judged(act, ties, _matrices(uow, [ties]))
    try:
        spend(uow, act.caller, act.dossier, act.action, verdict.relation)
    except Braked as stop:
        ledger.record(uow, _trace(act, ties, Verdict({}, None, stop.reason)))
        raise
    ledger.record(uow, _trace(act, ties, verdict))
    if ties.organisation is None or not verdict.allowed:
        raise AccessRefused(verdict.reason)
    opening = _used(ties, verdict)
    if opening is not None:
        note_use(uow, opening.id, act.action, act.section, act.entry)
    elif ties.listeners and ties.deceased_on is None:  # of an emergency the patient is told by its own notice
        tell(uow, Done(act.action, act.dossier, act.entry), act.caller.account, ties.listeners)
    return _mint(uow, act, ties.organisation, verdict, opening)


def decide_listed(
    uow: kernel.UnitOfWork,
    caller: identity.Caller,
    dossiers: Sequence[kernel.DossierId],
    purpose: Purpose = Purpose.CARE,
) -> dict[kernel.DossierId, Permit]:
    """Decide for a list of patients: who may be shown by name, each with a trace; the others are simply absent.

    Raises:
        BudgetSpent, AccountFrozen: the brake stopped it; nobody is shown.
    """
    ties = gather(uow, caller, dossiers)
    matrices = _matrices(uow, ties.values())
    permits: dict[kernel.DossierId, Permit] = {}
    shown: list[tuple[_Act, Ties, Verdict]] = []
    for dossier in dossiers:
        tie = ties.get(dossier, Ties(None))
        act = _Act(caller, Action.LIST, dossier, _purpose_of(caller, purpose), Section.IDENTITY)
        verdict = _judged(act, tie, matrices)
        if tie.organisation is not None and verdict.allowed:
            permits[dossier] = _mint(uow, act, tie.organisation, verdict, _used(tie, verdict))
            shown.append((act, tie, verdict))
    strangers = sum(verdict.relation is Relation.SAME_ORGANISATION for _, _, verdict in shown)
    try:
        spend_names(uow, caller, strangers)
    except Braked as stop:
        stopped = Verdict({}, None, stop.reason)
        ledger.record_all(uow, [_trace(act, tie, stopped) for act, tie, _ in shown])
        raise
    ledger.record_all(uow, [_trace(*one) for one in shown])
    return permits


def decide_trails(
    uow: kernel.UnitOfWork, caller: identity.Caller, dossiers: Sequence[kernel.DossierId]
) -> dict[kernel.DossierId, Permit]:
    """Decide for an inquiry into who was touched: which trails may be read, each with a trace; no others come back."""
    ties = gather(uow, caller, dossiers)
    matrices = _matrices(uow, ties.values())
    permits: dict[kernel.DossierId, Permit] = {}
    traces: list[ledger.Trace] = []
    for dossier in dossiers:
        tie = ties.get(dossier, Ties(None))
        act = _Act(caller, Action.READ_TRAIL, dossier, Purpose.LEGAL)
        verdict = _judged(act, tie, matrices)
        if tie.organisation is not None and verdict.allowed:
            permits[dossier] = _mint(uow, act, tie.organisation, verdict, _used(tie, verdict))
            traces.append(_trace(act, tie, verdict))
    ledger.record_all(uow, traces)
    return permits


def foresee(
    uow: kernel.UnitOfWork,
    caller: identity.Caller,
    action: Action,
    dossier: kernel.DossierId,
    section: Section | None = None,
    *,
    entry: EntryId | None = None,
) -> kernel.OrganisationId:
    """Say before a long upload, or during a long answer, whether it would be decided; return whose dossier it is.

    It opens nothing and mints nothing: the decision, with its trace, is taken when the bytes are there, or was
    taken before they left. What is refused is refused now, and traced.

    Raises:
        AccessRefused: no; the trace of the refusal survives the rollback.
        AccountFrozen: the account was stopped.
    """
    standing(uow, caller)
    act = _Act(caller, action, dossier, _purpose_of(caller, Purpose.CARE), section, entry)
    ties = gather(uow, caller, [dossier]).get(dossier, Ties(None))
    verdict = _judged(act, ties, _matrices(uow, [ties]))
    if ties.organisation is None or not verdict.allowed:
        ledger.record(uow, _trace(act, ties, verdict))
        raise AccessRefused(verdict.reason)
    return ties.organisation


def refuse_absent(
    uow: kernel.UnitOfWork, caller: identity.Caller, action: Action, dossier: kernel.DossierId, entry: EntryId
) -> AccessRefused:
    """Trace that something absent was asked for; return the very refusal that something forbidden would get.

    Raises:
        AccountFrozen: the account was stopped.
    """
    standing(uow, caller)
    act = _Act(caller, action, dossier, _purpose_of(caller, Purpose.CARE), None, entry)
    ties = gather(uow, caller, [dossier]).get(dossier, Ties(None))
    verdict = Verdict({}, None, ABSENT)
    ledger.record(uow, _trace(act, ties, verdict))
    return AccessRefused(verdict.reason)


def _purpose_of(caller: identity.Caller, purpose: Purpose) -> Purpose:
    return Purpose.PATIENT_REQUEST if caller.role is identity.Role.PATIENT else purpose


def _purpose_by(act: _Act, verdict: Verdict) -> Purpose:
    """What is seen by an emergency opening is seen for that, whatever was asked."""
    return Purpose.EMERGENCY if verdict.relation is Relation.EMERGENCY else act.purpose


def _matrices(uow: kernel.UnitOfWork, ties: Iterable[Ties]) -> _Matrices:
    """Return the matrix of every dossier's organisation; where none was adopted, this asks the database nothing."""
    nobodys = Ties(None)
    versions = {(tie.organisation, tie.matrix) for tie in [*ties, nobodys]}
    return {place: version_of(uow, *place) for place in versions}


def _judged(act: _Act, ties: Ties, matrices: _Matrices) -> Verdict:
    matrix = matrices[ties.organisation, ties.matrix]
    return _narrowed(act, judge(act.caller, ties, act.action, act.purpose, matrix))


def _narrowed(act: _Act, verdict: Verdict) -> Verdict:
    """Keep a verdict only if it reaches the section and the entry that the act is about.

    An entry that is hidden from somebody is absent for them before any other reason is looked at (LAW-41).
    """
    if act.section is None:
        return verdict
    if (
        act.entry is not None
        and act.action is not Action.FILE
        and verdict.hidden.hides(act.section, act.entry)
    ):
        return Verdict({}, None, ABSENT, verdict.hidden)
    if not verdict.allowed:
        return verdict
    if act.section not in verdict.reach:
        return Verdict({}, None, "section-not-reached")
    if act.entry is not None and not verdict.reach[act.section].covers(act.entry):
        return Verdict({}, None, "entry-not-reached")
    return verdict


def _trace(act: _Act, ties: Ties, verdict: Verdict) -> ledger.Trace:
    """Who, about whom, which category, from where, why, outcome (LAW-40); the time is the transaction's."""
    withheld = verdict.reason == ABSENT
    detail = {"because": verdict.reason, "matrix": str(ties.matrix)}
    if verdict.relation is not None:
        detail["relation"] = verdict.relation.value
    if (opening := _used(ties, verdict)) is not None:
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
        purpose=_purpose_by(act, verdict).value,
        outcome=ledger.Outcome.ALLOWED if verdict.allowed else ledger.Outcome.REFUSED,
        detail=detail,
    )


def _mint(
    uow: kernel.UnitOfWork,
    act: _Act,
    organisation: kernel.OrganisationId,
    verdict: Verdict,
    opening: Opening | None,
) -> Permit:
    """Mint; what comes of an emergency opening ends with it."""
    until = uow.now + PERMIT_LASTS
    if opening is not None:
        until = min(until, opening.ends_at)
    compartments = frozenset(section.value for section in verdict.reach)
    if act.action is Action.READ_TRAIL:
        compartments |= {TRAIL}
    warrant = uow.part(vault.Notary).issue(
        organisation=organisation, dossier=act.dossier, compartments=compartments, until=until
    )
    return Permit(
        act.caller, act.action, organisation, act.dossier, verdict.reach, _purpose_by(act, verdict), until,
        warrant, verdict.relation, verdict.hidden,
    )  # fmt: skip


def _used(ties: Ties, verdict: Verdict) -> Opening | None:
    """Return the emergency opening by which something is allowed, None where it is allowed otherwise."""
    return ties.opening if verdict.relation is Relation.EMERGENCY else None
