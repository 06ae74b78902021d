from dataclasses import replace
from datetime import timedelta

import pytest

from serment import access, kernel
from support.dossier import House

CLINICAL = access.Section.CLINICAL


@pytest.fixture
def permit(embedded_house: House) -> access.Permit:
    with embedded_house.database.unit_of_work() as uow:
        return access.decide(uow, embedded_house.physician, access.Action.READ, embedded_house.martin)


def require(house: House, permit: access.Permit, action: access.Action, section: access.Section) -> None:
    with house.database.reading() as uow:
        permit.require(uow, action, section, None)


def test_permit_holds_for_what_was_decided_until_its_end(
    embedded_house: House, permit: access.Permit, clock: kernel.SettableClock
) -> None:
    clock.advance(timedelta(minutes=5))

    require(embedded_house, permit, access.Action.READ, CLINICAL)


def test_permit_is_refused_after_its_end(
    embedded_house: House, permit: access.Permit, clock: kernel.SettableClock
) -> None:
    clock.advance(timedelta(minutes=5, microseconds=1))

    with pytest.raises(access.PermitMismatch, match="ended"):
        require(embedded_house, permit, access.Action.READ, CLINICAL)


@pytest.mark.parametrize(
    ("ended_after", "held"),
    [(None, [False, True, True, True]), (timedelta(hours=2), [False, True, True, False])],
    ids=["to no end", "to an end"],
)
def test_part_in_care_holds_from_its_start_to_its_end(
    clock: kernel.SettableClock, ended_after: timedelta | None, held: list[bool]
) -> None:
    began = clock.now()
    ended = None if ended_after is None else began + ended_after
    part = access.Participation(kernel.DossierId(kernel.new_id()), None, None, began, ended, "admitted")

    instants = [began + timedelta(hours=hours) for hours in (-1, 0, 1, 2)]

    assert [part.holds(at) for at in instants] == held


def test_permit_is_refused_for_another_action(embedded_house: House, permit: access.Permit) -> None:
    with pytest.raises(access.PermitMismatch, match="made to read"):
        require(embedded_house, permit, access.Action.FILE, CLINICAL)


def test_permit_is_refused_for_a_section_it_does_not_reach(embedded_house: House) -> None:
    with embedded_house.database.unit_of_work() as uow:
        permit = access.decide(uow, embedded_house.patient, access.Action.FILE, embedded_house.martin)

    with pytest.raises(access.PermitMismatch, match="sensitive"):
        require(embedded_house, permit, access.Action.FILE, access.Section.SENSITIVE)


def test_permit_for_some_entries_covers_neither_others_nor_the_section_as_a_whole(
    embedded_house: House,
) -> None:
    shown = embedded_house.file().head.id
    with embedded_house.database.unit_of_work() as uow:
        sharing = access.decide(uow, embedded_house.physician, access.Action.SHARE, embedded_house.martin)
        request = access.GrantRequest(
            embedded_house.nurse.account, None, frozenset({CLINICAL}), frozenset({shown}), access.Purpose.CARE,
            uow.now + timedelta(days=1),
        )  # fmt: skip
        access.grant_access(uow, sharing, request)
        permit = access.decide(uow, embedded_house.nurse, access.Action.READ, embedded_house.martin)

    assert permit.covers(CLINICAL, shown)
    assert not permit.covers(CLINICAL, access.EntryId(kernel.new_id()))
    assert not permit.covers(CLINICAL, None)
    assert not permit.covers(access.Section.IMAGING, shown)


def test_opening_is_answered_for_by_whoever_gave_it_until_a_colleague_takes_over(
    clock: kernel.SettableClock,
) -> None:
    giver, colleague = (kernel.AccountId(kernel.new_id()) for _ in range(2))
    asked = access.GrantRequest(giver, None, frozenset({CLINICAL}), None, access.Purpose.CARE, clock.now())
    given = access.Grant(
        access.GrantId(kernel.new_id()), kernel.DossierId(kernel.new_id()), giver, clock.now(), asked
    )

    assert given.keeper == giver
    assert replace(given, kept_by=colleague).keeper == colleague


def test_part_in_the_care_holds_from_its_start_until_before_its_end(clock: kernel.SettableClock) -> None:
    dossier, account = kernel.DossierId(kernel.new_id()), kernel.AccountId(kernel.new_id())
    start, end = clock.now(), clock.now() + timedelta(days=1)
    part, moment = access.Participation(dossier, account, None, start, end, "test"), timedelta(microseconds=1)

    assert [part.holds(at) for at in (start - moment, start, end - moment, end)] == [False, True, True, False]
    assert replace(part, ended_at=None).holds(end)
