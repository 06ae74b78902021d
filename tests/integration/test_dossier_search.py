"""Finding a patient by what they are, the identity as versions, and lists filtered by what documents are."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from serment import access, clinical, dossier, identity, kernel, vault
from support.dossier import MARTIN, House
from support.identity import make_organisation
from support.vault import change, rows

BODY = "269052A588157"
INS = clinical.Ins(BODY + clinical.control_key(BODY), clinical.InsAuthority.TEST_NIR)
BORN = date(1969, 5, 12)
QUALIFIED = clinical.PatientIdentity(
    family_name="Lefèvre-Morin", birth_name="Morin", given_names=("Éloïse",), first_given_name="Éloïse",
    birth_date=BORN, sex=clinical.Sex.FEMALE, birth_place_code="2A004",
    status=clinical.IdentityStatus.QUALIFIED, ins=INS,
)  # fmt: skip


def create(
    house: House, patient: clinical.PatientIdentity, by: identity.Caller | None = None
) -> kernel.DossierId:
    with house.database.unit_of_work() as uow:
        return dossier.create_dossier(uow, by or house.physician, patient)


def find(house: House, search: dossier.Search, by: identity.Caller | None = None) -> list[kernel.DossierId]:
    with house.database.unit_of_work() as uow:
        return [patient.dossier for patient in dossier.find_patients(uow, by or house.physician, search)]


def amend(house: House, patient: clinical.PatientIdentity, *, from_version: int) -> None:
    with house.database.unit_of_work() as uow:
        permit = access.decide(
            uow, house.physician, access.Action.AMEND, house.martin, section=access.Section.IDENTITY
        )
        dossier.amend_identity(uow, permit, patient, from_version=from_version)


@pytest.mark.parametrize("asked", [INS.matricule, " ".join(INS.matricule), INS.matricule.lower()])
def test_patient_is_found_by_ins_however_it_is_typed(house: House, asked: str) -> None:
    qualified = create(house, QUALIFIED)

    assert find(house, dossier.Search(ins=asked)) == [qualified]
    assert find(house, dossier.Search(ins="1" + INS.matricule[1:])) == []


@pytest.mark.parametrize("name", ["l", "LE", "lefevre", "mor", "Morin", "elo", "É"])
def test_patient_is_found_by_any_of_their_names(house: House, name: str) -> None:
    qualified = create(house, QUALIFIED)

    assert find(house, dossier.Search(birth_date=BORN, name=name)) == [qualified]


def test_patients_of_one_birth_date_come_by_name(house: House) -> None:
    names = ["Zola", "Abadie", "martin", "Écuyer"]
    made = {name: create(house, replace(QUALIFIED, family_name=name)) for name in names}

    assert find(house, dossier.Search(birth_date=BORN)) == [
        made[name] for name in ("Abadie", "Écuyer", "martin", "Zola")
    ]


def test_patient_is_not_found_from_another_organisation(house: House) -> None:
    create(house, QUALIFIED)
    with house.database.unit_of_work() as uow:
        elsewhere = make_organisation(uow, "Centre hospitalier")

    assert find(house, dossier.Search(ins=INS.matricule), house.caller(organisation=elsewhere)) == []


def test_tag_shared_by_chance_shows_nobody_else(house: House) -> None:
    """Tags are short: what one brings is opened and compared before it is shown (CRY-41)."""
    create(house, QUALIFIED)
    change(
        house.database,
        "UPDATE patient_index SET tag = (SELECT tag FROM patient_index AS other WHERE other.field = 'birth-date'"
        f" AND other.dossier <> '{dossier_text(house)}') WHERE field = 'birth-date'",
    )

    assert find(house, dossier.Search(birth_date=MARTIN.birth_date)) == []
    assert len(find(house, dossier.Search(birth_date=BORN))) == 1


def dossier_text(house: House) -> str:
    """The identifier as the database writes it."""
    return house.martin.hex if house.database.url.startswith("sqlite") else str(house.martin)


def test_amended_identity_is_found_by_its_new_traits_alone(house: House) -> None:
    amend(house, replace(MARTIN, family_name="Bernard", birth_name="Bernard"), from_version=1)

    born = MARTIN.birth_date
    assert find(house, dossier.Search(birth_date=born, name="ber")) == [house.martin]
    assert find(house, dossier.Search(birth_date=born, name="mar")) == []
    assert rows(house.database, "SELECT count(*) FROM patient_index WHERE field = 'ins'") == [(0,)]


def test_identity_amended_from_an_old_version_is_a_conflict(house: House) -> None:
    amend(house, replace(MARTIN, family_name="Bernard"), from_version=1)

    with pytest.raises(dossier.VersionConflict):
        amend(house, replace(MARTIN, family_name="Petit"), from_version=1)

    assert find(house, dossier.Search(birth_date=MARTIN.birth_date, name="pet")) == []


def test_identity_is_amended_with_a_permit_for_it(house: House) -> None:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.READ, house.martin)
        with pytest.raises(access.PermitMismatch):
            dossier.amend_identity(uow, permit, MARTIN, from_version=1)


def test_identity_that_is_gone_is_a_broken_seal_and_never_a_shorter_list(house: House) -> None:
    other = create(house, QUALIFIED)
    change(
        house.database,
        f"DELETE FROM entry_versions WHERE entry = '{dossier_text(replace(house, martin=other))}'",
    )

    with pytest.raises(vault.SealBroken, match=str(other)), house.database.unit_of_work() as uow:
        dossier.my_patients(uow, house.physician)


def test_my_patients_are_mine(house: House) -> None:
    create(house, QUALIFIED, house.caller())

    with house.database.unit_of_work() as uow:
        assert [patient.dossier for patient in dossier.my_patients(uow, house.physician)] == [house.martin]
        assert [patient.identity for patient in dossier.my_patients(uow, house.patient)] == [MARTIN]
        assert dossier.my_patients(uow, house.nurse) == ()


def test_identity_is_not_opened_with_a_permit_that_ended(house: House, clock: kernel.SettableClock) -> None:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.LIST, house.martin)
    clock.advance(timedelta(minutes=6))

    with pytest.raises(access.PermitMismatch), house.database.unit_of_work() as uow:
        dossier.identity_of(uow, permit)


def test_identity_is_no_document(house: House) -> None:
    entry = access.EntryId(house.martin)

    with pytest.raises(access.AccessRefused, match="no-such-entry"):
        house.open(house.physician, entry)


def titles(house: House, wanted: dossier.Filter) -> list[str]:
    return [line.title for line in house.lines(house.physician, wanted)]


def file_on(
    house: House, title: str, day: date, kind: clinical.DocumentKind, *, sensitive: bool = False
) -> None:
    draft = dossier.Draft(title, kind, day, "", sensitive)
    with house.database.unit_of_work() as uow:
        filing = dossier.plan_filing(uow, house.physician, house.martin, draft)
        reception = dossier.Reception(uow.part(vault.ObjectStore), filing)
    reception.write(memoryview(b"words"))
    reception.flush()
    dossier.conclude(house.database, house.physician, reception)


def test_list_is_filtered_by_section_kind_day_and_words(house: House) -> None:
    kinds = clinical.DocumentKind
    file_on(house, "Ancien courrier", date(2020, 1, 1), kinds.LETTER)
    file_on(house, "Bilan récent", date(2026, 3, 1), kinds.LABORATORY_RESULT)
    file_on(house, "Note réservée", date(2026, 3, 2), kinds.LETTER, sensitive=True)

    assert titles(house, dossier.Filter()) == ["Note réservée", "Bilan récent", "Ancien courrier"]
    assert titles(house, dossier.Filter(since=date(2026, 3, 1))) == ["Note réservée", "Bilan récent"]
    assert titles(house, dossier.Filter(kinds=frozenset({kinds.LETTER}))) == [
        "Note réservée",
        "Ancien courrier",
    ]
    assert titles(house, dossier.Filter(sections=frozenset({access.Section.SENSITIVE}))) == ["Note réservée"]
    assert titles(house, dossier.Filter(sections=frozenset({access.Section.IDENTITY}))) == []
    assert titles(house, dossier.Filter(text="camille RECENT")) == ["Bilan récent"]
    assert titles(house, dossier.Filter(text="recent absent")) == []


def test_list_takes_a_permit_to_list(house: House) -> None:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.READ, house.martin)
        with pytest.raises(access.PermitMismatch):
            dossier.list_documents(uow, permit, dossier.Filter())
