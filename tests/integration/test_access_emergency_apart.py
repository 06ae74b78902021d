"""Openings beside each other: what is done about one touches no other, of another dossier, person, house or day."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from serment import access, dossier, identity, kernel
from serment.access import Action, DelayReason, EmergencyReason, EmergencyRequest, Purpose, Relation, Section
from serment.access.emergency import check_emergencies, store
from support.dossier import MARTIN, House
from support.family import make_family
from support.identity import make_account, make_organisation, make_professional, signed_in

HOUR = timedelta(hours=1)
WAITS = DelayReason.PATIENT_AT_RISK


@dataclass(frozen=True)
class Ward:
    """A house where two physicians who are in no care team open the dossiers of two patients."""

    house: House
    durand: kernel.DossierId
    one: identity.Caller
    other: identity.Caller
    officer: identity.Caller

    def opened(
        self,
        caller: identity.Caller,
        where: kernel.DossierId | None = None,
        *,
        delay: DelayReason | None = None,
        words: str = "Arrêt cardiaque.",
    ) -> access.EmergencyOpening:
        """Open Martin's dossier, or another."""
        sections = frozenset({Section.CLINICAL})
        request = EmergencyRequest(EmergencyReason.LIFE_AT_RISK, sections, HOUR, words, delay)
        with self.house.database.unit_of_work() as uow:
            sure = replace(caller, stepped_up_at=uow.now)
            permit = access.decide(uow, sure, Action.OPEN_EMERGENCY, where or self.house.martin)
            return access.open_emergency(uow, permit, request)

    def ended(self, opening: access.EmergencyOpening, by: identity.Caller) -> None:
        with self.house.database.unit_of_work() as uow:
            access.end_emergency(uow, named(uow, by, opening.dossier), opening.id)

    def live(self, caller: identity.Caller) -> list[access.OpeningId]:
        with self.house.database.reading() as uow:
            return [one.id for one in access.live_openings(uow, caller)]

    def as_it_stands(self, opening: access.EmergencyOpening) -> access.EmergencyReview:
        with self.house.database.reading() as uow:
            found = store.load_review(uow, opening.id)
        assert found is not None
        return found

    def told(self, who: identity.Caller | None = None) -> list[access.EmergencyOpening]:
        """What waits on the first page of Martin, or of somebody else."""
        with self.house.database.unit_of_work() as uow:
            permit = named(uow, who or self.house.patient, self.house.martin)
            return [one.opening for one in access.emergency_notices(uow, permit)]

    def read_of(self, opening: access.EmergencyOpening, by: identity.Caller | None = None) -> None:
        with self.house.database.unit_of_work() as uow:
            permit = access.decide(uow, by or self.house.patient, Action.CONTROL, self.house.martin)
            access.acknowledge_notice(uow, permit, opening.id)

    def judged(self, opening: access.EmergencyOpening, verdict: access.ReviewVerdict) -> None:
        with self.house.database.unit_of_work() as uow:
            permit = access.decide(uow, self.officer, Action.READ_TRAIL, opening.dossier)
            access.close_review(uow, permit, opening.id, verdict, "Vu avec l'équipe.")

    def deeds(self, opening: access.EmergencyOpening) -> list[tuple[Action, Section | None, Any]]:
        with self.house.database.reading() as uow:
            found = access.deeds_of(uow, self.officer, opening.id)
        return [(one.action, one.section, one.entry) for one in found]

    def alarmed(self) -> list[access.OpeningId]:
        with self.house.database.unit_of_work() as uow:
            return [one.opening.id for one in access.alarm_overdue(uow)]


def named(uow: kernel.UnitOfWork, caller: identity.Caller, where: kernel.DossierId) -> access.Permit:
    """A permit to learn whose dossier it is."""
    return access.decide(uow, caller, Action.LIST, where, section=Section.IDENTITY)


