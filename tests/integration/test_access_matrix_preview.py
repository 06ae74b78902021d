"""What a change of the matrix concerns: ties that hold now, in the administrator's own organisation, and no others."""

from dataclasses import replace
from datetime import timedelta

import pytest

from serment import access, identity, kernel
from serment.access import SHIPPED, Action, Matrix, Participation, Relation, Section
from serment.access.store import insert_participation
from serment.identity import Profession
from support.dossier import House
from support.family import BORN_ON, SEEN, make_family
from support.identity import (
    make_account,
    make_administrator,
    make_organisation,
    make_patient_account,
    signed_in,
)

SEE = frozenset({Action.LIST, Action.READ})
BIOLOGIST = Profession.BIOLOGIST
#: Biologists of the care team see images.
IMAGING = SHIPPED.with_rights(Relation.CARE_TEAM, BIOLOGIST, Section.IMAGING, SEE)
TOMORROW = timedelta(days=1)


def figures(house: House, proposed: Matrix = IMAGING) -> dict[tuple[Section | None, Action], tuple[int, int]]:
    """Return how many people gain each action, on how many dossiers."""
    return {
        (one.section, one.action): (one.gained_people, one.gained_dossiers)
        for one in effects(house, proposed)
    }


def effects(house: House, proposed: Matrix) -> tuple[access.Effect, ...]:
    with house.database.unit_of_work() as uow:
        administrator = signed_in(uow, make_administrator(uow, house.organisation))
        return access.preview_matrix(uow, administrator, proposed)


def both(people: int, dossiers: int) -> dict[tuple[Section | None, Action], tuple[int, int]]:
    return {(Section.IMAGING, action): (people, dossiers) for action in (Action.LIST, Action.READ)}


def open_to(
    house: House, account: kernel.AccountId, by: identity.Caller, where: kernel.DossierId
) -> access.Grant:
    """Let somebody see the images of a dossier until tomorrow."""
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, by, Action.SHARE, where)
        sections, ends_at = frozenset({Section.IMAGING}), uow.now + TOMORROW
        return access.grant_access(
            uow, permit, access.GrantRequest(account, None, sections, None, access.Purpose.CARE, ends_at)
        )


@pytest.mark.parametrize(
    ("begins", "ends", "counted"),
    [
        (timedelta(0), None, 1),
        (timedelta(0), TOMORROW, 1),
        (TOMORROW, None, 0),
        (-TOMORROW, timedelta(0), 0),
    ],
    ids=["lasts", "will-end", "will-begin", "has-ended"],
)
def test_part_in_care_counts_while_it_holds(
    house: House, begins: timedelta, ends: timedelta | None, counted: int
) -> None:
    carer = house.caller(BIOLOGIST).account
    with house.database.unit_of_work() as uow:
        ended_at = None if ends is None else uow.now + ends
        part = Participation(house.martin, carer, None, uow.now + begins, ended_at, "admitted-by-the-team")
        insert_participation(uow, part)

    assert figures(house) == both(counted, counted)


@pytest.mark.parametrize("over", ["revoked", "ended"])
def test_opening_counts_while_it_holds(house: House, clock: kernel.SettableClock, over: str) -> None:
    given = open_to(house, house.caller(BIOLOGIST).account, house.physician, house.martin)
    assert figures(house) == both(1, 1)

    if over == "ended":
        clock.advance(TOMORROW)
    else:
        with house.database.unit_of_work() as uow:
            permit = access.decide(uow, house.physician, Action.SHARE, house.martin)
            access.revoke_grant(uow, permit, given.id)

    assert figures(house) == both(0, 0)


