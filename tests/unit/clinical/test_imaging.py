import json
from dataclasses import replace

import pytest

from serment import clinical

HEAD = clinical.DicomInstance(
    "1.1", "1.1.1", "1.1.1.1", modality="CT", study_date="20260310", series_number=1
)


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


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("study_uid", 1), ("study_date", None), ("frames", "9"), ("frames", None), ("instance_number", "9"),
        ("instance_number", [1]), ("window_center", "wide"), ("pixel_spacing", [1.0]), ("pixel_spacing", "1"),
        ("pixel_spacing", ["1", "1"]),
    ],
)  # fmt: skip
def test_instance_with_a_member_of_another_kind_is_refused(member: str, value: object) -> None:
    """One such instance would stand in the list of its dossier, and nothing could be listed any more."""
    members = json.loads(clinical.encode_instance(HEAD)) | {member: value}

    with pytest.raises(clinical.ResourceMalformed):
        clinical.decode_instance(json.dumps(members))
