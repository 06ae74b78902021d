"""The pages of recoveries in a real browser: what axe finds, and that nothing runs over."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ViewportSize

from serment import identity, kernel
from support.browser import axe_violations
from support.entrance import Open
from support.identity import (
    confirm_identity,
    make_account,
    make_organisation,
    make_professional,
    open_session_of,
)

pytestmark = pytest.mark.browser
PHONE, TABLET, DESK = (
    ViewportSize(width=360, height=740),
    ViewportSize(width=820, height=1180),
    ViewportSize(width=1440, height=900),
)
_SHOTS = os.environ.get("SERMENT_SHOTS")
People = dict[str, kernel.AccountId]


@pytest.fixture
def people(open_house: Open) -> People:
    with open_house.desk.database.unit_of_work() as uow:
        practice = make_organisation(uow)
        roles = {
            "alix": identity.Role.ADMINISTRATOR,
            "noor": identity.Role.ADMINISTRATOR,
            "dpo": identity.Role.DPO,
        }
        made = {
            login: make_account(uow, practice, role, name=f"{login.title()} Essai")
            for login, role in roles.items()
        }
        made["claude"] = make_professional(uow, practice, name="Dr Claude Essai")
    return {login: account.id for login, account in made.items()}


def enter(chromium: Browser, house: Open, account: kernel.AccountId, **options: object) -> BrowserContext:
    """Return a browser where somebody is signed in and has confirmed who they are."""
    with house.desk.database.unit_of_work() as uow:
        token = open_session_of(uow, account).token
        confirm_identity(uow, token)
    context = chromium.new_context(locale="fr-FR", bypass_csp=True, **options)  # type: ignore[arg-type]  # options of Playwright
    name = house.desk.pages.cookies.name("session")
    context.add_cookies([{"name": name, "value": token, "url": house.origin}])
    return context


@pytest.mark.parametrize(
    ("size", "colours"),
    [(PHONE, "dark"), (TABLET, "light"), (DESK, "light")],
    ids=["phone", "tablet", "desk"],
)
def test_recovery_pages_have_no_fault_that_axe_finds(
    chromium: Browser, open_house: Open, people: People, size: ViewportSize, colours: str
) -> None:
    faults: list[str] = []
    look = {"viewport": size, "color_scheme": colours}
    made = f"/administration/people/{people['claude']}/recovery"
    walks = {
        "alix": [f"/administration/people/{people['claude']}", made, "press", "/administration/recoveries"],
        "dpo": [
            "/administration/recoveries",
            f"/administration/recoveries/{people['claude']}/approve",
            "/recover",
        ],
        "claude": ["/", "/account/security"],
        "noor": [
            f"/administration/people/{people['alix']}/recovery",
            "/account/security",
            "/account/security/add",
        ],
    }
    for who, addresses in walks.items():
        with enter(chromium, open_house, people[who], **look) as context:
            page = context.new_page()
            for number, address in enumerate(addresses):
                if address == "press":
                    page.get_by_role("button", name="Faire un code de récupération").click()
                else:
                    page.goto(open_house.origin + address)
                faults += [f"{who} {address}: {fault}" for fault in axe_violations(page)]
                if page.evaluate(
                    "document.documentElement.scrollWidth > document.documentElement.clientWidth"
                ):
                    faults.append(f"{who} {address}: wider than the screen")
                if _SHOTS:
                    page.screenshot(
                        path=Path(_SHOTS) / f"recovery-{who}-{number}-{size['width']}-{colours}.png"
                    )

    assert faults == []
