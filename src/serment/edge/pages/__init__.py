"""The pages that people see."""

from starlette.routing import BaseRoute

from serment.edge.desk import Desk
from serment.edge.pages import dossiers, home, imaging, patients, sharing

__all__ = ["routes"]


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of every page."""
    return [
        *home.routes(desk),
        *patients.routes(desk),
        *dossiers.routes(desk),
        *sharing.routes(desk),
        *imaging.routes(desk),
    ]
