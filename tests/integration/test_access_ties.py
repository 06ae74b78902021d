"""What ties people to a dossier, and what unties them: teams, grants to teams, purposes, the patient's accounts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from serment import access, identity, kernel, ledger
from serment.identity.directory import store as directory
from support.dossier import House
from support.identity import (
    make_administrator,
    make_organisation,
    make_patient_account,
    make_professional,
    signed_in,
)


def team_of(house: House, *members: identity.Caller) -> identity.Team:
    """Found a team of the first member's organisation."""
    with house.database.unit_of_work() as uow:
        administrator = signed_in(uow, make_administrator(uow, house.organisation))
        team = identity.create_team(uow, administrator, "Astreinte")
        for member in members:
            identity.add_member(uow, administrator, team.id, member.account)
        return team


def managing(uow: kernel.UnitOfWork, house: House) -> access.Permit:
    return access.decide(uow, house.physician, access.Action.MANAGE_TEAM, house.martin)


def reach_of(
    house: House, caller: identity.Caller, purpose: access.Purpose = access.Purpose.CARE
) -> set[str]:
    with house.database.unit_of_work() as uow:
        return set(access.decide(uow, caller, access.Action.READ, house.martin, purpose).reach)


def grant(
    house: House,
    *,
    account: kernel.AccountId | None = None,
    team: identity.TeamId | None = None,
    purpose: access.Purpose = access.Purpose.CARE,
    days: int = 1,
) -> access.Grant:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.SHARE, house.martin)
        sections = frozenset({access.Section.CLINICAL})
        ends_at = uow.now + timedelta(days=days)
        return access.grant_access(
            uow, permit, access.GrantRequest(account, team, sections, None, purpose, ends_at)
        )


def test_grant_to_a_team_opens_to_its_members_alone(house: House) -> None:
    member, other = house.caller(identity.Profession.NURSE), house.caller(identity.Profession.NURSE)
    team = team_of(house, member)
    given = grant(house, team=team.id)

    assert reach_of(house, member) == {"clinical", "identity"}
    with pytest.raises(access.AccessRefused):
        reach_of(house, other)
    trace = house.trail()[-3]
    assert (trace.kind, trace.detail["team"], trace.detail["grant"]) == (
        "grant.given",
        str(team.id),
        str(given.id),
    )


def test_dossier_is_among_those_of_a_team_member(house: House) -> None:
    cares, reads = house.caller(identity.Profession.NURSE), house.caller(identity.Profession.NURSE)
    caring, reading = team_of(house, cares), team_of(house, reads)
    with house.database.unit_of_work() as uow:
        access.admit_to_care_team(uow, managing(uow, house), team=caring.id)
    grant(house, team=reading.id)

    with house.database.unit_of_work() as uow:
        assert access.my_dossiers(uow, cares) == access.my_dossiers(uow, reads) == (house.martin,)


def test_opening_names_its_dossier_to_whom_it_lets_in_while_it_holds(
    house: House, clock: kernel.SettableClock
) -> None:
    revoked, ended, reader, other = (house.caller() for _ in range(4))
    grant(house, account=ended.account, days=1)
    clock.advance(timedelta(days=1))
    over = grant(house, account=revoked.account)
    grant(house, account=reader.account)
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.SHARE, house.martin)
        access.revoke_grant(uow, permit, over.id)

    with house.database.unit_of_work() as uow:
        named = [access.my_dossiers(uow, one) for one in (revoked, ended, other, reader)]
    assert named == [(), (), (), (house.martin,)]


def test_team_that_leaves_care_closes_to_its_members(house: House) -> None:
    member = house.caller(identity.Profession.NURSE)
    team = team_of(house, member)
    with house.database.unit_of_work() as uow:
        access.admit_to_care_team(uow, managing(uow, house), team=team.id)
    with house.database.unit_of_work() as uow:
        access.end_participation(uow, managing(uow, house), team=team.id)

    with pytest.raises(access.AccessRefused):
        reach_of(house, member)
    with house.database.unit_of_work() as uow:
        assert access.my_dossiers(uow, member) == ()
    assert [trace.detail["team"] for trace in house.trail() if trace.kind == "care-team.left"] == [
        str(team.id)
    ]


