"""While bots try passwords, a nurse signs in: from her usual tablet as ever, from a new one after a second of work."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page, Request, ViewportSize, expect

from serment import identity, kernel
from support.browser import axe_violations
from support.entrance import Open, code_now
from support.identity import PASSWORD, Person, enrol_somebody

pytestmark = pytest.mark.browser
HALF_A_MINUTE = timedelta(seconds=31)
TABLET = ViewportSize(width=820, height=1180)
WORK = "[data-work]"

NewBrowser = Callable[[], Page]


@pytest.fixture
def new_browser(chromium: Browser) -> Iterator[NewBrowser]:
    """Give the nurse a tablet that has never been here."""
    contexts = []

    def tablet() -> Page:
        contexts.append(chromium.new_context(bypass_csp=True, locale="fr-FR", viewport=TABLET))
        return contexts[-1].new_page()

    yield tablet
    for context in contexts:
        context.close()


@pytest.fixture
def nurse(open_house: Open) -> Person:
    return enrol_somebody(open_house.desk.entrance, profession=identity.Profession.NURSE)


def attack(house: Open) -> None:
    """Have many unknown browsers fail, as a flood of stolen passwords does."""
    for _ in range(100):
        house.desk.entrance.pressure.note_failure()


def lead_to_second_step(house: Open, nurse: Person, page: Page) -> None:
    page.goto(f"{house.origin}/sign-in")
    page.get_by_label("Identifiant").fill(nurse.login)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_label("Code à six chiffres")).to_be_visible()


def give_code(house: Open, nurse: Person, page: Page, clock: kernel.SettableClock) -> None:
    clock.advance(HALF_A_MINUTE)
    page.get_by_label("Code à six chiffres").fill(code_now(house.desk, nurse.seed))
    page.keyboard.press("Enter")


def sign_out(page: Page) -> None:
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("heading", name="Vous êtes déconnecté")).to_be_visible()


def test_known_tablet_is_never_asked_for_work_even_after_signing_out(
    open_house: Open, nurse: Person, new_browser: NewBrowser, clock: kernel.SettableClock
) -> None:
    page = new_browser()
    lead_to_second_step(open_house, nurse, page)
    give_code(open_house, nurse, page, clock)
    expect(page).to_have_url(f"{open_house.origin}/")
    page.goto(f"{open_house.origin}/account/security/devices")
    expect(page.get_by_text("Cet appareil")).to_have_count(1)
    assert axe_violations(page) == []
    sign_out(page)

    attack(open_house)
    lead_to_second_step(open_house, nurse, page)
    expect(page.locator(WORK)).to_have_count(0)
    give_code(open_house, nurse, page, clock)

    expect(page).to_have_url(f"{open_house.origin}/")


def test_unknown_tablet_works_while_the_code_is_typed_and_is_known_afterwards(
    open_house: Open, nurse: Person, new_browser: NewBrowser, clock: kernel.SettableClock
) -> None:
    page = new_browser()
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    attack(open_house)
    lead_to_second_step(open_house, nurse, page)
    expect(page.locator(WORK)).to_be_visible()
    assert axe_violations(page) == []
    give_code(open_house, nurse, page, clock)
    expect(page).to_have_url(f"{open_house.origin}/")
    (second,) = [request for request in sent if request.url.endswith("/sign-in/second")]
    assert len(parse_qs(second.post_data or "")["altcha"][0]) > 100
    sign_out(page)

    attack(open_house)
    lead_to_second_step(open_house, nurse, page)

    expect(page.locator(WORK)).to_have_count(0)


def test_wrong_code_on_an_unknown_tablet_brings_new_work_and_the_right_one_still_opens(
    open_house: Open, nurse: Person, new_browser: NewBrowser, clock: kernel.SettableClock
) -> None:
    page = new_browser()
    attack(open_house)
    lead_to_second_step(open_house, nurse, page)
    first = page.locator(WORK).get_attribute("data-work")
    page.get_by_label("Code à six chiffres").fill("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_text("La connexion n’a pas abouti")).to_be_visible()
    assert page.locator(WORK).get_attribute("data-work") != first
    assert axe_violations(page) == []
    give_code(open_house, nurse, page, clock)

    expect(page).to_have_url(f"{open_house.origin}/")


def test_browser_without_scripts_is_told_what_it_needs(
    open_house: Open, nurse: Person, chromium: Browser, clock: kernel.SettableClock
) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    attack(open_house)
    lead_to_second_step(open_house, nurse, page)
    expect(page.locator("noscript p")).to_contain_text("votre navigateur doit permettre les scripts")
    with page.expect_response(lambda answer: answer.request.method == "POST") as refused:
        give_code(open_house, nurse, page, clock)

    assert refused.value.status == 429
    expect(page.get_by_role("heading", name="Un instant")).to_be_visible()
    context.close()


def test_work_is_no_longer_asked_once_the_attack_is_over(
    open_house: Open, nurse: Person, new_browser: NewBrowser, clock: kernel.SettableClock
) -> None:
    attack(open_house)
    page = new_browser()
    lead_to_second_step(open_house, nurse, page)
    expect(page.locator(WORK)).to_be_visible()
    clock.advance(timedelta(minutes=2))
    lead_to_second_step(open_house, nurse, page)
    clock.advance(timedelta(seconds=2))
    page.reload()

    expect(page.locator(WORK)).to_have_count(0)
