"""Images on a page: the study, its series, and a viewer that windows, scrolls and zooms. Not for diagnosis (LAW-90)."""

from serment.edge.pages.imaging.viewer import routes

__all__ = ["routes"]
