from dataclasses import replace

import pytest

from serment import clinical

HEAD = clinical.DicomInstance(
    "1.1", "1.1.1", "1.1.1.1", modality="CT", study_date="20260310", series_number=1
)


def test_group_instances_orders_studies_series_and_instances() -> None:
    second = replace(HEAD, sop_instance_uid="1.1.1.2", instance_number=2, study_description="Thorax")
    first = replace(HEAD, sop_instance_uid="1.1.1.9", instance_number=1, series_description="Axial")
    unnumbered = replace(HEAD, sop_instance_uid="1.1.1.3")
    scout = replace(HEAD, series_uid="1.1.0", sop_instance_uid="1.1.0.1", series_number=None, modality="SC")
    newer = replace(
        HEAD, study_uid="2.1", series_uid="2.1.1", sop_instance_uid="2.1.1.1", study_date="20260311"
    )

    studies = clinical.group_instances([scout, unnumbered, second, first, newer, first])

    assert studies == (
        clinical.Study("2.1", "20260311", "", (clinical.Series("2.1.1", 1, "CT", "", (newer,)),)),
        clinical.Study(
            "1.1",
            "20260310",
            "Thorax",
            (
                clinical.Series("1.1.1", 1, "CT", "Axial", (first, second, unnumbered)),
                clinical.Series("1.1.0", None, "SC", "", (scout,)),
            ),
        ),
    )


def test_group_instances_of_nothing_is_nothing() -> None:
    assert clinical.group_instances([]) == ()


def test_instance_survives_being_kept() -> None:
    full = replace(HEAD, window_center=40.5, pixel_spacing=(0.5, 0.25), rows=512, columns=512)

    assert clinical.decode_instance(clinical.encode_instance(full)) == full
    assert clinical.decode_instance(clinical.encode_instance(HEAD)) == HEAD


def test_instance_without_rows_has_no_pixels() -> None:
    assert not HEAD.has_pixels
    assert replace(HEAD, rows=1, columns=1).has_pixels


@pytest.mark.parametrize("encoded", ["", "[]", "{}", '{"study_uid":"1"}'])
def test_decode_instance_refuses(encoded: str) -> None:
    with pytest.raises(clinical.ResourceMalformed):
        clinical.decode_instance(encoded)
