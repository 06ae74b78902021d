"""A patient's own page: their dossiers, in plain words."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from serment import access, dossier, identity, kernel
from serment.edge.desk import Desk
from serment.edge.pages.banners import banner_of
from serment.edge.pages.circle import PATIENT_WORDS, Circle, circle_of
from serment.edge.pages.control.words import QUALITY_WORDS
from serment.edge.pages.dossiers.rows import Row, rows_of, sees_teller
from serment.edge.pages.emergency.notices import OpeningNotice, notices_of
from serment.edge.pages.entrance.account.since import tell_since
from serment.edge.pages.frame import enter
from serment.edge.pages.trail.told import told_to
from serment.edge.shell import Banner

_LATEST = 5


@dataclass(frozen=True)
class Own:
    """One dossier of the person, at one organisation."""

    patient: dossier.Patient
    place: str
    lines: tuple[dossier.Line, ...]
    circle: Circle
    openings: tuple[OpeningNotice, ...] = ()

    @property
    def banner(self) -> Banner:
        """The person, as lists show them."""
        return banner_of(self.patient)


class MinePage:
    """What the person whose dossier it is comes for."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def show(self, request: Request) -> Response:
        """Show each of the person's dossiers: what is new, who has access, who looked."""
        caller = enter(self._desk, request)
        if caller.role is not identity.Role.PATIENT:
            return self._desk.pages.go("/")
        with self._desk.database.recorded_reading() as uow:
            own = list(_all_own(uow, caller))
            told = told_to(uow, caller, [one.patient.dossier for one in own])
            since = tell_since(uow, self._desk, request, caller)
        return self._desk.pages.show(
            request,
            "patient/mine.html",
            here="patients",
            own=[(one, self._latest(request, one)) for one in own],
            since=since,
            qualities=QUALITY_WORDS,
            told=told,
        )

    def _latest(self, request: Request, one: Own) -> tuple[Row, ...]:
        words = self._desk.pages.tongue(request).words
        tell = sees_teller(one.circle, words, PATIENT_WORDS[one.banner.sex])
        return rows_of(one.banner.address, one.lines, tell)[:_LATEST]


def _all_own(uow: kernel.UnitOfWork, caller: identity.Caller) -> Iterator[Own]:
    """Yield the dossiers that open; what is closed by now, as after a death, is left out."""
    for asked in access.my_dossiers(uow, caller):
        with suppress(access.AccessRefused):
            yield _own(uow, caller, asked)


def _own(uow: kernel.UnitOfWork, caller: identity.Caller, asked: kernel.DossierId) -> Own:
    permit = access.decide(uow, caller, access.Action.LIST, asked)
    place = identity.open_organisation(uow, permit.organisation).name
    lines = dossier.list_documents(uow, permit, dossier.Filter())
    circle = circle_of(uow, permit)
    openings = notices_of(uow, permit) if circle.controls else ()
    return Own(dossier.identity_of(uow, permit), place, lines, circle, openings)


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the route of one's own page."""
    return [Route("/mine", MinePage(desk).show, methods=["GET"])]
