import pytest

from serment import identity, kernel
from support.identity import (
    make_administrator,
    make_organisation,
    make_patient_account,
    make_professional,
    signed_in,
)


@pytest.fixture
def practice(entrance: identity.Entrance) -> identity.Organisation:
    with entrance.database.unit_of_work() as uow:
        return make_organisation(uow)


@pytest.fixture
def administrator(entrance: identity.Entrance, practice: identity.Organisation) -> identity.Caller:
    with entrance.database.unit_of_work() as uow:
        return signed_in(uow, make_administrator(uow, practice))


def colleagues(entrance: identity.Entrance, practice: identity.Organisation, text: str) -> list[str]:
    with entrance.database.reading() as uow:
        return [each.name for each in identity.find_colleagues(uow, practice.id, text)]


def test_organisations_are_found_and_listed(
    entrance: identity.Entrance, practice: identity.Organisation, clock: kernel.SettableClock
) -> None:
    with entrance.database.reading() as uow:
        assert identity.open_organisation(uow, practice.id) == practice
        assert identity.list_organisations(uow) == (practice,)
        with pytest.raises(identity.OrganisationNotFound):
            identity.open_organisation(uow, kernel.OrganisationId(kernel.new_id()))


def test_open_account_returns_it_in_clear(
    entrance: identity.Entrance, practice: identity.Organisation
) -> None:
    with entrance.database.unit_of_work() as uow:
        nurse = make_professional(uow, practice, identity.Profession.NURSE, "Élodie Brûlé-Martin")

    with entrance.database.reading() as uow:
        assert identity.open_account(uow, nurse.id) == nurse
        with pytest.raises(identity.AccountNotFound):
            identity.open_account(uow, kernel.AccountId(kernel.new_id()))


def test_find_colleagues_overlooks_accents_case_and_order(
    entrance: identity.Entrance, practice: identity.Organisation, administrator: identity.Caller
) -> None:
    with entrance.database.unit_of_work() as uow:
        make_professional(uow, practice, name="Élodie Brûlé-Martin")
        make_professional(uow, practice, name="Eloi Ferrand")

    assert colleagues(entrance, practice, "elo") == ["Élodie Brûlé-Martin", "Eloi Ferrand"]
    assert colleagues(entrance, practice, "MARTIN élo") == ["Élodie Brûlé-Martin"]
    assert colleagues(entrance, practice, "rulé") == []
    assert colleagues(entrance, practice, "") == ["Alix Essai", "Élodie Brûlé-Martin", "Eloi Ferrand"]


def test_find_colleagues_leaves_out_patients_other_houses_and_the_suspended(
    entrance: identity.Entrance, practice: identity.Organisation, administrator: identity.Caller
) -> None:
    with entrance.database.unit_of_work() as uow:
        make_patient_account(uow, practice)
        make_professional(uow, make_organisation(uow, "Laboratoire du Pont"))
        leaver = make_professional(uow, practice)
        identity.suspend_account(uow, administrator, leaver.id)

    assert colleagues(entrance, practice, "essai") == ["Alix Essai"]


def test_names_of_leaves_unknown_accounts_out(
    entrance: identity.Entrance, practice: identity.Organisation
) -> None:
    with entrance.database.unit_of_work() as uow:
        nurse = make_professional(uow, practice, name="Eloi Ferrand")
        patient = make_patient_account(uow, practice)
        unknown = kernel.AccountId(kernel.new_id())

        names = identity.names_of(uow, [nurse.id, patient.id, unknown, nurse.id])
        assert names == {nurse.id: "Eloi Ferrand", patient.id: "Dominique Essai"}
        assert identity.names_of(uow, []) == {}


def test_list_accounts_shows_an_administrator_their_own_organisation(
    entrance: identity.Entrance, practice: identity.Organisation, administrator: identity.Caller
) -> None:
    with entrance.database.unit_of_work() as uow:
        patient = make_patient_account(uow, practice)
        make_professional(uow, make_organisation(uow, "Laboratoire du Pont"))
        physician = make_professional(uow, practice)

        listed = identity.list_accounts(uow, administrator)
        assert [account.id for account in listed] == [administrator.account, physician.id, patient.id]
        with pytest.raises(identity.NotPermitted):
            identity.list_accounts(uow, signed_in(uow, physician))
