"""What a departure ends around dossiers, what a colleague took over before, and what the patient reads of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from serment import access, identity, kernel
from serment.access import Action, Purpose, Section
from support.dossier import House
from support.identity import make_administrator, make_organisation, signed_in

DAY = timedelta(days=1)
CLINICAL = frozenset({Section.CLINICAL})


@pytest.fixture
def administrator(house: House) -> identity.Caller:
    with house.database.unit_of_work() as uow:
        caller = signed_in(uow, make_administrator(uow, house.organisation))
        signed_in(uow, make_administrator(uow, house.organisation))
    return caller


def now(house: House, administrator: identity.Caller) -> identity.Caller:
    return replace(administrator, stepped_up_at=house.database.clock.now())


def share(
    house: House, giver: identity.Caller, guest: identity.Caller, section: Section = Section.CLINICAL
) -> access.Grant:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, giver, Action.SHARE, house.martin)
        ends_at = uow.now + 90 * DAY
        request = access.GrantRequest(guest.account, None, frozenset({section}), None, Purpose.CARE, ends_at)
        return access.grant_access(uow, permit, request)


def reads(house: House, caller: identity.Caller, section: Section = Section.CLINICAL) -> bool:
    try:
        with house.database.unit_of_work() as uow:
            access.decide(uow, caller, Action.READ, house.martin, section=section)
    except access.AccessRefused:
        return False
    return True


@pytest.fixture
def outsider(house: House) -> identity.Caller:
    with house.database.unit_of_work() as uow:
        elsewhere = make_organisation(uow, "Clinique de la Baie")
    return house.caller(organisation=elsewhere)


def test_departure_ends_the_part_taken_and_what_was_given_and_held(
    house: House, administrator: identity.Caller, outsider: identity.Caller
) -> None:
    colleague, guest = house.caller(), house.caller()
    house.admit(colleague)
    share(house, colleague, outsider)
    share(house, colleague, guest)
    share(house, house.physician, colleague, Section.IMAGING)
    with house.database.unit_of_work() as uow:
        counted = access.ties_of(uow, administrator, colleague.account)
    assert counted == access.LeavingTies(cared_for=1, held=1, given_inside=1, given_outside=1)

    with house.database.unit_of_work() as uow:
        access.let_go(uow, now(house, administrator), colleague.account)

    assert not any(reads(house, one) for one in (outsider, guest, colleague))
    with house.database.unit_of_work() as uow:
        assert access.ties_of(uow, administrator, colleague.account) == access.LeavingTies(0, 0, 0, 0)
        permit = access.decide(uow, house.physician, Action.LIST, house.martin)
        assert [grant.revoked_at is None for grant in access.grants_of(uow, permit)] == [False] * 3
        present = [part.account for part in access.care_team(uow, permit) if part.ended_at is None]
    assert present == [house.physician.account]
    told = [(trace.kind, trace.detail.get("reason")) for trace in house.trail()]
    assert told.count(("grant.revoked", "departed")) == 3
    assert told.count(("care-team.left", "departed")) == 1


def test_trail_says_of_each_opening_that_a_departure_ends_to_whom_and_how_far_it_went(
    house: House, administrator: identity.Caller
) -> None:
    colleague, entry = house.caller(), house.file().head.id
    house.admit(colleague)
    with house.database.unit_of_work() as uow:
        team = identity.create_team(uow, administrator, "Astreinte").id
        permit = access.decide(uow, colleague, Action.SHARE, house.martin)
        whole = access.GrantRequest(None, team, CLINICAL, None, Purpose.CARE, uow.now + DAY)
        one = replace(whole, account=house.nurse.account, team=None, entries=frozenset({entry}))
        given = [access.grant_access(uow, permit, request).id for request in (whole, one)]
    with house.database.unit_of_work() as uow:
        access.let_go(uow, now(house, administrator), colleague.account)

    said = {trace.detail["grant"]: trace.detail for trace in house.trail() if trace.kind == "grant.revoked"}
    rest = {"reason": "departed", "ends": whole.ends_at.isoformat()}
    assert said == {
        str(given[0]): {"grant": str(given[0]), "team": str(team), **rest},
        str(given[1]): {
            "grant": str(given[1]), "account": str(house.nurse.account), "entries": str(entry), **rest,
        },
    }  # fmt: skip


def test_departure_ends_no_opening_that_is_over_already(
    house: House, administrator: identity.Caller, outsider: identity.Caller, clock: kernel.SettableClock
) -> None:
    colleague = house.caller()
    house.admit(colleague)
    share(house, colleague, outsider)
    share(house, house.physician, colleague)
    clock.advance(90 * DAY)
    with house.database.unit_of_work() as uow:
        counted = access.ties_of(uow, administrator, colleague.account)
        access.let_go(uow, now(house, administrator), colleague.account)

    assert counted == access.LeavingTies(cared_for=1, held=0, given_inside=0, given_outside=0)
    assert [trace.kind for trace in house.trail()[-2:]] == ["grant.given", "care-team.left"]


def test_departure_from_the_care_and_from_an_episode_of_it_is_one(
    house: House, administrator: identity.Caller
) -> None:
    with house.database.unit_of_work() as uow:
        leading = access.decide(uow, house.physician, Action.MANAGE_TEAM, house.martin)
        filing = access.decide(uow, house.physician, Action.FILE, house.martin)
        asked = access.EpisodeRequest(access.EpisodeKind.VISITS, "Suivi", Section.CLINICAL, DAY)
        episode = access.open_episode(uow, leading, filing, asked).id
        access.admit_to_care_team(uow, leading, account=house.nurse.account, episode=episode)
        access.admit_to_care_team(uow, leading, account=house.nurse.account)

    with house.database.unit_of_work() as uow:
        counted = access.ties_of(uow, administrator, house.nurse.account)
        access.let_go(uow, now(house, administrator), house.nurse.account)

    assert counted == access.LeavingTies(cared_for=1, held=0, given_inside=0, given_outside=0)
    assert [trace.kind for trace in house.trail()].count("care-team.left") == 1


def test_opening_of_somebody_who_left_is_closed_by_the_date_alone(
    house: House, administrator: identity.Caller, outsider: identity.Caller, clock: kernel.SettableClock
) -> None:
    colleague = house.caller()
    house.admit(colleague)
    share(house, colleague, outsider)
    with house.database.unit_of_work() as uow:
        access.let_go(uow, now(house, administrator), colleague.account, clock.now() + DAY)
    assert reads(house, outsider)
    assert reads(house, colleague)

    clock.advance(DAY)

    assert not reads(house, outsider)
    assert not reads(house, colleague)
    assert access.carry_out_departures(house.database) == 1
    assert access.carry_out_departures(house.database) == 0
    assert ("grant.revoked", "departed") in [
        (trace.kind, trace.detail.get("reason")) for trace in house.trail()
    ]


def test_opening_that_a_colleague_took_over_outlasts_the_departure(
    house: House, administrator: identity.Caller, outsider: identity.Caller, clock: kernel.SettableClock
) -> None:
    colleague = house.caller()
    house.admit(colleague)
    grant = share(house, colleague, outsider)
    with house.database.unit_of_work() as uow:
        access.let_go(uow, now(house, administrator), colleague.account, clock.now() + DAY)
        permit = access.decide(uow, house.physician, Action.SHARE, house.martin)
        access.take_over_grant(uow, permit, grant.id)
    clock.advance(DAY)
    access.carry_out_departures(house.database)

    assert reads(house, outsider)
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, Action.LIST, house.martin)
        (kept,) = access.grants_of(uow, permit)
    assert (kept.given_by, kept.keeper) == (colleague.account, house.physician.account)


def test_nobody_takes_over_what_is_over_or_more_than_they_may_share(
    house: House, administrator: identity.Caller, outsider: identity.Caller, clock: kernel.SettableClock
) -> None:
    colleague = house.caller()
    house.admit(colleague)
    radiologist = house.caller(identity.Profession.RADIOLOGIST)
    house.admit(radiologist)
    sensitive = share(house, house.physician, outsider, Section.SENSITIVE)
    left = share(house, colleague, outsider)
    ended = share(house, house.physician, house.caller())
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, radiologist, Action.SHARE, house.martin)
        with pytest.raises(access.GrantInvalid):
            access.take_over_grant(uow, permit, sensitive.id)
        with pytest.raises(access.GrantNotFound):
            access.take_over_grant(uow, permit, access.GrantId(kernel.new_id()))
        permit = access.decide(uow, house.physician, Action.SHARE, house.martin)
        access.revoke_grant(uow, permit, ended.id)
        with pytest.raises(access.GrantNotFound):
            access.take_over_grant(uow, permit, ended.id)
        access.let_go(uow, now(house, administrator), colleague.account, clock.now() + DAY)
    clock.advance(DAY)
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, Action.SHARE, house.martin)
        with pytest.raises(access.GrantNotFound):
            access.take_over_grant(uow, permit, left.id)
        with pytest.raises(access.PermitMismatch):
            reading = access.decide(uow, house.physician, Action.READ, house.martin)
            access.take_over_grant(uow, reading, sensitive.id)


def test_figures_of_a_departure_are_for_the_administrators_of_the_house(
    house: House, administrator: identity.Caller
) -> None:
    with house.database.unit_of_work() as uow:
        stranger = signed_in(uow, make_administrator(uow, make_organisation(uow)))
        with pytest.raises(identity.NotPermitted):
            access.ties_of(uow, house.physician, house.nurse.account)
        with pytest.raises(identity.AccountNotFound):
            access.ties_of(uow, stranger, house.nurse.account)


def test_caller_of_before_gets_nothing_once_the_account_is_closed(
    house: House, administrator: identity.Caller
) -> None:
    """Whoever was let in a moment ago, with a caller in hand: the decision asks again, in its own transaction."""
    assert reads(house, house.physician)
    with house.database.unit_of_work() as uow:
        identity.suspend_account(uow, administrator, house.physician.account)

    assert not reads(house, house.physician)
    with house.database.unit_of_work() as uow:
        assert access.decide_listed(uow, house.physician, [house.martin]) == {}
    with pytest.raises(access.AccessRefused), house.database.unit_of_work() as uow:
        access.foresee(uow, house.physician, Action.FILE, house.martin)
    assert house.trail()[-1].detail["because"] == "account-closed"
