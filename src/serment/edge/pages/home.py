"""The first page: work to do for a professional, one's own dossier for a patient."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from serment import clinical, dossier, identity
from serment.edge.desk import Desk
from serment.edge.pages.banners import banner_of
from serment.edge.pages.frame import enter
from serment.edge.pages.vocabulary import KIND_WORDS, sign_of

_ELSEWHERE = {
    identity.Role.PATIENT: "/mine",
    identity.Role.ADMINISTRATOR: "/administration/people",
}


class HomePage:
    """What is new, and one's patients."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def show(self, request: Request) -> Response:
        """Show what somebody begins their day with, or lead them there."""
        try:
            caller = enter(self._desk, request)
        except identity.SessionInvalid:
            return self._desk.pages.go("/sign-in")
        if caller.role in _ELSEWHERE:
            return self._desk.pages.go(_ELSEWHERE[caller.role])
        with self._desk.database.unit_of_work() as uow:
            home = dossier.home_of(uow, caller)
        return self._desk.pages.show(
            request,
            "home/home.html",
            here="home",
            news=[(one, banner_of(one.patient)) for one in home.news],
            people=[banner_of(patient) for patient in home.patients],
            near=clinical.easily_confused([patient.identity for patient in home.patients]),
            kinds=KIND_WORDS,
            sign_of=sign_of,
            cares=caller.role is identity.Role.PROFESSIONAL,
        )


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the route of the first page."""
    return [Route("/", HomePage(desk).show, methods=["GET"])]
