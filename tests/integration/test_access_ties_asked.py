"""The query of every decision: of the dossiers that it is asked for, of this account, of what holds now, and no more."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from serment import access, identity, kernel
from serment.access import Action, Against, EntryId, RestrictionRequest, Section
from serment.access.restrictions.model import Filing
from serment.access.restrictions.store import insert_filing, mark_others
from serment.access.ties.store import Tie, load_ties
from support.brake import be_frozen, use_up
from support.dossier import MARTIN, House
from support.emergency import asking, stepped_up
from support.identity import make_administrator, make_organisation, make_patient_account, signed_in

SHARED = frozenset({Section.CLINICAL})
ELSEWHERE = kernel.DossierId(kernel.new_id())


def rows_of(
    house: House, who: identity.Caller, dossiers: Sequence[kernel.DossierId] | None = None
) -> list[Tie]:
    with house.database.reading() as uow:
        return load_ties(uow, who.account, dossiers or [house.martin])


def kinds_of(house: House, who: identity.Caller) -> set[str]:
    return {row.kind for row in rows_of(house, who)}


def relative_of(house: House) -> identity.Caller:
    with house.database.unit_of_work() as uow:
        return signed_in(uow, make_patient_account(uow, house.organisation, "Ange Martin"))


def open_elsewhere(house: House) -> None:
    """Open a second dossier of the same patient, by the same physician."""
    with house.database.unit_of_work() as uow:
        access.open_dossier(uow, house.physician, ELSEWHERE)
        access.link_patient(uow, sharing(uow, house, ELSEWHERE), house.patient.account)


def sharing(uow: kernel.UnitOfWork, house: House, where: kernel.DossierId) -> access.Permit:
    return access.decide(uow, house.physician, Action.SHARE, where, section=Section.IDENTITY)


def delegate(house: House, where: kernel.DossierId, relative: identity.Caller) -> None:
    with house.database.unit_of_work() as uow:
        request = access.DelegationRequest(access.DelegateKind.GUARDIAN, proof="Jugement lu.")
        permit = sharing(uow, house, where)
        access.delegate(uow, permit, request, account=relative.account, born_on=MARTIN.birth_date)


def grant(house: House, where: kernel.DossierId, by: identity.Caller) -> access.Grant:
    """Share what is clinical with the nurse for a day."""
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, by, Action.SHARE, where)
        until = uow.now + timedelta(days=1)
        request = access.GrantRequest(house.nurse.account, None, SHARED, None, access.Purpose.CARE, until)
        return access.grant_access(uow, permit, request)


def close(house: House, where: kernel.DossierId, request: RestrictionRequest) -> access.Restriction:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, Action.CONTROL, where)
        return access.restrict(uow, permit, request)


def filed(house: House, where: kernel.DossierId) -> EntryId:
    """What the physician filed; its content is of no concern here."""
    entry = EntryId(kernel.new_id())
    with house.database.unit_of_work() as uow:
        insert_filing(uow, where, Filing(entry, Section.CLINICAL, house.physician.account))
    return entry


def tie_in_every_way(house: House, where: kernel.DossierId, relative: identity.Caller) -> None:
    delegate(house, where, relative)
    grant(house, where, house.physician)
    filed(house, where)
    close(house, where, RestrictionRequest(Against.PROFESSIONALS))
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, Action.CONTROL, where)
        access.wish_for_notices(uow, permit, access.Wish.TOLD)
        physician = stepped_up(house, house.physician)
        emergency = access.decide(uow, physician, Action.OPEN_EMERGENCY, where)
        access.open_emergency(uow, emergency, asking(words=""))


@pytest.fixture
def relative(house: House) -> identity.Caller:
    """Somebody who acts for the patient, in a world of two dossiers that are alike."""
    relative = relative_of(house)
    open_elsewhere(house)
    for where in (house.martin, ELSEWHERE):
        tie_in_every_way(house, where, relative)
    return relative


#: What is loaded whoever asks: it is told apart by its account or its team afterwards.
OF_ALL = {"custody", "patient", "care", "grant", "restriction", "listener"}


@pytest.mark.parametrize("beside", [[], [kernel.DossierId(kernel.new_id())]], ids=["one", "many"])
def test_ties_are_those_of_the_dossiers_that_were_asked_for(
    house: House, relative: identity.Caller, beside: list[kernel.DossierId]
) -> None:
    asked = [house.martin, *beside]

    by_physician, by_relative = (rows_of(house, who, asked) for who in (house.physician, relative))

    assert {row.dossier for row in (*by_physician, *by_relative)} == {house.martin}
    assert {row.kind for row in by_physician} == OF_ALL | {"filing", "emergency"}
    assert {row.kind for row in by_relative} == OF_ALL | {"delegate"}


def test_mandates_filings_and_emergencies_of_others_are_left_out(
    house: House, relative: identity.Caller
) -> None:
    assert kinds_of(house, house.nurse) == OF_ALL


def test_what_has_ended_is_left_out(
    house: House, relative: identity.Caller, clock: kernel.SettableClock
) -> None:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, Action.CONTROL, house.martin)
        for placed in access.restrictions_of(uow, permit):
            access.lift_restriction(uow, permit, placed.id)
        for given in access.my_delegations(uow, relative):
            access.renounce_delegation(uow, relative, given.id)
    clock.advance(timedelta(days=1))

    kinds = kinds_of(house, house.physician) | kinds_of(house, relative)

    assert kinds == {"custody", "patient", "care", "listener"}


# What a restriction bears on: other filings are not asked for.


@pytest.mark.parametrize(
    ("request_", "concerned"),
    [
        (RestrictionRequest(Against.PROFESSIONALS), True),
        (RestrictionRequest(Against.PROFESSIONALS, section=Section.CLINICAL), True),
        (RestrictionRequest(Against.PROFESSIONALS, section=Section.IMAGING), False),
    ],
    ids=["everything", "its section", "another section"],
)
def test_filing_is_asked_for_where_its_section_is_closed(
    embedded_house: House, request_: RestrictionRequest, concerned: bool
) -> None:
    filed(embedded_house, embedded_house.martin)

    close(embedded_house, embedded_house.martin, request_)

    assert ("filing" in kinds_of(embedded_house, embedded_house.physician)) is concerned


def test_filing_is_asked_for_where_it_is_closed_itself(embedded_house: House) -> None:
    closed = embedded_house.file().head.id
    filed(embedded_house, embedded_house.martin)

    close(embedded_house, embedded_house.martin, RestrictionRequest(Against.DELEGATES, entry=closed))

    rows = rows_of(embedded_house, embedded_house.physician)
    assert [row.entry for row in rows if row.kind == "filing"] == [closed]


def test_filing_is_not_asked_for_where_another_dossier_is_closed(embedded_house: House) -> None:
    open_elsewhere(embedded_house)
    filed(embedded_house, embedded_house.martin)

    close(embedded_house, ELSEWHERE, RestrictionRequest(Against.PROFESSIONALS))

    assert "filing" not in kinds_of(embedded_house, embedded_house.physician)


def test_filing_that_somebody_wrote_over_is_nobodys_own(embedded_house: House) -> None:
    house, entry = embedded_house, filed(embedded_house, embedded_house.martin)
    close(house, house.martin, RestrictionRequest(Against.PROFESSIONALS))

    with house.database.unit_of_work() as uow:
        mark_others(uow, entry, house.nurse.account)

    assert "filing" not in kinds_of(house, house.physician)


# What stands beside a row.


def shared_by_delegate(house: House) -> list[bool]:
    return [row.by_delegate for row in rows_of(house, house.nurse) if row.kind == "grant"]


def test_opening_is_of_a_delegate_where_whoever_gave_it_acts_for_the_patient(embedded_house: House) -> None:
    guardian = relative_of(embedded_house)
    delegate(embedded_house, embedded_house.martin, guardian)

    grant(embedded_house, embedded_house.martin, guardian)

    assert shared_by_delegate(embedded_house) == [True]


def test_opening_is_of_no_delegate_where_somebody_else_acts_for_the_patient(embedded_house: House) -> None:
    delegate(embedded_house, embedded_house.martin, relative_of(embedded_house))

    grant(embedded_house, embedded_house.martin, embedded_house.physician)

    assert shared_by_delegate(embedded_house) == [False]


def test_opening_is_of_no_delegate_where_its_giver_acts_for_another_patient(embedded_house: House) -> None:
    open_elsewhere(embedded_house)
    guardian = relative_of(embedded_house)
    delegate(embedded_house, ELSEWHERE, embedded_house.patient)
    delegate(embedded_house, ELSEWHERE, guardian)

    grant(embedded_house, embedded_house.martin, embedded_house.patient)

    assert shared_by_delegate(embedded_house) == [False]


def custody_seen_by(house: House, who: identity.Caller) -> Tie:
    (custody,) = (row for row in rows_of(house, who) if row.kind == "custody")
    return custody


def test_brake_that_stopped_an_account_stands_beside_its_own_ties_alone(embedded_house: House) -> None:
    house = embedded_house
    use_up(house, house.nurse, 1)

    be_frozen(house, house.physician)

    assert [custody_seen_by(house, who).frozen for who in (house.physician, house.nurse)] == [True, False]


def test_matrix_is_the_newest_of_the_organisation_that_keeps_the_dossier(embedded_house: House) -> None:
    house = embedded_house
    with house.database.unit_of_work() as uow:
        clinic = make_organisation(uow, "Clinique des Pins")
        for organisation, versions in ((house.organisation, 1), (clinic, 2)):
            administrator = signed_in(uow, make_administrator(uow, organisation))
            for held in range(versions):
                proposed = replace(access.SHIPPED, manages_team=frozenset({list(identity.Profession)[held]}))
                access.adopt_matrix(uow, replace(administrator, stepped_up_at=uow.now), proposed, held)

    assert custody_seen_by(house, house.physician).matrix == 1


def test_opening_in_question_is_found_by_its_identifier_alone(embedded_house: House) -> None:
    house = embedded_house
    given = [grant(house, house.martin, house.physician) for _ in range(2)]

    with house.database.reading() as uow:
        found = [access.grant_in_question(uow, one.id) for one in given]
        none = access.grant_in_question(uow, access.GrantId(kernel.new_id()))

    assert [one.id for one in found if one is not None] == [one.id for one in given]
    assert none is None
