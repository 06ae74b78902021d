"""A patient says who sees what, and who acts for them; a practice lets in parents and guardians."""

from starlette.routing import BaseRoute, Route

from serment.edge.desk import Desk
from serment.edge.pages.confirming import confirmed
from serment.edge.pages.control.claiming import ClaimingPage
from serment.edge.pages.control.page import ControlPage
from serment.edge.pages.control.relatives import RelativesPage
from serment.edge.pages.control.reserving import ReservingPage
from serment.edge.pages.control.restricting import RestrictingPage
from serment.edge.pages.control.trusting import TrustingPage
from serment.edge.pages.frame import enter

__all__ = ["routes"]


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of control."""
    return [*_of_restrictions(desk), *_of_relatives(desk)]


def _of_restrictions(desk: Desk) -> list[BaseRoute]:
    page, restricting, reserving = ControlPage(desk), RestrictingPage(desk), ReservingPage(desk)
    one = "/dossiers/{dossier:uuid}"
    entry = f"{one}/documents/{{entry:uuid}}"
    # Opening again gives back a right: whoever asks shows once more who they are.
    lift = confirmed(desk, enter, page.lift, lambda request: request.url.path.removesuffix("/lift"))
    return [
        Route(f"{one}/control", page.show, methods=["GET"]),
        Route(f"{one}/control/lift", lift, methods=["POST"]),
        Route(f"{one}/control/restrict", restricting.form, methods=["GET"]),
        Route(f"{one}/control/restrict", restricting.restrict, methods=["POST"]),
        Route(f"{entry}/hide", restricting.form, methods=["GET"]),
        Route(f"{entry}/hide", restricting.restrict, methods=["POST"]),
        Route(f"{entry}/reserve", reserving.form, methods=["GET"]),
        Route(f"{entry}/reserve", reserving.reserve, methods=["POST"]),
    ]


def _of_relatives(desk: Desk) -> list[BaseRoute]:
    relatives, trusting, claiming = RelativesPage(desk), TrustingPage(desk), ClaimingPage(desk)
    one = "/dossiers/{dossier:uuid}"
    renew = confirmed(desk, enter, relatives.renew, lambda request: request.url.path.removesuffix("/code"))
    return [
        Route(f"{one}/access/relatives", relatives.show, methods=["GET"]),
        Route(f"{one}/access/relatives/new", relatives.form, methods=["GET"]),
        Route(f"{one}/access/relatives/new", relatives.give, methods=["POST"]),
        Route(f"{one}/access/relatives/code", renew, methods=["POST"]),
        Route(f"{one}/access/relatives/end", relatives.end, methods=["POST"]),
        Route(f"{one}/control/trust", trusting.form, methods=["GET"]),
        Route(f"{one}/control/trust", trusting.give, methods=["POST"]),
        Route(f"{one}/control/trust/end", trusting.end, methods=["POST"]),
        Route("/mine/code", claiming.form, methods=["GET"]),
        Route("/mine/code", claiming.claim, methods=["POST"]),
        Route("/mine/renounce", claiming.renounce, methods=["POST"]),
    ]