@pytest.fixture
def ward(embedded_house: House) -> Ward:
    house = embedded_house
    with house.database.unit_of_work() as uow:
        durand = dossier.create_dossier(uow, house.physician, replace(MARTIN, family_name="Durand"))
        officer = signed_in(uow, make_account(uow, house.organisation, identity.Role.DPO))
    return Ward(house, durand, house.caller(), house.caller(), officer)


# Opening, and ending.


def test_new_opening_ends_neither_that_of_another_dossier_nor_a_colleagues(ward: Ward) -> None:
    elsewhere, colleagues = ward.opened(ward.one, ward.durand), ward.opened(ward.other)

    new = ward.opened(ward.one)

    assert set(ward.live(ward.one)) == {elsewhere.id, new.id}
    assert ward.live(ward.other) == [colleagues.id]


def test_new_opening_leaves_the_hour_at_which_an_earlier_one_was_ended(
    ward: Ward, clock: kernel.SettableClock
) -> None:
    first = ward.opened(ward.one)
    clock.advance(timedelta(minutes=5))
    ward.ended(first, ward.one)
    ended_at = clock.now()
    clock.advance(timedelta(minutes=5))

    ward.opened(ward.one)

    assert ward.as_it_stands(first).opening.ended_at == ended_at


def test_words_are_those_of_their_own_opening(ward: Ward) -> None:
    spoken, silent = ward.opened(ward.one), ward.opened(ward.other, words="")
    with ward.house.database.unit_of_work() as uow:
        permit = named(uow, ward.other, ward.house.martin)
        access.complete_emergency(uow, permit, silent.id, "Hémorragie.")

    with ward.house.database.unit_of_work() as uow:
        permit = named(uow, ward.house.patient, ward.house.martin)
        words = [access.notice_words(uow, permit, one).reason for one in (spoken, silent)]
    assert words == ["Arrêt cardiaque.", "Hémorragie."]


# What the patient is told, and when.


def test_openings_of_another_patient_are_not_told(ward: Ward) -> None:
    ward.opened(ward.one, ward.durand)
    opening = ward.opened(ward.other)

    assert ward.told() == [opening]


def test_reading_of_one_opening_leaves_the_others_to_be_read(ward: Ward) -> None:
    first, second = ward.opened(ward.one), ward.opened(ward.other)

    ward.read_of(first)
    assert ward.told() == [second]
    ward.read_of(second)
    assert ward.told() == []


def test_verdict_brings_its_own_opening_back_and_no_other(ward: Ward) -> None:
    first, second = ward.opened(ward.one), ward.opened(ward.other)
    for one in (first, second):
        ward.read_of(one)

    ward.judged(first, access.ReviewVerdict.JUSTIFIED)

    assert ward.told() == [first]


def test_verdict_against_one_opening_leaves_the_delay_of_another(ward: Ward) -> None:
    first, second = (ward.opened(one, delay=WAITS) for one in (ward.one, ward.other))

    ward.judged(first, access.ReviewVerdict.UNJUSTIFIED)

    assert [one.id for one in ward.told()] == [first.id]
    assert ward.as_it_stands(second).opening.tell_at == second.tell_at


def test_verdict_against_does_not_move_the_hour_of_a_notice_that_was_given(
    ward: Ward, clock: kernel.SettableClock
) -> None:
    opening = ward.opened(ward.one)
    clock.advance(HOUR)

    ward.judged(opening, access.ReviewVerdict.UNJUSTIFIED)

    assert [one.tell_at for one in ward.told()] == [opening.opened_at]


def test_delay_in_another_dossier_keeps_nothing_back_in_this_one(ward: Ward) -> None:
    before = len(ward.house.trail())
    ward.opened(ward.one, ward.durand, delay=WAITS)

    ward.opened(ward.one)

    assert [trace.kind for trace in ward.house.trail()[before:]] == [
        "dossier.open-emergency",
        "emergency.opened",
    ]


