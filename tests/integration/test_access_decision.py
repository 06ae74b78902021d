from dataclasses import replace
from datetime import timedelta

import pytest

from serment import access, identity, kernel, ledger
from serment.access.brake.model import Measure
from serment.access.brake.store import fill, freeze, new_freeze_id
from support.dossier import House
from support.identity import make_administrator as make_administrator_account
from support.identity import make_organisation, make_professional, signed_in


def decide(
    house: House, caller: identity.Caller, action: access.Action = access.Action.READ
) -> access.Permit:
    with house.database.unit_of_work() as uow:
        return access.decide(uow, caller, action, house.martin)


def expert_elsewhere(house: House) -> identity.Caller:
    with house.database.unit_of_work() as uow:
        return signed_in(uow, make_professional(uow, make_organisation(uow, "Centre hospitalier")))


def share(
    house: House,
    with_whom: identity.Caller,
    *sections: access.Section,
    days: int = 7,
    entries: frozenset[access.EntryId] | None = None,
    by: identity.Caller | None = None,
) -> access.Grant:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, by or house.physician, access.Action.SHARE, house.martin)
        ends_at = uow.now + timedelta(days=days)
        request = access.GrantRequest(
            with_whom.account, None, frozenset(sections), entries, access.Purpose.CARE, ends_at
        )
        return access.grant_access(uow, permit, request)


def test_each_decision_leaves_one_trace_with_its_five_fields(house: House) -> None:
    before = len(house.trail())
    decide(house, house.physician, access.Action.LIST)

    (trace,) = house.trail()[before:]

    assert (trace.kind, trace.outcome, trace.category, trace.purpose) == (
        "dossier.list",
        ledger.Outcome.ALLOWED,
        "dossier",
        "care",
    )
    assert trace.actor == house.physician.actor
    assert (trace.organisation, trace.dossier) == (house.organisation.id, house.martin)
    assert dict(trace.detail) == {"because": "care-team", "matrix": "0", "relation": "care-team"}


def test_refusal_is_traced_and_survives_the_rollback(house: House) -> None:
    stranger = house.caller()

    with pytest.raises(access.AccessRefused):
        decide(house, stranger)

    last = house.trail()[-1]
    assert (last.kind, last.actor, last.outcome) == ("dossier.read", stranger.actor, ledger.Outcome.REFUSED)


def test_act_that_fails_after_its_decision_keeps_its_trace(house: House) -> None:
    with pytest.raises(ValueError, match="later"), house.database.unit_of_work() as uow:
        access.decide(uow, house.physician, access.Action.READ, house.martin)
        raise ValueError("later")

    assert (house.trail()[-1].kind, house.trail()[-1].outcome) == ("dossier.read", ledger.Outcome.ALLOWED)


def test_dossier_that_does_not_exist_is_refused_alike(house: House) -> None:
    with pytest.raises(access.AccessRefused), house.database.unit_of_work() as uow:
        access.decide(uow, house.physician, access.Action.READ, kernel.DossierId(kernel.new_id()))


def test_patient_acts_at_their_own_request(house: House) -> None:
    assert decide(house, house.patient).purpose is access.Purpose.PATIENT_REQUEST


def test_care_ends_with_the_next_decision(house: House) -> None:
    house.admit(house.nurse)
    decide(house, house.nurse)
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.MANAGE_TEAM, house.martin)
        access.end_participation(uow, permit, account=house.nurse.account)

    with pytest.raises(access.AccessRefused):
        decide(house, house.nurse)


def test_care_is_joined_by_declaring_it(house: House) -> None:
    colleague = house.caller()
    with house.database.unit_of_work() as uow:
        access.join_care_team(uow, access.decide(uow, colleague, access.Action.JOIN_TEAM, house.martin))

    assert access.Section.CLINICAL in decide(house, colleague).reach
    assert house.trail()[-2].kind == "care-team.joined"


def test_care_is_not_joined_from_another_organisation(house: House) -> None:
    with pytest.raises(access.AccessRefused):
        decide(house, expert_elsewhere(house), access.Action.JOIN_TEAM)


def test_care_team_takes_nobody_twice(house: House) -> None:
    house.admit(house.nurse)

    with pytest.raises(access.AlreadyInCareTeam):
        house.admit(house.nurse)


