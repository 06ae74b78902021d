"""Contesting a visit: the patient asks why, the data protection officer answers it as an incident."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from serment import access, dossier, kernel, ledger, vigilance
from serment.edge.desk import Desk
from serment.edge.pages.answers import Answers
from serment.edge.pages.banners import banner_of, name_of
from serment.edge.pages.circle import circle_of
from serment.edge.pages.dossiers.asked import asked_dossier
from serment.edge.pages.frame import enter
from serment.edge.pages.trail.lines import Visit, all_of
from serment.edge.pages.trail.page import words_of
from serment.edge.pages.trail.reading import Names, names_in
from serment.edge.shell import mark, read_form

LONGEST = 2000
_SENT = mark("Votre contestation est transmise à qui répond de la protection des données.")


@dataclass(frozen=True)
class Contested:
    """One line of a trail as a visit, with its names; and the caller's contest of it, once there is one."""

    patient: dossier.Patient
    line: ledger.RecordedTrace
    visit: Visit
    names: Names
    contest: vigilance.Incident | None


class ContestPages:
    """What the patient asks about a visit, and what was answered."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def show(self, request: Request) -> Response:
        """Show the visit and ask what is wrong with it; or, once it is contested, the contest and its answer."""
        return self._show(request, self._read(request), "", {})

    def contest(self, request: Request) -> Response:
        """Send the contest to the data protection officer; the same one sent again changes nothing."""
        answers = Answers(read_form(request), self._desk.pages.tongue(request).words)
        words = answers.text("words", longest=LONGEST)
        shown = self._read(request)
        if answers.errors and shown.contest is None:
            return self._show(request, shown, answers.form.get("words"), answers.errors)
        if shown.contest is None:
            self._open_incident(request, shown.line, words)
        return self._desk.pages.go(f"/dossiers/{shown.patient.dossier}/trail", notice=_SENT)

    def _open_incident(self, request: Request, line: ledger.RecordedTrace, words: str) -> None:
        caller = enter(self._desk, request)
        with self._desk.database.unit_of_work() as uow:
            permit = access.decide(uow, caller, access.Action.CONTROL, asked_dossier(request))
            report = vigilance.Report(
                permit.organisation, vigilance.IncidentKind.ACCESS_CONTESTED, line.trace.actor.account,
                permit.dossier, line.id, words,
            )  # fmt: skip
            vigilance.open_incident(uow, caller.actor, report)

    def _read(self, request: Request) -> Contested:
        caller, asked = enter(self._desk, request), ledger.TraceId(request.path_params["trace"])
        with self._desk.database.recorded_reading() as uow:
            control = access.decide(uow, caller, access.Action.CONTROL, asked_dossier(request))
            known = [one for one in vigilance.contests_of(uow, control) if one.report.reference == asked]
            permit = access.decide(uow, caller, access.Action.READ_TRAIL, asked_dossier(request))
            return _contested(uow, permit, access.open_line(uow, permit, asked), known)

    def _show(self, request: Request, shown: Contested, words: str, errors: dict[str, str]) -> Response:
        return self._desk.pages.show(
            request,
            "trail/contest.html" if shown.contest is None else "trail/contested.html",
            status=422 if errors else 200,
            here="patients",
            banner=banner_of(shown.patient),
            base=f"/dossiers/{shown.patient.dossier}",
            patient_name=name_of(shown.patient),
            visit=shown.visit,
            contest=shown.contest,
            words=words,
            errors=errors,
            longest=LONGEST,
            **words_of(shown.names),
        )


def _contested(
    uow: kernel.UnitOfWork,
    permit: access.Permit,
    line: ledger.RecordedTrace,
    known: list[vigilance.Incident],
) -> Contested:
    visits = all_of([line]).visits
    if not visits:  # it goes with another line, and is told with it
        raise access.AccessRefused("no-such-line")
    names = names_in(uow, permit, [line], circle_of(uow, permit))
    return Contested(dossier.identity_of(uow, permit), line, visits[0], names, known[0] if known else None)
