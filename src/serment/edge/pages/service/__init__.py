"""How the door is set: episodes of care, the matrix of rights, the death of a patient, and why an act was allowed."""

from starlette.routing import BaseRoute, Route

from serment.edge.desk import Desk
from serment.edge.pages.service.episodes import EpisodePages

__all__ = ["routes"]


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of these pages."""
    return [*_episodes(desk)]


def _episodes(desk: Desk) -> list[BaseRoute]:
    pages, all_of_them = EpisodePages(desk), "/dossiers/{dossier:uuid}/episodes"
    one = f"{all_of_them}/{{episode:uuid}}"
    return [
        Route(all_of_them, pages.list, methods=["GET"]),
        Route(all_of_them, pages.open, methods=["POST"]),
        Route(f"{one}/close", pages.ask, methods=["GET"]),
        Route(f"{one}/close", pages.close, methods=["POST"]),
        Route(f"{one}/reopen", pages.reopen, methods=["POST"]),
    ]
