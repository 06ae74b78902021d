import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from serment import access, dossier, identity, kernel, ledger
from serment.access import (
    Action,
    EmergencyReason,
    Purpose,
    Relation,
    ReviewVerdict,
    Section,
)
from serment.access.emergency import check_emergencies
from support.dossier import MARTIN, House
from support.emergency import CLINICAL, asking, make_team, open_for, permit_for, stepped_up
from support.identity import make_account, make_patient_account, make_professional, signed_in


@pytest.fixture
def house(embedded_house: House) -> House:
    """On SQLite; tests/journeys tells the whole story on both databases."""
    return embedded_house


@pytest.fixture
def stranger(house: House) -> identity.Caller:
    """A physician of the house, in no care team, who proved a factor just now."""
    return stepped_up(house, house.caller())


@pytest.fixture
def officer(house: House) -> identity.Caller:
    with house.database.unit_of_work() as uow:
        return signed_in(uow, make_account(uow, house.organisation, identity.Role.DPO, name="Noa Garde"))


@pytest.fixture
def head(house: House, stranger: identity.Caller) -> identity.Caller:
    """The head of the stranger's team."""
    with house.database.unit_of_work() as uow:
        chief = signed_in(uow, make_professional(uow, house.organisation, name="Alex Tête"))
        make_team(uow, house, chief, stranger)
    return chief


def sections_read(house: House, caller: identity.Caller) -> set[Section]:
    try:
        with house.database.unit_of_work() as uow:
            return set(access.decide(uow, caller, Action.READ, house.martin).reach)
    except access.AccessRefused:
        return set()


def told(house: House) -> tuple[access.EmergencyReview, ...]:
    with house.database.unit_of_work() as uow:
        return access.emergency_notices(uow, permit_for(house, uow, house.patient))


def notice(house: House, opening: access.EmergencyOpening) -> access.EmergencyWords:
    with house.database.unit_of_work() as uow:
        return access.notice_words(uow, permit_for(house, uow, house.patient), opening)


def review(
    house: House,
    caller: identity.Caller,
    opening: access.EmergencyOpening,
    verdict: ReviewVerdict = ReviewVerdict.JUSTIFIED,
) -> None:
    action = Action.READ_TRAIL if caller.role is identity.Role.DPO else Action.LIST
    with house.database.unit_of_work() as uow:
        permit = permit_for(house, uow, caller, action)
        access.close_review(uow, permit, opening.id, verdict, "Vu avec l'équipe de garde.")


def pending(house: House, caller: identity.Caller) -> list[access.OpeningId]:
    with house.database.reading() as uow:
        return [one.opening.id for one in access.pending_reviews(uow, caller)]


def alarms(house: House) -> list[ledger.Trace]:
    with house.database.reading() as uow:
        found = ledger.read_security_log(uow, house.organisation.id, limit=50)
    return [one.trace for one in found if one.trace.kind == "emergency.review-overdue"]


def test_opening_lets_read_what_it_names_and_nothing_else(house: House, stranger: identity.Caller) -> None:
    filed = house.file()
    assert sections_read(house, stranger) == set()

    open_for(house, stranger)

    assert sections_read(house, stranger) == {Section.IDENTITY, Section.CLINICAL}
    assert house.read(stranger, filed.head.id)


def test_what_is_seen_by_an_opening_is_traced_as_emergency(house: House, stranger: identity.Caller) -> None:
    filed = house.file()
    opening = open_for(house, stranger)

    house.open(stranger, filed.head.id)

    trace = house.trail()[-1]
    assert (trace.kind, trace.purpose, trace.detail["relation"], trace.detail["opening"]) == (
        "dossier.read",
        Purpose.EMERGENCY,
        Relation.EMERGENCY,
        str(opening.id),
    )


