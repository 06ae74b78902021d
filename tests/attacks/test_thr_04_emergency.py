"""THR-04: emergency access as a way round the rules: a wider scope, a longer clock, a master key, a friendly look."""

from dataclasses import replace
from datetime import timedelta

import pytest

from serment import access, dossier, identity, kernel
from serment.access import Action, Against, EmergencyReason, EmergencyRequest, ReviewVerdict, Section
from support.dossier import MARTIN, House
from support.identity import make_account, make_administrator, make_organisation, make_professional, signed_in

HOUR = timedelta(hours=1)
BESIDES = {Action.OPEN_EMERGENCY, Action.JOIN_TEAM}
OTHER_VITAL = EmergencyReason.OTHERS_AT_RISK
ORDINARY_REASONS = sorted(set(EmergencyReason) - {EmergencyReason.LIFE_AT_RISK, OTHER_VITAL})


@pytest.fixture
def house(embedded_house: House) -> House:
    """On SQLite; tests/journeys tells the whole story on both databases."""
    return embedded_house


@pytest.fixture
def intruder(house: House) -> identity.Caller:
    """A physician of the house, in no care team, with a factor proved just now."""
    return replace(house.caller(), stepped_up_at=house.database.clock.now())


@pytest.fixture
def officer(house: House) -> identity.Caller:
    with house.database.unit_of_work() as uow:
        return signed_in(uow, make_account(uow, house.organisation, identity.Role.DPO, name="Noa Garde"))


def opened(
    house: House,
    caller: identity.Caller,
    *sections: Section,
    reason: EmergencyReason = EmergencyReason.LIFE_AT_RISK,
) -> access.EmergencyOpening:
    request = EmergencyRequest(reason, frozenset(sections or {Section.CLINICAL}), HOUR, "Quelques mots.")
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, caller, Action.OPEN_EMERGENCY, house.martin)
        return access.open_emergency(uow, permit, request)


def allowed(house: House, caller: identity.Caller) -> set[tuple[Action, Section | None]]:
    """Everything that somebody may do with the dossier now, besides opening it and joining the team."""
    return {
        (action, section)
        for action in set(Action) - BESIDES
        for section in (*Section, None)
        if may(house, caller, action, section)
    }


def may(house: House, caller: identity.Caller, action: Action, section: Section | None = None) -> bool:
    try:
        with house.database.unit_of_work() as uow:
            access.decide(uow, caller, action, house.martin, section=section)
    except access.AccessRefused:
        return False
    return True


def restrict(
    house: House,
    against: Against,
    *,
    account: kernel.AccountId | None = None,
    section: Section | None = Section.CLINICAL,
) -> None:
    """Close a section, as the patient does."""
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, Action.CONTROL, house.martin)
        access.restrict(uow, permit, access.RestrictionRequest(against, account, section))


def sees(house: House, caller: identity.Caller, entry: access.EntryId) -> bool:
    """Whether somebody lists an entry and reads it; the two must go together."""
    listed = entry in {line.entry for line in house.lines(caller)}
    try:
        house.read(caller, entry)
    except access.AccessRefused:
        assert not listed
        return False
    assert listed
    return True


# The scope.


def test_opening_lets_list_and_read_what_it_names_and_do_nothing_else(
    house: House, intruder: identity.Caller
) -> None:
    opened(house, intruder)

    assert allowed(house, intruder) == {
        (action, section)
        for action in (Action.LIST, Action.READ)
        for section in (Section.IDENTITY, Section.CLINICAL, None)
    }


def test_opening_of_one_dossier_opens_no_other(house: House, intruder: identity.Caller) -> None:
    with house.database.unit_of_work() as uow:
        other = dossier.create_dossier(uow, house.physician, MARTIN)
    opened(house, intruder)

    with pytest.raises(access.AccessRefused), house.database.unit_of_work() as uow:
        access.decide(uow, intruder, Action.READ, other)


