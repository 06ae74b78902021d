"""Emergencies in a real browser: two taps within five seconds, the button in sight, what axe finds."""

import time

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from serment import dossier, identity, kernel
from support.browser import axe_violations
from support.dossier import MARTIN
from support.entrance import Open
from support.identity import (
    confirm_identity,
    make_organisation,
    make_professional,
    open_session_of,
    signed_in,
)

pytestmark = pytest.mark.browser
TABLET, DESK = ViewportSize(width=820, height=1180), ViewportSize(width=1440, height=900)


@pytest.fixture
def ward(open_house: Open) -> tuple[kernel.DossierId, identity.Account]:
    """A dossier, and a physician who takes no part in its care."""
    with open_house.desk.database.unit_of_work() as uow:
        practice = make_organisation(uow)
        carer = signed_in(uow, make_professional(uow, practice))
        return dossier.create_dossier(uow, carer, MARTIN), make_professional(uow, practice, name="Alex Garde")


def enter(open_house: Open, browser: Browser, who: identity.Account, size: ViewportSize) -> BrowserContext:
    """A browser in which somebody is signed in, and proved a factor just now."""
    with open_house.desk.database.unit_of_work() as uow:
        opened = open_session_of(uow, who)
        confirm_identity(uow, opened.token)
    context = browser.new_context(locale="fr-FR", viewport=size, bypass_csp=True)
    name = open_house.desk.pages.cookies.name("session")
    context.add_cookies([{"name": name, "value": opened.token, "url": open_house.origin}])
    return context


@pytest.mark.parametrize("size", [TABLET, DESK], ids=["tablet", "desk"])
def test_two_taps_open_within_five_seconds(
    chromium: Browser, open_house: Open, ward: tuple[kernel.DossierId, identity.Account], size: ViewportSize
) -> None:
    patient, somebody = ward
    context = enter(open_house, chromium, somebody, size)
    page = context.new_page()
    page.goto(f"{open_house.origin}/dossiers/{patient}")
    page.get_by_role("link", name="Ouvrir en urgence").click()
    button = page.get_by_role("button", name="Ouvrir en urgence")
    faults = [*axe_violations(page), *out_of_sight(page, size)]

    began = time.monotonic()
    page.get_by_text("La vie du patient est en danger").click()
    button.click()
    expect(page.get_by_text("Dossier ouvert en urgence jusqu’à")).to_be_visible()
    took = time.monotonic() - began
    faults += axe_violations(page)
    page.goto(f"{open_house.origin}/emergencies")
    page.get_by_role("link", name="La vie du patient est en danger").click()
    expect(page.get_by_role("heading", name="Ce qui a été ouvert")).to_be_visible()
    faults += axe_violations(page)
    context.close()

    print(f"two taps: {took * 1000:.0f} ms")  # noqa: T201 - read by people
    assert faults == []
    assert took < 5


def out_of_sight(page: Page, size: ViewportSize) -> list[str]:
    """Say whether the button lies below the screen, or anything beside it."""
    place = page.get_by_role("button", name="Ouvrir en urgence").bounding_box()
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    low = place is None or place["y"] + place["height"] > size["height"]
    return [*(["the button is out of sight"] if low else []), *(["the page is too wide"] if wide else [])]
