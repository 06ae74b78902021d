import re

import pytest
from starlette.testclient import TestClient

from serment import access, clinical, kernel, ledger
from support.dossier import House
from support.edge import SignIn
from support.identity import make_organisation

_OWN = re.compile(r"(?<![\w-])[2-9A-Z]{4}-[2-9A-Z]{4}(?![\w-])|/dossiers/[-0-9a-f/a-z]+")
KIND = clinical.DocumentKind


@pytest.fixture
def client(house: House, client_for: SignIn) -> TestClient:
    return client_for(house.physician)


def acts(house: House) -> list[tuple[str, ledger.Outcome]]:
    return [(trace.kind, trace.outcome) for trace in house.trail()]


def test_timeline_shows_documents_and_who_sees_them(house: House, client: TestClient) -> None:
    house.admit(house.nurse)
    house.file(title="Hémogramme", kind=KIND.LABORATORY_RESULT)
    house.file(title="Compte rendu psychiatrique", sensitive=True)

    shown = client.get(f"/dossiers/{house.martin}").text

    assert "Hémogramme" in shown
    assert "Résultat de biologie" in shown
    assert "équipe de soins (2) et la patiente" in shown
    assert "équipe de soins (1) et la patiente" in shown
    assert "Ajouter au dossier de MARTIN Zoé" in shown


def test_timeline_is_one_decision_and_one_trace(house: House, client: TestClient) -> None:
    house.file()
    before = len(acts(house))

    client.get(f"/dossiers/{house.martin}")

    assert acts(house)[before:] == [("dossier.list", ledger.Outcome.ALLOWED)]


def test_timeline_shows_only_what_the_profession_reaches(house: House, client_for: SignIn) -> None:
    house.admit(house.nurse)
    house.file(title="Hémogramme")
    house.file(title="Compte rendu psychiatrique", sensitive=True)

    shown = client_for(house.nurse).get(f"/dossiers/{house.martin}").text

    assert "Hémogramme" in shown
    assert "psychiatrique" not in shown
    assert "Qui a regardé" not in shown


def test_timeline_is_filtered_by_family_section_and_withdrawal(house: House, client: TestClient) -> None:
    house.file(title="Hémogramme", kind=KIND.LABORATORY_RESULT)
    house.file(title="Secret", sensitive=True)
    base = f"/dossiers/{house.martin}"

    results = client.get(f"{base}?family=results").text
    sensitive = client.get(f"{base}?section=sensitive").text
    withdrawn = client.get(f"{base}?withdrawn=1").text
    unknown = client.get(f"{base}?family=spells&section=attic").text

    assert ("Hémogramme" in results, "Secret" in results) == (True, False)
    assert ("Hémogramme" in sensitive, "Secret" in sensitive) == (False, True)
    assert "Rien ici avec ces filtres" in withdrawn
    assert ("Hémogramme" in unknown, "Secret" in unknown) == (True, True)


def test_empty_dossier_says_what_to_do_first(house: House, client: TestClient) -> None:
    assert "Ajoutez un premier document" in client.get(f"/dossiers/{house.martin}").text
    assert "Aucune image dans ce dossier" in client.get(f"/dossiers/{house.martin}/images").text


def test_images_show_photographs(house: House, client: TestClient) -> None:
    house.file(title="Plaie de jambe", kind=KIND.PHOTOGRAPH)

    assert "Plaie de jambe" in client.get(f"/dossiers/{house.martin}/images").text


def test_reception_files_without_reading(house: House, client_for: SignIn) -> None:
    house.admit(house.secretary)
    house.file(title="Hémogramme")
    client = client_for(house.secretary)

    shown = client.get(f"/dossiers/{house.martin}").text

    assert "Vous classez, sans lire" in shown
    assert "Hémogramme" not in shown
    assert client.get(f"/dossiers/{house.martin}/images").text.count("Hémogramme") == 0
    assert "data-upload" in client.get(f"/dossiers/{house.martin}/file").text


def test_dossier_of_nobody_and_dossier_of_others_look_alike(house: House, client_for: SignIn) -> None:
    with house.database.unit_of_work() as uow:
        hospital = make_organisation(uow, "Hôpital de la Vallée")
    elsewhere = client_for(house.caller(organisation=hospital))

    forbidden = elsewhere.get(f"/dossiers/{house.martin}")
    absent = elsewhere.get(f"/dossiers/{kernel.new_id()}")

    assert (forbidden.status_code, absent.status_code) == (404, 404)
    assert _bare(forbidden.text) == _bare(absent.text)


def test_document_tells_what_it_is_and_who_sees_it(house: House, client: TestClient) -> None:
    entry = house.file(title="Lettre <au> confrère").head.id

    shown = client.get(f"/dossiers/{house.martin}/documents/{entry}").text

    assert "Lettre &lt;au&gt; confrère" in shown
    assert f'src="/dossiers/{house.martin}/documents/{entry}/preview/0"' in shown
    assert f"/share?entry={entry}" in shown
    assert "équipe de soins (1) et la patiente" in shown