def test_opening_of_one_person_opens_for_no_other(house: House, intruder: identity.Caller) -> None:
    opened(house, intruder)

    assert not may(house, house.caller(), Action.READ)


def test_section_that_its_profession_does_not_reach_is_not_in_the_scope(house: House) -> None:
    nurse = replace(house.caller(identity.Profession.NURSE), stepped_up_at=house.database.clock.now())

    for section in (Section.SENSITIVE, Section.EXCHANGES, Section.IMAGING):
        with pytest.raises(access.EmergencyInvalid):
            opened(house, nurse, Section.CLINICAL, section)


def test_access_key_of_its_owner_goes_no_further_by_it(house: House, intruder: identity.Caller) -> None:
    opened(house, intruder)
    limits = identity.KeyLimits(
        identity.AccessKeyId(kernel.new_id()), identity.Face.FHIR, frozenset(Section), identity.KeyScope.READ
    )
    program = replace(intruder, key=limits)

    assert not may(house, program, Action.READ)
    assert not may(house, program, Action.OPEN_EMERGENCY)


@pytest.mark.parametrize("role", [identity.Role.ADMINISTRATOR, identity.Role.DPO, identity.Role.PATIENT])
def test_no_other_role_opens(house: House, role: identity.Role) -> None:
    with house.database.unit_of_work() as uow:
        caller = signed_in(uow, make_account(uow, house.organisation, role))

    assert not may(house, caller, Action.OPEN_EMERGENCY)


def test_nobody_opens_what_another_organisation_keeps(house: House) -> None:
    with house.database.unit_of_work() as uow:
        elsewhere = signed_in(uow, make_professional(uow, make_organisation(uow, "Clinique de la Baie")))

    assert not may(house, elsewhere, Action.OPEN_EMERGENCY)


# The clock.


def test_opening_ends_at_its_instant(
    house: House, intruder: identity.Caller, clock: kernel.SettableClock
) -> None:
    filed = house.file().head.id
    opened(house, intruder)

    clock.advance(HOUR - timedelta(seconds=1))
    before = sees(house, intruder, filed)
    clock.advance(timedelta(seconds=1))

    assert (before, may(house, intruder, Action.READ)) == (True, False)


def test_opening_is_shut_again_when_the_clock_is_set_back(
    house: House, intruder: identity.Caller, clock: kernel.SettableClock
) -> None:
    opened(house, intruder)

    clock.advance(-timedelta(seconds=1))

    assert not may(house, intruder, Action.READ)


def test_permit_from_the_last_second_ends_with_the_opening(
    house: House, intruder: identity.Caller, clock: kernel.SettableClock
) -> None:
    filed = house.file().head.id
    opening = opened(house, intruder)
    clock.advance(HOUR - timedelta(seconds=1))
    with house.database.unit_of_work() as uow:
        permit = dossier.decide_entry(uow, intruder, Action.READ, house.martin, filed)
    clock.advance(timedelta(seconds=2))

    assert permit.until == opening.ends_at
    with pytest.raises(access.PermitMismatch), house.database.unit_of_work() as uow:
        dossier.open_document(uow, permit, filed)


@pytest.mark.parametrize("lasts", [timedelta(hours=4, seconds=1), timedelta(days=3650), -HOUR, timedelta(0)])
def test_clock_is_not_talked_longer_or_shorter(
    house: House, intruder: identity.Caller, lasts: timedelta
) -> None:
    request = EmergencyRequest(EmergencyReason.LIFE_AT_RISK, frozenset({Section.CLINICAL}), lasts)

    with pytest.raises(access.EmergencyInvalid), house.database.unit_of_work() as uow:
        permit = access.decide(uow, intruder, Action.OPEN_EMERGENCY, house.martin)
        access.open_emergency(uow, permit, request)

    assert not may(house, intruder, Action.READ)


def test_opening_ends_with_its_account(house: House, intruder: identity.Caller) -> None:
    opened(house, intruder)
    with house.database.unit_of_work() as uow:
        administrator = signed_in(uow, make_administrator(uow, house.organisation))
        identity.suspend_account(uow, administrator, intruder.account)

    assert not may(house, intruder, Action.READ)


