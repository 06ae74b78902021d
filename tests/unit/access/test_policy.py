from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest

from serment import identity, kernel
from serment.access import policy
from serment.access.matrix import SHIPPED
from serment.access.model import Action, EntryId, Extent, GrantRequest, Purpose, Relation, Section, Ties
from serment.identity import Caller, Profession, Role

judge = partial(policy.judge, matrix=SHIPPED)
keyable_sections = partial(policy.keyable_sections, matrix=SHIPPED)
reaches = partial(policy.reaches, matrix=SHIPPED)
HERE = kernel.OrganisationId(kernel.new_id())
ELSEWHERE = kernel.OrganisationId(kernel.new_id())
ENTRY = EntryId(kernel.new_id())
CARE = Ties(HERE, in_care_team=True)


def caller(
    profession: Profession = Profession.PHYSICIAN,
    role: Role = Role.PROFESSIONAL,
    organisation: kernel.OrganisationId = HERE,
) -> Caller:
    account, session = kernel.AccountId(kernel.new_id()), identity.SessionId(kernel.new_id())
    return Caller(account, organisation, role, profession, session, "Camille Essai", "web 203.0.113.7")


def grant(
    *sections: Section, entries: frozenset[EntryId] | None = None, purpose: Purpose = Purpose.CARE
) -> GrantRequest:
    ends_at = datetime(2026, 4, 1, tzinfo=UTC)
    return GrantRequest(
        kernel.AccountId(kernel.new_id()), None, frozenset(sections), entries, purpose, ends_at
    )


# Written apart from the code: what each profession of the care team may read and file.
READS = {
    Profession.PHYSICIAN: {"identity", "clinical", "imaging", "measurements", "exchanges", "sensitive"},
    Profession.RADIOLOGIST: {"identity", "clinical", "imaging", "exchanges"},
    Profession.BIOLOGIST: {"identity", "clinical", "exchanges"},
    Profession.NURSE: {"identity", "clinical", "imaging", "measurements", "exchanges"},
    Profession.PHARMACIST: {"identity", "clinical", "exchanges"},
    Profession.SECRETARY: {"identity"},
}
FILES = {
    Profession.PHYSICIAN: READS[Profession.PHYSICIAN],
    Profession.RADIOLOGIST: READS[Profession.RADIOLOGIST],
    Profession.BIOLOGIST: {"clinical", "exchanges"},
    Profession.NURSE: READS[Profession.NURSE],
    Profession.PHARMACIST: {"clinical", "exchanges"},
    Profession.SECRETARY: {"identity", "clinical", "imaging", "exchanges"},
}


OPENS_EMERGENCIES = {Profession.PHYSICIAN, Profession.RADIOLOGIST, Profession.NURSE, Profession.PHARMACIST}


@pytest.mark.parametrize("profession", READS)
def test_care_team_reads_what_its_profession_reads(profession: Profession) -> None:
    assert set(judge(caller(profession), CARE, Action.READ, Purpose.CARE).reach) == READS[profession]


@pytest.mark.parametrize("profession", FILES)
def test_care_team_files_what_its_profession_files(profession: Profession) -> None:
    assert set(judge(caller(profession), CARE, Action.FILE, Purpose.CARE).reach) == FILES[profession]


@pytest.mark.parametrize("profession", READS)
def test_same_organisation_lists_names_and_nothing_else(profession: Profession) -> None:
    stranger, ties = caller(profession), Ties(HERE)

    assert dict(judge(stranger, ties, Action.LIST, Purpose.CARE).reach) == {Section.IDENTITY: Extent()}
    opened = {action for action in Action if judge(stranger, ties, action, Purpose.CARE).allowed}
    emergencies = {Action.OPEN_EMERGENCY} if profession in OPENS_EMERGENCIES else set()
    assert opened == {Action.LIST, Action.JOIN_TEAM} | emergencies


