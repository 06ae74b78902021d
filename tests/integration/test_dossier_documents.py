from datetime import date, timedelta

import pytest

from serment import access, clinical, dossier, kernel, vault
from support.dossier import MARTIN, PDF, House


def test_filed_document_comes_back_as_it_was(house: House) -> None:
    filed = house.file()

    opened = house.open(house.physician, filed.head.id)

    assert opened == filed
    assert opened.description.media_type == clinical.MediaType.PDF
    assert house.read(house.physician, filed.head.id) == PDF


def test_content_is_read_by_range(house: House) -> None:
    content = bytes(range(256)) * 200
    filed = house.file(content)

    assert house.read(house.physician, filed.head.id, 16_380, 10) == content[16_380:16_390]


def test_list_shows_the_newest_version_of_each_document(house: House) -> None:
    first, second = (
        house.file(title="Lettre"),
        house.file(title="Résultat", kind=clinical.DocumentKind.LABORATORY_RESULT),
    )

    lines = house.lines(house.physician)

    assert {line.entry: line.title for line in lines} == {first.head.id: "Lettre", second.head.id: "Résultat"}


def test_list_spans_pages(house: House) -> None:
    filed = [house.file(b"x", title=f"Note {number}").head.id for number in range(70)]

    assert {line.entry for line in house.lines(house.physician)} == set(filed)


def test_list_filters_by_words_without_accents(house: House) -> None:
    wanted = house.file(title="Échographie cardiaque").head.id
    house.file(title="Lettre")

    assert [line.entry for line in house.lines(house.physician, dossier.Filter(text="echographie"))] == [
        wanted
    ]


def amend(house: House, before: dossier.Document, title: str) -> dossier.Document:
    draft = dossier.Draft(title, before.description.kind, date(2026, 3, 11))
    with house.database.unit_of_work() as uow:
        permit = dossier.decide_entry(uow, house.physician, access.Action.AMEND, house.martin, before.head.id)
        return dossier.amend_document(uow, permit, before, draft, note="Faute de frappe")


def withdraw(house: House, before: dossier.Document, reason: str = "Autre patiente") -> dossier.Document:
    with house.database.unit_of_work() as uow:
        permit = dossier.decide_entry(
            uow, house.physician, access.Action.WITHDRAW, house.martin, before.head.id
        )
        return dossier.withdraw_document(uow, permit, before, reason)


def test_amended_document_keeps_its_earlier_version(house: House) -> None:
    before = house.file(title="Letre")
    after = amend(house, before, "Lettre")

    with house.database.unit_of_work() as uow:
        permit = dossier.decide_entry(uow, house.physician, access.Action.READ, house.martin, before.head.id)
        history = dossier.history_of(uow, permit, before.head.id)

    assert [(version.version, version.description.title, version.note) for version in history] == [
        (2, "Lettre", "Faute de frappe"),
        (1, "Letre", ""),
    ]
    assert history[0] == after
    assert [(line.title, line.amended) for line in house.lines(house.physician)] == [("Lettre", True)]


def test_amending_twice_from_one_version_is_a_conflict(house: House) -> None:
    before = house.file()
    amend(house, before, "Première")

    with pytest.raises(dossier.VersionConflict):
        amend(house, before, "Seconde")


def test_withdrawn_document_leaves_the_list_and_says_why(house: House) -> None:
    before = house.file()
    withdraw(house, before)

    assert house.lines(house.physician) == ()
    assert [line.withdrawn for line in house.lines(house.physician, dossier.Filter(withdrawn=True))] == [True]
    opened = house.open(house.physician, before.head.id)
    assert (opened.is_withdrawn, opened.note, opened.description.author_name) == (
        True,
        "Autre patiente",
        "Camille Essai",
    )


def test_withdrawn_document_is_not_withdrawn_again(house: House) -> None:
    withdrawn = withdraw(house, house.file())

    with pytest.raises(dossier.AlreadyWithdrawn):
        withdraw(house, withdrawn)


def test_withdrawing_takes_a_reason(house: House) -> None:
    with pytest.raises(dossier.DocumentRefused, match="reason"):
        withdraw(house, house.file(), " ")


@pytest.mark.parametrize(
    ("title", "day", "fault"),
    [
        ("", date(2026, 3, 1), "title"),
        ("x" * 201, date(2026, 3, 1), "title"),
        ("Lettre", date(2026, 3, 14), "document_date"),
    ],
)
def test_draft_that_cannot_be_filed_is_refused_before_any_byte(
    house: House, title: str, day: date, fault: str
) -> None:
    draft = dossier.Draft(title, clinical.DocumentKind.LETTER, day)

    with pytest.raises(dossier.DocumentRefused, match=fault), house.database.unit_of_work() as uow:
        dossier.plan_filing(uow, house.physician, house.martin, draft)


def test_filing_under_a_known_identifier_is_told(house: House) -> None:
    filed = house.file()
    draft = dossier.Draft("Lettre", clinical.DocumentKind.LETTER, date(2026, 3, 1))

    with pytest.raises(dossier.AlreadyFiled), house.database.unit_of_work() as uow:
        dossier.plan_filing(uow, house.physician, house.martin, draft, filed.head.id)