def test_opening_ends_when_the_organisation_takes_the_right_away(
    house: House, intruder: identity.Caller
) -> None:
    opened(house, intruder)
    with house.database.unit_of_work() as uow:
        administrator = signed_in(uow, make_administrator(uow, house.organisation))
        held = access.current_matrix(uow, house.organisation.id)
        narrower = held.with_rights(
            access.Relation.EMERGENCY, identity.Profession.PHYSICIAN, Section.CLINICAL, ()
        )
        sure = replace(administrator, stepped_up_at=uow.now)
        access.adopt_matrix(uow, sure, narrower, held.version)

    assert not may(house, intruder, Action.READ)


# What the patient closed.


def test_what_is_closed_to_professionals_gives_way_to_a_life_within_the_scope(
    house: House, intruder: identity.Caller
) -> None:
    filed, secret = house.file().head.id, house.file(sensitive=True).head.id
    house.admit(intruder)
    restrict(house, Against.PROFESSIONALS, section=None)
    assert (sees(house, intruder, filed), sees(house, intruder, secret)) == (False, False)

    opened(house, intruder, Section.CLINICAL)

    assert (sees(house, intruder, filed), sees(house, intruder, secret)) == (True, False)


@pytest.mark.parametrize("reason", ORDINARY_REASONS)
def test_what_is_closed_to_professionals_gives_way_to_nothing_less(
    house: House, intruder: identity.Caller, reason: EmergencyReason
) -> None:
    filed = house.file().head.id
    restrict(house, Against.PROFESSIONALS)

    opened(house, intruder, reason=reason)

    assert not sees(house, intruder, filed)


@pytest.mark.parametrize("reason", list(EmergencyReason))
def test_what_is_closed_to_a_person_never_gives_way_to_them(
    house: House, intruder: identity.Caller, reason: EmergencyReason
) -> None:
    filed = house.file().head.id
    restrict(house, Against.PERSON, account=intruder.account)

    opened(house, intruder, reason=reason)

    assert not sees(house, intruder, filed)


def test_somebody_else_saves_the_life_that_is_closed_to_one_person(
    house: House, intruder: identity.Caller
) -> None:
    filed = house.file().head.id
    restrict(house, Against.PERSON, account=intruder.account)
    colleague = replace(house.caller(), stepped_up_at=house.database.clock.now())

    opened(house, colleague)

    assert sees(house, colleague, filed)


def test_what_gave_way_is_closed_again_when_the_opening_ends(
    house: House, intruder: identity.Caller, clock: kernel.SettableClock
) -> None:
    filed = house.file().head.id
    house.admit(intruder)
    restrict(house, Against.PROFESSIONALS)
    opened(house, intruder)
    during = sees(house, intruder, filed)

    clock.advance(HOUR)

    assert (during, sees(house, intruder, filed)) == (True, False)


@pytest.mark.parametrize("action", [Action.AMEND, Action.WITHDRAW, Action.SHARE])
def test_what_gave_way_is_looked_at_and_neither_changed_nor_shared(
    house: House, intruder: identity.Caller, action: Action
) -> None:
    filed = house.file().head.id
    house.admit(intruder)
    restrict(house, Against.PROFESSIONALS)
    opened(house, intruder)

    with pytest.raises(access.AccessRefused), house.database.unit_of_work() as uow:
        dossier.decide_entry(uow, intruder, action, house.martin, filed)

    assert sees(house, intruder, filed)


# The look at it.


def close(house: House, caller: identity.Caller, opening: access.EmergencyOpening) -> None:
    action = Action.READ_TRAIL if caller.role is identity.Role.DPO else Action.LIST
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, caller, action, house.martin)
        access.close_review(uow, permit, opening.id, ReviewVerdict.JUSTIFIED, "Rien à dire.")


