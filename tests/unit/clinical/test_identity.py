from dataclasses import replace

import pytest

from serment import clinical
from serment.clinical import IdentityStatus


@pytest.fixture
def provisional(qualified: clinical.PatientIdentity) -> clinical.PatientIdentity:
    return replace(qualified, ins=None, status=IdentityStatus.PROVISIONAL)


def test_identity_refuses_an_empty_name(qualified: clinical.PatientIdentity) -> None:
    with pytest.raises(clinical.IdentityMalformed, match=r"^name"):
        replace(qualified, family_name=" ")
    with pytest.raises(clinical.IdentityMalformed, match=r"^name"):
        replace(qualified, birth_name="")
    with pytest.raises(clinical.IdentityMalformed, match=r"^name"):
        replace(qualified, first_given_name="", given_names=("",))


def test_identity_refuses_a_first_name_that_is_not_among_the_given_names(
    qualified: clinical.PatientIdentity,
) -> None:
    with pytest.raises(clinical.IdentityMalformed, match="given_names"):
        replace(qualified, given_names=("Anne",))


@pytest.mark.parametrize("code", ["7511", "751155", "2C004", "75A15", "\u0667\x35115"])
def test_identity_refuses_a_birth_place_of_another_form(
    qualified: clinical.PatientIdentity, code: str
) -> None:
    with pytest.raises(clinical.IdentityMalformed, match="birth_place_code"):
        replace(qualified, birth_place_code=code)


@pytest.mark.parametrize("code", ["", "75115", "2A004", "2B033", "99134"])
def test_identity_accepts_a_birth_place_or_none(qualified: clinical.PatientIdentity, code: str) -> None:
    assert replace(qualified, birth_place_code=code).birth_place_code == code


@pytest.mark.parametrize("status", [IdentityStatus.PROVISIONAL, IdentityStatus.VALIDATED])
def test_identity_refuses_an_ins_beside_a_status_without_one(
    qualified: clinical.PatientIdentity, status: IdentityStatus
) -> None:
    with pytest.raises(clinical.IdentityMalformed, match="ins"):
        replace(qualified, status=status)


@pytest.mark.parametrize("status", [IdentityStatus.RETRIEVED, IdentityStatus.QUALIFIED])
def test_identity_refuses_a_status_that_demands_an_ins_without_one(
    provisional: clinical.PatientIdentity, status: IdentityStatus
) -> None:
    with pytest.raises(clinical.IdentityMalformed, match="ins"):
        replace(provisional, status=status)


def test_identity_is_qualified_by_both_ways(
    provisional: clinical.PatientIdentity, qualified: clinical.PatientIdentity
) -> None:
    assert qualified.ins is not None
    retrieved = clinical.retrieve_ins(provisional, qualified.ins)
    validated = clinical.confirm_by_document(provisional)

    assert retrieved.status is IdentityStatus.RETRIEVED
    assert validated.status is IdentityStatus.VALIDATED
    assert clinical.confirm_by_document(retrieved) == qualified
    assert clinical.retrieve_ins(validated, qualified.ins) == qualified
    assert clinical.retrieve_ins(qualified, qualified.ins) == qualified


def test_only_a_qualified_identity_references_data(
    provisional: clinical.PatientIdentity, qualified: clinical.PatientIdentity
) -> None:
    assert qualified.ins is not None
    others = [
        provisional,
        clinical.confirm_by_document(provisional),
        clinical.retrieve_ins(provisional, qualified.ins),
    ]

    assert qualified.may_reference_data
    assert [identity.may_reference_data for identity in others] == [False, False, False]
