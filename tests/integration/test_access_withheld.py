"""What is closed to whoever answers for an opening is withheld from whom they let in; what is closed to others is not."""

from datetime import timedelta

import pytest

from serment import access, identity, kernel
from serment.access import Action, Against, DelegateKind, RestrictionRequest, Section
from support.dossier import House
from support.family import make_family, relative_of


def close(house: House, who: identity.Caller, where: kernel.DossierId, request: RestrictionRequest) -> None:
    """Close as the page of whoever controls that dossier does."""
    with house.database.unit_of_work() as uow:
        access.restrict(uow, access.decide(uow, who, Action.CONTROL, where), request)


def grant(house: House, by: identity.Caller, where: kernel.DossierId) -> identity.Caller:
    """Let somebody into what is clinical there; return them."""
    expert = house.caller()
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, by, Action.SHARE, where)
        sections, ends_at = frozenset({Section.CLINICAL}), uow.now + timedelta(days=1)
        access.grant_access(
            uow,
            permit,
            access.GrantRequest(expert.account, None, sections, None, access.Purpose.CARE, ends_at),
        )
    return expert


def reads(house: House, caller: identity.Caller, where: kernel.DossierId, entry: access.EntryId) -> bool:
    with house.database.unit_of_work() as uow:
        return access.decide(uow, caller, Action.READ, where).covers(Section.CLINICAL, entry)


def guardian_of(house: House) -> identity.Caller:
    """Let somebody act for the patient in all things."""
    guardian = relative_of(house)
    make_family(house).let_in(guardian, DelegateKind.GUARDIAN, house.martin)
    return guardian


@pytest.mark.parametrize("against", [Against.PERSON, Against.DELEGATES])
def test_what_is_closed_to_others_than_the_giver_is_not_withheld(
    embedded_house: House, against: Against
) -> None:
    house, entry = embedded_house, embedded_house.file().head.id
    guardian_of(house)
    expert = grant(house, house.physician, house.martin)
    away = house.nurse.account if against is Against.PERSON else None

    close(house, house.patient, house.martin, RestrictionRequest(against, away, entry=entry))

    assert reads(house, expert, house.martin, entry)


def test_what_is_reserved_to_the_patient_is_withheld_from_whom_a_delegate_lets_in(house: House) -> None:
    """Else whoever acts for the patient would have a professional look for them."""
    reserved, entry = house.file().head.id, house.file().head.id
    expert = grant(house, guardian_of(house), house.martin)
    assert reads(house, expert, house.martin, reserved)

    close(house, house.patient, house.martin, RestrictionRequest(Against.DELEGATES, entry=reserved))

    assert not reads(house, expert, house.martin, reserved)
    assert reads(house, expert, house.martin, entry)


def test_what_is_closed_to_a_professional_is_not_withheld_by_a_delegate(embedded_house: House) -> None:
    house, entry = embedded_house, embedded_house.file().head.id
    expert = grant(house, guardian_of(house), house.martin)

    closed = RestrictionRequest(Against.PERSON, house.nurse.account, entry=entry)
    close(house, house.patient, house.martin, closed)

    assert reads(house, expert, house.martin, entry)


def test_patient_who_acts_for_another_withholds_nothing_of_their_own(embedded_house: House) -> None:
    """They answer for the opening as the patient whose dossier it is, not as the parent that they are elsewhere."""
    house, entry = embedded_house, embedded_house.file().head.id
    make_family(house).let_in(house.patient)
    expert = grant(house, house.patient, house.martin)

    close(house, house.patient, house.martin, RestrictionRequest(Against.DELEGATES, entry=entry))

    assert reads(house, expert, house.martin, entry)


def test_what_is_closed_to_the_giver_in_one_dossier_is_not_withheld_in_another(house: House) -> None:
    family, expert = make_family(house), grant(house, house.physician, house.martin)
    close(house, family.child, family.lou, RestrictionRequest(Against.PERSON, house.physician.account))

    with house.database.unit_of_work() as uow:
        permits = access.decide_listed(uow, expert, [house.martin, family.lou])

    assert permits[house.martin].covers(Section.CLINICAL, None)


def test_section_that_is_closed_leaves_the_others_open(house: House) -> None:
    close(
        house,
        house.patient,
        house.martin,
        RestrictionRequest(Against.PERSON, house.physician.account, Section.IMAGING),
    )

    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, Action.READ, house.martin)
    assert {section for section in Section if not permit.covers(section, None)} == {Section.IMAGING}
