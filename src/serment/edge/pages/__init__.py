"""The pages that people see."""

from starlette.routing import BaseRoute

from serment.edge.desk import Desk
from serment.edge.pages import (
    brake,
    control,
    dossiers,
    emergency,
    entrance,
    home,
    imaging,
    mine,
    patients,
    service,
    sharing,
    team_reviews,
    trail,
    vigilance,
)
from serment.edge.pages.entrance.flood_gate import FloodGate

__all__ = ["FloodGate", "routes"]


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of every page."""
    return [
        *entrance.routes(desk),
        *home.routes(desk),
        *patients.routes(desk),
        *dossiers.routes(desk),
        *sharing.routes(desk),
        *control.routes(desk),
        *service.routes(desk),
        *trail.routes(desk),
        *vigilance.routes(desk),
        *mine.routes(desk),
        *imaging.routes(desk),
        *team_reviews.routes(desk),
        *brake.routes(desk),
        *emergency.routes(desk),
    ]