@pytest.mark.parametrize("named", ["nobody", "two"])
def test_care_team_is_changed_one_at_a_time(house: House, named: str) -> None:
    """Naming nobody must not end everybody's part."""
    team = team_of(house).id
    account, chosen = (house.nurse.account, team) if named == "two" else (None, None)

    with pytest.raises(ValueError, match="one account or one team"), house.database.unit_of_work() as uow:
        access.end_participation(uow, managing(uow, house), account=account, team=chosen)
    with pytest.raises(ValueError, match="one account or one team"), house.database.unit_of_work() as uow:
        access.admit_to_care_team(uow, managing(uow, house), account=account, team=chosen)

    assert "clinical" in reach_of(house, house.physician)


def test_care_team_is_managed_with_a_permit_for_it(house: House) -> None:
    with house.database.unit_of_work() as uow:
        reading = access.decide(uow, house.physician, access.Action.READ, house.martin)
        for use in (access.admit_to_care_team, access.end_participation):
            with pytest.raises(access.PermitMismatch):
                use(uow, reading, account=house.nurse.account)
        with pytest.raises(access.PermitMismatch):
            access.join_care_team(uow, reading)
        with pytest.raises(access.PermitMismatch):
            access.read_trail(uow, reading)


def test_sharing_takes_a_permit_for_it(house: House) -> None:
    given = grant(house, account=house.nurse.account)
    with house.database.unit_of_work() as uow:
        reading = access.decide(uow, house.physician, access.Action.READ, house.martin)
        with pytest.raises(access.PermitMismatch):
            access.grant_access(uow, reading, given.request)
        with pytest.raises(access.PermitMismatch):
            access.revoke_grant(uow, reading, given.id)
        with pytest.raises(access.PermitMismatch):
            access.link_patient(uow, reading, house.nurse.account)


def test_grant_of_another_dossier_is_not_revoked_from_here(house: House) -> None:
    given = grant(house, account=house.nurse.account)
    with house.database.unit_of_work() as uow:
        elsewhere = kernel.DossierId(kernel.new_id())
        access.open_dossier(uow, house.physician, elsewhere)
        sharing = access.decide(uow, house.physician, access.Action.SHARE, elsewhere)
        with pytest.raises(access.GrantNotFound):
            access.revoke_grant(uow, sharing, given.id)

    assert "clinical" in reach_of(house, house.nurse)


def test_grant_is_for_one_purpose(house: House) -> None:
    expert = house.caller()
    grant(house, account=expert.account, purpose=access.Purpose.LEGAL)

    assert reach_of(house, expert, access.Purpose.LEGAL) == {"clinical", "identity"}
    with pytest.raises(access.AccessRefused):
        reach_of(house, expert, access.Purpose.CARE)


def test_trace_says_the_purpose(house: House) -> None:
    reach_of(house, house.physician, access.Purpose.EMERGENCY)
    assert house.trail()[-1].purpose == "emergency"

    reach_of(house, house.patient, access.Purpose.EMERGENCY)
    assert house.trail()[-1].purpose == "patient-request"


def test_trace_of_the_care_team_says_the_purpose_of_its_permit(house: House) -> None:
    nurse = house.caller(identity.Profession.NURSE)
    with house.database.unit_of_work() as uow:
        join, urgent = access.Action.JOIN_TEAM, access.Purpose.EMERGENCY
        access.join_care_team(uow, access.decide(uow, nurse, join, house.martin, urgent))

    assert [trace.purpose for trace in house.trail()[-2:]] == ["emergency", "emergency"]


@pytest.mark.parametrize("status", [one for one in identity.AccountStatus if one != "departed"])
def test_patient_has_one_account_until_somebody_closes_it(
    embedded_house: House, status: identity.AccountStatus
) -> None:
    house = embedded_house
    with house.database.unit_of_work() as uow:
        directory.set_status(uow, house.patient.account, status)
        puppet = make_patient_account(uow, house.organisation)
    with pytest.raises(access.PatientLinked), house.database.unit_of_work() as uow:
        access.link_patient(
            uow, access.decide(uow, house.physician, access.Action.SHARE, house.martin), puppet.id
        )

    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.SHARE, house.martin)
        assert access.patient_accounts(uow, permit) == (house.patient.account,)


