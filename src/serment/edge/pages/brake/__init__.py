"""What the read brake says to people: to whom it stops, and to those who look into it."""

from starlette.routing import BaseRoute, Route

from serment.edge.desk import Desk
from serment.edge.pages.brake.looking import FreezePages
from serment.edge.pages.brake.stopped import StoppedPages

__all__ = ["routes"]


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the read brake."""
    stopped, freezes = StoppedPages(desk), FreezePages(desk)
    return [
        Route("/brake", stopped.ask, methods=["GET"]),
        Route("/brake", stopped.go_on, methods=["POST"]),
        Route("/brake/frozen", stopped.frozen, methods=["GET"]),
        Route("/brake/accounts", freezes.show_all, methods=["GET"]),
        Route("/brake/accounts/{freeze:uuid}", freezes.look, methods=["GET"]),
        Route("/brake/accounts/{freeze:uuid}", freezes.unfreeze, methods=["POST"]),
    ]
