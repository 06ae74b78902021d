"""The ties that came after care and openings: mandates, emergencies, restrictions, deaths, frozen accounts."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from serment import identity, kernel
from serment.access import policy
from serment.access.matrix import SHIPPED, Matrix
from serment.access.model import (
    Action,
    Against,
    Bar,
    DelegateKind,
    EntryId,
    Extent,
    GrantRequest,
    Hidden,
    Mandate,
    Opening,
    OpeningId,
    Purpose,
    Relation,
    Restricted,
    Section,
    Ties,
    Verdict,
)
from serment.identity import Caller, Profession, Role

HERE, ELSEWHERE = (kernel.OrganisationId(kernel.new_id()) for _ in range(2))
ENTRY, OTHER = (EntryId(kernel.new_id()) for _ in range(2))
PARENT, GUARDIAN = Mandate(DelegateKind.PARENT), Mandate(DelegateKind.GUARDIAN)
TRUSTED = Mandate(DelegateKind.TRUSTED_PERSON, frozenset({Section.CLINICAL}))
SEEING = (Action.LIST, Action.READ)


def somebody(
    profession: Profession = Profession.PHYSICIAN,
    role: Role = Role.PROFESSIONAL,
    organisation: kernel.OrganisationId = HERE,
) -> Caller:
    account, session = kernel.AccountId(kernel.new_id()), identity.SessionId(kernel.new_id())
    return Caller(account, organisation, role, profession, session, "Camille Essai", "web 203.0.113.7")


def judge(caller: Caller, ties: Ties, action: Action, purpose: Purpose, matrix: Matrix = SHIPPED) -> Verdict:
    return policy.judge(caller, ties, action, purpose, matrix)


def hidden_from(caller: Caller, ties: Ties) -> Hidden:
    return policy.hidden_from(caller, ties, SHIPPED)


RELATIVE = somebody(Profession.NONE, Role.PATIENT)


def opened(*sections: Section, vital: bool = True) -> Opening:
    return Opening(OpeningId(kernel.new_id()), frozenset(sections), datetime(2026, 4, 1, tzinfo=UTC), vital)


def allowed(caller: Caller, ties: Ties) -> set[Action]:
    return {action for action in Action if judge(caller, ties, action, Purpose.CARE).allowed}


# --- mandates


@pytest.mark.parametrize("mandate", [PARENT, GUARDIAN])
def test_parents_and_guardians_do_what_the_patient_does(mandate: Mandate) -> None:
    theirs = allowed(RELATIVE, Ties(HERE, delegations=(mandate,)))

    assert theirs == {*SEEING, Action.FILE, Action.SHARE, Action.READ_TRAIL, Action.CONTROL}
    assert theirs == allowed(RELATIVE, Ties(HERE, is_patient=True))


def test_trusted_person_reads_what_was_entrusted_to_them_and_the_name() -> None:
    ties = Ties(HERE, delegations=(TRUSTED,))

    assert allowed(RELATIVE, ties) == set(SEEING)
    verdict = judge(RELATIVE, ties, Action.READ, Purpose.PATIENT_REQUEST)
    assert dict(verdict.reach) == {Section.IDENTITY: Extent(), Section.CLINICAL: Extent()}
    assert verdict.relation is Relation.DELEGATE
    assert judge(RELATIVE, ties, Action.FILE, Purpose.PATIENT_REQUEST).reason == "not-entrusted"


def test_mandates_open_nothing_to_other_accounts_than_patients() -> None:
    for caller in (
        somebody(),
        somebody(Profession.NONE, Role.ADMINISTRATOR),
        somebody(Profession.NONE, Role.DPO),
    ):
        ties = Ties(HERE, delegations=(PARENT,))
        assert allowed(caller, ties) == allowed(caller, Ties(HERE))


def test_patient_account_without_a_mandate_opens_nothing() -> None:
    assert allowed(RELATIVE, Ties(HERE)) == set()
    assert allowed(RELATIVE, Ties(HERE, in_care_team=True)) == set()


# --- emergencies


def test_emergency_opens_its_sections_to_read_and_the_name() -> None:
    verdict = judge(somebody(), Ties(HERE, opening=opened(Section.CLINICAL)), Action.READ, Purpose.CARE)

    assert dict(verdict.reach) == {Section.IDENTITY: Extent(), Section.CLINICAL: Extent()}
    assert verdict.relation is Relation.EMERGENCY


def test_emergency_goes_no_further_than_its_profession_does_in_emergencies() -> None:
    ties = Ties(HERE, opening=opened(*Section))

    reach = judge(somebody(Profession.NURSE), ties, Action.READ, Purpose.CARE).reach
    assert set(reach) == {Section.IDENTITY, Section.CLINICAL, Section.MEASUREMENTS}
    assert not judge(somebody(Profession.SECRETARY), ties, Action.READ, Purpose.CARE).allowed


@pytest.mark.parametrize(
    "action", [Action.FILE, Action.AMEND, Action.WITHDRAW, Action.SHARE, Action.READ_TRAIL]
)
def test_emergency_changes_nothing_and_shares_nothing(action: Action) -> None:
    ties = Ties(HERE, opening=opened(*Section))

    assert not judge(somebody(), ties, action, Purpose.EMERGENCY).allowed


def test_emergency_adds_to_care_and_counts_as_emergency() -> None:
    reader = somebody(Profession.RADIOLOGIST)
    matrix = SHIPPED.with_rights(Relation.CARE_TEAM, Profession.RADIOLOGIST, Section.CLINICAL, ())
    ties = Ties(HERE, in_care_team=True, opening=opened(Section.CLINICAL))

    verdict = judge(reader, ties, Action.READ, Purpose.CARE, matrix)
    assert set(verdict.reach) == {Section.IDENTITY, Section.CLINICAL, Section.IMAGING, Section.EXCHANGES}
    assert verdict.relation is Relation.EMERGENCY
    filing = judge(reader, ties, Action.FILE, Purpose.CARE, matrix)
    assert (filing.relation, Section.CLINICAL in filing.reach) == (Relation.CARE_TEAM, False)


def test_emergency_is_opened_by_colleagues_whose_profession_does() -> None:
    opens = {one for one in Profession if Action.OPEN_EMERGENCY in allowed(somebody(one), Ties(HERE))}

    assert opens == {Profession.PHYSICIAN, Profession.RADIOLOGIST, Profession.NURSE, Profession.PHARMACIST}
    assert Action.OPEN_EMERGENCY not in allowed(somebody(organisation=ELSEWHERE), Ties(HERE))
    assert Action.OPEN_EMERGENCY not in allowed(somebody(role=Role.ADMINISTRATOR), Ties(HERE))
    assert Action.OPEN_EMERGENCY in allowed(somebody(), Ties(HERE, in_care_team=True))


def test_opening_of_another_organisation_opens_nothing() -> None:
    ties = Ties(HERE, opening=opened(*Section))

    assert allowed(somebody(organisation=ELSEWHERE), ties) == set()


def test_act_on_the_whole_dossier_that_no_rule_knows_is_refused() -> None:
    ties = Ties(HERE, is_patient=True, in_care_team=True)

    assert policy._judge_whole(somebody(), ties, Action.READ, SHIPPED).reason == "no-such-right"


# --- restrictions

ENTRY_CLOSED = {against: Restricted((Bar(against, Section.CLINICAL, ENTRY),)) for against in Against}
#: Written apart from the code: whom each kind of restriction keeps away, once it bears on them.
KEPT_AWAY = {
    "professional": {Against.PERSON, Against.PROFESSIONALS},
    "delegate": {Against.PERSON, Against.DELEGATES},
    "patient": set[Against](),
}


@pytest.mark.parametrize("against", Against)
@pytest.mark.parametrize("reader", KEPT_AWAY)
def test_restriction_keeps_away_whom_it_is_against(reader: str, against: Against) -> None:
    caller = somebody() if reader == "professional" else RELATIVE
    ties = {
        "professional": Ties(HERE, in_care_team=True),
        "delegate": Ties(HERE, delegations=(PARENT,)),
        "patient": Ties(HERE, is_patient=True, delegations=(PARENT,)),
    }[reader]

    verdict = judge(caller, replace(ties, restricted=ENTRY_CLOSED[against]), Action.READ, Purpose.CARE)

    assert verdict.reach[Section.CLINICAL].covers(ENTRY) is (against not in KEPT_AWAY[reader])
    assert verdict.reach[Section.CLINICAL].covers(OTHER)


@pytest.mark.parametrize("action", [Action.LIST, Action.READ, Action.AMEND, Action.WITHDRAW, Action.SHARE])
def test_restriction_wins_over_every_tie(action: Action) -> None:
    ends_at = datetime(2026, 4, 1, tzinfo=UTC)
    let_in = GrantRequest(
        None, None, frozenset({Section.CLINICAL}), frozenset({ENTRY}), Purpose.CARE, ends_at
    )
    ties = Ties(
        HERE,
        in_care_team=True,
        grants=(let_in,),
        opening=opened(Section.CLINICAL, vital=False),
        restricted=ENTRY_CLOSED[Against.PROFESSIONALS],
    )

    assert not judge(somebody(), ties, action, Purpose.CARE).reach[Section.CLINICAL].covers(ENTRY)


def test_filing_goes_on_where_everything_is_closed() -> None:
    ties = Ties(HERE, in_care_team=True, restricted=Restricted((Bar(Against.PERSON),)))

    assert judge(somebody(), ties, Action.FILE, Purpose.CARE).reach[Section.CLINICAL] == Extent()
    assert judge(somebody(), ties, Action.READ, Purpose.CARE).reach[Section.IDENTITY] == Extent()


@pytest.mark.parametrize(
    ("against", "vital", "gives_way"),
    [
        (Against.PROFESSIONALS, True, True),
        (Against.PROFESSIONALS, False, False),
        (Against.PERSON, True, False),
    ],
)
def test_restriction_against_professionals_alone_gives_way_to_a_life_at_risk(
    against: Against, vital: bool, gives_way: bool
) -> None:
    ties = Ties(HERE, opening=opened(Section.CLINICAL, vital=vital), restricted=ENTRY_CLOSED[against])

    reach = judge(somebody(), ties, Action.READ, Purpose.EMERGENCY).reach
    assert reach[Section.CLINICAL].covers(ENTRY) is gives_way


def test_restriction_gives_way_within_the_opening_alone() -> None:
    everything = Restricted((Bar(Against.PROFESSIONALS),))
    ties = Ties(HERE, in_care_team=True, opening=opened(Section.CLINICAL), restricted=everything)

    hidden = hidden_from(somebody(), ties)
    assert hidden.sections == frozenset(Section) - {Section.IDENTITY, Section.CLINICAL}


def test_restriction_does_not_give_way_where_the_profession_reads_nothing_in_emergencies() -> None:
    """An opening that names more than its profession reads lifts nothing there for another tie to use."""
    ties = Ties(
        HERE,
        in_care_team=True,
        opening=opened(Section.IMAGING),
        restricted=Restricted((Bar(Against.PROFESSIONALS),)),
    )

    assert Section.IMAGING in hidden_from(somebody(Profession.NURSE), ties).sections


def test_nothing_is_hidden_from_whoever_reaches_nothing() -> None:
    restricted = Restricted((Bar(Against.PERSON), Bar(Against.PROFESSIONALS), Bar(Against.DELEGATES)))
    for role in (Role.ADMINISTRATOR, Role.DPO):
        assert hidden_from(somebody(Profession.NONE, role), Ties(HERE, restricted=restricted)) == Hidden()


def test_key_opens_what_is_left_and_no_more() -> None:
    limits = identity.KeyLimits(
        identity.AccessKeyId(kernel.new_id()),
        identity.Face.FHIR,
        frozenset({"clinical"}),
        identity.KeyScope.READ,
    )
    ties = Ties(HERE, in_care_team=True, restricted=ENTRY_CLOSED[Against.PERSON])

    verdict = judge(replace(somebody(), key=limits), ties, Action.READ, Purpose.CARE)
    assert dict(verdict.reach) == {Section.CLINICAL: Extent(but=frozenset({ENTRY}))}


# --- what closes everything


@pytest.mark.parametrize("ties", [Ties(HERE, is_patient=True), Ties(HERE, delegations=(PARENT,))])
def test_nobody_acts_for_the_dead(ties: Ties) -> None:
    dead = replace(ties, deceased_on=date(2026, 3, 1))

    assert allowed(RELATIVE, dead) == set()
    assert judge(RELATIVE, dead, Action.READ, Purpose.CARE).reason == "patient-deceased"


def test_care_goes_on_after_a_death() -> None:
    ties = Ties(HERE, in_care_team=True)

    assert allowed(somebody(), replace(ties, deceased_on=date(2026, 3, 1))) == allowed(somebody(), ties)


@pytest.mark.parametrize(("closing", "reason"), [("frozen", "account-frozen"), ("stands", "account-closed")])
def test_closed_account_opens_nothing(closing: str, reason: str) -> None:
    ties = Ties(HERE, is_patient=True, in_care_team=True, opening=opened(*Section), delegations=(PARENT,))
    closed = replace(ties, frozen=True) if closing == "frozen" else replace(ties, stands=False)

    for caller in (somebody(), RELATIVE):
        assert allowed(caller, closed) == set()
        assert judge(caller, closed, Action.READ, Purpose.CARE).reason == reason


def test_matrix_that_says_nothing_opens_nothing_but_the_patients_own_acts() -> None:
    empty = replace(
        SHIPPED, rows={}, manages_team=frozenset(), reads_trail=frozenset(), opens_emergency=frozenset()
    )
    ties = Ties(HERE, in_care_team=True, opening=opened(*Section), delegations=(PARENT,))

    opens = {one for one in Action if judge(somebody(), ties, one, Purpose.CARE, empty).allowed}
    assert opens == {Action.JOIN_TEAM}
    acts = {one for one in Action if judge(RELATIVE, ties, one, Purpose.CARE, empty).allowed}
    assert acts == {Action.READ_TRAIL, Action.CONTROL}


@pytest.mark.parametrize("action", [Action.MANAGE_TEAM, Action.READ_TRAIL])
@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.PATIENT])
def test_team_and_trail_are_for_those_who_care_in_that_role(role: Role, action: Action) -> None:
    """A physician by profession who is there as an administrator leads no care, even where a team holds them."""
    ties = Ties(HERE, in_care_team=True)

    assert not judge(somebody(role=role), ties, action, Purpose.CARE).allowed
    assert judge(somebody(), ties, action, Purpose.CARE).allowed


def test_patient_without_any_tie_is_refused_for_their_role() -> None:
    """Nothing was ever entrusted to them: the trail does not say that something was."""
    assert judge(RELATIVE, Ties(HERE), Action.READ, Purpose.PATIENT_REQUEST).reason == "role-without-care"


# --- what an emergency is not for


def test_programs_go_no_further_by_an_emergency() -> None:
    sections = frozenset(section.value for section in Section)
    key = identity.AccessKeyId(kernel.new_id())
    limits = identity.KeyLimits(key, identity.Face.FHIR, sections, identity.KeyScope.READ)
    ties = Ties(HERE, opening=opened(Section.CLINICAL))

    assert set(judge(somebody(), ties, Action.LIST, Purpose.CARE).reach) == {
        Section.IDENTITY,
        Section.CLINICAL,
    }
    assert set(judge(replace(somebody(), key=limits), ties, Action.LIST, Purpose.CARE).reach) == {
        Section.IDENTITY
    }


def test_emergency_is_for_looking_whatever_a_matrix_says() -> None:
    """No administrator can adopt such a matrix; were one there, it would give nothing."""
    of, letters = Profession.PHYSICIAN, frozenset({Action.READ, Action.AMEND})
    matrix = SHIPPED.with_rights(Relation.EMERGENCY, of, Section.CLINICAL, letters)
    ties = Ties(HERE, opening=opened(Section.CLINICAL))

    assert not judge(somebody(), ties, Action.AMEND, Purpose.EMERGENCY, matrix).allowed


@pytest.mark.parametrize("action", [Action.AMEND, Action.WITHDRAW, Action.SHARE])
def test_what_gives_way_to_a_life_at_risk_is_neither_changed_nor_shared(action: Action) -> None:
    restricted = ENTRY_CLOSED[Against.PROFESSIONALS]
    ties = Ties(HERE, in_care_team=True, opening=opened(Section.CLINICAL), restricted=restricted)

    assert judge(somebody(), ties, Action.READ, Purpose.CARE).reach[Section.CLINICAL].covers(ENTRY)
    assert not judge(somebody(), ties, action, Purpose.CARE).reach[Section.CLINICAL].covers(ENTRY)


@pytest.mark.parametrize(
    ("in_care_team", "relation"), [(True, Relation.CARE_TEAM), (False, Relation.SAME_ORGANISATION)]
)
def test_opening_an_emergency_is_told_by_the_tie_that_was_there(
    in_care_team: bool, relation: Relation
) -> None:
    ties = Ties(HERE, in_care_team=in_care_team)

    assert judge(somebody(), ties, Action.OPEN_EMERGENCY, Purpose.CARE).relation is relation
