"""The pages of the shell in a real browser: what axe finds, what the policy blocks, what scripts ease."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from support.browser import axe_violations
from support.catalogue import SIGNED_IN, SIGNED_OUT, serving_catalogue

pytestmark = pytest.mark.browser
NAMES = [name.removesuffix(".html") for name in (*SIGNED_OUT, *SIGNED_IN)]
PHONE = ViewportSize(width=360, height=740)
TABLET = ViewportSize(width=820, height=1180)
DESK = ViewportSize(width=1440, height=900)
ZOOMED = ViewportSize(width=360, height=225)  # a desk's screen at 400 %


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving_catalogue() as served:
        yield served


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport=TABLET, locale="fr-FR")
    yield context.new_page()
    context.close()


@dataclass(frozen=True)
class Visit:
    """One page of the catalogue that is open, and what the browser said until it was idle."""

    page: Page
    said: tuple[str, ...]


@pytest.fixture(scope="module", params=NAMES)
def visit(request: pytest.FixtureRequest, chromium: Browser, address: str) -> Iterator[Visit]:
    """Each page is visited once, for every test that only looks at it."""
    said: list[str] = []
    context = chromium.new_context(viewport=TABLET, locale="fr-FR", color_scheme="light")
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{address}/show/{request.param}")
    # Scripts that a page starts late, and workers, have had their turn once the page is idle.
    page.evaluate("new Promise((rest) => requestIdleCallback(rest, { timeout: 2000 }))")
    yield Visit(page, tuple(said))
    context.close()


def test_the_policy_blocks_nothing_of_ours(visit: Visit) -> None:
    assert [text for text in visit.said if "404" not in text] == []


def test_no_page_scrolls_sideways(visit: Visit) -> None:
    for size in (TABLET, DESK, PHONE, ZOOMED):
        visit.page.set_viewport_size(size)
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= size["width"], size


def test_targets_are_large_enough_for_gloves(visit: Visit) -> None:
    visit.page.set_viewport_size(PHONE)

    heights = visit.page.evaluate(
        """[...document.querySelectorAll("button, select, summary, .button, .chip, .tab, .rail-link, .line[href],"
        + "input:not([type=hidden], [type=checkbox], [type=radio]), label.tick")]
        .filter((element) => element.checkVisibility())
        .map((element) => [element.getBoundingClientRect().height, element.outerHTML.slice(0, 90)])"""
    )

    assert [(height, html) for height, html in heights if height < 44] == []


@pytest.mark.parametrize(("colours", "size"), [("light", DESK), ("dark", PHONE)])
def test_axe_finds_nothing(visit: Visit, colours: Literal["light", "dark"], size: ViewportSize) -> None:
    visit.page.emulate_media(color_scheme=colours)
    visit.page.set_viewport_size(size)

    assert axe_violations(visit.page) == []


def test_axe_finds_what_is_wrong(page: Page) -> None:
    page.set_content("<main><h1>x</h1><img src='x.png'></main>")

    assert any("image-alt" in violation for violation in axe_violations(page))


@pytest.mark.parametrize("size", [PHONE, TABLET, ZOOMED])
def test_the_patient_stays_named_when_the_page_scrolls(page: Page, address: str, size: ViewportSize) -> None:
    page.set_viewport_size(size)
    page.goto(f"{address}/show/catalogue")
    page.evaluate("scrollTo(0, 1500)")

    box = page.locator(".banner-name").bounding_box()

    assert box is not None
    assert 0 <= box["y"] < 60


def test_the_first_page_is_light(page: Page, address: str) -> None:
    sizes: list[int] = []
    page.on(
        "requestfinished",
        lambda request: sizes.append(
            sum(request.sizes()[k] for k in ("responseBodySize", "responseHeadersSize"))
        ),
    )

    page.goto(f"{address}/show/sign-in/sign-in", wait_until="networkidle")

    assert 20_000 < sum(sizes) < 150_000


def test_slash_leads_to_the_search_box(page: Page, address: str) -> None:
    page.goto(f"{address}/show/account/security")
    page.keyboard.press("/")

    assert page.evaluate("document.activeElement.id") == "search"


def test_colours_change_at_once_and_stay(page: Page, address: str) -> None:
    page.goto(f"{address}/show/sign-in/sign-in")
    page.locator(".menu > summary").click()
    with page.expect_response(re.compile("/preferences$")) as kept:
        page.locator("button[name=theme][value=dark]").click()

    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert kept.value.status == 303
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_language_changes_by_a_plain_form(chromium: Browser, address: str) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="fr-FR", viewport=TABLET)
    page = context.new_page()
    page.goto(f"{address}/show/sign-in/sign-in")
    page.locator(".menu > summary").click()
    page.locator("button[name=language][value=en]").click()

    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("h1").inner_text() == "Sign in"
    context.close()


def test_a_dialog_opens_and_closes_by_keyboard(page: Page, address: str) -> None:
    page.goto(f"{address}/show/catalogue")
    page.locator("[data-dialog=share]").focus()
    page.keyboard.press("Enter")
    assert page.locator("#share").is_visible()

    page.locator("#share [data-close]").click()
    assert not page.locator("#share").is_visible()


def test_a_file_dropped_on_a_zone_is_told_to_the_page(page: Page, address: str) -> None:
    page.goto(f"{address}/show/catalogue")
    page.evaluate(
        "document.addEventListener('serment:files', (event) => { document.title = event.detail[0].name; })"
    )

    page.locator("#files").set_input_files(
        {"name": "crp.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-"}
    )

    assert page.title() == "crp.pdf"
