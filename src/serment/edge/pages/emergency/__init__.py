"""Emergencies: opening a dossier, one's own openings beside those of peers, and the look at each by a named person."""

from starlette.routing import BaseRoute, Route

from serment.edge.desk import Desk
from serment.edge.pages.emergency.acts import OpeningActs
from serment.edge.pages.emergency.listing import EmergenciesPage
from serment.edge.pages.emergency.notices import NoticeActs
from serment.edge.pages.emergency.one import OpeningPage
from serment.edge.pages.emergency.opening import EmergencyPage

__all__ = ["routes"]


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of emergencies."""
    form, acts, listing = EmergencyPage(desk), OpeningActs(desk), EmergenciesPage(desk)
    page, notices = OpeningPage(desk), NoticeActs(desk)
    dossier, one = "/dossiers/{dossier:uuid}/emergency", "/emergencies/{opening:uuid}"
    return [
        Route(dossier, form.form, methods=["GET"]),
        Route(dossier, form.open, methods=["POST"]),
        Route(f"{dossier}/{{opening:uuid}}/end", acts.end, methods=["POST"]),
        Route(f"{dossier}/{{opening:uuid}}/read", notices.read, methods=["POST"]),
        Route("/emergencies", listing.show, methods=["GET"]),
        Route(one, page.show, methods=["GET"]),
        Route(f"{one}/words", acts.complete, methods=["POST"]),
        Route(f"{one}/answer", acts.answer, methods=["POST"]),
        Route(f"{one}/ask", acts.ask, methods=["POST"]),
        Route(f"{one}/review", acts.review, methods=["POST"]),
    ]
