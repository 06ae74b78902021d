"""A patient says who sees what, and who acts for them; a practice lets in parents and guardians."""

from starlette.routing import BaseRoute, Route

from serment.edge.desk import Desk
from serment.edge.pages.control.claiming import ClaimingPage
from serment.edge.pages.control.relatives import RelativesPage
from serment.edge.pages.control.trusting import TrustingPage

__all__ = ["routes"]


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of control."""
    return [*_of_relatives(desk)]


def _of_relatives(desk: Desk) -> list[BaseRoute]:
    relatives, trusting, claiming = RelativesPage(desk), TrustingPage(desk), ClaimingPage(desk)
    one = "/dossiers/{dossier:uuid}"
    return [
        Route(f"{one}/access/relatives", relatives.show, methods=["GET"]),
        Route(f"{one}/access/relatives/new", relatives.form, methods=["GET"]),
        Route(f"{one}/access/relatives/new", relatives.give, methods=["POST"]),
        Route(f"{one}/access/relatives/end", relatives.end, methods=["POST"]),
        Route(f"{one}/control/trust", trusting.form, methods=["GET"]),
        Route(f"{one}/control/trust", trusting.give, methods=["POST"]),
        Route(f"{one}/control/trust/end", trusting.end, methods=["POST"]),
        Route("/mine/code", claiming.form, methods=["GET"]),
        Route("/mine/code", claiming.claim, methods=["POST"]),
        Route("/mine/renounce", claiming.renounce, methods=["POST"]),
    ]
