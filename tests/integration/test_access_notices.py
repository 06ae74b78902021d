"""Who is told of what others do: the patient of all of it, a relative of no document, nobody of their own or for ever."""

import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest

from serment import access, identity, kernel, ledger
from serment.access import Action, Against, News, Section, Wish
from serment.identity.directory import store as directory
from support.dossier import MARTIN, House
from support.family import BORN_ON, Family, make_family, relative_of
from support.identity import make_patient_account


@pytest.fixture
def family(embedded_house: House) -> Family:
    return make_family(embedded_house)


def wish(house: House, who: identity.Caller, what: Wish = Wish.TOLD) -> None:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, who, Action.CONTROL, house.martin)
        access.wish_for_notices(uow, permit, what)


def told(house: House, who: identity.Caller) -> list[News]:
    with house.database.reading() as uow:
        return sorted(one.news for one in access.unseen_notices(uow, who))


def test_each_kind_of_act_is_told_once_a_day(house: House) -> None:
    wish(house, house.patient)
    entry = house.file().head.id
    for _ in range(2):
        house.open(house.physician, entry)
        house.lines(house.physician)
    house.admit(house.nurse)

    assert told(house, house.patient) == [News.FILED, News.LOOKED, News.TEAM]


def test_what_was_refused_or_listed_is_not_told(house: House) -> None:
    wish(house, house.patient)
    stranger = house.caller()
    with house.database.unit_of_work() as uow:
        access.decide_listed(uow, stranger, [house.martin])
    with pytest.raises(access.AccessRefused), house.database.unit_of_work() as uow:
        access.decide(uow, stranger, Action.READ, house.martin)

    assert told(house, house.patient) == []


@pytest.mark.parametrize("purpose", [access.Purpose.EMERGENCY, access.Purpose.ADMINISTRATION])
def test_reading_is_told_whatever_it_is_said_to_be_for(
    embedded_house: House, purpose: access.Purpose
) -> None:
    house = embedded_house
    wish(house, house.patient)
    with house.database.unit_of_work() as uow:
        access.decide(uow, house.physician, Action.READ, house.martin, purpose, section=Section.CLINICAL)

    assert told(house, house.patient) == [News.LOOKED]


@pytest.mark.parametrize(
    ("purpose", "news"),
    [
        (access.Purpose.CARE, [News.LOOKED]),
        (access.Purpose.EMERGENCY, []),
        (access.Purpose.ADMINISTRATION, []),
    ],
    ids=["care", "emergency", "administration"],
)
def test_coming_to_the_name_for_an_opening_is_left_to_its_own_notices(
    embedded_house: House, purpose: access.Purpose, news: list[News]
) -> None:
    house = embedded_house
    wish(house, house.patient)
    with house.database.unit_of_work() as uow:
        access.decide(uow, house.physician, Action.LIST, house.martin, purpose, section=Section.IDENTITY)

    assert told(house, house.patient) == news


def test_account_let_in_by_the_practice_is_told_unasked_to_all_who_were_there(family: Family) -> None:
    house, before = family.house, (family.child, family.mother)
    family.let_in(family.mother)
    family.let_in(family.father)
    assert [told(house, one) for one in (*before, family.father)] == [[News.LET_IN], [News.LET_IN], []]
    with house.database.unit_of_work() as uow:
        for one in before:
            access.see_notices(uow, one)
        permit = access.decide(uow, house.physician, Action.SHARE, family.lou, section=Section.IDENTITY)
        request = access.DelegationRequest(access.DelegateKind.PARENT, proof="livret de famille")
        access.offer_delegation(uow, permit, request, born_on=BORN_ON)

    assert [told(house, one) for one in before] == [[News.LET_IN], [News.LET_IN]]


