"""The viewer's page through HTTP: who reaches which images, what is written of it, and what a frame says."""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape

import pytest
from starlette.testclient import TestClient

from serment import access, clinical, dossier, kernel, ledger
from serment.app.confined_workbench import ConfinedWorkbench, open_zygote
from serment.edge.pages.imaging.viewer import day_of, shown_series
from support.dossier import House
from support.edge import SignIn
from support.films import ct_series, dictation, heart_loop, letter

_SERIES = re.compile(r'data-series="([^"]*)" data-first="(\d+)" aria-pressed="(true|false)"')
_OWN = re.compile(r"(?<![\w-])[2-9A-Z]{4}-[2-9A-Z]{4}(?![\w-])")


@pytest.fixture(scope="module")
def zygote() -> Iterator[kernel.Zygote]:
    with open_zygote() as opened:
        yield opened


@pytest.fixture
def study(house: House, zygote: kernel.Zygote) -> list[dossier.Document]:
    """A CT of five slices, another series of two, and a loop of thirty frames in one instance."""
    house.database.put_beside(ConfinedWorkbench(zygote), dossier.Workbench)
    films = [*ct_series(5, side=32), *ct_series(2, side=32, series=2, label="Os"), heart_loop()]
    return [house.file(film, kind=clinical.DocumentKind.IMAGE, title="Scanner") for film in films]


@pytest.fixture
def client(house: House, client_for: SignIn) -> TestClient:
    return client_for(house.physician)


def page_of(house: House, document: dossier.Document) -> str:
    return f"/dossiers/{house.martin}/images/{document.head.id}"


def series_in(html: str) -> list[tuple[list[str], int, bool]]:
    """Return the series that the page offers: addresses of their frames, where they open, which is chosen."""
    return [
        (json.loads(unescape(frames)), int(first), chosen == "true")
        for frames, first, chosen in _SERIES.findall(html)
    ]


def share(house: House, document: dossier.Document, with_whom: kernel.AccountId) -> None:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.SHARE, house.martin)
        request = access.GrantRequest(
            with_whom,
            None,
            frozenset({access.Section.IMAGING}),
            frozenset({document.head.id}),
            access.Purpose.CARE,
            uow.now + timedelta(days=7),
        )
        access.grant_access(uow, permit, request)


def test_page_offers_each_series_in_order_and_opens_at_the_instance(
    house: House, client: TestClient, study: list[dossier.Document]
) -> None:
    shown = client.get(page_of(house, study[2])).text
    axial, bone, heart = series_in(shown)

    assert axial == ([f"../documents/{one.head.id}/frames/0" for one in study[:5]], 2, True)
    assert bone == ([f"../documents/{one.head.id}/frames/0" for one in study[5:7]], 0, False)
    assert heart == ([f"../documents/{study[7].head.id}/frames/{number}" for number in range(30)], 0, False)
    assert "Ne pas utiliser pour le diagnostic" in shown
    assert "10 mars 2026 · CT, US · 37 images" in shown
    assert "Médiastin" in shown


def test_opening_the_page_is_one_decision_and_one_trace(
    house: House, client: TestClient, study: list[dossier.Document]
) -> None:
    before = len(house.trail())
    client.get(page_of(house, study[0]))

    assert [(one.kind, one.outcome) for one in house.trail()[before:]] == [
        ("dossier.list", ledger.Outcome.ALLOWED)
    ]


def test_each_frame_is_traced_with_its_bytes_and_holds_no_name(
    house: House, client: TestClient, study: list[dossier.Document]
) -> None:
    before = len(house.trail())
    answer = client.get(f"/dossiers/{house.martin}/documents/{study[0].head.id}/frames/0")
    length = int.from_bytes(answer.content[:4], "big")
    header = json.loads(answer.content[4 : 4 + length])

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/vnd.serment.frame")
    assert {name: header[name] for name in ("rows", "columns", "format", "window_center", "window_width")} == {
        "rows": 32, "columns": 32, "format": "i16", "window_center": 40, "window_width": 400,
    }  # fmt: skip
    assert len(answer.content) == 4 + length + 32 * 32 * 2
    assert b"MARTIN" not in answer.content
    assert [(one.kind, one.detail["entry"]) for one in house.trail()[before:]] == [
        ("dossier.read", str(study[0].head.id)),
        ("dossier.content", str(study[0].head.id)),
    ]


def test_guest_of_one_slice_is_offered_that_slice_alone(
    house: House, client_for: SignIn, study: list[dossier.Document]
) -> None:
    guest = house.caller()
    share(house, study[3], guest.account)
    client = client_for(guest)

    shown = client.get(page_of(house, study[3])).text

    assert series_in(shown) == [([f"../documents/{study[3].head.id}/frames/0"], 0, True)]
    assert client.get(page_of(house, study[2])).status_code == 404
    assert client.get(f"/dossiers/{house.martin}/documents/{study[2].head.id}/frames/0").status_code == 404


