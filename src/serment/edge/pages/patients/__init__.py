"""Finding a patient, opening a dossier, keeping an identity right."""

from starlette.routing import BaseRoute, Route

from serment.edge.desk import Desk
from serment.edge.pages.patients.finding import PatientsPage
from serment.edge.pages.patients.identities import IdentityPage
from serment.edge.pages.patients.opening import OpeningPage

__all__ = ["routes"]


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of patients."""
    patients, opening, identities = PatientsPage(desk), OpeningPage(desk), IdentityPage(desk)
    return [
        Route("/patients", patients.mine, methods=["GET"]),
        Route("/patients/find", patients.find, methods=["POST"]),
        Route("/patients/new", opening.form, methods=["GET"]),
        Route("/patients/new", opening.open, methods=["POST"]),
        Route("/dossiers/{dossier:uuid}/join", patients.join, methods=["POST"]),
        Route("/dossiers/{dossier:uuid}/identity", identities.form, methods=["GET"]),
        Route("/dossiers/{dossier:uuid}/identity", identities.amend, methods=["POST"]),
    ]