def test_second_account_of_the_patient_is_told_to_whoever_acts_for_them(family: Family) -> None:
    house = family.house
    family.let_in(family.mother)
    with house.database.unit_of_work() as uow:
        directory.set_status(uow, family.child.account, identity.AccountStatus.DEPARTED)
        second = make_patient_account(uow, house.organisation, "Lou Martin").id
        access.link_patient(uow, access.decide(uow, house.physician, Action.SHARE, family.lou), second)

    with house.database.reading() as uow:
        news = [(one.news, one.dossier, one.actor) for one in access.unseen_notices(uow, family.mother)]
    assert news == [(News.LET_IN, family.lou, house.physician.account)]


def test_trusted_person_whom_the_patient_names_is_nobodys_news(house: House) -> None:
    friend = relative_of(house)
    with house.database.unit_of_work() as uow:
        until = uow.now + timedelta(days=30)
        kind, sections = access.DelegateKind.TRUSTED_PERSON, frozenset({Section.CLINICAL})
        permit = access.decide(uow, house.patient, Action.CONTROL, house.martin)
        request = access.DelegationRequest(kind, sections, until)
        access.delegate(uow, permit, request, account=friend.account, born_on=MARTIN.birth_date)

    assert (told(house, house.patient), told(house, friend)) == ([], [])


def test_wish_is_known_taken_back_and_traced(house: House) -> None:
    for what in (Wish.TOLD, Wish.TOLD, Wish.LEFT_ALONE):
        wish(house, house.patient, what)
        with house.database.unit_of_work() as uow:
            permit = access.decide(uow, house.patient, Action.READ_TRAIL, house.martin)
            assert access.wish_of(uow, permit) is what
    house.lines(house.physician)

    assert told(house, house.patient) == []
    wishes = [trace.detail["wish"] for trace in house.trail() if trace.kind == "notices.wished"]
    assert wishes == ["told", "told", "left-alone"]


def test_wishing_takes_the_permit_of_the_patients_own_acts(house: House) -> None:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, Action.READ_TRAIL, house.martin)
        with pytest.raises(access.PermitMismatch):
            access.wish_for_notices(uow, permit, Wish.TOLD)


def test_asking_whether_one_is_told_takes_the_permit_to_read_the_trail(embedded_house: House) -> None:
    house = embedded_house
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, Action.CONTROL, house.martin)
        with pytest.raises(access.PermitMismatch):
            access.wish_of(uow, permit)


def test_nobody_is_told_of_what_they_do_themselves(embedded_house: House) -> None:
    house = embedded_house
    wish(house, house.patient)

    house.lines(house.patient)

    assert told(house, house.patient) == []


def test_wish_is_that_of_one_person_on_one_dossier(family: Family) -> None:
    house = family.house
    family.let_in(family.mother)
    family.let_in(family.mother, access.DelegateKind.GUARDIAN, house.martin)
    wish(replace(house, martin=family.lou), family.mother)

    with house.database.unit_of_work() as uow:
        asked = ((family.mother, family.lou), (family.mother, house.martin), (family.child, family.lou))
        permits = [access.decide(uow, who, Action.READ_TRAIL, where) for who, where in asked]
        assert [access.wish_of(uow, one) for one in permits] == [Wish.TOLD, Wish.LEFT_ALONE, Wish.LEFT_ALONE]


def test_what_one_person_saw_is_still_new_to_another(family: Family) -> None:
    house = replace(family.house, martin=family.lou)
    family.let_in(family.mother)
    with house.database.unit_of_work() as uow:
        access.see_notices(uow, family.child)
    for who in (family.mother, family.child):
        wish(house, who)
    house.lines(house.physician)

    with house.database.unit_of_work() as uow:
        access.see_notices(uow, family.mother)

    assert (told(house, family.mother), told(house, family.child)) == ([], [News.LOOKED])


def test_notice_outlasts_the_rollback_of_its_act_as_its_trace_does(house: House) -> None:
    wish(house, house.patient)
    with pytest.raises(RuntimeError), house.database.unit_of_work() as uow:
        access.decide(uow, house.physician, Action.LIST, house.martin)
        raise RuntimeError

    assert told(house, house.patient) == [News.LOOKED]


