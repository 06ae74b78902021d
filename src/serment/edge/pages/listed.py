"""Patients in a list: their traits, who could be taken for another, and which organisation keeps the dossier."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from serment import clinical, dossier, identity, kernel
from serment.edge.pages.banners import banner_of
from serment.edge.shell import Banner


@dataclass(frozen=True)
class Listed:
    """One row of a list of patients; `place` names another organisation that keeps this dossier, else empty."""

    patient: dossier.Patient
    banner: Banner
    near: bool
    place: str


def places_of(
    uow: kernel.UnitOfWork, caller: identity.Caller, patients: Sequence[dossier.Patient]
) -> dict[kernel.OrganisationId, str]:
    """Return the names of the organisations, other than the caller's own, that keep these dossiers."""
    others = {patient.organisation for patient in patients} - {caller.organisation}
    return {other: identity.open_organisation(uow, other).name for other in others}


def people_of(
    patients: Sequence[dossier.Patient], places: Mapping[kernel.OrganisationId, str]
) -> list[Listed]:
    """Return the rows of a list. Two dossiers of one person, known by their INS, are no near namesakes."""
    persons: dict[str, dossier.Patient] = {}
    for patient in patients:
        persons.setdefault(_person(patient), patient)
    names = list(persons)
    near = {
        names[place] for place in clinical.easily_confused([patient.identity for patient in persons.values()])
    }
    return [
        Listed(patient, banner_of(patient), _person(patient) in near, places.get(patient.organisation, ""))
        for patient in patients
    ]


def _person(patient: dossier.Patient) -> str:
    ins = patient.identity.ins
    return ins.matricule if ins is not None else str(patient.dossier)
