"""The pages of the data protection officer about incidents, and about who was touched."""

from starlette.routing import BaseRoute, Route

from serment.edge.desk import Desk
from serment.edge.pages.vigilance.incidents import IncidentPages
from serment.edge.pages.vigilance.touched import TouchedPages

__all__ = ["routes"]


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of vigilance."""
    incidents, touched = IncidentPages(desk), TouchedPages(desk)
    incident, inquiry = "/incidents/{incident:uuid}", "/touched/{inquiry:uuid}"
    return [
        Route("/incidents", incidents.list, methods=["GET"]),
        Route("/incidents", incidents.report, methods=["POST"]),
        Route(incident, incidents.show, methods=["GET"]),
        Route(incident, incidents.close, methods=["POST"]),
        Route("/touched", touched.form, methods=["GET"]),
        Route("/touched", touched.ask, methods=["POST"]),
        Route(inquiry, touched.show, methods=["GET"]),
        Route(f"{inquiry}/table.csv", touched.table, methods=["GET"]),
        Route(f"{inquiry}/events.json", touched.events, methods=["GET"]),
        Route(f"{inquiry}/letters", touched.letters, methods=["POST"]),
    ]
