"""The first page: work to do for a professional, one's own dossier for a patient."""

from collections import Counter

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from serment import dossier, identity
from serment.edge.desk import Desk
from serment.edge.pages.banners import banner_of
from serment.edge.pages.duties import duties_of
from serment.edge.pages.entrance.account.since import tell_since
from serment.edge.pages.frame import enter
from serment.edge.pages.listed import people_of, places_of
from serment.edge.pages.vocabulary import KIND_WORDS, sign_of

_ELSEWHERE = {
    identity.Role.PATIENT: "/mine",
    identity.Role.ADMINISTRATOR: "/administration/people",
}


_LOOKED_AT = 150
_SHOWN = 12


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
        with self._desk.database.recorded_reading() as uow:
            home = dossier.home_of(uow, caller, most_news=_LOOKED_AT)
            places = places_of(uow, caller, home.patients)
            duties = duties_of(uow, caller)
            since = tell_since(uow, self._desk, request, caller)
        return self._desk.pages.show(
            request,
            "home/home.html",
            here="home",
            news=[(one, banner_of(one.patient), images) for one, images in _by_study(home.news)][:_SHOWN],
            people=people_of(home.patients, places),
            kinds=KIND_WORDS,
            sign_of=sign_of,
            duties=duties,
            since=since,
            cares=caller.role is identity.Role.PROFESSIONAL,
        )


def _by_study(news: tuple[dossier.News, ...]) -> list[tuple[dossier.News, int]]:
    """Return the news with the images of a study told once, and how many they are."""
    counts = Counter(_place(one) for one in news)
    first = {_place(one): one for one in reversed(news)}
    return [(one, counts[_place(one)]) for one in news if first[_place(one)] is one]


def _place(one: dossier.News) -> str:
    return str(one.line.entry) if one.line.image is None else one.line.image.study


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the route of the first page."""
    return [Route("/", HomePage(desk).show, methods=["GET"])]
