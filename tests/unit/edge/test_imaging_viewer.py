"""The viewer in a real browser: what it paints is what the server paints, and hands find their way."""

import base64
import io
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect

from serment import clinical, dossier
from serment.edge.desk import Desk
from support.browser import axe_violations
from support.dossier import MARTIN, House, LastingHouse
from support.edge import MOST_UPLOAD_BYTES
from support.films import ct_series, heart_loop
from support.identity import make_entrance
from support.look import Look
from support.workshop import Workshop, enter_browser, working

pytestmark = pytest.mark.browser
DESK = ViewportSize(width=1440, height=900)
SLICES = 24


@pytest.fixture(scope="module")
def house(lasting_house: LastingHouse) -> House:
    return lasting_house.house


@pytest.fixture(scope="module")
def workshop(lasting_house: LastingHouse, look: Look) -> Iterator[Workshop]:
    rows = lasting_house.house.database
    entrance = make_entrance(rows, lasting_house.keyring)
    with working(lasting_house.house, Desk(rows, look.at(rows.clock), entrance, MOST_UPLOAD_BYTES)) as served:
        yield served


@pytest.fixture(scope="module")
def study(house: House, workshop: Workshop) -> list[dossier.Document]:
    """A CT of 24 slices, another series of 3, and a loop of 30 frames."""
    films = [*ct_series(SLICES, side=128), *ct_series(3, side=128, series=2, label="Os"), heart_loop()]
    return [house.file(film, kind=clinical.DocumentKind.IMAGE, title="Scanner") for film in films]


@pytest.fixture
def page(
    chromium: Browser, house: House, workshop: Workshop, study: list[dossier.Document]
) -> Iterator[Page]:
    context = enter_browser(chromium, house, workshop.address, house.physician, viewport=DESK)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{workshop.address}/dossiers/{house.martin}/images/{study[0].head.id}")
    expect(page.locator(".viewer-window")).to_have_text("C 40 · L 400")
    yield page
    assert said == []
    context.close()