def test_care_team_ends_nobody_who_is_not_in_it(house: House) -> None:
    with pytest.raises(access.NotInCareTeam), house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.MANAGE_TEAM, house.martin)
        access.end_participation(uow, permit, account=house.nurse.account)


def test_team_brings_its_members_into_care(house: House, clock: kernel.SettableClock) -> None:
    member = house.caller(identity.Profession.NURSE)
    clock.advance(timedelta(minutes=1))  # parts that begin at one instant have no order
    with house.database.unit_of_work() as uow:
        administrator = make_administrator(uow, house)
        team = identity.create_team(uow, administrator, "Cardiologie")
        identity.add_member(uow, administrator, team.id, member.account)
        permit = access.decide(uow, house.physician, access.Action.MANAGE_TEAM, house.martin)
        access.admit_to_care_team(uow, permit, team=team.id)

    assert access.Section.CLINICAL in decide(house, member).reach
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.LIST, house.martin)
        assert [part.team for part in access.care_team(uow, permit)] == [None, team.id]


def make_administrator(uow: kernel.UnitOfWork, house: House) -> identity.Caller:
    return signed_in(uow, make_administrator_account(uow, house.organisation))


def test_grant_opens_until_its_end(house: House, clock: kernel.SettableClock) -> None:
    expert = expert_elsewhere(house)
    share(house, expert, access.Section.CLINICAL)

    assert set(decide(house, expert).reach) == {access.Section.CLINICAL, access.Section.IDENTITY}
    clock.advance(timedelta(days=7))
    with pytest.raises(access.AccessRefused):
        decide(house, expert)


def test_grant_on_one_document_opens_that_document_alone(house: House) -> None:
    expert, shown, hidden = expert_elsewhere(house), house.file(title="Un"), house.file(title="Deux")
    share(house, expert, access.Section.CLINICAL, entries=frozenset({shown.head.id}))

    assert [line.title for line in house.lines(expert)] == ["Un"]
    assert house.open(expert, shown.head.id) == shown
    with pytest.raises(access.AccessRefused):
        house.open(expert, hidden.head.id)


def test_revoked_grant_closes_at_once(house: House) -> None:
    expert = expert_elsewhere(house)
    given = share(house, expert, access.Section.CLINICAL)
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.SHARE, house.martin)
        access.revoke_grant(uow, permit, given.id)

    with pytest.raises(access.AccessRefused):
        decide(house, expert)
    with pytest.raises(access.GrantNotFound), house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.SHARE, house.martin)
        access.revoke_grant(uow, permit, given.id)


def test_grant_is_listed_with_who_gave_it(house: House) -> None:
    expert = expert_elsewhere(house)
    given = share(house, expert, access.Section.CLINICAL, by=house.patient)

    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.LIST, house.martin)
        assert access.grants_of(uow, permit) == (given,)
        assert access.patient_accounts(uow, permit) == (house.patient.account,)
    assert given.given_by == house.patient.account


@pytest.mark.parametrize(
    ("days", "sections"), [(0, ["clinical"]), (-1, ["clinical"]), (400, ["clinical"]), (7, [])]
)
def test_grant_without_sense_is_refused(house: House, days: int, sections: list[str]) -> None:
    with pytest.raises(access.GrantInvalid):
        share(house, house.nurse, *(access.Section(name) for name in sections), days=days)


def test_grant_goes_no_further_than_its_grantor(house: House) -> None:
    with pytest.raises(access.GrantInvalid):
        share(house, house.nurse, access.Section.SENSITIVE, by=house.patient)


def test_grant_names_one_grantee_and_some_entry(house: House) -> None:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.SHARE, house.martin)
        ends_at, clinical = uow.now + timedelta(days=1), frozenset({access.Section.CLINICAL})
        nobody = access.GrantRequest(None, None, clinical, None, access.Purpose.CARE, ends_at)
        nothing = access.GrantRequest(
            house.nurse.account, None, clinical, frozenset(), access.Purpose.CARE, ends_at
        )
        for request in (nobody, nothing):
            with pytest.raises(access.GrantInvalid):
                access.grant_access(uow, permit, request)


def test_list_of_patients_shows_the_allowed_and_traces_each(house: House) -> None:
    absent = kernel.DossierId(kernel.new_id())
    with house.database.unit_of_work() as uow:
        permits = access.decide_listed(uow, house.nurse, [house.martin, absent])

    assert set(permits) == {house.martin}
    assert dict(permits[house.martin].reach) == {access.Section.IDENTITY: access.Extent()}
    assert (house.trail()[-1].category, house.trail()[-1].actor) == ("identity", house.nurse.actor)


