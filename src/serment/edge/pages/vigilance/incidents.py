"""Incidents: what waits for the data protection officer, and its end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from serment import identity, kernel, vigilance
from serment.edge.desk import Desk
from serment.edge.pages.confirming import is_confirmed, lead_to_confirming
from serment.edge.pages.frame import enter
from serment.edge.pages.vigilance.reporting import Reported, read_reported, suspect_in
from serment.edge.pages.vigilance.words import INCIDENTS, KIND_WORDS, TOUCHED, tabs_of
from serment.edge.shell import FieldRefused, mark, read_form

LONGEST_ANSWER = 2000
_OF_OPENINGS = frozenset({
    vigilance.IncidentKind.REVIEW_OVERDUE, vigilance.IncidentKind.OPENING_UNJUSTIFIED,
})  # fmt: skip
_CLOSED = mark("Incident clos.")
_REPORTED = mark("Incident noté.")
_SAY_WHAT = mark("Écrivez ce que vous avez constaté et ce qui a été fait.")


@dataclass(frozen=True)
class IncidentRow:
    """An incident as the pages show it.

    `ask_address` leads to the question who was touched by that account, `opening_address` to the emergency opening.
    """

    incident: vigilance.Incident
    kind: str
    about: str
    opened_by: str
    closed_by: str
    address: str
    trail_address: str | None
    ask_address: str | None
    opening_address: str | None


class IncidentPages:
    """Shows incidents, and closes them with what was found."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def list(self, request: Request) -> Response:
        """Show the incidents of the organisation, the open ones first."""
        caller = enter(self._desk, request)
        return self._list(request, caller, Reported("", ""))

    def report(self, request: Request) -> Response:
        """Put down an incident by hand, and lead to it."""
        caller, reported = enter(self._desk, request), read_reported(read_form(request))
        with self._desk.database.unit_of_work() as uow:
            account = suspect_in(uow, caller, reported, self._desk.pages.tongue(request).words)
            opened = (
                None if reported.errors else vigilance.report_incident(uow, caller, reported.words, account)
            )
        if opened is None:
            return self._list(request, caller, reported)
        return self._desk.pages.go(f"{INCIDENTS}/{opened.id}", notice=_REPORTED)

    def _list(self, request: Request, caller: identity.Caller, reported: Reported) -> Response:
        with self._desk.database.recorded_reading() as uow:
            found = vigilance.list_incidents(uow, caller)
            names, stands_in = names_in(uow, found), vigilance.stands_in(uow, caller)
        rows = [row_of(one, names) for one in found]
        return self._desk.pages.show(
            request,
            "vigilance/incidents.html",
            status=422 if reported.errors else 200,
            here="incidents",
            tabs=tabs_of(self._desk.pages.tongue(request).words, INCIDENTS),
            waiting=[row for row in rows if row.incident.is_open],
            closed=[row for row in rows if not row.incident.is_open],
            reported=reported,
            stands_in=stands_in,
            longest=LONGEST_ANSWER,
        )

    def show(self, request: Request) -> Response:
        """Show one incident; a factor is proved first: the page tells what was said of people, and can close it."""
        caller, asked = enter(self._desk, request), _asked(request)
        with self._desk.database.reading() as uow:
            vigilance.insist_on_answerer(uow, caller)
        if not is_confirmed(self._desk, caller):
            return lead_to_confirming(self._desk, f"{INCIDENTS}/{asked}")
        return self._show(request, caller, {})

    def close(self, request: Request) -> Response:
        """Close an incident."""
        caller = enter(self._desk, request)
        try:
            answer = read_form(request).text("answer", longest=LONGEST_ANSWER)
        except FieldRefused:
            said = self._desk.pages.tongue(request).words.say(_SAY_WHAT)
            return self._show(request, caller, {"answer": said})
        with self._desk.database.unit_of_work() as uow:
            vigilance.close_incident(uow, caller, _asked(request), answer)
        return self._desk.pages.go(INCIDENTS, notice=_CLOSED)

    def _show(self, request: Request, caller: identity.Caller, errors: dict[str, str]) -> Response:
        with self._desk.database.recorded_reading() as uow:
            found = vigilance.incident_of(uow, caller, _asked(request))
            names, stands_in = names_in(uow, [found]), vigilance.stands_in(uow, caller)
        return self._desk.pages.show(
            request,
            "vigilance/incident.html",
            status=422 if errors else 200,
            here="incidents",
            row=row_of(found, names),
            stands_in=stands_in,
            back=INCIDENTS,
            errors=errors,
            longest=LONGEST_ANSWER,
        )


def _asked(request: Request) -> vigilance.IncidentId:
    return vigilance.IncidentId(request.path_params["incident"])


def names_in(uow: kernel.UnitOfWork, incidents: Iterable[vigilance.Incident]) -> dict[kernel.AccountId, str]:
    """Return the names of everybody whom these incidents speak of."""
    every = {
        account
        for one in incidents
        for account in (one.report.account, one.opened_by, one.closed_by)
        if account is not None
    }
    return identity.names_of(uow, every)


def _trail_of(report: vigilance.Report) -> str | None:
    """Return where the trail of the dossier is shown: the very line that was contested, if one was."""
    if report.dossier is None:
        return None
    contested = report.kind is vigilance.IncidentKind.ACCESS_CONTESTED
    return f"/dossiers/{report.dossier}/trail" + (f"?at={report.reference}" if contested else "")


def row_of(one: vigilance.Incident, names: Mapping[kernel.AccountId, str]) -> IncidentRow:
    """Return an incident as the pages show it."""
    report = one.report
    asked = {
        "by": vigilance.Link.ACCOUNT.value,
        "subject": str(report.account),
        "reason": f"Incident {str(one.id)[:8]}",
    }
    return IncidentRow(
        incident=one,
        kind=KIND_WORDS[report.kind],
        about="" if report.account is None else names.get(report.account, "?"),
        opened_by="" if one.opened_by is None else names.get(one.opened_by, "?"),
        closed_by="" if one.closed_by is None else names.get(one.closed_by, "?"),
        address=f"{INCIDENTS}/{one.id}",
        trail_address=_trail_of(report),
        ask_address=None if report.account is None else f"{TOUCHED}?{urlencode(asked)}",
        opening_address=f"/emergencies/{report.reference}" if report.kind in _OF_OPENINGS else None,
    )
