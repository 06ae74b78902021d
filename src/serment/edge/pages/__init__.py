"""The pages that people see."""

from functools import partial

from starlette.routing import BaseRoute

from serment.edge.desk import Desk
from serment.edge.pages import dossiers, home, imaging, patients
from serment.edge.pages.banners import banner_of
from serment.edge.pages.frame import show_frame

__all__ = ["routes"]


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of every page."""
    return [
        *home.routes(desk),
        *patients.routes(desk),
        *dossiers.routes(desk),
        *imaging.routes(desk, partial(show_frame, desk), banner_of),
    ]
