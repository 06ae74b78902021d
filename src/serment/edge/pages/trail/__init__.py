"""Who looked, who did what, when, why and from where: the trail of one dossier in plain words."""

from serment.edge.pages.trail.page import routes

__all__ = ["routes"]