def test_only_professionals_open_dossiers_and_each_attempt_is_traced(house: House) -> None:
    """In that role, of a profession, and in person."""
    physician, everything = house.physician, frozenset(section.value for section in access.Section)
    key = identity.AccessKeyId(kernel.new_id())
    limits = identity.KeyLimits(key, identity.Face.FHIR, everything, identity.KeyScope.READ_AND_FILE)
    others = (
        house.patient,
        replace(physician, role=identity.Role.ADMINISTRATOR),
        replace(physician, profession=identity.Profession.NONE),
        replace(physician, key=limits),
    )
    for caller in others:
        with pytest.raises(access.AccessRefused), house.database.unit_of_work() as uow:
            access.open_dossier(uow, caller, kernel.DossierId(kernel.new_id()))

    opened, allowed, refused = "dossier.opened", ledger.Outcome.ALLOWED, ledger.Outcome.REFUSED
    first = house.trail()[0]
    assert (first.kind, first.actor, first.outcome) == (opened, physician.actor, allowed)
    with house.database.reading() as uow:
        log = ledger.read_security_log(uow, house.organisation.id, limit=len(others))
    assert [(one.trace.kind, one.trace.actor, one.trace.outcome) for one in reversed(log)] == [
        (opened, caller.actor, refused) for caller in others
    ]


def test_my_dossiers_are_those_tied_to_me(house: House) -> None:
    expert = expert_elsewhere(house)
    with house.database.unit_of_work() as uow:
        assert access.my_dossiers(uow, expert) == ()
    share(house, expert, access.Section.CLINICAL)

    with house.database.unit_of_work() as uow:
        assert access.my_dossiers(uow, expert) == (house.martin,)
        assert access.my_dossiers(uow, house.patient) == (house.martin,)
        assert access.my_dossiers(uow, house.physician) == (house.martin,)


def test_foresee_traces_refusals_only(house: House) -> None:
    before = len(house.trail())
    with house.database.unit_of_work() as uow:
        assert access.foresee(uow, house.physician, access.Action.FILE, house.martin) == house.organisation.id
    assert len(house.trail()) == before

    stranger = house.caller()
    with pytest.raises(access.AccessRefused), house.database.unit_of_work() as uow:
        access.foresee(uow, stranger, access.Action.FILE, house.martin)
    assert house.trail()[-1].outcome is ledger.Outcome.REFUSED


def test_frozen_account_opens_no_trail_to_an_inquiry_either(house: House) -> None:
    with house.database.unit_of_work() as uow:
        officer = replace(
            signed_in(uow, make_administrator_account(uow, house.organisation)), role=identity.Role.DPO
        )
        assert set(access.decide_trails(uow, officer, [house.martin])) == {house.martin}
        fill(uow, officer.account, officer.organisation, ())
        frozen = access.Freeze(
            new_freeze_id(), officer.account, officer.organisation, Measure.DOSSIERS, uow.now
        )
        freeze(uow, frozen)

        with pytest.raises(access.AccountFrozen):
            access.decide_trails(uow, officer, [house.martin])


def test_officer_reads_by_duty_and_leaves_a_trace_for_each_trail(house: House) -> None:
    with house.database.unit_of_work() as uow:
        officer = replace(
            signed_in(uow, make_administrator_account(uow, house.organisation)), role=identity.Role.DPO
        )
    permit = decide(house, officer, access.Action.READ_TRAIL)

    assert permit.purpose is access.Purpose.LEGAL
    with house.database.unit_of_work() as uow:
        access.decide_trails(uow, officer, [house.martin])
        assert (
            access.decide_trails(uow, replace(officer, role=identity.Role.ADMINISTRATOR), [house.martin])
            == {}
        )
        traces = [one.trace for one in access.read_trail(uow, permit) if one.trace.actor == officer.actor]
        assert [(one.kind, one.purpose) for one in traces] == [("dossier.read-trail", "legal")] * 2
        told = access.decide(
            uow, officer, access.Action.READ_TRAIL, house.martin, access.Purpose.ADMINISTRATION
        )
    assert told.purpose is access.Purpose.ADMINISTRATION
