"""The work of an unknown browser (AUT-11): worker and library agree, and nobody waits or loses a code for it."""

from collections.abc import Callable, Iterator
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

from support.catalogue import serving_catalogue
from support.work import work_is_done

pytestmark = pytest.mark.browser
WORKER = "**/altcha-pbkdf2.js"
SENT = "**/sign-in/second"


@pytest.fixture(scope="module")
def second_step() -> Iterator[str]:
    with serving_catalogue() as served:
        yield f"{served}/show/sign-in/second-step"


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    opened = chromium.new_context(locale="fr-FR")
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def sent(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.post_data or "").items()}


def hold_workers(page: Page) -> Callable[[], None]:
    """Keep the workers of a page waiting for their script until the returned function is called."""
    held: list[Route] = []
    doors = {"open": False}

    def hold(route: Route) -> None:
        if doors["open"]:
            route.continue_()
        else:
            held.append(route)

    def let_in() -> None:
        doors["open"] = True
        for route in held:
            route.continue_()

    page.route(WORKER, hold)
    return let_in


def test_worker_and_library_agree(page: Page, second_step: str) -> None:
    page.goto(second_step)
    expect(page.get_by_text("Navigateur vérifié.")).to_be_visible()

    assert work_is_done(page.locator("[name=altcha]").input_value())


def test_work_for_another_challenge_is_not_taken(page: Page, second_step: str) -> None:
    page.goto(second_step)
    expect(page.get_by_text("Navigateur vérifié.")).to_be_visible()
    done = page.locator("[name=altcha]").input_value()

    assert not work_is_done(done[: len(done) // 2])
    assert not work_is_done("")


def test_form_sent_early_waits_and_then_goes_by_itself(page: Page, second_step: str) -> None:
    let_workers_in = hold_workers(page)
    page.goto(second_step)
    expect(page.get_by_text("Vérification de votre navigateur")).to_be_visible()
    page.get_by_label("Code à six chiffres").fill("123456")
    page.keyboard.press("Enter")
    expect(page.get_by_text("la connexion part toute seule")).to_be_visible()
    expect(page.get_by_label("Code à six chiffres")).to_have_value("123456")

    with page.expect_request(SENT) as leaving:
        let_workers_in()

    fields = sent(leaving.value)
    assert fields["code"] == "123456"
    assert work_is_done(fields["altcha"])


@pytest.mark.parametrize("width", [360, 820, 1440])
def test_button_does_not_move_under_a_finger_when_the_work_is_done(
    page: Page, second_step: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    let_workers_in = hold_workers(page)
    page.goto(second_step)
    button = page.get_by_role("button", name="Se connecter")
    expect(page.get_by_text("Vérification de votre navigateur")).to_be_visible()
    before = button.bounding_box()
    let_workers_in()
    expect(page.get_by_text("Navigateur vérifié.")).to_be_visible()

    assert button.bounding_box() == before


def test_form_sent_after_the_work_goes_at_once(page: Page, second_step: str) -> None:
    page.goto(second_step)
    expect(page.get_by_text("Navigateur vérifié.")).to_be_visible()
    page.get_by_label("Code à six chiffres").fill("123456")

    with page.expect_request(SENT) as leaving:
        page.keyboard.press("Enter")

    assert work_is_done(sent(leaving.value)["altcha"])


def test_work_that_cannot_be_done_says_so_and_keeps_nobody(page: Page, second_step: str) -> None:
    page.route(WORKER, lambda route: route.abort())
    page.goto(second_step)
    expect(page.get_by_text("n’a pas abouti. Rechargez la page")).to_be_visible()
    page.get_by_label("Code à six chiffres").fill("123456")

    with page.expect_request(SENT) as leaving:
        page.keyboard.press("Enter")

    assert sent(leaving.value)["code"] == "123456"


def test_without_scripts_the_page_says_what_it_needs(chromium: Browser, second_step: str) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(second_step)

    expect(page.locator("noscript p")).to_contain_text("The service is under attack")
    expect(page.locator("noscript p")).to_be_visible()
    expect(page.get_by_label("Six-digit code")).to_be_editable()
    context.close()
