"""The facts of a decision: everything that ties somebody to a dossier at one instant, read in one query."""

from serment.access.ties.gathering import gather, my_dossiers

__all__ = ["gather", "my_dossiers"]