def test_opening_leaves_its_reason_scope_and_clock_in_the_trail_and_no_words(
    house: House, stranger: identity.Caller
) -> None:
    opening = open_for(house, stranger)

    trace = house.trail()[-1]
    assert trace.kind == "emergency.opened"
    assert trace.detail == {
        "opening": str(opening.id),
        "account": str(stranger.account),
        "reason": "life-at-risk",
        "sections": "clinical",
        "ends": opening.ends_at.isoformat(),
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"lasts": timedelta(minutes=14)},
        {"lasts": timedelta(hours=4, seconds=1)},
        {"sections": frozenset()},
        {"sections": frozenset({Section.IDENTITY})},
        {"sections": frozenset({Section.CLINICAL, Section.EXCHANGES})},
        {"reason": EmergencyReason.OTHER, "words": " "},
        {"delay": access.DelayReason.PATIENT_AT_RISK, "words": ""},
        {"words": "x" * 1001},
    ],
)
def test_opening_wider_longer_or_dumber_than_the_rules_is_not_made(
    house: House, stranger: identity.Caller, wrong: dict[str, Any]
) -> None:
    with pytest.raises(access.EmergencyInvalid):
        open_for(house, stranger, asking(**wrong))

    assert sections_read(house, stranger) == set()


def test_opening_asks_for_a_factor_proved_just_now(house: House, stranger: identity.Caller) -> None:
    late = replace(stranger, stepped_up_at=house.database.clock.now() - timedelta(minutes=11))

    for caller in (late, replace(stranger, stepped_up_at=None)):
        with pytest.raises(identity.StepUpNeeded):
            open_for(house, caller)


def test_permit_for_something_else_opens_nothing(house: House, stranger: identity.Caller) -> None:
    with pytest.raises(access.PermitMismatch), house.database.unit_of_work() as uow:
        access.open_emergency(uow, permit_for(house, uow, stranger), asking())


@pytest.mark.parametrize("profession", [identity.Profession.SECRETARY, identity.Profession.BIOLOGIST])
def test_profession_outside_the_list_opens_nothing(house: House, profession: identity.Profession) -> None:
    caller = stepped_up(house, house.caller(profession))

    with pytest.raises(access.AccessRefused):
        open_for(house, caller)

    assert house.trail()[-1].outcome is ledger.Outcome.REFUSED


def test_scope_is_bounded_by_the_profession(house: House) -> None:
    nurse = stepped_up(house, house.caller(identity.Profession.NURSE))

    with pytest.raises(access.EmergencyInvalid):
        open_for(house, nurse, asking(sections=frozenset({Section.SENSITIVE})))


def test_new_opening_ends_the_one_before(house: House, stranger: identity.Caller) -> None:
    open_for(house, stranger, asking(sections=frozenset({Section.SENSITIVE})))

    open_for(house, stranger)

    assert sections_read(house, stranger) == {Section.IDENTITY, Section.CLINICAL}
    with house.database.reading() as uow:
        assert len(access.live_openings(uow, stranger)) == 1


def test_opening_is_ended_by_its_owner(house: House, stranger: identity.Caller) -> None:
    opening = open_for(house, stranger)

    with house.database.unit_of_work() as uow:
        access.end_emergency(uow, permit_for(house, uow, stranger), opening.id)

    assert sections_read(house, stranger) == set()
    assert house.trail()[-2].kind == "emergency.ended"
    with pytest.raises(access.OpeningNotFound), house.database.unit_of_work() as uow:
        access.end_emergency(uow, permit_for(house, uow, stranger), opening.id)


def test_opening_of_somebody_else_is_not_ended(house: House, stranger: identity.Caller) -> None:
    opening = open_for(house, stranger)

    with pytest.raises(access.OpeningNotFound), house.database.unit_of_work() as uow:
        access.end_emergency(uow, permit_for(house, uow, house.physician), opening.id)

    assert Section.CLINICAL in sections_read(house, stranger)


def test_patient_is_told_at_once_with_the_words(house: House, stranger: identity.Caller) -> None:
    opening = open_for(house, stranger)

    (one,) = told(house)
    assert (one.opening.id, one.opening.account) == (opening.id, stranger.account)
    assert notice(house, opening).reason == "Arrêt cardiaque au bloc."


def test_notice_leaves_the_first_page_once_read_and_comes_back_with_the_verdict(
    house: House, stranger: identity.Caller, officer: identity.Caller
) -> None:
    opening = open_for(house, stranger)
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, Action.CONTROL, house.martin)
        access.acknowledge_notice(uow, permit, opening.id)
    read = told(house)

    review(house, officer, opening)

    assert read == ()
    (again,) = told(house)
    assert (again.verdict, again.closed_by) == (ReviewVerdict.JUSTIFIED, officer.account)
    assert notice(house, opening).finding == "Vu avec l'équipe de garde."