def test_reading_of_an_opening_is_traced_as_the_patients_own_act(ward: Ward) -> None:
    opening = ward.opened(ward.one)

    ward.read_of(opening)

    trace = ward.house.trail()[-1]
    assert (trace.kind, trace.actor.account, trace.purpose) == (
        "emergency.notice-read", ward.house.patient.account, Purpose.PATIENT_REQUEST,
    )  # fmt: skip
    assert trace.detail == {"opening": str(opening.id), "account": str(ward.one.account)}


def test_reading_of_an_opening_takes_the_permit_of_the_patients_own_acts(ward: Ward) -> None:
    opening = ward.opened(ward.one)

    with pytest.raises(access.PermitMismatch), ward.house.database.unit_of_work() as uow:
        access.acknowledge_notice(uow, named(uow, ward.house.patient, ward.house.martin), opening.id)

    assert ward.told() == [opening]


def test_permit_that_is_too_old_tells_of_no_opening(ward: Ward, clock: kernel.SettableClock) -> None:
    opening = ward.opened(ward.one)
    with ward.house.database.unit_of_work() as uow:
        permit = named(uow, ward.house.patient, ward.house.martin)
    clock.advance(timedelta(minutes=6))

    with ward.house.database.reading() as uow:
        with pytest.raises(access.PermitMismatch):
            access.emergency_notices(uow, permit)
        with pytest.raises(access.PermitMismatch):
            access.notice_words(uow, permit, opening)


def test_permit_of_one_dossier_tells_no_words_of_anothers_opening(ward: Ward) -> None:
    opening = ward.opened(ward.one, ward.durand)

    with pytest.raises(access.PermitMismatch, match="not told"), ward.house.database.unit_of_work() as uow:
        access.notice_words(uow, named(uow, ward.house.patient, ward.house.martin), opening)


def test_parent_elsewhere_is_told_of_no_opening_where_they_are_trusted_alone(ward: Ward) -> None:
    family, house = make_family(ward.house), ward.house
    family.let_in(family.mother)
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, Action.CONTROL, house.martin)
        kind, sections = access.DelegateKind.TRUSTED_PERSON, frozenset({Section.CLINICAL})
        request = access.DelegationRequest(kind, sections, uow.now + timedelta(days=9))
        access.delegate(uow, permit, request, account=family.mother.account, born_on=MARTIN.birth_date)

    with house.database.unit_of_work() as uow:
        told = [
            access.is_told_of_emergencies(uow, named(uow, family.mother, where))
            for where in (house.martin, family.lou)
        ]
    assert told == [False, True]


def test_notice_whose_look_was_taken_away_is_left_out(ward: Ward) -> None:
    gone, left = ward.opened(ward.one), ward.opened(ward.other)

    take_look_away(ward.house, gone)

    assert ward.told() == [left]


# The look at it.


def test_look_waits_for_the_officer_of_its_own_house(ward: Ward) -> None:
    ward.opened(ward.one)
    with ward.house.database.unit_of_work() as uow:
        another = make_organisation(uow, "Clinique du Port")
        stranger = signed_in(uow, make_account(uow, another, identity.Role.DPO))

    with ward.house.database.reading() as uow:
        assert access.pending_reviews(uow, stranger) == ()


def test_look_waits_for_the_head_of_whoever_opened(ward: Ward) -> None:
    opening = ward.opened(ward.one)
    ward.opened(ward.other)
    with ward.house.database.unit_of_work() as uow:
        chief = head_of(uow, ward, ward.one)

    with ward.house.database.reading() as uow:
        assert [one.opening for one in access.pending_reviews(uow, chief)] == [opening]


def head_of(uow: kernel.UnitOfWork, ward: Ward, member: identity.Caller) -> identity.Caller:
    """The head of a team that somebody is in."""
    organisation = ward.house.organisation
    chief = signed_in(uow, make_professional(uow, organisation, name="Alex Tête"))
    administrator = signed_in(uow, make_account(uow, organisation, identity.Role.ADMINISTRATOR))
    team = identity.create_team(uow, administrator, "Urgences")
    for one in (chief, member):
        identity.add_member(uow, administrator, team.id, one.account)
    identity.name_head(uow, administrator, team.id, chief.account)
    return chief


