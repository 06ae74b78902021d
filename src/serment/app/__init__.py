"""Settings, wiring, command line, server, worker: what makes one running installation out of the domains."""

from serment.app.cli import main

__all__ = ["main"]
