"""Patients: found by who they are, in the body of a request and never in its address; read by their identifier."""

from starlette.requests import Request
from starlette.responses import Response

from serment import access, clinical, dossier, kernel
from serment.edge.desk import Desk
from serment.edge.fhir.asking import day_in, insist_on_json, page_in, parameters
from serment.edge.fhir.entering import enter
from serment.edge.fhir.errors import SearchInAddress
from serment.edge.fhir.resources import answer, bundle, patient_resource

_OID = "urn:oid:"


class Patients:
    """Patient: `read`, and `search-type` by POST."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._base = f"{desk.entrance.relying_party.origin}/fhir"

    def read(self, request: Request) -> Response:
        """Answer with one patient's identity."""
        caller = enter(self._desk, request)
        insist_on_json(request)
        asked = kernel.DossierId(request.path_params["patient"])
        with self._desk.database.recorded_reading() as uow:
            permit = access.decide(uow, caller, access.Action.READ, asked, section=access.Section.IDENTITY)
            patient = dossier.identity_of(uow, permit)
        return answer(patient_resource(patient))

    def refuse_search(self, request: Request) -> Response:
        """Say where to search instead.

        Raises:
            SearchInAddress: always, to whoever was let in.
        """
        enter(self._desk, request)
        raise SearchInAddress("Patient")

    def search(self, request: Request) -> Response:
        """Answer with the patients that the key's owner may see by name."""
        caller = enter(self._desk, request)
        insist_on_json(request)
        if request.query_params:
            raise SearchInAddress("Patient")
        said = parameters(request, "identifier", "birthdate", "family")
        authority, _, matricule = said.get("identifier", "").rpartition("|")
        born, family = day_in(said, "birthdate"), said.get("family", "")
        wanted = dossier.Search(ins=matricule, birth_date=born, name=family)
        with self._desk.database.recorded_reading() as uow:
            found = dossier.find_patients(uow, caller, wanted)
        kept = [one for one in found if _is_meant(one.identity, authority) and _bears(one.identity, family)]
        kept = [one for one in kept if born is None or one.identity.birth_date == born]
        begin, size = page_in(said)
        page = [patient_resource(one) for one in kept[begin : begin + size]]
        return answer(bundle(page, len(kept), {"self": f"{self._base}/Patient/_search"}, self._base))


def _is_meant(patient: clinical.PatientIdentity, authority: str) -> bool:
    """Tell whether the identifier is of the authority asked for, if one was."""
    return not authority or (patient.ins is not None and _OID + patient.ins.authority.value == authority)


def _bears(patient: clinical.PatientIdentity, family: str) -> bool:
    wanted = clinical.normalise_name(family)
    names = (patient.family_name, patient.birth_name)
    return any(clinical.normalise_name(name).startswith(wanted) for name in names)
