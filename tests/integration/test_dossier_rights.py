"""Each act on a document takes the right to it; what is amended or withdrawn stays, and says who and why."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from threading import Thread

import pytest

from serment import access, clinical, dossier, identity, kernel, ledger, vault
from support.dossier import MARTIN, PDF, House
from support.vault import rows

KINDS = clinical.DocumentKind
DRAFT = dossier.Draft("Lettre corrigée", KINDS.LETTER, date(2026, 3, 11))


def permit_for(
    uow: kernel.UnitOfWork, house: House, action: access.Action, entry: access.EntryId
) -> access.Permit:
    return dossier.decide_entry(uow, house.physician, action, house.martin, entry)


def amend(
    house: House,
    before: dossier.Document,
    draft: dossier.Draft = DRAFT,
    content: dossier.Content | None = None,
) -> dossier.Document:
    with house.database.unit_of_work() as uow:
        permit = permit_for(uow, house, access.Action.AMEND, before.head.id)
        return dossier.amend_document(uow, permit, before, draft, content=content, note="Erreur de saisie")


def withdraw(house: House, before: dossier.Document, by: identity.Caller | None = None) -> dossier.Document:
    with house.database.unit_of_work() as uow:
        entry = before.head.id
        permit = dossier.decide_entry(uow, by or house.physician, access.Action.WITHDRAW, house.martin, entry)
        return dossier.withdraw_document(uow, permit, before, "Autre patiente")


def test_amended_document_may_stand_for_other_bytes(house: House) -> None:
    before, other = house.file(), house.file(b"%PDF-1.7 corrected")

    after = amend(house, before, content=dossier.content_of(other))

    assert house.read(house.physician, before.head.id) == b"%PDF-1.7 corrected"
    assert after.description.size_bytes == len(b"%PDF-1.7 corrected")
    with house.database.unit_of_work() as uow:
        permit = permit_for(uow, house, access.Action.READ, before.head.id)
        earlier = dossier.open_content(uow, permit, before.head.id, 1)
    assert earlier.whole() == PDF


def test_amended_document_stays_in_its_section(house: House) -> None:
    before, hidden = house.file(), house.file(b"hidden", sensitive=True)

    with pytest.raises(dossier.DocumentRefused, match="section"):
        amend(house, before, content=dossier.content_of(hidden))

    assert house.open(house.physician, before.head.id) == before


def test_amended_document_is_described_as_strictly_as_a_new_one(house: House) -> None:
    before = house.file()

    for draft, fault in (
        (replace(DRAFT, title=" "), "title"),
        (replace(DRAFT, document_date=date(2030, 1, 1)), "date"),
    ):
        with pytest.raises(dossier.DocumentRefused, match=fault):
            amend(house, before, draft)

    assert house.open(house.physician, before.head.id) == before


def test_withdrawn_document_is_not_amended(house: House) -> None:
    withdrawn = withdraw(house, house.file())

    with pytest.raises(dossier.AlreadyWithdrawn):
        amend(house, withdrawn)


def test_document_withdrawn_meanwhile_is_not_amended(house: House) -> None:
    before = house.file()
    withdraw(house, before)

    with pytest.raises(dossier.VersionConflict):
        amend(house, before)


def test_document_of_the_patient_stays_so_when_it_is_amended(house: House) -> None:
    before = house.file(by=house.patient, kind=KINDS.PATIENT_NOTE)

    after = amend(house, before)

    assert (after.description.added_by_patient, after.description.author) == (True, house.physician.account)
    assert house.file().description.added_by_patient is False


@pytest.mark.parametrize("version", [0, 2, -1])
def test_version_that_does_not_exist_is_refused(house: House, version: int) -> None:
    entry = house.file().head.id

    with pytest.raises(access.AccessRefused, match="no-such-version"), house.database.unit_of_work() as uow:
        dossier.open_document(uow, permit_for(uow, house, access.Action.READ, entry), entry, version)


def test_entry_of_another_dossier_is_refused(house: House) -> None:
    entry = house.file().head.id
    with house.database.unit_of_work() as uow:
        other = dossier.create_dossier(uow, house.physician, MARTIN)

    with pytest.raises(access.AccessRefused), house.database.unit_of_work() as uow:
        dossier.decide_entry(uow, house.physician, access.Action.READ, other, entry)
    with pytest.raises(access.AccessRefused, match="no-such-entry"), house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.READ, other)
        dossier.open_document(uow, permit, entry)


def acts(
    house: House, document: dossier.Document
) -> dict[str, Callable[[kernel.UnitOfWork, access.Permit], object]]:
    entry = document.head.id
    content = dossier.content_of(document)
    return {
        "open": lambda uow, permit: dossier.open_document(uow, permit, entry),
        "history": lambda uow, permit: dossier.history_of(uow, permit, entry),
        "content": lambda uow, permit: dossier.open_content(uow, permit, entry),
        "amend": lambda uow, permit: dossier.amend_document(uow, permit, document, DRAFT),
        "withdraw": lambda uow, permit: dossier.withdraw_document(uow, permit, document, "Erreur"),
        "file": lambda uow, permit: dossier.file_document(
            uow, permit, access.EntryId(kernel.new_id()), DRAFT, content
        ),
    }


@pytest.mark.parametrize("act", ["open", "history", "content", "amend", "withdraw", "file"])
def test_act_takes_its_own_permit(house: House, act: str) -> None:
    document = house.file()

    with pytest.raises(access.PermitMismatch), house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.SHARE, house.martin)
        acts(house, document)[act](uow, permit)

    assert house.open(house.physician, document.head.id) == document


@pytest.mark.parametrize("act", ["open", "history", "content"])
def test_act_is_bounded_by_the_section_of_the_document(house: House, act: str) -> None:
    house.admit(house.nurse)
    hidden = house.file(sensitive=True)

    with pytest.raises(access.PermitMismatch), house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.nurse, access.Action.READ, house.martin)
        acts(house, hidden)[act](uow, permit)


def test_document_is_filed_in_a_section_that_the_permit_reaches(house: House) -> None:
    content = dossier.content_of(house.file(sensitive=True))

    with pytest.raises(access.PermitMismatch), house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, access.Action.FILE, house.martin)
        dossier.file_document(uow, permit, access.EntryId(kernel.new_id()), DRAFT, content)


def test_patient_withdraws_nothing(house: House) -> None:
    filed = house.file(by=house.patient, kind=KINDS.PATIENT_NOTE)

    with pytest.raises(access.AccessRefused):
        withdraw(house, filed, house.patient)

    assert house.trail()[-1].outcome is ledger.Outcome.REFUSED


def test_sensitive_filing_is_refused_before_its_bytes_to_those_who_may_not(house: House) -> None:
    draft = replace(DRAFT, sensitive=True)

    with pytest.raises(access.AccessRefused), house.database.unit_of_work() as uow:
        dossier.plan_filing(uow, house.patient, house.martin, draft)


def test_title_is_one_line_of_200_signs_at_most(house: House) -> None:
    assert house.file(title="a\nb\u0000\u202e\tc").description.title == "a b c"
    assert len(house.file(title="x" * 200).description.title) == 200


def test_object_of_another_dossier_is_not_served(house: House) -> None:
    """A row that names another's object opens nothing: the warrant is for one dossier, and so is the key."""
    with house.database.unit_of_work() as uow:
        other = dossier.create_dossier(uow, house.physician, MARTIN)
    foreign = replace(house, martin=other).file(b"foreign")
    before = house.file()

    amended = amend(house, before, content=dossier.content_of(foreign))

    with pytest.raises(vault.WarrantRefused):
        house.read(house.physician, amended.head.id)


