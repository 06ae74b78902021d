"""The pages about keys of programs in a real browser: usable at every size, in light and dark (WCAG 2.2 AA)."""

import re

import pytest
from playwright.sync_api import Browser, ViewportSize

from serment import identity
from support.entrance import Open
from support.identity import confirm_identity, make_organisation, make_professional, open_session_of
from support.keys import make_key_of
from support.screens import Screen, open_screen

SIZES = (
    ViewportSize(width=360, height=740),
    ViewportSize(width=820, height=1180),
    ViewportSize(width=1440, height=900),
)


@pytest.fixture
def physician(open_house: Open) -> identity.OpenedSession:
    """A physician who confirmed just now that it is still they."""
    with open_house.desk.database.unit_of_work() as uow:
        opened = open_session_of(uow, make_professional(uow, make_organisation(uow), name="Camille Essai"))
        confirm_identity(uow, opened.token)
    return opened


def enter(chromium: Browser, open_house: Open, opened: identity.OpenedSession, size: ViewportSize) -> Screen:
    screen = open_screen(chromium, open_house.origin, size)
    name = open_house.desk.pages.cookies.name("session")
    screen.context.add_cookies([{"name": name, "value": opened.token, "url": open_house.origin}])
    return screen


def fits(screen: Screen) -> bool:
    """Tell whether nothing has to be scrolled sideways."""
    return bool(
        screen.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    )


@pytest.mark.browser
@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
def test_key_is_made_seen_and_revoked(
    chromium: Browser, open_house: Open, physician: identity.OpenedSession, size: ViewportSize
) -> None:
    networks = identity.KeyBinding.NETWORKS
    database = open_house.desk.database
    make_key_of(database, physician.caller, binding=networks, networks=("192.0.2.0/24", "2001:db8:1::/48"))
    screen, wide = enter(chromium, open_house, physician, size), []

    def look() -> None:
        screen.look()
        if not fits(screen):
            wide.append(screen.page.url)

    screen.go("/account/security")
    look()
    screen.press("Voir les clés de logiciels")
    look()
    screen.press("Créer une clé")
    look()
    screen.fill("Nom du logiciel", "Logiciel du cabinet")
    screen.page.get_by_role("radio", name=re.compile("^À des adresses réseau")).check()
    screen.page.locator("[name=networks]").fill("192.0.2.0/24")
    screen.press("Créer la clé")
    look()
    assert screen.page.locator("#sections-error").is_visible()
    screen.page.get_by_label("Dossier clinique").check()
    screen.press("Créer la clé")
    look()
    assert re.fullmatch(r"srmk_[A-Za-z0-9_-]{49}", screen.page.locator("[data-code]").inner_text())
    screen.press("Elle est dans le logiciel")
    screen.page.get_by_role("link", name="Retirer Logiciel du cabinet").first.click()
    look()
    screen.press("Retirer la clé")
    look()

    # The browser tells of every answer that is none of the 2xx by itself.
    assert [told for told in screen.complaints if "422" not in told] == []
    assert wide == []
    screen.context.close()


@pytest.mark.browser
def test_form_outlives_a_confirmation_that_lapsed(
    chromium: Browser, open_house: Open, physician: identity.OpenedSession
) -> None:
    screen = enter(chromium, open_house, physician, SIZES[1])
    screen.go("/account/keys/new")
    screen.fill("Nom du logiciel", "Logiciel du cabinet")
    with open_house.desk.database.unit_of_work() as uow:
        uow.connection.exec_driver_sql("UPDATE sessions SET stepped_up_at = NULL")
    screen.page.get_by_label("Dossier clinique").check()
    screen.press("Créer la clé")
    screen.look()

    assert screen.page.get_by_label("Nom du logiciel").input_value() == "Logiciel du cabinet"
    assert screen.page.get_by_label("Dossier clinique").is_checked()
    assert [told for told in screen.complaints if "403" not in told] == []
    screen.context.close()