def test_parent_who_has_read_takes_nothing_from_the_patients_page(
    house: House, stranger: identity.Caller
) -> None:
    parent = parent_of(house)
    opening = open_for(house, stranger)
    with house.database.unit_of_work() as uow:
        before = access.emergency_notices(uow, permit_for(house, uow, parent))
        permit = access.decide(uow, parent, Action.CONTROL, house.martin)
        access.acknowledge_notice(uow, permit, opening.id)
        after = access.emergency_notices(uow, permit_for(house, uow, parent))
        with pytest.raises(access.PermitMismatch):
            access.notice_words(uow, permit_for(house, uow, parent), opening)

    assert ([one.opening.id for one in before], after) == ([opening.id], ())
    assert [one.opening.id for one in told(house)] == [opening.id]


def parent_of(house: House) -> identity.Caller:
    """Somebody who acts for the patient in all things."""
    with house.database.unit_of_work() as uow:
        relative = signed_in(uow, make_patient_account(uow, house.organisation, "Ange Martin"))
        permit = access.decide(uow, house.physician, Action.SHARE, house.martin, section=Section.IDENTITY)
        request = access.DelegationRequest(access.DelegateKind.GUARDIAN, proof="Jugement lu.")
        access.delegate(uow, permit, request, account=relative.account, born_on=MARTIN.birth_date)
    return relative


def test_notices_are_for_the_patient_alone(house: House, stranger: identity.Caller) -> None:
    open_for(house, stranger)

    for caller in (house.physician, stranger):
        with pytest.raises(access.PermitMismatch), house.database.unit_of_work() as uow:
            access.emergency_notices(uow, permit_for(house, uow, caller))


def test_delay_keeps_notice_and_trail_back_until_its_end(
    house: House, stranger: identity.Caller, clock: kernel.SettableClock
) -> None:
    filed = house.file()
    before = len(house.trail())
    opening = open_for(house, stranger, asking(delay=access.DelayReason.PATIENT_AT_RISK))
    house.open(stranger, filed.head.id)
    kept_back = (told(house), kinds_since(house, before))

    clock.advance(timedelta(hours=72))

    assert kept_back == ((), [])
    assert [one.opening.id for one in told(house)] == [opening.id]
    assert kinds_since(house, before) == ["dossier.open-emergency", "emergency.opened", "dossier.read"]


def test_delay_keeps_back_what_an_opening_leaves_in_the_trail_without_its_name(
    house: House, stranger: identity.Caller, clock: kernel.SettableClock
) -> None:
    filed = house.file()
    before = len(house.trail())
    open_for(house, stranger, asking(delay=access.DelayReason.PATIENT_AT_RISK))
    house.read(stranger, filed.head.id)
    clock.advance(timedelta(hours=5))
    with house.database.unit_of_work() as uow:
        access.decide(
            uow, stranger, Action.LIST, house.martin, access.Purpose.EMERGENCY, section=Section.IDENTITY
        )

    kept_back = kinds_since(house, before)
    clock.advance(timedelta(hours=72))

    assert kept_back == []
    assert {"dossier.content", "dossier.list"} <= set(kinds_since(house, before))


def test_delay_keeps_nothing_from_the_officer(
    house: House, stranger: identity.Caller, officer: identity.Caller
) -> None:
    open_for(house, stranger, asking(delay=access.DelayReason.OTHERS_AT_RISK))

    with house.database.unit_of_work() as uow:
        found = access.read_trail(uow, permit_for(house, uow, officer, Action.READ_TRAIL))

    assert "emergency.opened" in {one.trace.kind for one in found}


def test_verdict_against_ends_the_delay(
    house: House, stranger: identity.Caller, officer: identity.Caller
) -> None:
    opening = open_for(house, stranger, asking(delay=access.DelayReason.PATIENT_AT_RISK))

    review(house, officer, opening, ReviewVerdict.UNJUSTIFIED)

    assert [one.opening.id for one in told(house)] == [opening.id]


def kinds_since(house: House, before: int) -> list[str]:
    """What the patient reads besides their own acts."""
    return [trace.kind for trace in house.trail()[before:] if trace.actor.account != house.patient.account]


