"""Who looked, who did what, when, why and from where: the trail of one dossier, its proofs, and contesting it."""

from starlette.routing import BaseRoute, Route

from serment.edge.desk import Desk
from serment.edge.pages.trail.contesting import ContestPages
from serment.edge.pages.trail.page import TrailPage
from serment.edge.pages.trail.taking_out import TakingOut
from serment.edge.pages.trail.wishes import NoticeActs

__all__ = ["routes"]


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the trail."""
    contests, notices = ContestPages(desk), NoticeActs(desk)
    trail = "/dossiers/{dossier:uuid}/trail"
    return [
        Route(trail, TrailPage(desk).show, methods=["GET"]),
        Route(f"{trail}/bundle", TakingOut(desk).download, methods=["GET"]),
        Route(f"{trail}/notices", notices.wish, methods=["POST"]),
        Route(f"{trail}/contest/{{trace:uuid}}", contests.show, methods=["GET"]),
        Route(f"{trail}/contest/{{trace:uuid}}", contests.contest, methods=["POST"]),
        Route("/mine/notices", notices.see, methods=["POST"]),
    ]
