"""A nurse is invited, opens her account, signs in, adds a passkey, and comes back with the passkey alone."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from serment import identity, kernel
from support.browser import axe_violations
from support.entrance import Open, code_now
from support.identity import PASSWORD, make_administrator, make_organisation, signed_in
from support.tablet import Tablet, tablet

pytestmark = pytest.mark.browser
LOGIN = "camille.essai"
HALF_A_MINUTE = timedelta(seconds=31)


@pytest.fixture
def owned(chromium: Browser) -> Iterator[Tablet]:
    with tablet(chromium) as given:
        yield given


@pytest.fixture
def page(owned: Tablet) -> Page:
    return owned.page


@pytest.fixture
def invited(open_house: Open) -> identity.EnrolmentCode:
    with open_house.desk.database.unit_of_work() as uow:
        administrator = signed_in(uow, make_administrator(uow, make_organisation(uow)))
        invitation = identity.Invitation(
            LOGIN, "Camille Essai", identity.Role.PROFESSIONAL, identity.Profession.NURSE
        )
        return identity.invite(uow, administrator, invitation)


def choose_password(page: Page) -> None:
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_label("Mot de passe, une seconde fois").fill(PASSWORD)


def test_professional_enrols_with_an_application_and_comes_back_with_a_passkey(
    open_house: Open,
    invited: identity.EnrolmentCode,
    owned: Tablet,
    page: Page,
    clock: kernel.SettableClock,
) -> None:
    page.goto(f"{open_house.origin}/enrol#login={LOGIN}&code={invited.code}")
    expect(page.get_by_label("Code d’inscription")).to_have_value(invited.code)
    assert page.url == f"{open_house.origin}/enrol"
    page.get_by_role("button", name="Continuer").click()

    seed = page.locator(".secret-text").inner_text().replace(" ", "")
    choose_password(page)
    assert axe_violations(page) == []
    page.get_by_label("Code à six chiffres").fill(code_now(open_house.desk, seed))
    page.get_by_role("button", name="Continuer avec l’application").click()

    expect(page.locator("[data-code]")).to_have_count(10)
    assert axe_violations(page) == []
    clock.advance(HALF_A_MINUTE)
    page.get_by_role("link", name="Je les ai gardés").click()
    page.get_by_label("Identifiant").fill(LOGIN)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_label("Code à six chiffres").fill(code_now(open_house.desk, seed))
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{open_house.origin}/")

    clock.advance(HALF_A_MINUTE)
    page.goto(f"{open_house.origin}/account/security")
    assert axe_violations(page) == []
    page.get_by_role("link", name="Ajouter un second facteur").click()
    page.get_by_label("Code à six chiffres").fill(code_now(open_house.desk, seed))
    page.get_by_role("button", name="Confirmer").click()
    page.get_by_label("Nom de la clé").fill("Tablette du cabinet")
    with owned.finger_on():
        page.get_by_role("button", name="Créer une clé d’accès").click()
        expect(page.get_by_text("Tablette du cabinet").first).to_be_visible()

    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("heading", name="Vous êtes déconnecté")).to_be_visible()
    page.goto(f"{open_house.origin}/account/security")
    expect(page).to_have_url(re.compile(r"/sign-in\?next=%2Faccount%2Fsecurity$"))
    page.wait_for_load_state("networkidle")

    with owned.finger_on():
        page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
        expect(page).to_have_url(f"{open_house.origin}/account/security")
    page.get_by_role("link", name="Voir les appareils").click()
    expect(page.get_by_text("avec une clé d’accès").first).to_be_visible()
    assert axe_violations(page) == []


def enrol_with_passkey(origin: str, owned: Tablet, code: str) -> None:
    page = owned.page
    page.goto(f"{origin}/enrol")
    page.get_by_label("Identifiant").fill(LOGIN)
    page.get_by_label("Code d’inscription").fill(code)
    page.keyboard.press("Enter")
    choose_password(page)
    with owned.finger_on():
        page.get_by_role("button", name="Continuer avec une clé d’accès").click()
        expect(page.locator("[data-code]")).to_have_count(10)
    page.get_by_role("link", name="Je les ai gardés").click()


def test_professional_enrols_with_a_passkey_signs_out_and_comes_back_with_it(
    open_house: Open, invited: identity.EnrolmentCode, owned: Tablet, page: Page
) -> None:
    enrol_with_passkey(open_house.origin, owned, invited.code)
    page.wait_for_load_state("networkidle")
    assert axe_violations(page) == []
    with owned.finger_on():
        page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
        expect(page).to_have_url(f"{open_house.origin}/")
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Se déconnecter").click()
    page.get_by_role("link", name="Se connecter de nouveau").click()
    page.wait_for_load_state("networkidle")
    with owned.finger_on():
        page.get_by_role("button", name="Se connecter avec une clé d’accès").click()

        expect(page).to_have_url(f"{open_house.origin}/")


def test_passkey_is_not_slowed_by_an_attack_on_passwords(
    open_house: Open, invited: identity.EnrolmentCode, owned: Tablet, page: Page
) -> None:
    enrol_with_passkey(open_house.origin, owned, invited.code)
    page.context.clear_cookies()
    for _ in range(100):
        open_house.desk.entrance.pressure.note_failure()
    page.goto(f"{open_house.origin}/sign-in", wait_until="networkidle")
    with owned.finger_on():
        page.get_by_role("button", name="Se connecter avec une clé d’accès").click()

        expect(page).to_have_url(f"{open_house.origin}/")


def test_passkey_offered_in_the_login_field_signs_in_without_the_button(
    open_house: Open, invited: identity.EnrolmentCode, owned: Tablet, page: Page
) -> None:
    enrol_with_passkey(open_house.origin, owned, invited.code)
    with owned.finger_on():
        page.goto(f"{open_house.origin}/sign-in")

        expect(page).to_have_url(f"{open_house.origin}/")


def test_button_pressed_twice_takes_one_challenge(
    open_house: Open, invited: identity.EnrolmentCode, owned: Tablet, page: Page
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{open_house.origin}/sign-in")
    for _ in range(2):
        page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
        page.evaluate("SimpleWebAuthnBrowser.WebAuthnAbortService.cancelCeremony()")
        expect(page.get_by_text("Votre appareil n’a pas donné de clé d’accès")).to_be_visible()

    assert len([url for url in asked if url.endswith("/sign-in/passkey/options")]) == 1


def test_a_device_without_our_passkey_says_so_and_leaves_the_password(
    open_house: Open, owned: Tablet, page: Page
) -> None:
    page.goto(f"{open_house.origin}/sign-in", wait_until="networkidle")
    with owned.finger_on():
        page.get_by_role("button", name="Se connecter avec une clé d’accès").click()

        expect(page.get_by_text("Votre appareil n’a pas donné de clé d’accès")).to_be_visible()
        expect(page.get_by_label("Identifiant")).to_be_editable()


def test_password_is_shown_on_request_and_hidden_before_it_leaves(open_house: Open, page: Page) -> None:
    page.goto(f"{open_house.origin}/sign-in")
    password = page.get_by_label("Mot de passe")
    password.fill(PASSWORD)

    page.get_by_label("Afficher ce que je tape").check()
    expect(password).to_have_attribute("type", "text")
    page.get_by_label("Afficher ce que je tape").uncheck()
    expect(password).to_have_attribute("type", "password")


def test_entrance_works_without_scripts(
    open_house: Open, invited: identity.EnrolmentCode, chromium: Browser, clock: kernel.SettableClock
) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{open_house.origin}/enrol")
    page.get_by_label("Login").fill(LOGIN)
    page.get_by_label("Enrolment code").fill(invited.code)
    page.get_by_role("button", name="Continue").click()
    seed = page.locator(".secret-text").inner_text().replace(" ", "")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password, a second time").fill(PASSWORD)
    page.get_by_label("Six-digit code").fill(code_now(open_house.desk, seed))
    expect(page.get_by_role("button", name="passkey")).to_have_count(0)
    page.get_by_role("button", name="Continue with the app").click()
    clock.advance(HALF_A_MINUTE)
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_label("Login").fill(LOGIN)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Six-digit code").fill(code_now(open_house.desk, seed))
    page.get_by_role("button", name="Sign in").click()

    expect(page).to_have_url(f"{open_house.origin}/")
    context.close()