def test_review_waits_for_the_head_and_for_the_officer(
    house: House, stranger: identity.Caller, head: identity.Caller, officer: identity.Caller
) -> None:
    opening = open_for(house, stranger)

    assert pending(house, head) == pending(house, officer) == [opening.id]
    assert pending(house, stranger) == pending(house, house.physician) == []
    with house.database.reading() as uow:
        assert access.pending_reviews(uow, officer)[0].reviewer == head.account


def test_without_a_head_the_review_waits_for_the_officer(
    house: House, stranger: identity.Caller, officer: identity.Caller
) -> None:
    open_for(house, stranger)

    with house.database.reading() as uow:
        assert access.pending_reviews(uow, officer)[0].reviewer is None


def test_head_closes_a_review_by_name(house: House, stranger: identity.Caller, head: identity.Caller) -> None:
    opening = open_for(house, stranger)

    review(house, head, opening)

    assert pending(house, head) == []
    trace = house.trail()[-1]
    assert (trace.kind, trace.actor.account, trace.detail["verdict"]) == (
        "emergency.reviewed",
        head.account,
        "justified",
    )


def test_closed_review_is_not_closed_again(
    house: House, stranger: identity.Caller, head: identity.Caller, officer: identity.Caller
) -> None:
    opening = open_for(house, stranger)
    review(house, head, opening)

    with pytest.raises(access.ReviewClosed):
        review(house, officer, opening, ReviewVerdict.UNJUSTIFIED)


def test_question_is_asked_and_answered_before_the_verdict(
    house: House, stranger: identity.Caller, head: identity.Caller
) -> None:
    opening = open_for(house, stranger)
    with house.database.unit_of_work() as uow:
        access.ask_opener(uow, permit_for(house, uow, head), opening.id, "Qui était présent ?")
    with house.database.reading() as uow:
        asked = access.own_opening(uow, stranger, opening.id).awaits_answer

    with house.database.unit_of_work() as uow:
        access.answer_question(uow, permit_for(house, uow, stranger), opening.id, "Le réanimateur.")

    with house.database.unit_of_work() as uow:
        words = access.reviewed_words(uow, permit_for(house, uow, head), opening.id)
        answered = access.own_opening(uow, stranger, opening.id).awaits_answer
    assert (asked, answered) == (True, False)
    assert (words.question, words.answer) == ("Qui était présent ?", "Le réanimateur.")


def test_patient_reads_neither_question_nor_answer(
    house: House, stranger: identity.Caller, head: identity.Caller
) -> None:
    opening = open_for(house, stranger)
    with house.database.unit_of_work() as uow:
        access.ask_opener(uow, permit_for(house, uow, head), opening.id, "Qui était présent ?")

    assert notice(house, opening).question == ""


def test_words_are_given_later_once(house: House, stranger: identity.Caller) -> None:
    opening = open_for(house, stranger, asking(words=""))

    with house.database.unit_of_work() as uow:
        access.complete_emergency(uow, permit_for(house, uow, stranger), opening.id, "Arrêt au bloc.")

    assert notice(house, opening).reason == "Arrêt au bloc."
    with pytest.raises(access.ReviewClosed), house.database.unit_of_work() as uow:
        access.complete_emergency(uow, permit_for(house, uow, stranger), opening.id, "Autre chose.")


def test_deeds_tell_what_was_read(house: House, stranger: identity.Caller, officer: identity.Caller) -> None:
    filed = house.file()
    opening = open_for(house, stranger)
    house.open(stranger, filed.head.id)

    with house.database.reading() as uow:
        deeds = access.deeds_of(uow, officer, opening.id)

    assert [(deed.action, deed.section, deed.entry) for deed in deeds] == [
        (Action.READ, Section.CLINICAL, filed.head.id)
    ]


@pytest.fixture
def overdue(house: House, stranger: identity.Caller, clock: kernel.SettableClock) -> datetime:
    opening = open_for(house, stranger)
    clock.advance(timedelta(days=7))
    return opening.opened_at + timedelta(days=7)


def test_overdue_review_raises_one_alarm(house: House, overdue: datetime) -> None:
    for _ in range(2):
        with house.database.unit_of_work() as uow:
            access.alarm_overdue(uow)

    (alarm,) = alarms(house)
    assert (alarm.actor.account, alarm.detail["due"]) == (None, overdue.isoformat())


