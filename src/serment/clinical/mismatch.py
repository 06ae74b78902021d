"""Whether an image says that it is of somebody else than the patient in whose dossier it lies (THR-17)."""

from datetime import date

from serment.clinical.identity import PatientIdentity
from serment.clinical.imaging import DicomInstance
from serment.clinical.names import normalise_name


def names_another_patient(instance: DicomInstance, patient: PatientIdentity) -> bool:
    """Tell whether the header contradicts the identity: another birth date, family name or given name.

    What the header leaves out contradicts nothing. A family name may be the one of daily life or of birth; a given
    name may be cut short. Source: DICOM PS3.5 6.2, PN: components set apart by `^`.
    """
    return _another_birth_date(instance, patient) or _another_name(instance, patient)


def _another_birth_date(instance: DicomInstance, patient: PatientIdentity) -> bool:
    try:
        said = date.fromisoformat(instance.patient_birth_date)
    except ValueError:
        return False
    return said != patient.birth_date


def _another_name(instance: DicomInstance, patient: PatientIdentity) -> bool:
    family, _, rest = instance.patient_name.partition("=")[0].partition("^")
    said_family, said_given = _compact(family), _compact(rest.partition("^")[0])
    known = {_compact(patient.family_name), _compact(patient.birth_name)}
    given = {_compact(name) for name in patient.given_names}
    if said_family and said_family not in known:
        return True
    return bool(said_given) and not any(
        name.startswith(said_given) or said_given.startswith(name) for name in given
    )


def _compact(name: str) -> str:
    return normalise_name(name).replace(" ", "")
