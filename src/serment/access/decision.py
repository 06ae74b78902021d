"""The one door: decide, trace, and mint the permit. Nothing else in Serment makes a `Permit`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from serment import identity, kernel, ledger, vault
from serment.access.brake.errors import Braked
from serment.access.brake.spending import spend, spend_names, standing
from serment.access.errors import AccessRefused
from serment.access.model import TRAIL, Action, EntryId, Permit, Purpose, Relation, Section, Ties, Verdict
from serment.access.policy import judge
from serment.access.ties import gather

#: A permit outlives the request that asked for it only as long as a slow page or a resumed download needs.
PERMIT_LASTS = timedelta(minutes=5)


@dataclass(frozen=True)
class _Act:
    """What is asked: one action on one dossier, perhaps on one section, perhaps on one entry of it."""

    caller: identity.Caller
    action: Action
    dossier: kernel.DossierId
    purpose: Purpose
    section: Section | None = None
    entry: EntryId | None = None


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
    act = _Act(caller, action, dossier, _purpose_of(caller, purpose), section, entry)
    ties = gather(uow, caller, [dossier]).get(dossier, Ties(None))
    verdict = _narrowed(act, judge(caller, ties, action, act.purpose))
    try:
        spend(uow, caller, dossier, action, verdict.relation)
    except Braked as stop:
        ledger.record(uow, _trace(act, ties, Verdict({}, None, stop.reason)))
        raise
    ledger.record(uow, _trace(act, ties, verdict))
    if ties.organisation is None or not verdict.allowed:
        raise AccessRefused(verdict.reason)
    return _mint(uow, act, ties.organisation, verdict)


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
    permits: dict[kernel.DossierId, Permit] = {}
    shown: list[tuple[_Act, Ties, Verdict]] = []
    for dossier in dossiers:
        tie = ties.get(dossier, Ties(None))
        act = _Act(caller, Action.LIST, dossier, _purpose_of(caller, purpose), Section.IDENTITY)
        verdict = _narrowed(act, judge(caller, tie, Action.LIST, act.purpose))
        if tie.organisation is not None and verdict.allowed:
            permits[dossier] = _mint(uow, act, tie.organisation, verdict)
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
    permits: dict[kernel.DossierId, Permit] = {}
    traces: list[ledger.Trace] = []
    for dossier in dossiers:
        tie = ties.get(dossier, Ties(None))
        act = _Act(caller, Action.READ_TRAIL, dossier, Purpose.LEGAL)
        verdict = judge(caller, tie, act.action, act.purpose)
        if tie.organisation is not None and verdict.allowed:
            permits[dossier] = _mint(uow, act, tie.organisation, verdict)
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
    verdict = _narrowed(act, judge(caller, ties, action, act.purpose))
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
    verdict = Verdict({}, None, "no-such-entry")
    ledger.record(uow, _trace(act, ties, verdict))
    return AccessRefused(verdict.reason)


def _purpose_of(caller: identity.Caller, purpose: Purpose) -> Purpose:
    return Purpose.PATIENT_REQUEST if caller.role is identity.Role.PATIENT else purpose


def _narrowed(act: _Act, verdict: Verdict) -> Verdict:
    """Keep a verdict only if it reaches the section and the entry that the act is about."""
    if act.section is None or not verdict.allowed:
        return verdict
    if act.section not in verdict.reach:
        return Verdict({}, None, "section-not-reached")
    if act.entry is not None and not verdict.reach[act.section].covers(act.entry):
        return Verdict({}, None, "entry-not-reached")
    return verdict


def _trace(act: _Act, ties: Ties, verdict: Verdict) -> ledger.Trace:
    """Who, about whom, which category, from where, why, outcome (LAW-40); the time is the transaction's."""
    detail = {"because": verdict.reason}
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
        category=act.section.value if act.section is not None else "dossier",
        purpose=act.purpose.value,
        outcome=ledger.Outcome.ALLOWED if verdict.allowed else ledger.Outcome.REFUSED,
        detail=detail,
    )


def _mint(uow: kernel.UnitOfWork, act: _Act, organisation: kernel.OrganisationId, verdict: Verdict) -> Permit:
    until = uow.now + PERMIT_LASTS
    compartments = frozenset(section.value for section in verdict.reach)
    if act.action is Action.READ_TRAIL:
        compartments |= {TRAIL}
    warrant = uow.part(vault.Notary).issue(
        organisation=organisation, dossier=act.dossier, compartments=compartments, until=until
    )
    return Permit(
        act.caller, act.action, organisation, act.dossier, verdict.reach, act.purpose, until, warrant,
        verdict.relation,
    )  # fmt: skip
