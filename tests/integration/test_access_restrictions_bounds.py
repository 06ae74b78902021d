"""How far closing goes: who closes what to whom, who is told of it in lists and trails, and which row an act is about."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import ColumnElement, literal, select

from serment import access, dossier, identity, kernel, ledger
from serment.access import Action, Against, EntryId, RestrictionRequest, Section
from serment.access.restrictions import policy, store
from serment.identity.directory import store as directory
from serment.kernel import UuidText
from support.closing import (
    at_home,
    attempt,
    close,
    closings_seen_by,
    colleague,
    lift,
    reserve,
    titles,
    trail_of,
)
from support.dossier import MARTIN, House
from support.family import Family, make_family
from support.identity import make_patient_account, signed_in

#: An act of the dossier that access notes, and what it is about.
Noted = Callable[[kernel.UnitOfWork, access.Permit, Section, EntryId], None]


@pytest.fixture
def family(embedded_house: House) -> Family:
    """The girl, and both her parents, who act for her."""
    family = make_family(embedded_house)
    family.let_in(family.mother)
    family.let_in(family.father)
    return family


def elsewhere(house: House) -> House:
    """The same house, with another dossier of the same patient as the one."""
    with house.database.unit_of_work() as uow:
        other = dossier.create_dossier(uow, house.physician, MARTIN)
        permit = access.decide(uow, house.physician, Action.SHARE, other, section=Section.IDENTITY)
        access.link_patient(uow, permit, house.patient.account)
    return replace(house, martin=other)


# --- who closes what


def test_parent_closes_to_a_professional_and_not_to_the_other_parent(family: Family) -> None:
    house = at_home(family)
    placed = close(house, Against.PERSON, account=house.nurse.account, by=family.mother)

    with pytest.raises(access.RestrictionInvalid) as refused:
        close(house, Against.PERSON, account=family.father.account, by=family.mother)

    assert refused.value.field == "account"
    assert closings_seen_by(house, family.child) == (placed,)


def test_parent_reserves_nothing_to_the_child(family: Family) -> None:
    with pytest.raises(access.RestrictionInvalid) as refused:
        close(at_home(family), Against.DELEGATES, section=Section.CLINICAL, by=family.mother)

    assert refused.value.field == "against"


def test_parent_closes_no_entry_that_is_closed_to_them(family: Family) -> None:
    """Else the answer would tell that it is there."""
    house = at_home(family)
    entry = house.file().head.id
    close(house, Against.DELEGATES, entry=entry)

    for asked in (entry, EntryId(kernel.new_id())):
        with pytest.raises(access.RestrictionInvalid) as refused:
            close(house, Against.PROFESSIONALS, entry=asked, by=family.mother)
        assert refused.value.field == "entry"


def test_professional_reserves_no_entry_that_they_may_not_share(embedded_house: House) -> None:
    house = embedded_house
    entry = house.file(sensitive=True).head.id

    with pytest.raises(access.RestrictionInvalid) as refused:
        reserve(house, entry, by=colleague(house, identity.Profession.RADIOLOGIST))

    assert refused.value.field == "entry"


def test_professional_who_names_themself_is_told_that_it_is_that(embedded_house: House) -> None:
    house, entry = embedded_house, embedded_house.file().head.id
    request = RestrictionRequest(Against.PERSON, house.physician.account, entry=entry)

    with pytest.raises(access.RestrictionInvalid) as refused, house.database.unit_of_work() as uow:
        access.restrict(uow, access.decide(uow, house.physician, Action.SHARE, house.martin), request)

    assert refused.value.field == "account"


def test_patient_closes_nothing_to_a_former_account_of_theirs(embedded_house: House) -> None:
    house = embedded_house
    with house.database.unit_of_work() as uow:
        directory.set_status(uow, house.patient.account, identity.AccountStatus.DEPARTED)
        present = signed_in(uow, make_patient_account(uow, house.organisation))
        permit = access.decide(uow, house.physician, Action.SHARE, house.martin, section=Section.IDENTITY)
        access.link_patient(uow, permit, present.account)

    with pytest.raises(access.RestrictionInvalid) as refused:
        close(house, Against.PERSON, account=house.patient.account, by=present)

    assert refused.value.field == "account"


# --- who is told of it


def test_child_sees_all_that_she_closed_and_a_parent_nothing_of_what_keeps_parents_away(
    family: Family,
) -> None:
    house = at_home(family)
    reserved = close(house, Against.DELEGATES, section=Section.MEASUREMENTS)
    to_one = close(house, Against.PERSON, account=family.father.account, section=Section.IMAGING)
    everything = close(house, Against.PROFESSIONALS)

    assert set(closings_seen_by(house, family.child)) == {reserved, to_one, everything}
    for parent in (family.mother, family.father):
        assert closings_seen_by(house, parent) == (everything,)


def test_rule_by_itself_tells_nobody_what_is_closed_to_them(family: Family) -> None:
    """Whoever acts for a patient has an account of the same kind: their list leaves it out for that as well."""
    house = at_home(family)
    to_one = close(house, Against.PERSON, account=family.father.account, section=Section.IMAGING)

    with house.database.unit_of_work() as uow:
        told = {
            who.account: policy.sees(access.decide(uow, who, Action.CONTROL, house.martin), to_one)
            for who in (family.child, family.mother, family.father)
        }
    assert told == {family.child.account: True, family.mother.account: True, family.father.account: False}


def test_parent_sees_that_a_whole_section_is_closed_whatever_is_reserved_in_it(family: Family) -> None:
    """Else her own closing would be gone from the list for no reason but that one."""
    house = at_home(family)
    seen = close(house, Against.PROFESSIONALS, section=Section.CLINICAL, by=family.mother)
    close(house, Against.DELEGATES, section=Section.CLINICAL)

    assert closings_seen_by(house, family.mother) == (seen,)


def test_professional_sees_what_is_reserved_among_what_they_share_and_no_more(family: Family) -> None:
    house = at_home(family)
    close(house, Against.DELEGATES, section=Section.CLINICAL)
    letter = reserve(house, house.file().head.id)
    sensitive = reserve(house, house.file(sensitive=True).head.id)
    radiologist = colleague(house, identity.Profession.RADIOLOGIST)

    assert set(closings_seen_by(house, house.physician, Action.SHARE)) == {letter, sensitive}
    assert closings_seen_by(house, radiologist, Action.SHARE) == (letter,)


def test_pages_tell_what_is_closed_now_to_the_patient_and_to_nobody_who_acts_or_cares(family: Family) -> None:
    house = at_home(family)
    lift(house, close(house, Against.PROFESSIONALS, section=Section.CLINICAL))
    held = close(house, Against.PROFESSIONALS, section=Section.IMAGING)

    with house.database.unit_of_work() as uow:
        told = [
            access.closed_to_others(uow, access.decide(uow, who, Action.READ, house.martin))
            for who in (family.child, family.mother, house.physician)
        ]
        filing = access.decide(uow, family.child, Action.FILE, house.martin)
        with pytest.raises(access.PermitMismatch):
            access.closed_to_others(uow, filing)
    assert told == [(held,), (), ()]


def test_trail_of_a_professional_is_silent_on_what_is_closed_to_all_of_them(embedded_house: House) -> None:
    house = embedded_house
    before = trail_of(house, house.physician)

    lift(house, close(house, Against.PROFESSIONALS, section=Section.IMAGING))

    assert trail_of(house, house.physician) == before


def test_trail_hides_acts_on_what_is_closed_and_no_others(embedded_house: House) -> None:
    house, other = embedded_house, colleague(embedded_house)
    open_one, closed, absent = house.file().head.id, house.file().head.id, EntryId(kernel.new_id())
    close(house, Against.PERSON, account=other.account, entry=closed)
    for entry in (open_one, closed):
        house.open(house.physician, entry)
    attempt(house, house.physician, absent)

    read = [trace.detail["entry"] for trace in trail_of(house, other) if trace.kind == "dossier.read"]
    assert read == [str(open_one), str(absent)]


def closings_in(trail: list[ledger.Trace]) -> set[str]:
    return {trace.detail["restriction"] for trace in trail if trace.kind == "restriction.placed"}


def test_trail_of_a_parent_tells_what_they_closed_and_what_is_closed_to_professionals(family: Family) -> None:
    house = at_home(family)
    shown = [
        close(house, Against.PERSON, account=house.nurse.account, by=family.mother),
        close(house, Against.PROFESSIONALS, section=Section.IMAGING, by=family.father),
        close(house, Against.PROFESSIONALS, entry=house.file().head.id),
    ]

    assert closings_in(trail_of(house, family.mother)) == {str(one.id) for one in shown}


def test_trail_of_a_parent_tells_nothing_of_what_keeps_parents_away(family: Family) -> None:
    house = at_home(family)
    before = trail_of(house, family.mother)
    entry = house.file().head.id
    close(house, Against.DELEGATES, section=Section.IMAGING)
    close(house, Against.DELEGATES, entry=entry)
    close(house, Against.PERSON, account=family.father.account)
    close(house, Against.PERSON, account=house.nurse.account, by=family.father)
    close(house, Against.PROFESSIONALS, entry=entry)

    assert trail_of(house, family.mother) == before


# --- which row an act is about


def test_one_closing_is_lifted_and_the_other_holds(house: House, clock: kernel.SettableClock) -> None:
    older = close(house, Against.PROFESSIONALS, section=Section.CLINICAL)
    clock.advance(timedelta(seconds=1))
    newer = close(house, Against.PROFESSIONALS, section=Section.IMAGING)
    lift(house, older)

    assert closings_seen_by(house, house.patient) == (newer, replace(older, lifted_at=clock.now()))
    (told,) = (trace for trace in house.trail() if trace.kind == "restriction.lifted")
    assert told.detail["restriction"] == str(older.id)


def test_closing_ends_once(embedded_house: House, clock: kernel.SettableClock) -> None:
    """Of two who lift it at the same time, one is told that there is nothing to lift."""
    house = embedded_house
    placed, ended_at = close(house, Against.PROFESSIONALS), clock.now()
    with house.database.unit_of_work() as uow:
        first = store.lift(uow, placed.id)
    with house.database.unit_of_work() as uow:
        second = store.lift(uow, placed.id)

    assert (first, second) == (True, False)
    assert closings_seen_by(house, house.patient) == (replace(placed, lifted_at=ended_at),)


def test_closing_of_another_dossier_is_neither_seen_nor_lifted_from_here(house: House) -> None:
    there = elsewhere(house)
    placed = close(there, Against.PROFESSIONALS, section=Section.CLINICAL)

    assert closings_seen_by(house, house.patient) == ()
    with pytest.raises(access.RestrictionNotFound):
        lift(house, placed)
    assert close(house, Against.PROFESSIONALS, section=Section.CLINICAL).dossier == house.martin


def test_entry_of_another_dossier_is_not_closed_from_here(house: House) -> None:
    entry = elsewhere(house).file().head.id

    with pytest.raises(access.RestrictionInvalid) as refused:
        close(house, Against.PROFESSIONALS, entry=entry)

    assert refused.value.field == "entry"


def test_everything_closed_is_read_and_traced_as_everything(embedded_house: House) -> None:
    house = embedded_house
    placed = close(house, Against.PROFESSIONALS)

    assert closings_seen_by(house, house.patient) == (placed,)
    (said,) = (trace for trace in house.trail() if trace.kind == "restriction.placed")
    assert said.detail == {"restriction": str(placed.id), "against": "professionals"}


# --- what somebody wrote themself


def entries_where(house: House, holds: ColumnElement[bool]) -> set[EntryId]:
    """Return the entries of which something is said of who filed them, as the query of a decision asks it."""
    with house.database.reading() as uow:
        return set(uow.connection.execute(select(store.filings.c.entry).where(holds)).scalars())


def test_author_keeps_what_they_wrote_though_it_alone_is_closed_to_them(embedded_house: House) -> None:
    house, entry = embedded_house, embedded_house.file(title="Du médecin traitant").head.id
    close(house, Against.PERSON, account=house.physician.account, entry=entry)

    assert titles(house, house.physician) == {"Du médecin traitant"}
    assert house.open(house.physician, entry).head.id == entry


def test_who_filed_an_entry_is_read_only_where_something_closed_now_bears_on_it(house: House) -> None:
    letter, other = house.file().head.id, house.file().head.id
    sensitive = house.file(sensitive=True).head.id

    def bears_on(*, section: Section | None = None, entry: EntryId | None = None) -> set[EntryId]:
        placed = close(house, Against.PROFESSIONALS, section=section, entry=entry)
        found = entries_where(house, store.is_concerned())
        lift(house, placed)
        return found

    assert bears_on() == {letter, other, sensitive}
    assert bears_on(section=Section.SENSITIVE) == {sensitive}
    assert bears_on(entry=letter) == {letter}
    close(elsewhere(house), Against.PROFESSIONALS)
    assert entries_where(house, store.is_concerned()) == set()


def test_entry_is_its_authors_own_until_somebody_else_writes_it(house: House) -> None:
    other = colleague(house)
    kept, rewritten = house.file().head.id, house.file().head.id
    theirs = house.file(by=other).head.id
    with house.database.unit_of_work() as uow:
        access.note_version(
            uow, access.decide(uow, other, Action.AMEND, house.martin), Section.CLINICAL, rewritten
        )

    own = [
        entries_where(house, store.is_own(literal(who.account, UuidText())))
        for who in (house.physician, other)
    ]
    assert own == [{kept}, {theirs}]


@pytest.mark.parametrize(
    ("note", "action"),
    [(access.note_filing, Action.FILE), (access.note_version, Action.AMEND), (access.note_version, Action.WITHDRAW)],
    ids=["filing", "amending", "withdrawing"],
)  # fmt: skip
def test_who_wrote_what_is_noted_within_the_permit_to_write_it(
    embedded_house: House, note: Noted, action: Action
) -> None:
    house, entry = embedded_house, embedded_house.file(sensitive=True).head.id
    secretary = colleague(house, identity.Profession.SECRETARY)
    with house.database.unit_of_work() as uow:
        for permit, section in (
            (access.decide(uow, house.physician, Action.READ, house.martin), Section.SENSITIVE),
            (access.decide(uow, secretary, action, house.martin), Section.SENSITIVE),
        ):
            with pytest.raises(access.PermitMismatch):
                note(uow, permit, section, entry)
