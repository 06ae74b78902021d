"""Contesting a line of the trail, and the answer of whoever answers for data protection."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from serment import access, dossier, identity, kernel, ledger
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
FINDINGS = {
    access.ContestFinding.JUSTIFIED: mark("Cet accès était justifié"),
    access.ContestFinding.UNJUSTIFIED: mark("Cet accès n'aurait pas dû avoir lieu"),
}
_SENT = mark("Votre contestation est transmise au délégué à la protection des données.")
_ANSWERED = mark("Réponse envoyée : le patient la lit dans son dossier.")


@dataclass(frozen=True)
class Contested:
    """One line of a trail with its names, and the contest of it once there is one."""

    patient: dossier.Patient
    line: ledger.RecordedTrace
    visit: Visit
    names: Names
    contest: access.Contest | None
    answers: bool


class ContestPages:
    """What the patient asks about an access, and what is answered."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def form(self, request: Request) -> Response:
        """Show the line, and ask why it is contested."""
        return self._show_form(request, self._read_line(request), "", {})

    def contest(self, request: Request) -> Response:
        """Send the contest to whoever answers for data protection."""
        answers = Answers(read_form(request), self._desk.pages.tongue(request).words)
        words = answers.text("words", longest=LONGEST)
        shown = self._read_line(request)
        if answers.errors:
            return self._show_form(request, shown, answers.form.get("words"), answers.errors)
        caller = enter(self._desk, request)
        with self._desk.database.unit_of_work() as uow:
            permit = access.decide(uow, caller, access.Action.CONTROL, asked_dossier(request))
            access.contest(uow, permit, shown.line, words)
        return self._desk.pages.go(f"/dossiers/{shown.patient.dossier}/trail", notice=_SENT)

    def show(self, request: Request) -> Response:
        """Show a contest: to whoever made it, and to whoever answers it."""
        return self._show(request, self._read_contest(request), "", {})

    def answer(self, request: Request) -> Response:
        """Say what was found."""
        answers = Answers(read_form(request), self._desk.pages.tongue(request).words)
        words = answers.text("words", longest=LONGEST)
        finding = access.ContestFinding(answers.choice("finding", tuple(one.value for one in FINDINGS)))
        caller = enter(self._desk, request)
        if answers.errors:
            return self._show(request, self._read_contest(request), answers.form.get("words"), answers.errors)
        with self._desk.database.unit_of_work() as uow:
            permit = access.decide(uow, caller, access.Action.READ_TRAIL, asked_dossier(request))
            access.answer_contest(uow, permit, _asked_contest(request), finding, words)
        return self._desk.pages.go("/contests", notice=_ANSWERED)

    def list(self, request: Request) -> Response:
        """List what was contested at the organisation; names and words are shown once one is opened."""
        caller = enter(self._desk, request)
        with self._desk.database.reading() as uow:
            heads = access.contests_at(uow, caller)
        return self._desk.pages.show(
            request,
            "trail/contests.html",
            here="contests",
            waiting=[head for head in heads if head.answered_at is None],
            answered=[head for head in reversed(heads) if head.answered_at is not None],
        )

    def _read_line(self, request: Request) -> Contested:
        caller = enter(self._desk, request)
        with self._desk.database.recorded_reading() as uow:
            access.decide(uow, caller, access.Action.CONTROL, asked_dossier(request))
            permit = access.decide(uow, caller, access.Action.READ_TRAIL, asked_dossier(request))
            line = access.open_line(uow, permit, ledger.TraceId(request.path_params["trace"]))
            return _contested(uow, permit, line, None)

    def _read_contest(self, request: Request) -> Contested:
        caller, asked = enter(self._desk, request), _asked_contest(request)
        with self._desk.database.recorded_reading() as uow:
            permit = access.decide(uow, caller, access.Action.READ_TRAIL, asked_dossier(request))
            found = next((one for one in access.contests_of(uow, permit) if one.head.id == asked), None)
            if found is None:
                raise access.ContestNotFound(str(asked))
            return _contested(uow, permit, access.open_line(uow, permit, found.head.trace), found)

    def _show_form(self, request: Request, shown: Contested, words: str, errors: dict[str, str]) -> Response:
        return self._desk.pages.show(
            request, "trail/contest.html", status=422 if errors else 200, words=words, errors=errors,
            **_context(shown),
        )  # fmt: skip

    def _show(self, request: Request, shown: Contested, words: str, errors: dict[str, str]) -> Response:
        say = self._desk.pages.tongue(request).words.say
        choices = [(finding.value, say(told)) for finding, told in FINDINGS.items()]
        return self._desk.pages.show(
            request, "trail/contested.html", status=422 if errors else 200, words=words, errors=errors,
            contest=shown.contest, findings=FINDINGS, choices=choices, answers=shown.answers, **_context(shown),
        )  # fmt: skip


def _context(shown: Contested) -> dict[str, Any]:
    return {
        "here": "patients",
        "banner": banner_of(shown.patient),
        "base": f"/dossiers/{shown.patient.dossier}",
        "patient_name": name_of(shown.patient),
        "visit": shown.visit,
        "longest": LONGEST,
        **words_of(shown.names),
    }


def _contested(
    uow: kernel.UnitOfWork,
    permit: access.Permit,
    line: ledger.RecordedTrace,
    contest: access.Contest | None,
) -> Contested:
    visits = all_of([line]).visits
    if not visits:  # it goes with another line, and is told with it
        raise access.ContestNotFound(str(line.id))
    names = names_in(uow, permit, [line], circle_of(uow, permit))
    if contest is not None:
        said = {contest.head.account} | ({contest.answer.answered_by} if contest.answer else set())
        names.people.update((str(who), name) for who, name in identity.names_of(uow, said).items())
    answers = permit.relation is access.Relation.DATA_PROTECTION
    return Contested(dossier.identity_of(uow, permit), line, visits[0], names, contest, answers)


def _asked_contest(request: Request) -> access.ContestId:
    return access.ContestId(request.path_params["contest"])