def test_alarm_becomes_an_incident(house: House, overdue: datetime) -> None:
    with house.database.unit_of_work() as uow:
        access.alarm_overdue(uow)

    job = kernel.lease(house.database, (access.ALARM_JOB,), seconds=60)
    assert job is not None
    assert job.payload["alarm"] == access.Alarm.REVIEW_OVERDUE


def test_review_in_time_raises_no_alarm(
    house: House, stranger: identity.Caller, officer: identity.Caller, clock: kernel.SettableClock
) -> None:
    opening = open_for(house, stranger)
    review(house, officer, opening)
    clock.advance(timedelta(days=30))

    with house.database.unit_of_work() as uow:
        assert access.alarm_overdue(uow) == ()
    assert alarms(house) == []


def test_rate_stands_beside_that_of_peers(house: House, stranger: identity.Caller) -> None:
    with house.database.unit_of_work() as uow:
        for _ in range(4):
            make_professional(uow, house.organisation)
    for _ in range(3):
        open_for(house, stranger)

    with house.database.reading() as uow:
        mine, other = (access.emergency_rate(uow, one) for one in (stranger, house.physician))

    assert (mine.own, mine.peers, mine.median, mine.ninth_decile) == (3, 5, 0.0, 0.0)
    assert (other.own, other.median) == (0, 0.0)
    assert other.ninth_decile == pytest.approx(1.8)


def test_rate_of_few_peers_tells_of_none_of_them(house: House, stranger: identity.Caller) -> None:
    with house.database.reading() as uow:
        rate = access.emergency_rate(uow, stranger)

    assert (rate.peers, rate.median, rate.ninth_decile) == (1, None, None)


# What is refused besides.


def test_trusted_person_is_told_of_no_opening(house: House, stranger: identity.Caller) -> None:
    with house.database.unit_of_work() as uow:
        friend = signed_in(uow, make_patient_account(uow, house.organisation, "Ange Martin"))
        permit = access.decide(uow, house.patient, Action.CONTROL, house.martin)
        request = access.DelegationRequest(
            access.DelegateKind.TRUSTED_PERSON, CLINICAL, uow.now + timedelta(days=90)
        )
        access.delegate(uow, permit, request, account=friend.account, born_on=MARTIN.birth_date)
    open_for(house, stranger)

    with house.database.unit_of_work() as uow:
        permit = permit_for(house, uow, friend)
        assert not access.is_told_of_emergencies(uow, permit)
        with pytest.raises(access.PermitMismatch):
            access.emergency_notices(uow, permit)


def test_words_of_an_opening_that_is_told_later_are_read_later(
    house: House, stranger: identity.Caller
) -> None:
    opening = open_for(house, stranger, asking(delay=access.DelayReason.PATIENT_AT_RISK))

    with pytest.raises(access.PermitMismatch):
        notice(house, opening)
    with pytest.raises(access.OpeningNotFound), house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, Action.CONTROL, house.martin)
        access.acknowledge_notice(uow, permit, opening.id)


def test_nothing_is_written_around_an_opening_once_it_was_looked_at(
    house: House, stranger: identity.Caller, head: identity.Caller, officer: identity.Caller
) -> None:
    opening = open_for(house, stranger, asking(words=""))
    with house.database.unit_of_work() as uow:
        access.ask_opener(uow, permit_for(house, uow, head), opening.id, "Qui était présent ?")
    review(house, officer, opening)

    with house.database.unit_of_work() as uow:
        own, looking = permit_for(house, uow, stranger), permit_for(house, uow, head)
        with pytest.raises(access.ReviewClosed):
            access.complete_emergency(uow, own, opening.id, "Trop tard.")
        with pytest.raises(access.ReviewClosed):
            access.answer_question(uow, own, opening.id, "Trop tard.")
        with pytest.raises(access.ReviewClosed):
            access.ask_opener(uow, looking, opening.id, "Trop tard ?")


def test_nothing_is_answered_that_was_not_asked(house: House, stranger: identity.Caller) -> None:
    opening = open_for(house, stranger)

    with pytest.raises(access.OpeningNotFound), house.database.unit_of_work() as uow:
        access.answer_question(uow, permit_for(house, uow, stranger), opening.id, "Rien.")


