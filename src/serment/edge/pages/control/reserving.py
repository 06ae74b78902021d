"""A professional reserves a document to an adolescent: those who act for them do not see that it is there."""

from starlette.requests import Request
from starlette.responses import Response

from serment import access, dossier
from serment.access import Action, Against
from serment.edge.desk import Desk
from serment.edge.pages.dossiers.asked import asked_dossier, asked_entry
from serment.edge.pages.dossiers.reading import Opened, open_for_reading
from serment.edge.pages.frame import enter
from serment.edge.shell import mark

_DONE = mark(
    "Réservé dès maintenant : ceux qui agissent pour le patient ne voient pas que ce document existe."
)


class ReservingPage:
    """The sentence that tells the effect, and its button (CSP L.1111-5)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def form(self, request: Request) -> Response:
        """Tell what reserving does."""
        opened = self._read(request)
        return self._desk.pages.show(
            request, "control/reserve.html", here="patients", banner=opened.banner, opened=opened
        )

    def reserve(self, request: Request) -> Response:
        """Reserve the document."""
        caller, head = enter(self._desk, request), self._read(request).document.head
        with self._desk.database.unit_of_work() as uow:
            permit = dossier.decide_entry(uow, caller, Action.SHARE, head.dossier, head.id)
            wanted = access.RestrictionRequest(Against.DELEGATES, None, head.section, head.id)
            access.restrict(uow, permit, wanted)
        return self._desk.pages.go(f"/dossiers/{head.dossier}/documents/{head.id}", notice=_DONE)

    def _read(self, request: Request) -> Opened:
        caller, entry = enter(self._desk, request), asked_entry(request)
        with self._desk.database.recorded_reading() as uow:
            permit = dossier.decide_entry(uow, caller, Action.READ, asked_dossier(request), entry)
            opened = open_for_reading(uow, permit, entry)
        if not opened.may_reserve:
            raise access.AccessRefused("reserves-nothing")
        return opened
