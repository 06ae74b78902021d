"""Open incidents, show them to the data protection officer, close them with an answer."""

from dataclasses import replace
from uuid import UUID

from serment import access, identity, kernel, ledger
from serment.kernel import AccountId, DossierId, OrganisationId
from serment.vigilance import store
from serment.vigilance.answering import answers, insist_on_answerer, stands_in
from serment.vigilance.checks import anchor_row
from serment.vigilance.errors import IncidentClosed, IncidentNotFound, WordsMissing
from serment.vigilance.inquiries import insist_on_officer
from serment.vigilance.model import Incident, IncidentId, IncidentKind, Report
from serment.vigilance.sealing import ANSWER, WORDS, seal, unseal
from serment.vigilance.store import IncidentRow
from serment.vigilance.traces import office_trace

MOST_LISTED = 500
#: What is said by somebody, in words.
_SAID = frozenset({IncidentKind.ACCESS_CONTESTED, IncidentKind.REPORTED})


def open_incident(
    uow: kernel.UnitOfWork, actor: ledger.Actor, report: Report, *, incident: IncidentId | None = None
) -> Incident:
    """Open an incident and trace it: in the dossier's trail when it is about one, else in the security log.

    With an identifier chosen beforehand, opening it again changes nothing.

    Raises:
        WordsMissing: somebody contests or reports without saying what.
    """
    if report.kind in _SAID and not report.words.strip():
        raise WordsMissing(report.kind)
    chosen = incident or IncidentId(kernel.new_id())
    known = store.load_incident(uow, chosen)
    if known is not None:
        return _opened(uow, known)
    row = IncidentRow(
        chosen, report.organisation, report.kind, report.account, report.dossier, report.reference,
        seal(uow, report.organisation, chosen, WORDS, report.words.strip().encode()), actor.account, uow.now,
    )  # fmt: skip
    store.insert_incident(uow, row)
    anchor_row(uow, row)
    _trace(uow, actor, "vigilance.incident.opened", chosen, report)
    return Incident(chosen, report, uow.now, actor.account)


def report_incident(
    uow: kernel.UnitOfWork, caller: identity.Caller, words: str, account: AccountId | None = None
) -> Incident:
    """Put down by hand what happened, perhaps by whose acts: the register holds every breach (LAW-33).

    Raises:
        NotPermitted, AccountFrozen: the caller is no data protection officer, or was stopped.
        WordsMissing: nothing was said.
    """
    insist_on_officer(uow, caller)
    report = Report(caller.organisation, IncidentKind.REPORTED, account, words=words)
    return open_incident(uow, caller.actor, report)


def open_from_alarm(database: kernel.Database, payload: dict[str, str]) -> None:
    """Turn an alarm that access raised into an incident; the same alarm twice gives one."""
    organisation = OrganisationId(UUID(payload["organisation"]))
    account, dossier = payload.get("account"), payload.get("dossier")
    report = Report(
        organisation=organisation,
        kind=IncidentKind(payload["alarm"]),
        account=AccountId(UUID(account)) if account else None,
        dossier=DossierId(UUID(dossier)) if dossier else None,
        reference=UUID(payload["reference"]) if "reference" in payload else None,
    )
    with database.unit_of_work() as uow:
        chosen = IncidentId(UUID(payload["incident"]))
        open_incident(uow, identity.worker_of(organisation), report, incident=chosen)


def list_incidents(uow: kernel.UnitOfWork, caller: identity.Caller) -> tuple[Incident, ...]:
    """Return the incidents of the caller's organisation, without their words: open ones first, then the newest, at most 500.

    Raises:
        NotPermitted, AccountFrozen: the caller answers none, or was stopped.
    """
    insist_on_answerer(uow, caller)
    rows = _answered(uow, caller)
    detail = {"incidents": str(len(rows))}
    ledger.record(uow, office_trace("vigilance.incidents.listed", caller.actor, caller.organisation, detail))
    return tuple(_headed(row) for row in rows)


