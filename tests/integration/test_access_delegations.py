"""Who acts for a patient: given, offered by a code, ended, dated anew; on both databases where rows decide."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from serment import access, dossier, identity, kernel, ledger, vault
from serment.access import Action, DelegateKind, DelegationRequest, Section
from serment.access.delegations import check_delegations
from serment.access.delegations.store import delegations
from support.dossier import House
from support.family import BORN_ON, LOU, SEEN, Family, make_family, relative_of
from support.identity import make_administrator, signed_in

CLINICAL = frozenset({Section.CLINICAL})


@pytest.fixture
def family(house: House) -> Family:
    return make_family(house)


def sharing(uow: kernel.UnitOfWork, house: House, where: kernel.DossierId) -> access.Permit:
    return access.decide(uow, house.physician, Action.SHARE, where, section=Section.IDENTITY)


def controlling(uow: kernel.UnitOfWork, house: House, who: identity.Caller | None = None) -> access.Permit:
    return access.decide(uow, who or house.patient, Action.CONTROL, house.martin)


def trust(house: House, days: int = 30, sections: frozenset[Section] = CLINICAL) -> access.DelegationCode:
    """Let the adult patient hand over a code for a trusted person."""
    with house.database.unit_of_work() as uow:
        request = DelegationRequest(DelegateKind.TRUSTED_PERSON, sections, uow.now + timedelta(days=days))
        return dossier.hand_delegation_code(uow, controlling(uow, house), request)


def claim(house: House, who: identity.Caller, code: str) -> access.Delegation:
    with house.database.unit_of_work() as uow:
        return access.claim_delegation(uow, who, code)


def reach(house: House, who: identity.Caller, action: Action = Action.READ) -> set[str]:
    try:
        with house.database.unit_of_work() as uow:
            return {section.value for section in access.decide(uow, who, action, house.martin).reach}
    except access.AccessRefused:
        return set()


def trail_of(house: House, where: kernel.DossierId) -> list[ledger.Trace]:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, Action.READ_TRAIL, where)
        return [one.trace for one in access.read_trail(uow, permit)]


def traced(house: House, where: kernel.DossierId, kind: str) -> list[ledger.Trace]:
    return [trace for trace in trail_of(house, where) if trace.kind == kind]


def test_parent_reads_and_leaves_the_trace_of_what_was_seen(family: Family) -> None:
    given = family.let_in(family.mother)

    assert family.reach(family.mother) == {
        "identity", "clinical", "imaging", "measurements", "exchanges", "sensitive",
    }  # fmt: skip
    (trace,) = traced(family.house, family.lou, "delegation.given")
    assert trace.detail == {
        "delegation": str(given.id), "delegate-kind": "parent", "account": str(family.mother.account),
        "ends": "2028-05-31T22:00:00+00:00", "proof": SEEN,
    }  # fmt: skip


def test_both_parents_have_the_same(family: Family) -> None:
    family.let_in(family.mother)
    family.let_in(family.father)

    for action in (Action.LIST, Action.READ, Action.FILE, Action.SHARE, Action.CONTROL, Action.READ_TRAIL):
        assert family.reach(family.mother, action) == family.reach(family.father, action) != set()


def test_dossier_is_among_those_of_a_relative_while_they_act(
    family: Family, clock: kernel.SettableClock
) -> None:
    family.let_in(family.mother)

    def theirs() -> tuple[kernel.DossierId, ...]:
        with family.house.database.unit_of_work() as uow:
            return access.my_dossiers(uow, family.mother)

    before = theirs()
    clock.advance(timedelta(days=3 * 366))

    assert (before, theirs()) == ((family.lou,), ())


@pytest.mark.parametrize("action", [Action.READ, Action.MANAGE_TEAM, Action.CONTROL])
def test_parents_are_let_in_by_a_permit_to_share_the_identity(family: Family, action: Action) -> None:
    who = family.child if action is Action.CONTROL else family.house.physician
    with family.house.database.unit_of_work() as uow:
        permit = access.decide(uow, who, action, family.lou)
        request = DelegationRequest(DelegateKind.PARENT, proof=SEEN)
        with pytest.raises(access.PermitMismatch):
            access.delegate(uow, permit, request, account=family.mother.account, born_on=BORN_ON)
        with pytest.raises(access.PermitMismatch):
            access.offer_delegation(uow, permit, request, born_on=BORN_ON)


def test_who_acts_for_a_patient_is_not_listed_once_the_permit_has_ended(
    house: House, clock: kernel.SettableClock
) -> None:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, Action.LIST, house.martin)
    clock.advance(timedelta(minutes=5, seconds=1))

    with house.database.reading() as uow, pytest.raises(access.PermitMismatch):
        access.delegations_of(uow, permit)


def test_trusted_person_is_named_by_the_patient_alone(house: House) -> None:
    guardian = relative_of(house)
    family = make_family(house)
    family.let_in(guardian, DelegateKind.GUARDIAN, house.martin)
    with house.database.unit_of_work() as uow:
        request = DelegationRequest(DelegateKind.TRUSTED_PERSON, CLINICAL, uow.now + timedelta(days=9))
        with pytest.raises(access.PermitMismatch):
            dossier.hand_delegation_code(uow, sharing(uow, house, house.martin), request)
        with pytest.raises(access.DelegationInvalid, match="not-the-patient"):
            dossier.hand_delegation_code(uow, controlling(uow, house, guardian), request)
        with pytest.raises(access.DelegationInvalid, match="guardian"):
            dossier.hand_delegation_code(uow, controlling(uow, house), request)


def test_colleague_and_oneself_are_no_delegates(family: Family) -> None:
    house = family.house
    with house.database.unit_of_work() as uow:
        permit = sharing(uow, house, family.lou)
        request = DelegationRequest(DelegateKind.PARENT, proof=SEEN)
        for account in (house.nurse.account, house.physician.account):
            with pytest.raises(access.NotAdmissible):
                access.delegate(uow, permit, request, account=account, born_on=BORN_ON)


def test_patient_names_not_themself(house: House) -> None:
    with house.database.unit_of_work() as uow:
        request = DelegationRequest(DelegateKind.TRUSTED_PERSON, CLINICAL, uow.now + timedelta(days=9))
        with pytest.raises(access.NotAdmissible):
            dossier.name_delegate(uow, controlling(uow, house), request, house.patient.account)


def test_nobody_acts_twice_for_one_patient(family: Family) -> None:
    family.let_in(family.mother)

    with pytest.raises(access.AlreadyDelegate):
        family.let_in(family.mother, DelegateKind.GUARDIAN)


def test_trusted_person_reads_what_was_chosen_and_nothing_else(house: House) -> None:
    friend = relative_of(house)
    tied = claim(house, friend, trust(house).code)

    assert reach(house, friend) == {"clinical", "identity"}
    assert {action for action in Action if reach(house, friend, action)} == {Action.LIST, Action.READ}
    assert tied.account == friend.account
    assert [trace.actor.account for trace in traced(house, house.martin, "delegation.claimed")] == [
        friend.account
    ]


def test_code_is_read_however_it_is_typed_and_once(house: House) -> None:
    code, friend, other = trust(house).code, relative_of(house), relative_of(house)

    claim(house, friend, f" {code.lower().replace('-', ' ')} ")

    with pytest.raises(access.DelegationCodeRefused):
        claim(house, other, code)
    assert reach(house, other) == set()


def test_code_is_refused_when_it_is_over(house: House, clock: kernel.SettableClock) -> None:
    code = trust(house).code
    clock.advance(timedelta(days=7))

    with pytest.raises(access.DelegationCodeRefused):
        claim(house, relative_of(house), code)


def test_code_outlasts_not_what_it_is_for(house: House, clock: kernel.SettableClock) -> None:
    code = trust(house, days=1).code
    clock.advance(timedelta(days=2))

    with pytest.raises(access.DelegationCodeRefused):
        claim(house, relative_of(house), code)


@pytest.mark.parametrize("who", ["physician", "patient"])
def test_code_ties_patients_accounts_and_not_the_giver(house: House, who: str) -> None:
    code = trust(house).code

    with pytest.raises(access.DelegationCodeRefused):
        claim(house, getattr(house, who), code)
    with pytest.raises(access.DelegationCodeRefused):
        claim(house, relative_of(house), "AAAA-BBBB-CCCC-DDDD-EEEE")


def test_code_of_a_leaver_is_worth_nothing(family: Family, clock: kernel.SettableClock) -> None:
    house = family.house
    with house.database.unit_of_work() as uow:
        request = DelegationRequest(DelegateKind.PARENT, proof=SEEN)
        code = dossier.hand_delegation_code(uow, sharing(uow, house, family.lou), request)
        administrator = signed_in(uow, make_administrator(uow, house.organisation))
    with house.database.unit_of_work() as uow:
        office = replace(administrator, stepped_up_at=clock.now())
        access.let_go(uow, office, house.physician.account)

    with pytest.raises(access.DelegationCodeRefused):
        claim(house, family.mother, code.code)


def test_claim_does_not_double_a_delegation(house: House) -> None:
    friend, first, second = relative_of(house), trust(house).code, trust(house).code
    claim(house, friend, first)

    with pytest.raises(access.AlreadyDelegate):
        claim(house, friend, second)


def test_patient_takes_back_what_they_gave(house: House) -> None:
    friend = relative_of(house)
    tied, unused = claim(house, friend, trust(house).code), trust(house)

    with house.database.unit_of_work() as uow:
        permit = controlling(uow, house)
        access.end_delegation(uow, permit, tied.id)
        access.end_delegation(uow, permit, unused.delegation)
        with pytest.raises(access.DelegationNotFound):
            access.end_delegation(uow, permit, tied.id)

    assert reach(house, friend) == set()
    with pytest.raises(access.DelegationCodeRefused):
        claim(house, friend, unused.code)
    assert len(traced(house, house.martin, "delegation.ended")) == 2


@pytest.mark.parametrize("who", ["child", "father"])
def test_parents_part_is_not_for_the_child_or_the_other_parent_to_end(family: Family, who: str) -> None:
    given = family.let_in(family.mother)
    family.let_in(family.father)

    with family.house.database.unit_of_work() as uow:
        permit = access.decide(uow, getattr(family, who), Action.CONTROL, family.lou)
        with pytest.raises(access.DelegationNotFound):
            access.end_delegation(uow, permit, given.id, reason="dispute")

    assert family.reach(family.mother) != set()


def test_trusted_person_is_not_for_the_guardian_to_dismiss(house: House) -> None:
    friend, guardian = relative_of(house), relative_of(house)
    tied = claim(house, friend, trust(house).code)
    make_family(house).let_in(guardian, DelegateKind.GUARDIAN, house.martin)

    with house.database.unit_of_work() as uow, pytest.raises(access.DelegationNotFound):
        access.end_delegation(uow, controlling(uow, house, guardian), tied.id)


def test_practice_ends_a_part_with_its_reason(family: Family) -> None:
    given = family.let_in(family.mother)
    with family.house.database.unit_of_work() as uow:
        permit = sharing(uow, family.house, family.lou)
        with pytest.raises(access.DelegationInvalid, match="reason"):
            access.end_delegation(uow, permit, given.id, reason="  ")
        access.end_delegation(uow, permit, given.id, reason="jugement du 3 mars")

    assert family.reach(family.mother) == set()
    (trace,) = traced(family.house, family.lou, "delegation.ended")
    assert trace.detail["reason"] == "jugement du 3 mars"


@pytest.mark.parametrize("action", [Action.READ, Action.MANAGE_TEAM])
def test_nothing_is_ended_with_a_permit_for_something_else(family: Family, action: Action) -> None:
    given = family.let_in(family.mother)

    with family.house.database.unit_of_work() as uow:
        permit = access.decide(uow, family.house.physician, action, family.lou)
        with pytest.raises(access.PermitMismatch):
            access.end_delegation(uow, permit, given.id, reason="jugement")


def test_delegation_of_another_dossier_is_not_ended_from_here(family: Family) -> None:
    given, house = family.let_in(family.mother), family.house

    with house.database.unit_of_work() as uow, pytest.raises(access.DelegationNotFound):
        access.end_delegation(uow, sharing(uow, house, house.martin), given.id, reason="jugement")


def test_relative_stops_by_themself_and_only_themself(family: Family) -> None:
    given = family.let_in(family.mother)
    house = family.house
    with house.database.unit_of_work() as uow, pytest.raises(access.DelegationNotFound):
        access.renounce_delegation(uow, family.father, given.id)

    with house.database.unit_of_work() as uow:
        access.renounce_delegation(uow, family.mother, given.id)

    assert family.reach(family.mother) == set()
    assert len(traced(house, family.lou, "delegation.renounced")) == 1
    with house.database.unit_of_work() as uow, pytest.raises(access.DelegationNotFound):
        access.renounce_delegation(uow, family.mother, given.id)


def _correct_birth_date(family: Family, born_on: date) -> None:
    with family.house.database.unit_of_work() as uow:
        permit = access.decide(
            uow, family.house.physician, Action.AMEND, family.lou, section=Section.IDENTITY
        )
        known = dossier.identity_of(uow, permit)
        said = type(LOU)(**{**vars(LOU), "birth_date": born_on})
        dossier.amend_identity(uow, permit, said, from_version=known.version)


def test_corrected_birth_date_moves_the_end(family: Family, clock: kernel.SettableClock) -> None:
    family.let_in(family.mother)
    _correct_birth_date(family, date(2008, 4, 1))
    before = family.reach(family.mother)

    clock.advance(timedelta(days=20))

    assert (before != set(), family.reach(family.mother)) == (True, set())
    (trace,) = traced(family.house, family.lou, "delegation.redated")
    assert trace.detail["ends"] == "2026-03-31T22:00:00+00:00"


def test_correction_that_makes_an_adult_ends_it_and_none_revives_it(family: Family) -> None:
    family.let_in(family.mother)

    _correct_birth_date(family, date(2000, 1, 1))
    ended = family.reach(family.mother)
    _correct_birth_date(family, BORN_ON)

    assert (ended, family.reach(family.mother)) == (set(), set())


def test_correction_without_another_birth_date_moves_nothing(family: Family) -> None:
    family.let_in(family.mother)

    _correct_birth_date(family, BORN_ON)

    assert traced(family.house, family.lou, "delegation.redated") == []


def test_dating_anew_takes_a_permit_to_amend_the_identity(family: Family) -> None:
    with family.house.database.unit_of_work() as uow, pytest.raises(access.PermitMismatch):
        access.redate_delegations(uow, sharing(uow, family.house, family.lou), born_on=BORN_ON)


def test_row_says_neither_in_what_quality_nor_when_the_child_was_born(family: Family) -> None:
    family.let_in(family.mother)

    with family.house.database.reading() as uow:
        row = uow.connection.execute(select(delegations)).mappings().one()
    written = repr({name: value for name, value in row.items() if name != "sealed"})

    assert not [said for said in ("parent", "2028", "majority", "2010") if said in written]
    assert b"parent" not in row["sealed"]


@pytest.mark.parametrize("column", ["account", "dossier", "organisation", "id"])
def test_row_that_was_altered_opens_nothing(family: Family, column: str) -> None:
    """Whoever writes to the database makes nobody a parent."""
    family.let_in(family.mother)
    altered: dict[str, Any] = {
        "account": family.father.account, "dossier": family.house.martin,
        "organisation": kernel.new_id(), "id": kernel.new_id(),
    }  # fmt: skip
    who = family.father if column == "account" else family.mother
    where = family.house.martin if column == "dossier" else family.lou
    with family.house.database.unit_of_work() as uow:
        uow.connection.execute(update(delegations).values(**{column: altered[column]}))

    with pytest.raises(vault.SealBroken), family.house.database.unit_of_work() as uow:
        access.decide(uow, who, Action.READ, where)


def test_every_delegation_is_vouched_for_and_an_altered_one_is_found(family: Family) -> None:
    given = family.let_in(family.mother)
    other = family.let_in(family.father)
    house = family.house
    with house.database.unit_of_work() as uow:
        access.end_delegation(uow, sharing(uow, house, family.lou), given.id, reason="jugement")

    def findings() -> list[tuple[str, bool, bool]]:
        with house.database.reading() as uow:
            return [
                (one.place, one.sound, one.digest == ledger.current_anchor(uow, one.place))
                for one in check_delegations(uow)
            ]

    before = findings()
    with house.database.unit_of_work() as uow:
        revived = update(delegations).where(delegations.c.id == given.id)
        uow.connection.execute(revived.values(revoked_at=None))
        broken = update(delegations).where(delegations.c.id == other.id)
        uow.connection.execute(broken.values(sealed=b"\x00" * 64))

    places = (f"delegation/{given.id}", f"delegation/{other.id}")
    assert sorted(before) == sorted((place, True, True) for place in places)
    assert sorted(findings()) == sorted([(places[0], True, False), (places[1], False, False)])


@pytest.mark.parametrize("way", ["ended", "renounced"])
def test_what_a_parent_opened_closes_with_their_part(family: Family, way: str) -> None:
    house, given = family.house, family.let_in(family.father)
    friend, colleague = house.caller(), house.caller()
    with house.database.unit_of_work() as uow:
        for giver, guest in ((family.father, friend), (house.physician, colleague)):
            permit = access.decide(uow, giver, Action.SHARE, family.lou, section=Section.CLINICAL)
            until = uow.now + timedelta(days=30)
            asked = access.GrantRequest(guest.account, None, CLINICAL, None, access.Purpose.CARE, until)
            access.grant_access(uow, permit, asked)
    before = (family.reach(friend), family.reach(colleague))

    with house.database.unit_of_work() as uow:
        if way == "ended":
            access.end_delegation(uow, sharing(uow, house, family.lou), given.id, reason="jugement")
        else:
            access.renounce_delegation(uow, family.father, given.id)

    assert before == ({"clinical", "identity"}, {"clinical", "identity"})
    assert (family.reach(friend), family.reach(colleague)) == (set(), {"clinical", "identity"})
    (closed,) = traced(house, family.lou, "grant.revoked")
    assert closed.detail["account"] == str(friend.account)
