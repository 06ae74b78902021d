"""My patients, and the one search box."""

from starlette.requests import Request
from starlette.responses import Response

from serment import access, clinical, dossier, kernel
from serment.edge.desk import Desk
from serment.edge.pages.frame import enter
from serment.edge.pages.listed import people_of, places_of
from serment.edge.pages.patients.asked import read_asked
from serment.edge.shell import mark, read_form


class PatientsPage:
    """Lists of patients; each patient shown by name has had a decision and leaves a trace."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def mine(self, request: Request) -> Response:
        """Show the patients in the caller's care."""
        caller = enter(self._desk, request)
        with self._desk.database.recorded_reading() as uow:
            patients = dossier.my_patients(uow, caller)
            places = places_of(uow, caller, patients)
        return self._show(request, patients, places, _all_open(patients), query="", found=False)

    def find(self, request: Request) -> Response:
        """Show who answers what was typed; nothing of it is written in an address."""
        caller = enter(self._desk, request)
        query = read_form(request).get("q")[:200]
        asked = read_asked(query)
        if asked.search is None and not asked.name:
            return self._desk.pages.show(
                request, "patients/unclear.html", here="patients", query=query, status=422
            )
        with self._desk.database.recorded_reading() as uow:
            if asked.search is not None:
                patients = dossier.find_patients(uow, caller, asked.search)
            else:
                patients = _named(dossier.my_patients(uow, caller), asked.name)
            tied, places = frozenset(access.my_dossiers(uow, caller)), places_of(uow, caller, patients)
        return self._show(
            request, patients, places, tied, query=query, found=True, only_mine=asked.search is None
        )

    def join(self, request: Request) -> Response:
        """Declare that the caller takes part in the care of a patient."""
        caller = enter(self._desk, request)
        patient = kernel.DossierId(request.path_params["dossier"])
        with self._desk.database.unit_of_work() as uow:
            permit = access.decide(uow, caller, access.Action.JOIN_TEAM, patient)
            access.join_care_team(uow, permit)
        notice = mark("Vous faites partie de l'équipe de soins. Le patient le verra dans sa trace.")
        return self._desk.pages.go(f"/dossiers/{patient}", notice=notice)

    def _show(
        self,
        request: Request,
        patients: tuple[dossier.Patient, ...],
        places: dict[kernel.OrganisationId, str],
        tied: frozenset[kernel.DossierId],
        *,
        query: str,
        found: bool,
        only_mine: bool = False,
    ) -> Response:
        people = [(one, one.patient.dossier in tied) for one in people_of(patients, places)]
        return self._desk.pages.show(
            request, "patients/list.html", here="patients", people=people, query=query, found=found,
            only_mine=only_mine,
        )  # fmt: skip


def _all_open(patients: tuple[dossier.Patient, ...]) -> frozenset[kernel.DossierId]:
    return frozenset(patient.dossier for patient in patients)


def _named(patients: tuple[dossier.Patient, ...], name: str) -> tuple[dossier.Patient, ...]:
    """Keep those of whom each word of `name` begins a name."""
    return tuple(patient for patient in patients if _answers(patient, name.split()))


def _answers(patient: dossier.Patient, wanted: list[str]) -> bool:
    who = patient.identity
    names = clinical.normalise_name(" ".join((who.family_name, who.birth_name, *who.given_names))).split()
    return all(any(name.startswith(start) for name in names) for start in wanted)