def test_filing_under_an_identifier_taken_meanwhile_changes_nothing(house: House) -> None:
    filed = house.file()

    with pytest.raises(dossier.AlreadyFiled), house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.FILE, house.martin)
        dossier.file_document(uow, permit, filed.head.id, DRAFT, dossier.content_of(filed))

    assert house.open(house.physician, filed.head.id) == filed
    assert rows(house.database, "SELECT count(*) FROM entry_versions") == [(2,)]


def test_documents_filed_at_once_are_all_listed(house: House) -> None:
    """The first page, and the one after a full page, are begun by one writer at a time."""
    failed: list[Exception] = []

    def file(number: int) -> None:
        try:
            for round_ in range(9):
                house.file(b"x", title=f"Note {number}.{round_}")
        except Exception as error:  # noqa: BLE001 - it is counted below
            failed.append(error)

    writers = [Thread(target=file, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert failed == []
    assert {line.title for line in house.lines(house.physician)} == {
        f"Note {number}.{round_}" for number in range(8) for round_ in range(9)
    }
    assert rows(house.database, "SELECT page, lines FROM catalogue_pages ORDER BY page") == [(1, 64), (2, 8)]


def test_home_shows_only_what_is_reached_and_no_more_than_asked(
    house: House, clock: kernel.SettableClock
) -> None:
    house.admit(house.nurse)
    for number in range(3):
        house.file(b"x", title=f"Note {number}")
        clock.advance(timedelta(seconds=1))
    house.file(b"x", title="Secret", sensitive=True)
    withdraw(house, house.file(b"x", title="Retirée"))

    with house.database.unit_of_work() as uow:
        home = dossier.home_of(uow, house.nurse)
        short = dossier.home_of(uow, house.nurse, most_news=1)

    assert [news.line.title for news in home.news] == ["Note 2", "Note 1", "Note 0"]
    assert [news.line.title for news in short.news] == ["Note 2"]


def test_news_of_one_shared_document_is_that_document(house: House, clock: kernel.SettableClock) -> None:
    shown = house.file(b"x", title="Partagée").head.id
    for _ in range(3):
        clock.advance(timedelta(seconds=1))
        house.file(b"x", title="Gardée")
    expert = house.caller()
    with house.database.unit_of_work() as uow:
        sharing = access.decide(uow, house.physician, access.Action.SHARE, house.martin)
        ends_at, sections = uow.now + timedelta(days=1), frozenset({access.Section.CLINICAL})
        request = access.GrantRequest(
            expert.account, None, sections, frozenset({shown}), access.Purpose.CARE, ends_at
        )
        access.grant_access(uow, sharing, request)
        home = dossier.home_of(uow, expert, most_news=1)

    assert [news.line.entry for news in home.news] == [shown]


def test_home_of_somebody_without_patients_is_empty(house: House) -> None:
    house.file()

    with house.database.unit_of_work() as uow:
        assert dossier.home_of(uow, house.nurse) == dossier.Home((), ())
