"""The one door: decide, trace, and mint the permit. Nothing else in Serment makes a `Permit`."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from serment import identity, kernel, ledger, vault
from serment.access.acts import Act, Matrices, judged, purpose_by, trace_of, used
from serment.access.brake.errors import Braked
from serment.access.brake.spending import spend, spend_names, spend_trails, standing
from serment.access.emergency.uses import note_use
from serment.access.errors import AccessRefused
from serment.access.matrix import version_of
from serment.access.model import (
    ABSENT,
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
from serment.access.ties import gather

#: A permit outlives the request that asked for it only as long as a slow page or a resumed download needs.
PERMIT_LASTS = timedelta(minutes=5)
#: The ties of so many dossiers are gathered by one query.
_AT_ONCE = 500

#: What was decided, with the facts that it was decided from.
Decided = tuple[Act, Ties, Verdict]


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
    return _decide(uow, Act(caller, action, dossier, _purpose_of(caller, purpose), section, entry))


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
    return _decide(uow, Act(caller, action, dossier, purpose, section, entry, by_itself=True))


def _decide(uow: kernel.UnitOfWork, act: Act) -> Permit:
    ties = gather(uow, act.caller, [act.dossier]).get(act.dossier, Ties(None))
    verdict = judged(act, ties, _matrices(uow, [ties]))
    try:
        spend(uow, act.caller, act.dossier, act.action, verdict.relation)
    except Braked as stop:
        ledger.record(uow, trace_of(act, ties, Verdict({}, None, stop.reason)))
        raise
    ledger.record(uow, trace_of(act, ties, verdict))
    if ties.organisation is None or not verdict.allowed:
        raise AccessRefused(verdict.reason)
    opening = used(ties, verdict)
    if opening is not None:
        note_use(uow, opening.id, act.action, act.section, act.entry)
    elif ties.listeners and ties.deceased_on is None and not _is_around_an_emergency(act):
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
    shown: list[Decided] = []
    for dossier in dossiers:
        tie = ties.get(dossier, Ties(None))
        act = Act(caller, Action.LIST, dossier, _purpose_of(caller, purpose), Section.IDENTITY)
        verdict = judged(act, tie, matrices)
        if tie.organisation is not None and verdict.allowed:
            permits[dossier] = _mint(uow, act, tie.organisation, verdict, used(tie, verdict))
            shown.append((act, tie, verdict))
    strangers = sum(verdict.relation is Relation.SAME_ORGANISATION for _, _, verdict in shown)
    _trace_spent(uow, shown, lambda: spend_names(uow, caller, strangers))
    return permits


def decide_trails(
    uow: kernel.UnitOfWork, caller: identity.Caller, dossiers: Sequence[kernel.DossierId]
) -> dict[kernel.DossierId, Permit]:
    """Decide for an inquiry into who was touched: which trails may be read, each with a trace; no others come back.

    Raises:
        BudgetSpent, AccountFrozen: the brake stopped it; no trail is read.
    """
    permits: dict[kernel.DossierId, Permit] = {}
    read: list[Decided] = []
    for begin in range(0, len(dossiers), _AT_ONCE):
        some = dossiers[begin : begin + _AT_ONCE]
        ties = gather(uow, caller, some)
        matrices = _matrices(uow, ties.values())
        for dossier in some:
            tie = ties.get(dossier, Ties(None))
            act = Act(caller, Action.READ_TRAIL, dossier, Purpose.LEGAL)
            verdict = judged(act, tie, matrices)
            if tie.organisation is not None and verdict.allowed:
                permits[dossier] = _mint(uow, act, tie.organisation, verdict, used(tie, verdict))
                read.append((act, tie, verdict))
    _trace_spent(uow, read, lambda: spend_trails(uow, caller, permits))
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
    act = Act(caller, action, dossier, _purpose_of(caller, Purpose.CARE), section, entry)
    ties = gather(uow, caller, [dossier]).get(dossier, Ties(None))
    verdict = judged(act, ties, _matrices(uow, [ties]))
    if ties.organisation is None or not verdict.allowed:
        ledger.record(uow, trace_of(act, ties, verdict))
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
    act = Act(caller, action, dossier, _purpose_of(caller, Purpose.CARE), None, entry)
    ties = gather(uow, caller, [dossier]).get(dossier, Ties(None))
    verdict = Verdict({}, None, ABSENT)
    ledger.record(uow, trace_of(act, ties, verdict))
    return AccessRefused(verdict.reason)


def _is_around_an_emergency(act: Act) -> bool:
    """Tell whether somebody comes to a name for an opening: of emergencies the patient is told by their own notices."""
    return act.action is Action.LIST and act.purpose in {Purpose.EMERGENCY, Purpose.ADMINISTRATION}


def _trace_spent(uow: kernel.UnitOfWork, decided: Sequence[Decided], spending: Callable[[], None]) -> None:
    """Spend, and trace what was decided together: as allowed, or as what the brake stopped."""
    try:
        spending()
    except Braked as stop:
        stopped = Verdict({}, None, stop.reason)
        ledger.record_all(uow, [trace_of(act, tie, stopped) for act, tie, _ in decided])
        raise
    ledger.record_all(uow, [trace_of(*one) for one in decided])


def _purpose_of(caller: identity.Caller, purpose: Purpose) -> Purpose:
    """Only professionals act for care; patients act for themselves, the data protection officer by duty."""
    if caller.role is identity.Role.PATIENT:
        return Purpose.PATIENT_REQUEST
    return Purpose.LEGAL if caller.role is identity.Role.DPO and purpose is Purpose.CARE else purpose


def _matrices(uow: kernel.UnitOfWork, ties: Iterable[Ties]) -> Matrices:
    """Return the matrix of every dossier's organisation; where none was adopted, this asks the database nothing."""
    nobodys = Ties(None)
    versions = {(tie.organisation, tie.matrix) for tie in [*ties, nobodys]}
    return {place: version_of(uow, *place) for place in versions}


def _mint(
    uow: kernel.UnitOfWork,
    act: Act,
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
        act.caller, act.action, organisation, act.dossier, verdict.reach, purpose_by(act, verdict), until,
        warrant, verdict.relation, verdict.hidden,
    )  # fmt: skip