def test_words_are_some_and_not_too_many(house: House, stranger: identity.Caller) -> None:
    opening = open_for(house, stranger, asking(words=""))

    for words in ("", "   ", "x" * 1001):
        with pytest.raises(access.EmergencyInvalid), house.database.unit_of_work() as uow:
            access.complete_emergency(uow, permit_for(house, uow, stranger), opening.id, words)


def test_permit_of_another_dossier_ends_no_opening(house: House, stranger: identity.Caller) -> None:
    with house.database.unit_of_work() as uow:
        other = dossier.create_dossier(uow, stranger, MARTIN)
    opening = open_for(house, stranger)

    with pytest.raises(access.OpeningNotFound), house.database.unit_of_work() as uow:
        access.end_emergency(uow, access.decide(uow, stranger, Action.LIST, other), opening.id)

    assert Section.CLINICAL in sections_read(house, stranger)


def test_officer_who_was_suspended_looks_at_nothing(
    house: House, stranger: identity.Caller, officer: identity.Caller
) -> None:
    opening = open_for(house, stranger)
    with house.database.unit_of_work() as uow:
        administrator = make_account(uow, house.organisation, identity.Role.ADMINISTRATOR)
        identity.suspend_account(uow, signed_in(uow, administrator), officer.account)

    with house.database.reading() as uow, pytest.raises(identity.NotPermitted):
        access.reviewed_opening(uow, officer, opening.id)


def test_only_the_officer_reads_what_was_closed(house: House, head: identity.Caller) -> None:
    with house.database.reading() as uow, pytest.raises(identity.NotPermitted):
        access.closed_reviews(uow, head)


def test_deeds_are_for_whoever_opened_and_whoever_looks(
    house: House, stranger: identity.Caller, head: identity.Caller
) -> None:
    filed = house.file()
    opening = open_for(house, stranger)
    house.open(stranger, filed.head.id)

    with house.database.reading() as uow:
        own, looking = (access.deeds_of(uow, one, opening.id) for one in (stranger, head))
        for caller, asked in ((house.physician, opening.id), (head, access.OpeningId(kernel.new_id()))):
            with pytest.raises(access.OpeningNotFound):
                access.deeds_of(uow, caller, asked)
    assert len(own) == 1
    assert own == looking


# What the ledger vouches for.


def checked(house: House) -> list[tuple[bool, bool]]:
    """Of each opening: whether the ledger vouches for its row, and whether its words are those that were sealed."""
    with house.database.reading() as uow:
        return [
            (ledger.current_anchor(uow, one.place) == one.digest, one.sound) for one in check_emergencies(uow)
        ]


def test_ledger_vouches_for_an_opening_whatever_comes_of_it(
    house: House, stranger: identity.Caller, officer: identity.Caller
) -> None:
    opening = open_for(house, stranger, asking(delay=access.DelayReason.PATIENT_AT_RISK))
    with house.database.unit_of_work() as uow:
        access.end_emergency(uow, permit_for(house, uow, stranger), opening.id)
    review(house, officer, opening, ReviewVerdict.UNJUSTIFIED)

    assert checked(house) == [(True, True)]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE emergency_openings SET vital = 0", (False, True)),
        ('UPDATE emergency_openings SET sections = \'["clinical", "sensitive"]\'', (False, True)),
        ("UPDATE emergency_openings SET ends_at = '2036-01-01 00:00:00.000000'", (False, True)),
        ("UPDATE emergency_openings SET account = dossier", (False, True)),
        ("UPDATE emergency_reviews SET reason_sealed = x'00'", (True, False)),
        ("UPDATE emergency_reviews SET finding_sealed = reason_sealed", (True, False)),
    ],
)
def test_opening_that_was_changed_behind_our_back_is_found(
    house: House, stranger: identity.Caller, change: str, found: tuple[bool, bool]
) -> None:
    open_for(house, stranger)
    with sqlite3.connect(house.database.url.removeprefix("sqlite:///")) as connection:
        connection.execute(change)
    connection.close()

    assert checked(house) == [found]


def test_opening_whose_look_was_taken_away_is_still_checked(house: House, stranger: identity.Caller) -> None:
    open_for(house, stranger)
    with sqlite3.connect(house.database.url.removeprefix("sqlite:///")) as connection:
        connection.execute("DELETE FROM emergency_reviews")
    connection.close()

    assert checked(house) == [(True, True)]
