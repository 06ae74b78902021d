"""The content of a demonstration install: an invented cast and some six hundred documents.

Everything here is pure: nothing is read from the environment or written anywhere; the wiring files it.
No one in it lives or has lived.
"""

from serment.app.demonstration.model import (
    CareRelation,
    DemoDocument,
    Grant,
    IdentityStatus,
    Ins,
    Kind,
    Organisation,
    Patient,
    Place,
    Professional,
    Team,
    World,
)
from serment.app.demonstration.world import build_world, documents

__all__ = [
    "CareRelation",
    "DemoDocument",
    "Grant",
    "IdentityStatus",
    "Ins",
    "Kind",
    "Organisation",
    "Patient",
    "Place",
    "Professional",
    "Team",
    "World",
    "build_world",
    "documents",
]
