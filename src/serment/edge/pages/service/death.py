"""The death of a patient: declared by those who lead the care, with what it ends; an error is taken back."""

from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from serment import access
from serment.access import Action
from serment.edge.desk import Desk
from serment.edge.pages.answers import Answers
from serment.edge.pages.banners import banner_of, name_of
from serment.edge.pages.confirming import is_confirmed, lead_to_confirming
from serment.edge.pages.dossiers.asked import asked_dossier
from serment.edge.pages.frame import enter
from serment.edge.pages.sharing.access import Around, around_of_lead
from serment.edge.shell import mark, read_form

_NOT_THEN = mark(
    "{field} : donnez un jour entre la naissance du patient et aujourd'hui, autre que celui déjà déclaré."
)
_DECLARED = mark(
    "Décès déclaré : le compte du patient et ceux qui agissaient pour lui n'ouvrent plus ce dossier."
)
_RETRACTED = mark("Déclaration annulée : les accès qu'elle avait fermés valent de nouveau.")


class DeathPages:
    """Asked and declared by those who lead the care; a factor is proved again first."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def ask(self, request: Request) -> Response:
        """Say what the declaration ends, or that it was made."""
        return self._show(request, self._around(request), "", {})

    def declare(self, request: Request) -> Response:
        """Declare the death, or correct its day."""
        answers = Answers(read_form(request), self._desk.pages.tongue(request).words)
        around, on = self._around(request), answers.day("deceased_on")
        today = self._desk.pages.tongue(request).speech.local_day(around.circle.at)
        if not answers.errors and not around.patient.identity.birth_date <= on <= today:
            answers.refuse("deceased_on", _NOT_THEN)
        if not answers.errors:
            if not is_confirmed(self._desk, enter(self._desk, request)):
                return lead_to_confirming(self._desk, _address(request))
            if self._is_declared(request, on):
                return self._back(request, _DECLARED)
            answers.refuse("deceased_on", _NOT_THEN)
        return self._show(request, around, answers.form.get("deceased_on"), answers.errors)

    def retract(self, request: Request) -> Response:
        """Take a declaration back that was an error."""
        caller = enter(self._desk, request)
        with self._desk.database.unit_of_work() as uow:
            permit = access.decide(uow, caller, Action.MANAGE_TEAM, asked_dossier(request))
            sure = is_confirmed(self._desk, caller)
            if sure:
                access.retract_death(uow, permit)
        if not sure:
            return lead_to_confirming(self._desk, _address(request))
        return self._back(request, _RETRACTED)

    def _is_declared(self, request: Request, on: date) -> bool:
        """Declare a death on a day; False for a day that cannot be it."""
        with self._desk.database.unit_of_work() as uow:
            permit = access.decide(
                uow, enter(self._desk, request), Action.MANAGE_TEAM, asked_dossier(request)
            )
            try:
                access.declare_deceased(uow, permit, on)
            except access.DeathInvalid:
                return False
        return True

    def _around(self, request: Request) -> Around:
        """Gather who is around the dossier, for somebody who leads the care; for anybody else there is no such page."""
        caller = enter(self._desk, request)
        with self._desk.database.recorded_reading() as uow:
            return around_of_lead(uow, caller, asked_dossier(request))

    def _back(self, request: Request, notice: str) -> Response:
        return self._desk.pages.go(f"/dossiers/{asked_dossier(request)}/access", notice=notice)

    def _show(self, request: Request, around: Around, typed: str, errors: dict[str, str]) -> Response:
        usual = "" if around.deceased_on is None else around.deceased_on.isoformat()
        return self._desk.pages.show(
            request,
            "service/death.html",
            status=422 if errors else 200,
            here="patients",
            banner=banner_of(around.patient),
            base=f"/dossiers/{around.patient.dossier}",
            patient_name=name_of(around.patient),
            around=around,
            typed=typed or usual,
            errors=errors,
        )


def _address(request: Request) -> str:
    return f"/dossiers/{asked_dossier(request)}/death"