def test_seen_notices_are_forgotten_after_ninety_days(house: House, clock: kernel.SettableClock) -> None:
    wish(house, house.patient)
    house.lines(house.physician)
    with house.database.unit_of_work() as uow:
        access.see_notices(uow, house.patient)
    gone = []
    for days in (89, 2):
        clock.advance(timedelta(days=days))
        with house.database.unit_of_work() as uow:
            gone.append(access.forget_seen_notices(uow))

    assert gone == [0, 1]


def test_relative_is_told_of_openings_and_of_no_document(family: Family) -> None:
    """A document may be reserved to the girl: that it was filed or read is then not for her parents (THR-14)."""
    house = replace(family.house, martin=family.lou)
    family.let_in(family.mother)
    wish(house, family.mother)
    wish(house, family.child)
    entry = house.file().head.id
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, family.child, Action.CONTROL, family.lou)
        closing = access.RestrictionRequest(Against.DELEGATES, None, Section.CLINICAL, entry)
        access.restrict(uow, permit, closing)
    house.open(house.physician, entry)

    assert told(house, family.mother) == []
    assert News.FILED in told(house, family.child)
    house.lines(house.physician)
    assert told(house, family.mother) == [News.LOOKED]


def test_filing_that_names_no_document_yet_is_not_told_to_a_relative(family: Family) -> None:
    house = replace(family.house, martin=family.lou)
    family.let_in(family.mother)
    for who in (family.mother, family.child):
        wish(house, who)
    with house.database.unit_of_work() as uow:
        access.see_notices(uow, family.child)

    with house.database.unit_of_work() as uow:
        access.decide(uow, house.physician, Action.FILE, family.lou, section=Section.CLINICAL)

    assert (told(house, family.mother), told(house, family.child)) == ([], [News.FILED])


def test_dead_patients_account_is_told_nothing_more(house: House) -> None:
    wish(house, house.patient)
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, Action.MANAGE_TEAM, house.martin)
        access.declare_deceased(uow, permit, uow.now.date())
    with house.database.unit_of_work() as uow:
        access.see_notices(uow, house.patient)
    house.lines(house.physician)

    assert told(house, house.patient) == []


def taken_out(house: House, who: identity.Caller) -> tuple[list[str], bytes]:
    """Return the acts in somebody's bundle, and the bundle."""
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, who, Action.READ_TRAIL, house.martin)
        bundle = access.export_trail(uow, permit, {})
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        held = json.loads(archive.read("trail.json"))
    return [json.loads(trace["detail"])["kind"] for trace in held["traces"]], bundle


def test_bundle_holds_what_its_reader_reads_and_no_more(family: Family, log: ledger.Log) -> None:
    house = replace(family.house, martin=family.lou)
    house.database.put_beside(log)
    family.let_in(family.mother)
    entry = house.file().head.id
    house.open(house.physician, entry)
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, family.child, Action.CONTROL, family.lou)
        closing = access.RestrictionRequest(Against.DELEGATES, None, Section.CLINICAL, entry)
        access.restrict(uow, permit, closing)
    assert ledger.integrate(house.database, log) is not None

    (mothers, hers), (childs, _) = taken_out(house, family.mother), taken_out(house, family.child)

    assert ledger.verify_bundle(hers, log.signer.verifier_key) == []
    assert str(entry).encode() not in hers
    assert b"\nreader delegate\n" in hers
    assert not [kind for kind in mothers if kind.startswith("restriction.")]
    assert "dossier.read" in childs
    assert "dossier.read" not in mothers


def test_taking_out_takes_the_permit_to_read_the_trail(house: House, log: ledger.Log) -> None:
    house.database.put_beside(log)
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, Action.CONTROL, house.martin)
        with pytest.raises(access.PermitMismatch):
            access.export_trail(uow, permit, {})