def count_open_incidents(uow: kernel.UnitOfWork, caller: identity.Caller) -> int:
    """Return how many incidents wait for the caller; for anybody who answers none, none."""
    if caller.role is identity.Role.DPO:
        return store.count_open(uow, caller.organisation)
    return sum(row.closed_at is None for row in _answered(uow, caller)) if stands_in(uow, caller) else 0


def incident_of(uow: kernel.UnitOfWork, caller: identity.Caller, incident: IncidentId) -> Incident:
    """Return one incident of the caller's organisation; the reading is traced where its opening was.

    Raises:
        NotPermitted, AccountFrozen: the caller answers none, or was stopped.
        IncidentNotFound: there is none, or it is not for the caller to answer.
    """
    found = _opened(uow, _in_reach(uow, caller, incident))
    _trace(uow, caller.actor, "vigilance.incident.read", incident, found.report)
    return found


def close_incident(
    uow: kernel.UnitOfWork, caller: identity.Caller, incident: IncidentId, answer: str
) -> Incident:
    """Close an incident with what was found; whoever contested an access reads the answer.

    Raises:
        NotPermitted, AccountFrozen: the caller answers none, or was stopped.
        IncidentNotFound: there is none, or it is not for the caller to answer.
        StepUpNeeded: prove a factor again first.
        WordsMissing: nothing was answered.
        IncidentClosed: somebody closed it already.
    """
    row = _in_reach(uow, caller, incident)
    identity.require_step_up(caller, uow.now)
    if not answer.strip():
        raise WordsMissing("answer")
    sealed = seal(uow, caller.organisation, incident, ANSWER, answer.strip().encode())
    if not store.close_incident(uow, incident, caller.account, sealed):
        raise IncidentClosed(str(incident))
    closed = replace(row, closed_at=uow.now, closed_by=caller.account, answer=sealed)
    anchor_row(uow, closed)
    found = _opened(uow, closed)
    _trace(uow, caller.actor, "vigilance.incident.closed", incident, found.report)
    return found


def contests_of(uow: kernel.UnitOfWork, permit: access.Permit) -> tuple[Incident, ...]:
    """Return what the permit's caller contested about this dossier, with the answers, newest first."""
    permit.require(uow, permit.action, None, None)
    return tuple(
        _opened(uow, row) for row in store.load_reported_by(uow, permit.dossier, permit.caller.account)
    )


def _answered(uow: kernel.UnitOfWork, caller: identity.Caller) -> list[IncidentRow]:
    rows = store.load_incidents(uow, caller.organisation, MOST_LISTED)
    return [row for row in rows if answers(caller, row)]


def _in_reach(uow: kernel.UnitOfWork, caller: identity.Caller, incident: IncidentId) -> IncidentRow:
    insist_on_answerer(uow, caller)
    row = store.load_incident(uow, incident)
    if row is None or row.organisation != caller.organisation or not answers(caller, row):
        raise IncidentNotFound(str(incident))
    return row


def _headed(row: IncidentRow) -> Incident:
    """Return an incident as a list shows it: nothing of it is unsealed."""
    report = Report(row.organisation, IncidentKind(row.kind), row.account, row.dossier, row.reference)
    return Incident(row.id, report, row.opened_at, row.opened_by, row.closed_at, row.closed_by)


def _opened(uow: kernel.UnitOfWork, row: IncidentRow) -> Incident:
    headed = _headed(row)
    words = unseal(uow, row.organisation, row.id, WORDS, row.words).decode()
    answer = "" if row.answer is None else unseal(uow, row.organisation, row.id, ANSWER, row.answer).decode()
    return replace(headed, report=replace(headed.report, words=words), answer=answer)


def _trace(
    uow: kernel.UnitOfWork, actor: ledger.Actor, kind: str, incident: IncidentId, report: Report
) -> None:
    about = {"about": report.account, "reference": report.reference}
    named = {name: str(value) for name, value in about.items() if value is not None}
    detail = {"incident": str(incident), "because": report.kind.value, **named}
    trace = office_trace(kind, actor, report.organisation, detail)
    if report.dossier is not None:
        trace = replace(trace, dossier=report.dossier, category="dossier")
    ledger.record(uow, trace)