def test_deeds_are_those_of_their_own_opening(ward: Ward) -> None:
    entry = ward.house.file().head.id
    first, second = ward.opened(ward.one), ward.opened(ward.other)

    ward.house.open(ward.one, entry)

    assert ward.deeds(first) == [(Action.READ, Section.CLINICAL, entry)]
    assert ward.deeds(second) == []


def test_deed_on_the_dossier_as_a_whole_names_neither_section_nor_entry(ward: Ward) -> None:
    opening = ward.opened(ward.one)

    with ward.house.database.unit_of_work() as uow:
        access.decide(uow, ward.one, Action.READ, ward.house.martin)

    assert ward.deeds(opening) == [(Action.READ, None, None)]


def test_seeing_the_name_alone_is_no_deed_of_an_opening(ward: Ward) -> None:
    opening = ward.opened(ward.one)

    with ward.house.database.unit_of_work() as uow:
        permit = named(uow, ward.one, ward.house.martin)

    assert permit.relation is Relation.EMERGENCY
    assert ward.deeds(opening) == []


def test_closed_look_awaits_no_answer(ward: Ward) -> None:
    opening = ward.opened(ward.one)
    with ward.house.database.unit_of_work() as uow:
        permit = access.decide(uow, ward.officer, Action.READ_TRAIL, opening.dossier)
        access.ask_opener(uow, permit, opening.id, "Qui était présent ?")
    assert ward.as_it_stands(opening).awaits_answer

    ward.judged(opening, access.ReviewVerdict.JUSTIFIED)

    assert not ward.as_it_stands(opening).awaits_answer


def test_alarm_is_given_of_each_look_at_its_own_hour(ward: Ward, clock: kernel.SettableClock) -> None:
    first = ward.opened(ward.one)
    clock.advance(HOUR)
    second = ward.opened(ward.other)

    given = []
    for wait in (timedelta(days=7) - HOUR - timedelta(seconds=1), timedelta(seconds=1), HOUR):
        clock.advance(wait)
        given.append(ward.alarmed())

    assert given == [[], [first.id], [second.id]]


# How often.


@pytest.mark.parametrize(("days", "own"), [(90, 1), (91, 0)])
def test_rate_counts_the_openings_of_ninety_days(
    ward: Ward, clock: kernel.SettableClock, days: int, own: int
) -> None:
    ward.opened(ward.one)
    clock.advance(timedelta(days=days))

    with ward.house.database.reading() as uow:
        assert access.emergency_rate(uow, ward.one).own == own


def test_rate_counts_what_was_opened_in_this_profession_and_house(ward: Ward) -> None:
    ward.opened(ward.one)
    with ward.house.database.unit_of_work() as uow:
        another = make_organisation(uow, "Clinique du Port").id
    nurse = replace(ward.one, profession=identity.Profession.NURSE)
    elsewhere = replace(ward.one, organisation=another)

    with ward.house.database.reading() as uow:
        rates = [access.emergency_rate(uow, who).own for who in (ward.one, nurse, elsewhere)]
    assert rates == [1, 0, 0]


# What the ledger vouches for.


def take_look_away(house: House, opening: access.EmergencyOpening) -> None:
    with house.database.unit_of_work() as uow:
        gone = text("DELETE FROM emergency_reviews WHERE opening = :opening")
        assert uow.connection.execute(gone, {"opening": opening.id.hex}).rowcount == 1


def test_look_that_was_taken_away_beside_another_is_no_obstacle_to_the_check(ward: Ward) -> None:
    gone, left = ward.opened(ward.one), ward.opened(ward.other)

    take_look_away(ward.house, gone)

    with ward.house.database.reading() as uow:
        found = {row.place: row.sound for row in check_emergencies(uow)}
    assert found == {f"emergency/{one.id}": True for one in (gone, left)}
