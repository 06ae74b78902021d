"""A physician links their professional card, signs out, comes in by it, and is put out when the provider says so."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from serment import identity, kernel
from support.browser import axe_violations
from support.identity import PASSWORD, Person, enrol_somebody
from support.oidc_provider import RPPS, TrustingHouse

pytestmark = pytest.mark.browser
LOGIN = "claude.essai"


@pytest.fixture
def clock() -> kernel.Clock:
    """The time of the machine, which the provider lives by."""
    return kernel.SystemClock()


@pytest.fixture
def physician(trusting_house: TrustingHouse) -> Person:
    return enrol_somebody(trusting_house.desk.entrance, identity.Role.PROFESSIONAL, login=LOGIN)


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(bypass_csp=False, viewport={"width": 820, "height": 1180}, locale="fr-FR")
    yield context.new_page()
    context.close()


def sign_in_with_recovery_codes(page: Page, house: TrustingHouse, physician: Person) -> None:
    """Come in, and prove a factor again, without waiting for the next code of an application."""
    page.goto(f"{house.origin}/sign-in")
    page.get_by_label("Identifiant").fill(LOGIN)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/sign-in/second"))
    page.goto(f"{house.origin}/sign-in/second?with=recovery")
    page.locator("input[name=code]").fill(physician.recovery_codes[0])
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{house.origin}/")


def test_physician_comes_in_by_their_card(
    trusting_house: TrustingHouse, physician: Person, page: Page
) -> None:
    house = trusting_house
    sign_in_with_recovery_codes(page, house, physician)

    page.goto(f"{house.origin}/account/security")
    page.get_by_role("link", name="Voir les identités liées").click()
    page.goto(f"{page.url}&with=recovery")
    page.locator("input[name=code]").fill(physician.recovery_codes[1])
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{house.origin}/account/security/identities")
    page.get_by_role("button", name="Lier mon identité").click()
    page.get_by_role("button", name="Confirmer avec ma carte").click()
    expect(page).to_have_url(f"{house.origin}/account/security/identities")
    expect(page.get_by_text(RPPS).first).to_be_visible()
    assert axe_violations(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme="dark")
    assert axe_violations(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")

    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("heading", name="Vous êtes déconnecté")).to_be_visible()

    page.get_by_role("link", name="Se connecter").click()
    page.get_by_role("button", name="Se connecter avec Pro Santé Connect").click()
    # The provider still knows them, from a moment ago: the way there and back takes no click.
    expect(page).to_have_url(f"{house.origin}/")

    provider = page.context.new_page()
    provider.goto(f"{house.issuer}/session/end")
    provider.get_by_role("button", name=re.compile("Yes")).click()
    provider.wait_for_url(re.compile("/session/end/success"))
    page.goto(f"{house.origin}/account/security")
    expect(page).to_have_url(re.compile(r"/sign-in\?next="))


def test_card_that_is_linked_to_nobody_opens_nothing(
    trusting_house: TrustingHouse, physician: Person, chromium: Browser
) -> None:
    context = chromium.new_context(bypass_csp=True, locale="fr-FR")
    page = context.new_page()
    page.goto(f"{trusting_house.origin}/sign-in")
    assert axe_violations(page) == []
    page.get_by_role("button", name="Se connecter avec Pro Santé Connect").click()
    page.get_by_role("button", name="Confirmer avec ma carte").click()

    expect(page.get_by_role("heading", name="La connexion n’a pas abouti")).to_be_visible()
    assert axe_violations(page) == []
    page.goto(f"{trusting_house.origin}/account/security")
    expect(page).to_have_url(re.compile(r"/sign-in\?next="))
    context.close()
