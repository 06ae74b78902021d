"""Open incidents, show them to the data protection officer, close them with an answer."""

from uuid import UUID

from serment import access, identity, kernel, ledger
from serment.kernel import AccountId, DossierId, OrganisationId
from serment.vigilance import store
from serment.vigilance.checks import anchor_row
from serment.vigilance.errors import IncidentClosed, IncidentNotFound, WordsMissing
from serment.vigilance.inquiries import insist_on_officer
from serment.vigilance.model import Incident, IncidentId, IncidentKind, Report
from serment.vigilance.sealing import ANSWER, WORDS, seal, unseal
from serment.vigilance.store import IncidentRow

MOST_LISTED = 500


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
    """Return the incidents of the caller's organisation: open ones first, then the newest, at most 500.

    Raises:
        NotPermitted: the caller is no data protection officer.
    """
    insist_on_officer(uow, caller)
    return tuple(_opened(uow, row) for row in store.load_incidents(uow, caller.organisation, MOST_LISTED))


def count_open_incidents(uow: kernel.UnitOfWork, caller: identity.Caller) -> int:
    """Return how many incidents wait for the caller; for anybody but a data protection officer, none."""
    return store.count_open(uow, caller.organisation) if caller.role is identity.Role.DPO else 0


def incident_of(uow: kernel.UnitOfWork, caller: identity.Caller, incident: IncidentId) -> Incident:
    """Return one incident of the caller's organisation.

    Raises:
        NotPermitted: the caller is no data protection officer.
        IncidentNotFound: there is none.
    """
    insist_on_officer(uow, caller)
    row = store.load_incident(uow, incident)
    if row is None or row.organisation != caller.organisation:
        raise IncidentNotFound(str(incident))
    return _opened(uow, row)


def close_incident(
    uow: kernel.UnitOfWork, caller: identity.Caller, incident: IncidentId, answer: str
) -> Incident:
    """Close an incident with what was found; whoever contested an access reads the answer.

    Raises:
        NotPermitted: the caller is no data protection officer.
        IncidentNotFound: there is none.
        StepUpNeeded: prove a factor again first.
        WordsMissing: nothing was answered.
        IncidentClosed: somebody closed it already.
    """
    found = incident_of(uow, caller, incident)
    identity.require_step_up(caller, uow.now)
    if not answer.strip():
        raise WordsMissing("answer")
    sealed = seal(uow, caller.organisation, incident, ANSWER, answer.strip().encode())
    if not store.close_incident(uow, incident, caller.account, sealed):
        raise IncidentClosed(str(incident))
    closed = store.load_incident(uow, incident)
    if closed is not None:
        anchor_row(uow, closed)
    _trace(uow, caller.actor, "vigilance.incident.closed", incident, found.report)
    return incident_of(uow, caller, incident)


def contests_of(uow: kernel.UnitOfWork, permit: access.Permit) -> tuple[Incident, ...]:
    """Return what the permit's caller contested about this dossier, with the answers, newest first."""
    permit.require(uow, permit.action, None, None)
    return tuple(
        _opened(uow, row) for row in store.load_reported_by(uow, permit.dossier, permit.caller.account)
    )


_SAID = frozenset({IncidentKind.ACCESS_CONTESTED, IncidentKind.REPORTED})


def _opened(uow: kernel.UnitOfWork, row: IncidentRow) -> Incident:
    report = Report(
        row.organisation, IncidentKind(row.kind), row.account, row.dossier, row.reference,
        unseal(uow, row.organisation, row.id, WORDS, row.words).decode(),
    )  # fmt: skip
    answer = "" if row.answer is None else unseal(uow, row.organisation, row.id, ANSWER, row.answer).decode()
    return Incident(row.id, report, row.opened_at, row.opened_by, row.closed_at, row.closed_by, answer)


def _trace(
    uow: kernel.UnitOfWork, actor: ledger.Actor, kind: str, incident: IncidentId, report: Report
) -> None:
    about = {"about": report.account, "reference": report.reference}
    named = {name: str(value) for name, value in about.items() if value is not None}
    trace = ledger.Trace(
        kind=kind, actor=actor, organisation=report.organisation, dossier=report.dossier,
        category="dossier" if report.dossier is not None else "identity", purpose=access.Purpose.LEGAL.value,
        outcome=ledger.Outcome.ALLOWED,
        detail={"incident": str(incident), "because": report.kind.value, **named},
    )  # fmt: skip
    ledger.record(uow, trace)