@pytest.mark.parametrize("action", Action)
def test_nobody_does_anything_with_a_dossier_that_does_not_exist(action: Action) -> None:
    assert not judge(caller(), Ties(None, in_care_team=True, is_patient=True), action, Purpose.CARE).allowed


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.DPO, Role.PATIENT])
def test_other_roles_reach_nothing_by_being_there(role: Role, action: Action) -> None:
    allowed = judge(caller(Profession.NONE, role), Ties(HERE), action, Purpose.CARE).allowed

    assert allowed == (role is Role.DPO and action is Action.READ_TRAIL)


@pytest.mark.parametrize("action", Action)
def test_professional_of_another_organisation_reaches_nothing_unasked(action: Action) -> None:
    assert not judge(caller(organisation=ELSEWHERE), Ties(HERE), action, Purpose.CARE).allowed


def test_patient_reads_adds_and_shares_their_own() -> None:
    patient, ties = caller(Profession.NONE, Role.PATIENT), Ties(HERE, is_patient=True)

    assert set(judge(patient, ties, Action.READ, Purpose.PATIENT_REQUEST).reach) == set(Section)
    assert judge(patient, ties, Action.READ_TRAIL, Purpose.PATIENT_REQUEST).relation is Relation.PATIENT
    assert Section.SENSITIVE not in judge(patient, ties, Action.FILE, Purpose.PATIENT_REQUEST).reach
    assert not judge(patient, ties, Action.WITHDRAW, Purpose.PATIENT_REQUEST).allowed
    assert not judge(patient, ties, Action.MANAGE_TEAM, Purpose.PATIENT_REQUEST).allowed


def test_grant_opens_its_sections_for_its_purpose() -> None:
    ties = Ties(HERE, grants=(grant(Section.CLINICAL),))
    expert = caller(organisation=ELSEWHERE)

    assert set(judge(expert, ties, Action.READ, Purpose.CARE).reach) == {Section.CLINICAL, Section.IDENTITY}
    assert not judge(expert, ties, Action.READ, Purpose.RESEARCH).allowed
    assert not judge(expert, ties, Action.FILE, Purpose.CARE).allowed


def test_grant_never_goes_beyond_the_profession() -> None:
    ties = Ties(HERE, grants=(grant(Section.SENSITIVE),))

    assert not judge(
        caller(Profession.NURSE, organisation=ELSEWHERE), ties, Action.READ, Purpose.CARE
    ).allowed


def test_grants_add_up_section_by_section_and_not_across() -> None:
    ties = Ties(HERE, grants=(grant(Section.CLINICAL), grant(Section.IMAGING, entries=frozenset({ENTRY}))))

    reach = judge(caller(organisation=ELSEWHERE), ties, Action.READ, Purpose.CARE).reach

    assert dict(reach) == {
        Section.CLINICAL: Extent(),
        Section.IMAGING: Extent(frozenset({ENTRY})),
        Section.IDENTITY: Extent(),
    }


def test_grants_on_entries_of_one_section_join() -> None:
    other = EntryId(kernel.new_id())
    named = (
        grant(Section.CLINICAL, entries=frozenset({ENTRY})),
        grant(Section.CLINICAL, entries=frozenset({other})),
    )

    reach = judge(caller(organisation=ELSEWHERE), Ties(HERE, grants=named), Action.READ, Purpose.CARE).reach

    assert reach[Section.CLINICAL] == Extent(frozenset({ENTRY, other}))


def test_team_is_led_by_physicians_and_nurses_of_the_care_team() -> None:
    leads = {p for p in READS if judge(caller(p), CARE, Action.MANAGE_TEAM, Purpose.CARE).allowed}

    assert leads == {Profession.PHYSICIAN, Profession.NURSE}
    assert not judge(caller(), Ties(HERE), Action.MANAGE_TEAM, Purpose.CARE).allowed


def test_trail_is_read_by_physicians_of_the_care_team() -> None:
    readers = {p for p in READS if judge(caller(p), CARE, Action.READ_TRAIL, Purpose.CARE).allowed}

    assert readers == {Profession.PHYSICIAN}


