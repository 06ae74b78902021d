"""The addresses of the FHIR face."""

from starlette.routing import BaseRoute, Route

from serment.edge.desk import Desk
from serment.edge.fhir.capabilities import Capabilities
from serment.edge.fhir.documents import Documents
from serment.edge.fhir.patients import Patients

#: Under these addresses programs ask with a key; refusals are OperationOutcomes.
MACHINES = ("/fhir/",)


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the FHIR face."""
    capabilities, patients, documents = Capabilities(desk), Patients(desk), Documents(desk)
    return [
        Route("/fhir/metadata", capabilities.show, methods=["GET"]),
        Route("/fhir/Patient", patients.refuse_search, methods=["GET"]),
        Route("/fhir/Patient/_search", patients.search, methods=["POST"]),
        Route("/fhir/Patient/{patient:uuid}", patients.read, methods=["GET"]),
        Route("/fhir/DocumentReference", documents.search, methods=["GET"]),
        Route("/fhir/DocumentReference/_search", documents.search, methods=["POST"]),
        Route("/fhir/DocumentReference/{entry:uuid}", documents.read, methods=["GET"]),
        Route("/fhir/Binary/{binary}", documents.content, methods=["GET"]),
    ]