def test_document_is_one_decision_and_one_trace(house: House, client: TestClient) -> None:
    entry = house.file().head.id
    before = len(acts(house))

    client.get(f"/dossiers/{house.martin}/documents/{entry}")

    assert acts(house)[before:] == [("dossier.read", ledger.Outcome.ALLOWED)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"Bonjour, voici la suite du traitement.\n", "voici la suite du traitement"),
        (b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\0" * 64, "<audio"),
        (b"BM" + b"\x46\0\0\0" + b"\0" * 64, 'class="picture"'),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 64, "ne peut pas être montré ici"),
    ],
)
def test_document_is_shown_by_its_content(
    house: House, client: TestClient, content: bytes, expected: str
) -> None:
    entry = house.file(content).head.id

    assert expected in client.get(f"/dossiers/{house.martin}/documents/{entry}").text


def test_document_that_is_forbidden_or_absent_looks_alike(house: House, client_for: SignIn) -> None:
    secret = house.file(sensitive=True).head.id
    house.admit(house.nurse)
    nurse = client_for(house.nurse)

    forbidden = nurse.get(f"/dossiers/{house.martin}/documents/{secret}")
    absent = nurse.get(f"/dossiers/{house.martin}/documents/{kernel.new_id()}")

    assert (forbidden.status_code, absent.status_code) == (404, 404)
    assert _bare(forbidden.text) == _bare(absent.text)


def test_correction_becomes_a_version_with_its_reason(house: House, client: TestClient) -> None:
    address = f"/dossiers/{house.martin}/documents/{house.file(title='Letre').head.id}"
    assert 'value="Letre"' in client.get(f"{address}/amend").text
    said = {
        "title": "Lettre",
        "kind": "referral",
        "date": "2026-03-09",
        "reason": "faute de frappe",
        "version": "1",
    }

    shown = client.post(f"{address}/amend", data=said).text
    history = client.get(f"{address}/history").text
    first = client.get(f"{address}?version=1").text
    stale = client.post(f"{address}/amend", data=said)

    assert "Version 2, modifiée" in shown.replace("\u00a0", " ")
    assert "<del>Letre</del> <ins>Lettre</ins>" in history
    assert "faute de frappe" in history
    assert "une version plus récente existe" in first
    assert stale.status_code == 409
    assert client.get(f"{address}?version=9").status_code == 404
    assert "lettre.pdf" in shown


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x" * 201),
        ("kind", "spell"),
        ("date", "2026-13-01"),
        ("date", "2027-01-01"),
        ("reason", ""),
    ],
)
def test_correction_with_a_fault_is_told_beside_the_field(
    house: House, client: TestClient, field: str, value: str
) -> None:
    address = f"/dossiers/{house.martin}/documents/{house.file().head.id}"
    said = {
        "title": "Lettre",
        "kind": "letter",
        "date": "2026-03-09",
        "reason": "faute",
        "version": "1",
        field: value,
    }

    answer = client.post(f"{address}/amend", data=said)

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


def test_withdrawal_is_told_confirmed_and_kept(house: House, client: TestClient) -> None:
    base = f"/dossiers/{house.martin}"
    address = f"{base}/documents/{house.file(title='Lettre égarée').head.id}"
    told = client.get(f"{address}/withdraw").text
    unsaid = client.post(f"{address}/withdraw", data={"reason": " ", "version": "1"})

    shown = client.post(f"{address}/withdraw", data={"reason": "autre patient", "version": "1"}).text

    assert "pas détruit" in told
    assert unsaid.status_code == 422
    assert "Lettre égarée" not in shown
    assert "Lettre égarée" in client.get(f"{base}?withdrawn=1").text
    document = client.get(address).text
    assert "autre patient" in document
    assert "Corriger" not in document


def test_acts_that_are_not_the_callers_are_not_offered_and_refused(house: House, client_for: SignIn) -> None:
    entry = house.file().head.id
    address = f"/dossiers/{house.martin}/documents/{entry}"
    patient = client_for(house.patient)

    shown = patient.get(address).text
    said = {"title": "Autre", "kind": "letter", "date": "2026-03-09", "reason": "envie", "version": "1"}

    assert f"{address}/withdraw" not in shown
    assert f"/share?entry={entry}" in shown
    assert patient.post(f"{address}/amend", data=said).status_code == 404
    assert patient.post(f"{address}/withdraw", data={"reason": "envie", "version": "1"}).status_code == 404


def test_filing_page_names_its_patient_and_is_closed_to_guests(house: House, client_for: SignIn) -> None:
    entry = house.file().head.id
    guest = house.caller()
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.SHARE, house.martin)
        until = uow.now.replace(day=20)
        wanted = frozenset({access.Section.CLINICAL})
        request = access.GrantRequest(
            guest.account, None, wanted, frozenset({entry}), access.Purpose.CARE, until
        )
        access.grant_access(uow, permit, request)

    shown = client_for(house.physician).get(f"/dossiers/{house.martin}/file").text
    closed = client_for(guest).get(f"/dossiers/{house.martin}/file")

    assert f'action="/uploads/dossiers/{house.martin}"' in shown
    assert "Ajouter au dossier de MARTIN Zoé" in shown
    assert "<noscript>" in shown
    assert closed.status_code == 404


def _bare(text: str) -> str:
    """Leave out what differs between two answers to one question: the reference, and the address to come back to."""
    return _OWN.sub("", text)
