"""A physician on call opens a dossier; the patient reads of it; somebody by name looks at it, and too late once."""

from dataclasses import replace
from datetime import timedelta

from serment import access, identity, kernel, ledger
from serment.access import Action, DelayReason, EmergencyReason, EmergencyRequest, ReviewVerdict, Section
from support.dossier import House
from support.identity import make_account, make_administrator, signed_in

REQUEST = EmergencyRequest(
    EmergencyReason.LIFE_AT_RISK, frozenset({Section.CLINICAL}), timedelta(hours=1), "Choc au bloc."
)


def open_for(
    house: House, caller: identity.Caller, request: EmergencyRequest = REQUEST
) -> access.EmergencyOpening:
    with house.database.unit_of_work() as uow:
        sure = replace(caller, stepped_up_at=uow.now)
        permit = access.decide(uow, sure, Action.OPEN_EMERGENCY, house.martin)
        return access.open_emergency(uow, permit, request)


def told(house: House) -> list[tuple[access.OpeningId, ReviewVerdict | None, str]]:
    """What the patient finds on their first page."""
    with house.database.recorded_reading() as uow:
        permit = access.decide(uow, house.patient, Action.LIST, house.martin)
        notices = access.emergency_notices(uow, permit)
        return [
            (one.opening.id, one.verdict, access.notice_words(uow, permit, one.opening).finding)
            for one in notices
        ]


def kinds(house: House) -> set[str]:
    return {trace.kind for trace in house.trail()}


def team_of(house: House, head: identity.Caller, member: identity.Caller) -> None:
    with house.database.unit_of_work() as uow:
        administrator = signed_in(uow, make_administrator(uow, house.organisation))
        team = identity.create_team(uow, administrator, "Urgences")
        for one in (head, member):
            identity.add_member(uow, administrator, team.id, one.account)
        identity.name_head(uow, administrator, team.id, head.account)


def test_opening_is_told_looked_at_by_name_and_alarmed_when_nobody_looks(
    house: House, clock: kernel.SettableClock
) -> None:
    on_call, head, filed = house.caller(), house.caller(), house.file(title="Allergies graves").head.id
    team_of(house, head, on_call)
    restrictions = access.RestrictionRequest(access.Against.PROFESSIONALS, section=Section.CLINICAL)
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, Action.CONTROL, house.martin)
        access.restrict(uow, permit, restrictions)

    opening = open_for(house, on_call)
    with house.database.recorded_reading() as uow:
        permit = access.decide(uow, on_call, Action.READ, house.martin, section=Section.CLINICAL, entry=filed)
    assert permit.covers(Section.CLINICAL, filed)
    assert told(house) == [(opening.id, None, "")]

    with house.database.unit_of_work() as uow:
        by_head = access.decide(uow, head, Action.LIST, house.martin, section=Section.IDENTITY)
        (waiting,) = access.pending_reviews(uow, head)
        access.ask_opener(uow, by_head, waiting.opening.id, "Qui était là ?")
    with house.database.unit_of_work() as uow:
        own = access.decide(uow, on_call, Action.LIST, house.martin, section=Section.IDENTITY)
        access.answer_question(uow, own, opening.id, "Le réanimateur.")
    with house.database.unit_of_work() as uow:
        by_head = access.decide(uow, head, Action.LIST, house.martin, section=Section.IDENTITY)
        access.close_review(uow, by_head, opening.id, ReviewVerdict.JUSTIFIED, "Confirmé par le bloc.")
        deeds = access.deeds_of(uow, head, opening.id)
    assert told(house) == [(opening.id, ReviewVerdict.JUSTIFIED, "Confirmé par le bloc.")]
    assert (Action.READ, filed) in {(deed.action, deed.entry) for deed in deeds}

    clock.advance(timedelta(hours=2))
    later = open_for(house, on_call, replace(REQUEST, delay=DelayReason.PATIENT_AT_RISK))
    assert len(told(house)) == 1
    assert str(later.id) not in {trace.detail.get("opening") for trace in house.trail()}
    clock.advance(timedelta(hours=72))
    assert {one[0] for one in told(house)} == {opening.id, later.id}

    clock.advance(timedelta(days=7))
    with house.database.unit_of_work() as uow:
        late = access.alarm_overdue(uow)
        again = access.alarm_overdue(uow)
        rate = access.emergency_rate(uow, on_call)
    with house.database.reading() as uow:
        alarms = [
            one.trace.detail["opening"]
            for one in ledger.read_security_log(uow, house.organisation.id, limit=50)
            if one.trace.kind == "emergency.review-overdue"
        ]
    assert ([one.opening.id for one in late], again, alarms) == ([later.id], (), [str(later.id)])
    assert rate.own == 2


def test_officer_finds_what_waits_and_what_was_closed(house: House) -> None:
    on_call = house.caller()
    with house.database.unit_of_work() as uow:
        officer = signed_in(uow, make_account(uow, house.organisation, identity.Role.DPO))
    opening = open_for(house, on_call)

    with house.database.unit_of_work() as uow:
        (waiting,) = access.pending_reviews(uow, officer)
        permit = access.decide(uow, officer, Action.READ_TRAIL, house.martin)
        access.close_review(uow, permit, opening.id, ReviewVerdict.UNJUSTIFIED, "Personne n'était au bloc.")
        (closed,) = access.closed_reviews(uow, officer)

    assert (waiting.opening, closed.opening.id, closed.closed_by) == (opening, opening.id, officer.account)
    job = kernel.lease(house.database, (access.ALARM_JOB,), seconds=60)
    assert job is not None
    assert (job.payload["alarm"], job.payload["reference"]) == (
        access.Alarm.OPENING_UNJUSTIFIED,
        str(opening.id),
    )
    assert "emergency.reviewed" in kinds(house)