def test_reaches_tells_the_rules_to_pages() -> None:
    assert reaches(Profession.SECRETARY, Relation.CARE_TEAM)[Section.CLINICAL] == frozenset({Action.FILE})
    assert Action.READ in reaches(Profession.NONE, Relation.PATIENT)[Section.SENSITIVE]
    assert dict(reaches(Profession.NONE, Relation.CARE_TEAM)) == {}
    assert dict(reaches(Profession.PHYSICIAN, Relation.GRANT)) == {}


def test_care_team_shares_by_its_leaders_and_nobody_else() -> None:
    shares = {
        profession
        for profession in Profession
        if judge(caller(profession), CARE, Action.SHARE, Purpose.CARE).allowed
    }

    assert shares == {Profession.PHYSICIAN, Profession.RADIOLOGIST}
    assert judge(caller(Profession.NURSE), CARE, Action.SHARE, Purpose.CARE).reason == (
        "profession-without-this-action"
    )


def test_grant_opens_reading_only() -> None:
    ties = Ties(ELSEWHERE, grants=(grant(Section.CLINICAL),))

    for action in (Action.FILE, Action.AMEND, Action.WITHDRAW, Action.SHARE):
        assert not judge(caller(), ties, action, Purpose.CARE).allowed


def keyed(person: Caller, *sections: str, scope: identity.KeyScope = identity.KeyScope.READ) -> Caller:
    key = identity.AccessKeyId(kernel.new_id())
    return replace(person, key=identity.KeyLimits(key, identity.Face.FHIR, frozenset(sections), scope))


@pytest.mark.parametrize("profession", READS)
@pytest.mark.parametrize("section", Section)
def test_key_opens_what_both_its_owner_and_its_terms_allow(profession: Profession, section: Section) -> None:
    verdict = judge(keyed(caller(profession), section.value), CARE, Action.READ, Purpose.CARE)

    assert set(verdict.reach) == {section.value} & READS[profession]
    assert verdict.allowed is (section.value in READS[profession])


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("scope", identity.KeyScope)
def test_key_lists_reads_and_perhaps_files_and_nothing_else(action: Action, scope: identity.KeyScope) -> None:
    # Written apart from the code.
    allowed = {"list", "read"} | ({"file"} if scope == "read-and-file" else set())

    verdict = judge(keyed(caller(), *Section, scope=scope), CARE, action, Purpose.CARE)

    assert verdict.allowed is (action.value in allowed)
    refusal = "not-the-patient" if action is Action.CONTROL else "key-without-this-action"
    assert verdict.reason == ("care-team" if verdict.allowed else refusal)


def test_key_on_a_grant_opens_no_more_than_the_grant() -> None:
    ties = Ties(ELSEWHERE, grants=(grant(Section.CLINICAL, entries=frozenset({ENTRY})),))

    assert judge(keyed(caller(), "clinical"), ties, Action.READ, Purpose.CARE).reach == {
        Section.CLINICAL: Extent(frozenset({ENTRY}))
    }
    assert not judge(keyed(caller(), "imaging"), ties, Action.READ, Purpose.CARE).allowed


def test_key_opens_nothing_that_its_owner_is_refused() -> None:
    refused = judge(keyed(caller(), *Section), Ties(ELSEWHERE), Action.READ, Purpose.CARE)

    assert (refused.allowed, refused.reason) == (False, "no-care-relation")


@pytest.mark.parametrize("profession", READS)
def test_sections_offered_for_a_key_are_those_that_its_owner_reads(profession: Profession) -> None:
    assert {section.value for section in keyable_sections(caller(profession))} == READS[profession]


def test_administration_is_offered_no_section() -> None:
    assert keyable_sections(caller(Profession.PHYSICIAN, Role.ADMINISTRATOR)) == ()
    assert keyable_sections(caller(Profession.NONE, Role.DPO)) == ()
