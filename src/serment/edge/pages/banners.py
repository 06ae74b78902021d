"""A patient's identity as pages show it."""

from serment import clinical, dossier
from serment.edge.shell import Banner

_SEXES = {clinical.Sex.FEMALE: "F", clinical.Sex.MALE: "M", clinical.Sex.UNKNOWN: "I"}


def banner_of(patient: dossier.Patient) -> Banner:
    """Return the traits that every page of this dossier shows.

    Allergies are not recorded apart from documents yet: the banner says that they were not asked for.
    """
    who = patient.identity
    return Banner(
        address=f"/dossiers/{patient.dossier}",
        family_name=who.family_name,
        given_name=who.first_given_name,
        birth_name=who.birth_name,
        birth_date=who.birth_date,
        sex=_SEXES[who.sex],
        ins=who.ins.matricule if who.ins is not None else None,
        ins_status=who.status.value,
        alerts_known=False,
    )


def name_of(patient: dossier.Patient) -> str:
    """Return the name as buttons say it: MARTIN Zoé."""
    return f"{patient.identity.family_name.upper()} {patient.identity.first_given_name}"