def painted(page: Page) -> NDArray[np.uint8]:
    """Return the red of every pixel of the canvas, once what was asked for is drawn."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    encoded = page.evaluate("document.querySelector('.viewer canvas').toDataURL()")
    picture = Image.open(io.BytesIO(base64.b64decode(encoded.partition(",")[2])))
    return np.asarray(picture.convert("RGBA"))[:, :, 0]


def middle(pixels: NDArray[np.uint8]) -> float:
    """Return how light the middle of the stage is, 0 to 255."""
    height, width = pixels.shape
    return float(pixels[height // 4 : 3 * height // 4, 2 * width // 5 : 3 * width // 5].mean())


def test_viewer_paints_each_frame_as_the_server_does(
    page: Page, workshop: Workshop, house: House, study: list[dossier.Document]
) -> None:
    document = f"{workshop.address}/dossiers/{house.martin}/documents/{study[0].head.id}"
    drawn = page.request.get(f"{document}/preview/0?side=128").body()
    wanted = np.asarray(Image.open(io.BytesIO(drawn)).convert("L"))
    script = page.locator("script[src*='js/viewer.js']").get_attribute("src") or ""

    shown = page.evaluate(
        """async ([frame, folder]) => {
          const { unpack } = await import(`${folder}frames.js`);
          const { paint } = await import(`${folder}painting.js`);
          const one = unpack(await (await fetch(frame)).arrayBuffer());
          const window = { center: one.window_center, width: one.window_width };
          return [...paint(one, window, false).data].filter((_, place) => place % 4 === 0);
        }""",
        [f"{document}/frames/0", script.removesuffix("viewer.js")],
    )

    assert np.abs(np.array(shown).reshape(128, 128) - wanted.astype(int)).max() <= 1


@pytest.mark.parametrize(
    "change",
    [
        {"rows": 9},
        {"format": "u64"},
        {"maximum": 10**9},
        {"minimum": 5, "maximum": 4},
        {"window_width": None},
        {"columns": -1},
    ],
)
def test_frame_that_says_what_cannot_be_is_not_painted(page: Page, change: dict[str, object]) -> None:
    header = {
        "rows": 2, "columns": 2, "format": "u8", "minimum": 0, "maximum": 255, "window_center": 128,
        "window_width": 256, "rescale_slope": 1, "rescale_intercept": 0, "spacing": None, "invert": False,
    }  # fmt: skip
    script = page.locator("script[src*='js/viewer.js']").get_attribute("src") or ""
    ask = """async ([header, frames]) => {
      const { unpack } = await import(frames);
      const head = new TextEncoder().encode(header);
      const message = new Uint8Array(4 + head.length + 4);
      new DataView(message.buffer).setUint32(0, head.length);
      message.set(head, 4);
      try { return unpack(message.buffer).rows; } catch (problem) { return problem.constructor.name; }
    }"""
    frames = script.replace("viewer.js", "frames.js")

    assert page.evaluate(ask, [json.dumps(header), frames]) == 2
    assert page.evaluate(ask, [json.dumps({**header, **change}), frames]) == "FrameRefused"


def test_hands_keys_and_slider_go_through_the_slices(page: Page) -> None:
    place, stage = page.locator(".viewer-place"), page.locator(".viewer canvas")
    expect(place).to_have_text(f"Coupe 1 sur {SLICES}")
    stage.hover()
    page.mouse.wheel(0, 120)
    expect(place).to_have_text(f"Coupe 3 sur {SLICES}")
    stage.focus()
    page.keyboard.press("ArrowDown")
    expect(place).to_have_text(f"Coupe 4 sur {SLICES}")
    page.keyboard.press("End")
    expect(place).to_have_text(f"Coupe {SLICES} sur {SLICES}")
    page.get_by_role("button", name="Précédente").click()
    expect(place).to_have_text(f"Coupe {SLICES - 1} sur {SLICES}")
    page.get_by_label("Coupe", exact=True).fill("10")
    expect(place).to_have_text(f"Coupe 10 sur {SLICES}")
    box = stage.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 236, steps=6)
    page.mouse.up()
    expect(place).to_have_text(f"Coupe 13 sur {SLICES}")


def test_windows_and_inversion_change_the_picture_and_reset_brings_it_back(page: Page) -> None:
    before = painted(page)
    page.get_by_label("Fenêtre", exact=True).select_option(label="Os")
    expect(page.locator(".viewer-window")).to_have_text("C 400 · L 1800")
    bone = painted(page)
    page.get_by_role("button", name="Inverser").click()
    inverted = painted(page)
    page.get_by_role("button", name="Rétablir").click()
    expect(page.locator(".viewer-window")).to_have_text("C 40 · L 400")

    assert middle(bone) < middle(before) - 10
    assert middle(inverted) > middle(bone) + 50
    assert np.array_equal(painted(page), before)


def test_zoom_enlarges_the_picture(page: Page) -> None:
    before = np.count_nonzero(painted(page).any(axis=0))
    page.get_by_role("button", name="Réduire").click()

    assert np.count_nonzero(painted(page).any(axis=0)) < before


def test_another_series_is_one_tap_away_and_a_loop_plays(page: Page) -> None:
    page.get_by_role("button", name="Coeur, quatre cavités").click()
    expect(page.locator(".viewer-place")).to_have_text("Coupe 1 sur 30")
    expect(page.locator(".viewer-window")).to_be_empty()
    page.get_by_role("button", name="Lecture").click()
    expect(page.get_by_role("button", name="Lecture")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".viewer-place")).not_to_have_text("Coupe 1 sur 30")
    page.get_by_role("button", name="Lecture").click()
    expect(page.get_by_role("button", name="Lecture")).to_have_attribute("aria-pressed", "false")


def test_every_slice_is_shown_while_scrolling(page: Page) -> None:
    """Count the pictures shown in a whole pass by keys: none may be skipped once the series has come."""
    page.wait_for_load_state("networkidle")
    page.evaluate(
        """() => { window.shown = new Set(); const place = document.querySelector('.viewer-place');
        new MutationObserver(() => window.shown.add(place.textContent)).observe(place, {childList: true}); }"""
    )
    begun = time.monotonic()
    for _ in range(SLICES - 1):
        page.keyboard.press("ArrowDown")
    expect(page.locator(".viewer-place")).to_have_text(f"Coupe {SLICES} sur {SLICES}")

    assert page.evaluate("window.shown.size") == SLICES - 1
    assert time.monotonic() - begun < 10


def test_reader_may_go_to_the_document_and_take_the_file_away(
    page: Page, house: House, study: list[dossier.Document]
) -> None:
    page.keyboard.press("ArrowDown")
    expect(page.locator(".viewer-place")).to_have_text(f"Coupe 2 sur {SLICES}")
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Télécharger").click()

    assert fetched.value.path().read_bytes() == house.read(house.physician, study[1].head.id)
    link = page.get_by_role("link", name="Fiche de l’image")
    assert (link.get_attribute("href") or "").endswith(f"/documents/{study[1].head.id}")


def test_image_that_cannot_be_shown_says_so(chromium: Browser, house: House, workshop: Workshop) -> None:
    with house.database.unit_of_work() as uow:
        patient = replace(MARTIN, birth_date=date(1971, 3, 12))
        other = replace(house, martin=dossier.create_dossier(uow, house.physician, patient))
    whole = next(ct_series(1, side=64, series=7))
    cut = other.file(whole[:-2000], kind=clinical.DocumentKind.IMAGE, title="Coupée")
    context = enter_browser(chromium, house, workshop.address, house.physician)
    page = context.new_page()
    page.goto(f"{workshop.address}/dossiers/{other.martin}/images/{cut.head.id}")

    expect(page.get_by_role("alert")).to_contain_text("Le document lui-même est intact")
    context.close()


@pytest.mark.parametrize(("width", "height"), [(360, 740), (820, 1180), (1440, 900), (360, 225)])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_viewer_fits_every_screen(
    chromium: Browser, house: House, workshop: Workshop, study: list[dossier.Document],
    width: int, height: int, colours: str,
) -> None:  # fmt: skip
    size = ViewportSize(width=width, height=height)
    options = {"viewport": size, "color_scheme": colours, "bypass_csp": True}
    context = enter_browser(chromium, house, workshop.address, house.physician, **options)
    page = context.new_page()
    page.goto(f"{workshop.address}/dossiers/{house.martin}/images/{study[0].head.id}")
    expect(page.locator(".viewer-window")).to_have_text("C 40 · L 400")

    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = "[...document.querySelectorAll('.viewer button, .viewer input, .viewer select')].map((e) => e.getBoundingClientRect()).filter((b) => b.height && b.height < 43.5).length"
    assert page.evaluate(small) == 0
    context.close()