def test_patient_opens_their_own_images(
    house: House, client_for: SignIn, study: list[dossier.Document]
) -> None:
    client = client_for(house.patient)

    assert len(series_in(client.get(page_of(house, study[0])).text)) == 3
    assert client.get(f"/dossiers/{house.martin}/documents/{study[0].head.id}/frames/0").status_code == 200


def test_stranger_cannot_tell_images_from_nothing(
    house: House, client_for: SignIn, study: list[dossier.Document]
) -> None:
    client = client_for(house.caller())
    absent = client.get(f"/dossiers/{house.martin}/images/{kernel.new_id()}", headers={"accept": "text/html"})
    forbidden = client.get(page_of(house, study[0]), headers={"accept": "text/html"})

    assert (absent.status_code, forbidden.status_code) == (404, 404)
    assert _without_own(absent.text) == _without_own(forbidden.text)


def test_withdrawn_slice_leaves_the_viewer(
    house: House, client: TestClient, study: list[dossier.Document]
) -> None:
    with house.database.unit_of_work() as uow:
        permit = dossier.decide_entry(
            uow, house.physician, access.Action.WITHDRAW, house.martin, study[1].head.id
        )
        dossier.withdraw_document(uow, permit, study[1], "Doublon")

    axial, *_ = series_in(client.get(page_of(house, study[0])).text)

    assert axial[0] == [f"../documents/{study[place].head.id}/frames/0" for place in (0, 2, 3, 4)]


def test_document_that_is_no_image_has_no_viewer(
    house: House, client: TestClient, zygote: kernel.Zygote
) -> None:
    house.database.put_beside(ConfinedWorkbench(zygote), dossier.Workbench)
    document = house.file(letter("Bonjour"))

    assert client.get(page_of(house, document)).status_code == 404


def test_frame_that_there_is_not_is_absent_and_damaged_ones_say_so(
    house: House, client: TestClient, study: list[dossier.Document]
) -> None:
    damaged = house.file(next(ct_series(1, side=64, series=8))[:-1000], kind=clinical.DocumentKind.IMAGE)
    base = f"/dossiers/{house.martin}/documents"

    assert client.get(f"{base}/{study[0].head.id}/frames/7").status_code in {404, 422}
    answer = client.get(f"{base}/{damaged.head.id}/frames/0", headers={"accept": "application/problem+json"})
    assert (answer.status_code, answer.json()["title"]) == (422, "Cet aperçu ne peut pas être montré.")


def test_dictation_plays_by_ranges_and_shows_its_shape(
    house: House, client: TestClient, zygote: kernel.Zygote
) -> None:
    house.database.put_beside(ConfinedWorkbench(zygote), dossier.Workbench)
    spoken = dictation(2)
    document = house.file(spoken, kind=clinical.DocumentKind.DICTATION, title="Dictée")
    base = f"/dossiers/{house.martin}/documents/{document.head.id}"

    part = client.get(f"{base}/content", headers={"range": "bytes=100-199"})
    shape = client.get(f"{base}/preview/0").json()

    assert (part.status_code, part.content) == (206, spoken[100:200])
    assert part.headers["content-type"].startswith("audio/")
    assert shape["seconds"] == 2
    assert 0 < max(shape["peaks"]) <= 100
    assert f'data-sound="{base}/preview/0"' in client.get(base).text


@pytest.mark.parametrize(("said", "day"), [("20240229", date(2024, 2, 29)), ("hier", None), ("", None)])
def test_day_of_a_study_falls_back_on_its_document(house: House, said: str, day: date | None) -> None:
    document = house.file()
    line = house.lines(house.physician)[0]
    study = dossier.StudyLine("1.2", "", said, (), (dossier.SeriesLine("1.2.3", "CT", "", (line,)),))

    assert day_of(study) == (day or line.document_date)
    (series,) = shown_series(study, document.head.id)
    assert (series.count, series.chosen, series.sample) == (1, True, document.head.id)


def _without_own(html: str) -> str:
    """Return a page without what differs at every request: its reference, its token, its address."""
    return re.sub(r'value="[\w-]{43}"|data-csrf="[^"]*"|/images/[-0-9a-f]{36}', "", _OWN.sub("", html))


@pytest.mark.parametrize(("named", "warned"), [("MARTIN^ZOE", False), ("DUPONT^PAUL", True)])
def test_document_of_an_image_warns_when_it_names_somebody_else(
    house: House, client: TestClient, zygote: kernel.Zygote, named: str, *, warned: bool
) -> None:
    house.database.put_beside(ConfinedWorkbench(zygote), dossier.Workbench)
    (film,) = ct_series(1, side=32, patient=named)
    filed = house.file(film, kind=clinical.DocumentKind.IMAGE, title="Scanner")

    shown = client.get(f"/dossiers/{house.martin}/documents/{filed.head.id}").text

    assert ("autre personne que MARTIN Zoé" in shown) == warned