def team_of(house: House, head: identity.Caller, *members: identity.Caller) -> None:
    with house.database.unit_of_work() as uow:
        administrator = signed_in(uow, make_administrator(uow, house.organisation))
        team = identity.create_team(uow, administrator, "Urgences")
        for one in (head, *members):
            identity.add_member(uow, administrator, team.id, one.account)
        identity.name_head(uow, administrator, team.id, head.account)


def test_opener_never_closes_their_own_even_as_head(house: House, intruder: identity.Caller) -> None:
    team_of(house, intruder)
    opening = opened(house, intruder)

    with pytest.raises(access.OpeningNotFound):
        close(house, intruder, opening)


def test_colleague_of_the_team_closes_nothing(house: House, intruder: identity.Caller) -> None:
    friend = house.caller()
    team_of(house, house.caller(), intruder, friend)
    opening = opened(house, intruder)

    for caller in (friend, house.physician):
        with pytest.raises(access.OpeningNotFound):
            close(house, caller, opening)


def test_head_of_another_team_closes_nothing(house: House, intruder: identity.Caller) -> None:
    head = house.caller()
    team_of(house, head)
    opening = opened(house, intruder)

    with pytest.raises(access.OpeningNotFound):
        close(house, head, opening)


def test_head_whose_profession_opens_nothing_judges_nothing(house: House, intruder: identity.Caller) -> None:
    team_of(house, house.secretary, intruder)
    opening = opened(house, intruder)

    with house.database.reading() as uow:
        assert access.pending_reviews(uow, house.secretary) == ()
    with pytest.raises(access.OpeningNotFound):
        close(house, house.secretary, opening)


def test_head_who_has_left_closes_nothing_and_the_officer_does(
    house: House, intruder: identity.Caller, officer: identity.Caller
) -> None:
    head = house.caller()
    team_of(house, head, intruder)
    opening = opened(house, intruder)
    with house.database.unit_of_work() as uow:
        identity.suspend_account(
            uow, signed_in(uow, make_administrator(uow, house.organisation)), head.account
        )

    with pytest.raises((access.OpeningNotFound, access.AccessRefused)):
        close(house, head, opening)
    close(house, officer, opening)


def test_officer_of_another_organisation_closes_nothing(house: House, intruder: identity.Caller) -> None:
    with house.database.unit_of_work() as uow:
        elsewhere = make_organisation(uow, "Clinique de la Baie")
        officer = signed_in(uow, make_account(uow, elsewhere, identity.Role.DPO))
    opening = opened(house, intruder)

    with house.database.reading() as uow:
        assert access.pending_reviews(uow, officer) == ()
        with pytest.raises(access.OpeningNotFound):
            access.reviewed_opening(uow, officer, opening.id)


def test_permit_of_another_dossier_closes_nothing(
    house: House, intruder: identity.Caller, officer: identity.Caller
) -> None:
    with house.database.unit_of_work() as uow:
        other = dossier.create_dossier(uow, house.physician, MARTIN)
    opening = opened(house, intruder)

    with pytest.raises(access.OpeningNotFound), house.database.unit_of_work() as uow:
        permit = access.decide(uow, officer, Action.READ_TRAIL, other)
        access.close_review(uow, permit, opening.id, ReviewVerdict.JUSTIFIED, "Rien à dire.")


def test_everything_done_by_an_opening_is_there_for_who_looks(
    house: House, intruder: identity.Caller, officer: identity.Caller
) -> None:
    """Ten reads of ten documents, the last of them refused halfway through its transaction: all are told."""
    entries = [house.file().head.id for _ in range(10)]
    opening = opened(house, intruder)
    for entry in entries[:9]:
        house.open(intruder, entry)
    with pytest.raises(RuntimeError), house.database.unit_of_work() as uow:
        dossier.decide_entry(uow, intruder, Action.READ, house.martin, entries[9])
        raise RuntimeError

    with house.database.reading() as uow:
        deeds = access.deeds_of(uow, officer, opening.id)

    assert {deed.entry for deed in deeds} == set(entries)