def test_secretary_files_what_she_may_not_read(house: House) -> None:
    house.admit(house.secretary)
    filed = house.file(by=house.secretary)

    with pytest.raises(access.AccessRefused):
        house.open(house.secretary, filed.head.id)

    assert house.open(house.physician, filed.head.id).description.author == house.secretary.account


def test_patient_reads_and_adds_with_provenance(house: House) -> None:
    filed = house.file(by=house.patient, kind=clinical.DocumentKind.PATIENT_NOTE)

    assert house.open(house.patient, filed.head.id).description.added_by_patient
    assert [line.added_by_patient for line in house.lines(house.physician)] == [True]


def test_sensitive_document_lies_in_its_own_section(house: House) -> None:
    house.admit(house.nurse)
    filed = house.file(sensitive=True)

    assert filed.head.section is access.Section.SENSITIVE
    assert house.lines(house.nurse) == ()
    with pytest.raises(access.AccessRefused):
        house.open(house.nurse, filed.head.id)


def test_absent_entry_and_forbidden_entry_are_the_same_refusal(house: House) -> None:
    filed, stranger = house.file(), house.caller()

    with pytest.raises(access.AccessRefused) as forbidden:
        house.open(stranger, filed.head.id)
    with pytest.raises(access.AccessRefused) as absent:
        house.open(stranger, access.EntryId(kernel.new_id()))

    assert type(forbidden.value) is type(absent.value)
    assert forbidden.value.code == absent.value.code


def test_broken_row_is_an_error_and_never_empty(house: House) -> None:
    filed = house.file()
    with house.database.unit_of_work() as uow:
        uow.connection.exec_driver_sql(
            "UPDATE entry_versions SET sealed = substr(sealed, 1, length(sealed) - 1)"
        )

    with pytest.raises(vault.SealBroken, match=str(filed.head.id)):
        house.open(house.physician, filed.head.id)


def test_broken_catalogue_is_an_error_and_never_an_empty_list(house: House) -> None:
    house.file()
    with house.database.unit_of_work() as uow:
        uow.connection.exec_driver_sql(
            "UPDATE catalogue_pages SET sealed = substr(sealed, 1, length(sealed) - 1)"
        )

    with pytest.raises(vault.SealBroken, match="catalogue"):
        house.lines(house.physician)


def test_permit_is_for_one_action(house: House) -> None:
    filed = house.file()

    with pytest.raises(access.PermitMismatch), house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.LIST, house.martin)
        dossier.open_document(uow, permit, filed.head.id)


def test_permit_ends(house: House, clock: kernel.SettableClock) -> None:
    filed = house.file()
    with house.database.unit_of_work() as uow:
        permit = dossier.decide_entry(uow, house.physician, access.Action.READ, house.martin, filed.head.id)
    clock.advance(timedelta(minutes=6))

    with pytest.raises(access.PermitMismatch), house.database.unit_of_work() as uow:
        dossier.open_document(uow, permit, filed.head.id)


def test_identity_comes_back_and_is_amended_as_a_version(house: House) -> None:
    with house.database.unit_of_work() as uow:
        permit = access.decide(
            uow, house.physician, access.Action.AMEND, house.martin, section=access.Section.IDENTITY
        )
        dossier.amend_identity(uow, permit, clinical.confirm_by_document(MARTIN), from_version=1)

    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.LIST, house.martin)
        found = dossier.identity_of(uow, permit)

    assert (found.version, found.identity) == (2, clinical.confirm_by_document(MARTIN))


def find(house: House, search: dossier.Search) -> list[kernel.DossierId]:
    with house.database.unit_of_work() as uow:
        return [patient.dossier for patient in dossier.find_patients(uow, house.nurse, search)]


@pytest.mark.parametrize("name", ["", "mar", "MART", "dur", "zoe", "Zo"])
def test_find_by_birth_date_and_the_beginning_of_a_name(house: House, name: str) -> None:
    assert find(house, dossier.Search(birth_date=date(1970, 3, 12), name=name)) == [house.martin]


def test_find_nobody_by_another_date_or_name(house: House) -> None:
    assert find(house, dossier.Search(birth_date=date(1970, 3, 13))) == []
    assert find(house, dossier.Search(birth_date=date(1970, 3, 12), name="ber")) == []


def test_find_needs_a_birth_date_or_an_ins(house: House) -> None:
    with pytest.raises(dossier.SearchTooWide):
        find(house, dossier.Search(name="martin"))


def test_home_shows_patients_and_what_others_filed(house: House) -> None:
    house.admit(house.nurse)
    filed = house.file(by=house.nurse)
    house.file(title="De moi")

    with house.database.unit_of_work() as uow:
        home = dossier.home_of(uow, house.physician)

    assert [patient.dossier for patient in home.patients] == [house.martin]
    assert [(news.patient.dossier, news.line.entry) for news in home.news] == [(house.martin, filed.head.id)]
