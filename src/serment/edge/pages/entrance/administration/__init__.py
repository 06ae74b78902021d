"""To come."""

from starlette.routing import BaseRoute

from serment.edge.desk import Desk

__all__ = ["routes"]


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes."""
    del desk
    return []
