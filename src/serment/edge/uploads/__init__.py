"""Documents in and out as bytes: tus 1.0 for what is long, one request for what is short, ranges for reading."""

from serment.edge.uploads.routes import STREAMS, routes

__all__ = ["STREAMS", "routes"]
