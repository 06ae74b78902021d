import gzip
import json
from datetime import date
from pathlib import Path

import hypothesis
import jsonschema_rs
import pytest

from serment import clinical

hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

SCHEMA = Path(__file__).parents[2] / "files" / "fhir" / "fhir-r4.schema.json.gz"


@pytest.fixture(scope="session")
def fhir_r4() -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(json.loads(gzip.decompress(SCHEMA.read_bytes())))


@pytest.fixture
def qualified() -> clinical.PatientIdentity:
    body = "2690549588157"
    return clinical.PatientIdentity(
        family_name="Lefèvre-Morin",
        birth_name="Morin",
        given_names=("Éloïse", "Anne"),
        first_given_name="Éloïse",
        birth_date=date(1969, 5, 12),
        sex=clinical.Sex.FEMALE,
        birth_place_code="2A004",
        status=clinical.IdentityStatus.QUALIFIED,
        ins=clinical.Ins(body + clinical.control_key(body), clinical.InsAuthority.TEST_NIR),
    )
