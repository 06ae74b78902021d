"""The first face for machines: FHIR R4, read only, small; entered by an access key, and by nothing else."""

from serment.edge.fhir.routes import MACHINES, routes

__all__ = ["MACHINES", "routes"]