def test_linked_patient_reads_their_dossier(house: House) -> None:
    with house.database.unit_of_work() as uow:
        second = signed_in(uow, make_patient_account(uow, house.organisation))
        permit = access.decide(
            uow, house.physician, access.Action.SHARE, house.martin, section=access.Section.IDENTITY
        )
        directory.set_status(uow, house.patient.account, identity.AccountStatus.DEPARTED)
        access.link_patient(uow, permit, second.account)
        listed = access.decide(uow, house.physician, access.Action.LIST, house.martin)
        assert set(access.patient_accounts(uow, listed)) == {house.patient.account, second.account}

    assert "clinical" in reach_of(house, second)
    trail = replace(house, patient=second).trail()
    linked = [trace.detail["account"] for trace in trail if trace.kind == "patient.linked"]
    assert linked == [str(house.patient.account), str(second.account)]


def test_custodian_is_who_keeps_the_dossier(house: House) -> None:
    with house.database.unit_of_work() as uow:
        assert access.custodian(uow, house.martin) == house.organisation.id
        assert access.custodian(uow, kernel.DossierId(kernel.new_id())) is None


def test_dossier_is_not_opened_by_one_without_profession(house: House) -> None:
    with house.database.unit_of_work() as uow:
        nobody = signed_in(uow, make_professional(uow, make_organisation(uow), identity.Profession.NONE))

    with (
        pytest.raises(access.AccessRefused, match="not-a-professional"),
        house.database.unit_of_work() as uow,
    ):
        access.open_dossier(uow, nobody, kernel.DossierId(kernel.new_id()))


def test_foresee_says_no_to_a_section_out_of_reach(house: House) -> None:
    with (
        pytest.raises(access.AccessRefused, match="section-not-reached"),
        house.database.unit_of_work() as uow,
    ):
        access.foresee(uow, house.patient, access.Action.FILE, house.martin, access.Section.SENSITIVE)

    last = house.trail()[-1]
    assert (last.kind, last.category, last.outcome) == ("dossier.file", "sensitive", ledger.Outcome.REFUSED)


def test_foresee_says_no_to_a_dossier_that_nobody_keeps(house: House) -> None:
    with pytest.raises(access.AccessRefused, match="no-such-dossier"), house.database.unit_of_work() as uow:
        access.foresee(uow, house.physician, access.Action.FILE, kernel.DossierId(kernel.new_id()))


def test_absent_entry_is_traced_as_asked_for(house: House) -> None:
    entry = access.EntryId(kernel.new_id())

    with pytest.raises(access.AccessRefused), house.database.unit_of_work() as uow:
        raise access.refuse_absent(uow, house.physician, access.Action.READ, house.martin, entry)

    last = house.trail()[-1]
    assert (last.kind, last.outcome, last.detail["entry"]) == (
        "dossier.read",
        ledger.Outcome.REFUSED,
        str(entry),
    )


def test_absent_entry_of_an_absent_dossier_is_traced_with_the_callers_own(house: House) -> None:
    absent = kernel.DossierId(kernel.new_id())

    with house.database.unit_of_work() as uow:
        refusal = access.refuse_absent(
            uow, house.physician, access.Action.READ, absent, access.EntryId(kernel.new_id())
        )

    assert refusal.code == access.AccessRefused.code


def test_section_and_entry_of_the_act_are_decided(house: House) -> None:
    entry = access.EntryId(kernel.new_id())
    with house.database.unit_of_work() as uow:
        permit = access.decide(
            uow, house.physician, access.Action.READ, house.martin,
            section=access.Section.CLINICAL, entry=entry,
        )  # fmt: skip

    assert permit.covers(access.Section.CLINICAL, entry)
    said = {"because": "care-team", "matrix": "0", "relation": "care-team"}
    assert house.trail()[-1].detail == {**said, "entry": str(entry)}


def test_who_is_let_in_is_not_told_after_the_permit_has_ended(
    house: House, clock: kernel.SettableClock
) -> None:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.LIST, house.martin)
    clock.advance(timedelta(minutes=6))

    with house.database.reading() as uow:
        for told in (access.care_team, access.grants_of, access.patient_accounts):
            with pytest.raises(access.PermitMismatch):
                told(uow, permit)