def test_opening_counts_for_seeing_what_it_opens_wherever_its_holder_works(house: House) -> None:
    with house.database.unit_of_work() as uow:
        elsewhere = make_organisation(uow, "Laboratoire")
    open_to(house, house.caller(BIOLOGIST, elsewhere).account, house.physician, house.martin)
    proposed = SHIPPED.with_rights(
        Relation.CARE_TEAM, BIOLOGIST, Section.IMAGING, SEE | {Action.FILE}
    ).with_rights(Relation.CARE_TEAM, BIOLOGIST, Section.MEASUREMENTS, SEE)

    assert figures(house, proposed) == {
        **both(1, 1),
        (Section.IMAGING, Action.FILE): (0, 0),
        (Section.MEASUREMENTS, Action.LIST): (0, 0),
        (Section.MEASUREMENTS, Action.READ): (0, 0),
    }


def test_dossiers_of_other_organisations_count_for_nothing(house: House) -> None:
    proposed = (
        IMAGING.with_rights(Relation.PATIENT, None, Section.SENSITIVE, SEE | {Action.FILE})
        .with_rights(Relation.EMERGENCY, BIOLOGIST, Section.IDENTITY, SEE)
    )  # fmt: skip
    reader = house.caller(BIOLOGIST)
    with house.database.unit_of_work() as uow:
        access.open_dossier(uow, house.physician, kernel.DossierId(kernel.new_id()))
    before = figures(house, proposed)

    furnish_elsewhere(house, reader)

    assert figures(house, proposed) == before
    assert before[Section.SENSITIVE, Action.FILE] == (1, 1)
    assert before[Section.IDENTITY, Action.READ] == (1, 2)


def furnish_elsewhere(house: House, reader: identity.Caller) -> None:
    """Let another organisation keep a dossier with a patient, a carer, and an opening to somebody of the house."""
    with house.database.unit_of_work() as uow:
        elsewhere = make_organisation(uow, "Centre hospitalier")
    physician, carer = house.caller(organisation=elsewhere), house.caller(BIOLOGIST, elsewhere)
    there = kernel.DossierId(kernel.new_id())
    with house.database.unit_of_work() as uow:
        access.open_dossier(uow, physician, there)
        leading = access.decide(uow, physician, Action.MANAGE_TEAM, there)
        access.admit_to_care_team(uow, leading, account=carer.account)
        sharing = access.decide(uow, physician, Action.SHARE, there, section=Section.IDENTITY)
        access.link_patient(uow, sharing, make_patient_account(uow, elsewhere).id)
    open_to(house, reader.account, physician, there)


def test_who_acts_for_a_patient_counts_from_the_claim_to_the_end(
    house: House, clock: kernel.SettableClock
) -> None:
    family = make_family(house)
    with house.database.unit_of_work() as uow:
        sharing = access.decide(uow, house.physician, Action.SHARE, family.lou, section=Section.IDENTITY)
        request = access.DelegationRequest(access.DelegateKind.PARENT, proof=SEEN)
        access.offer_delegation(uow, sharing, request, born_on=BORN_ON)
    offered = parents_who_lose(house)
    family.let_in(family.mother)
    claimed = parents_who_lose(house)
    clock.advance(timedelta(days=3 * 366))

    assert (offered, claimed, parents_who_lose(house)) == ({(0, 0)}, {(1, 1)}, {(0, 0)})


def parents_who_lose(house: House) -> set[tuple[int, int]]:
    """Return how many parents would lose what is sensitive, on how many dossiers."""
    proposed = SHIPPED.with_rights(Relation.DELEGATE, access.DelegateKind.PARENT, Section.SENSITIVE, ())
    return {(one.lost_people, one.lost_dossiers) for one in effects(house, proposed)}


def test_emergencies_concern_professionals_alone(embedded_house: House) -> None:
    house = embedded_house
    proposed = replace(SHIPPED, opens_emergency=SHIPPED.opens_emergency | {BIOLOGIST})
    house.caller(BIOLOGIST)
    with house.database.unit_of_work() as uow:
        for role in (identity.Role.ADMINISTRATOR, identity.Role.DPO):
            make_account(uow, house.organisation, role, profession=BIOLOGIST)

    assert figures(house, proposed) == {(None, Action.OPEN_EMERGENCY): (1, 1)}
