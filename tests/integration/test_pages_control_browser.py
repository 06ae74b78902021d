"""The pages of control in a real browser: axe finds nothing, nothing overflows, and shots for who wants to look."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, Request, Route, ViewportSize
from starlette.testclient import TestClient

from serment import access
from serment.access import Against, Section
from serment.edge.desk import Desk
from support.browser import axe_violations
from support.dossier import House
from support.edge import SignIn
from support.family import Family, make_family, relative_of
from support.identity import confirm_identity

_SHOTS = os.environ.get("SERMENT_SHOTS")
_WIDTHS = (820, 1440) if _SHOTS else (360, 820)
_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.fixture
def house(embedded_house: House) -> House:
    return embedded_house


@pytest.fixture
def family(house: House) -> Family:
    """A family in which something was closed, and people act for the girl."""
    family = make_family(house)
    family.let_in(family.mother)
    family.let_in(family.father)
    house.admit(house.nurse)
    entry = house.file(title="Lettre de la consultation de mars").head.id
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, access.Action.CONTROL, house.martin)
        for request in (
            access.RestrictionRequest(Against.PERSON, house.nurse.account, Section.CLINICAL, entry),
            access.RestrictionRequest(Against.PROFESSIONALS, None, Section.SENSITIVE),
        ):
            access.restrict(uow, permit, request)
    return family


def through(
    browser: Browser, client: TestClient, width: int, scheme: Literal["light", "dark"]
) -> Iterator[Page]:
    """Open a page whose requests are all answered by a client that is signed in."""
    size = ViewportSize(width=width, height=1180)
    context = browser.new_context(viewport=size, color_scheme=scheme, bypass_csp=True)

    def answer(route: Route) -> None:
        asked = route.request
        got = client.request(
            asked.method, asked.url.removeprefix("https://localhost"), content=asked.post_data_buffer,
            headers=_kind_of(asked),
        )  # fmt: skip
        route.fulfill(status=got.status_code, headers=dict(got.headers), body=got.content)

    page = context.new_page()
    page.route("https://localhost/**", answer)
    yield page
    context.close()


def _kind_of(asked: Request) -> dict[str, str]:
    kind = asked.header_value("content-type")
    return {"content-type": kind} if kind else {}


def looked_at(
    family: Family, client_for: SignIn, desk: Desk, tongue: str
) -> Iterator[tuple[str, TestClient, str]]:
    """Yield each page: its name, who looks, where it is."""
    house = family.house
    patient, physician = client_for(house.patient), client_for(house.physician)
    mother, friend = client_for(family.mother), client_for(relative_of(house))
    for client in (patient, physician, mother, friend):
        client.headers["accept-language"] = tongue
        with desk.database.unit_of_work() as uow:
            confirm_identity(uow, client.cookies[desk.pages.cookies.name("session")])
    hers, his = f"/dossiers/{house.martin}", f"/dossiers/{family.lou}"
    entry = house.file(title="Bilan").head.id
    yield "control", patient, f"{hers}/control"
    yield "restrict", patient, f"{hers}/control/restrict"
    yield "hide", patient, f"{hers}/documents/{entry}/hide"
    yield "trust", patient, f"{hers}/control/trust"
    reserved = replace(house, martin=family.lou).file(title="Entretien seule").head.id
    yield "reserve", physician, f"{his}/documents/{reserved}/reserve"
    yield "document", patient, f"{hers}/documents/{entry}"
    yield "control-parent", mother, f"{his}/control"
    yield "mine-parent", mother, "/mine"
    yield "claim", friend, "/mine/code"
    yield "relatives", physician, f"{his}/access/relatives"
    yield "relative", physician, f"{his}/access/relatives/new"


@pytest.mark.browser
@pytest.mark.parametrize("tongue", ["fr", "en"] if _SHOTS else ["fr"])
def test_pages_of_control_are_readable_by_everybody(
    chromium: Browser, family: Family, client_for: SignIn, desk: Desk, tongue: str
) -> None:
    for number, (name, client, address) in enumerate(looked_at(family, client_for, desk, tongue)):
        width, scheme = _WIDTHS[number % 2], _SCHEMES[(number + (tongue == "en")) % 2]
        for page in through(chromium, client, width, scheme):
            page.goto(f"https://localhost{address}")
            look(page, f"{name}-{tongue}-{width}-{scheme}")


@pytest.mark.browser
def test_trusted_person_is_named_without_a_mouse(
    chromium: Browser, family: Family, client_for: SignIn, desk: Desk
) -> None:
    client = client_for(family.house.patient)
    with desk.database.unit_of_work() as uow:
        confirm_identity(uow, client.cookies[desk.pages.cookies.name("session")])
    for page in through(chromium, client, 820, "light"):
        page.goto(f"https://localhost/dossiers/{family.house.martin}/control/trust")
        page.get_by_label("Imagerie").press("Space")
        page.get_by_label("Dernier jour").fill("2026-12-31")
        page.get_by_label("Dernier jour").press("Enter")

        assert len(page.locator("[data-code]").inner_text()) == 24
        look(page, "code-fr-820-light")


def look(page: Page, name: str) -> None:
    """Hold a page against axe and the width of the screen; keep a picture where one is wanted."""
    if _SHOTS:
        page.screenshot(path=Path(_SHOTS) / f"{name}.png", full_page=True)
    assert axe_violations(page) == [], name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
