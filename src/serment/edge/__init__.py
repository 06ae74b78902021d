"""All that speaks a protocol to the outside: pages, uploads, and the shell that surrounds them."""

from serment.edge.desk import Desk

__all__ = ["Desk"]
