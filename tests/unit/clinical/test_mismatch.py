from dataclasses import replace
from datetime import date

import pytest

from serment import clinical

PATIENT = clinical.PatientIdentity(
    family_name="Lefèvre", birth_name="Da Costa", given_names=("Anne-Marie", "Zoé"), first_given_name="Anne-Marie",
    birth_date=date(1970, 3, 12), sex=clinical.Sex.FEMALE,
)  # fmt: skip
INSTANCE = clinical.DicomInstance(study_uid="1.2", series_uid="1.2.3", sop_instance_uid="1.2.3.4")


@pytest.mark.parametrize(
    ("name", "born"),
    [
        ("", ""),
        ("LEFEVRE^ANNE MARIE", "19700312"),
        ("DA COSTA^ANNE", ""),
        ("Dacosta^Zoé^^Mme", "19700312"),
        ("LEFEVRE^Anne-Marie=x=y", "not a date"),
        ("LEFEVRE", ""),
        ("^ANNEMARIE", ""),
    ],
)
def test_header_that_agrees_or_says_nothing_names_nobody_else(name: str, born: str) -> None:
    instance = replace(INSTANCE, patient_name=name, patient_birth_date=born)

    assert not clinical.names_another_patient(instance, PATIENT)


@pytest.mark.parametrize(
    ("name", "born"),
    [("LEFEVRE^ANNE MARIE", "19700313"), ("MARTIN^ANNE MARIE", "19700312"), ("LEFEVRE^PAUL", "")],
)
def test_header_with_another_date_or_name_names_somebody_else(name: str, born: str) -> None:
    instance = replace(INSTANCE, patient_name=name, patient_birth_date=born)

    assert clinical.names_another_patient(instance, PATIENT)
