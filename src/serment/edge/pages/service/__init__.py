"""How the door is set: episodes of care, the matrix of rights, the death of a patient, and why an act was allowed."""

from starlette.routing import BaseRoute, Route

from serment.edge.desk import Desk
from serment.edge.pages.service.death import DeathPages
from serment.edge.pages.service.episodes import EpisodePages
from serment.edge.pages.service.explanations import ExplanationPage
from serment.edge.pages.service.matrix import MATRIX, MatrixPages
from serment.edge.pages.service.matrix_editing import MatrixEditingPages

__all__ = ["routes"]


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of these pages."""
    one = "/dossiers/{dossier:uuid}"
    death = DeathPages(desk)
    return [
        *_episodes(desk, one),
        *_matrix(desk),
        Route(f"{one}/death", death.ask, methods=["GET"]),
        Route(f"{one}/death", death.declare, methods=["POST"]),
        Route(f"{one}/death/retract", death.retract, methods=["POST"]),
        Route(f"{one}/explanations", ExplanationPage(desk).show, methods=["GET"]),
    ]


def _episodes(desk: Desk, dossier: str) -> list[BaseRoute]:
    pages, all_of_them = EpisodePages(desk), f"{dossier}/episodes"
    one = f"{all_of_them}/{{episode:uuid}}"
    return [
        Route(all_of_them, pages.list, methods=["GET"]),
        Route(all_of_them, pages.open, methods=["POST"]),
        Route(f"{one}/close", pages.ask, methods=["GET"]),
        Route(f"{one}/close", pages.close, methods=["POST"]),
        Route(f"{one}/reopen", pages.reopen, methods=["POST"]),
    ]


def _matrix(desk: Desk) -> list[BaseRoute]:
    pages, editing = MatrixPages(desk), MatrixEditingPages(desk)
    return [
        Route(MATRIX, pages.show, methods=["GET"]),
        Route(f"{MATRIX}/versions/{{version:int}}", pages.version, methods=["GET"]),
        Route(f"{MATRIX}/edit", editing.edit, methods=["GET"]),
        Route(f"{MATRIX}/preview", editing.preview, methods=["GET"]),
        Route(f"{MATRIX}/adopt", editing.adopt, methods=["POST"]),
    ]
