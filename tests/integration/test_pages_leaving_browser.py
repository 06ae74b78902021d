"""The pages of departures, sleeping accounts and team reviews in a real browser: what axe finds, what runs over."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, ViewportSize

from serment import identity, kernel
from support.browser import axe_violations
from support.entrance import Open
from support.identity import (
    confirm_identity,
    make_administrator,
    make_organisation,
    make_professional,
    open_session_of,
)

pytestmark = pytest.mark.browser
PHONE, TABLET, DESK = (ViewportSize(width=width, height=900) for width in (360, 820, 1440))


@dataclass(frozen=True)
class Ward:
    """Who is who, and their team."""

    people: Mapping[str, kernel.AccountId]
    team: identity.TeamId


@pytest.fixture
def ward(open_house: Open, clock: kernel.SettableClock) -> Ward:
    """A ward with an overdue review, a departure to come, an account asleep and one that is drowsy."""
    with open_house.desk.database.unit_of_work() as uow:
        practice = make_organisation(uow)
        administrator = make_administrator(uow, practice)
        make_administrator(uow, practice)
        head = make_professional(uow, practice, name="Camille Essai")
        nurse = make_professional(uow, practice, identity.Profession.NURSE, name="Noé Tisserand")
        leaver = make_professional(
            uow, practice, identity.Profession.NURSE, name="Anne-Sophie Delaunay-Kerguelen"
        )
        caller = open_session_of(uow, administrator).caller
        team = identity.create_team(uow, caller, "Cardiologie et soins intensifs")
        for member in (head, nurse, leaver):
            identity.add_member(uow, caller, team.id, member.id)
        identity.name_head(uow, caller, team.id, head.id)
    clock.advance(timedelta(days=100))
    with open_house.desk.database.unit_of_work() as uow:
        open_session_of(uow, head)
        open_session_of(uow, administrator)
        identity.put_to_sleep(uow, identity.SleepRules())
    clock.advance(timedelta(days=85))
    with open_house.desk.database.unit_of_work() as uow:
        caller = _stepped_up(uow, administrator)
        identity.wake_account(uow, caller, leaver.id)
        identity.declare_departure(uow, caller, leaver.id, clock.now() + timedelta(days=20))
        open_session_of(uow, head)
    people = {"administrator": administrator, "head": head, "nurse": nurse, "leaver": leaver}
    return Ward({name: account.id for name, account in people.items()}, team.id)


def _stepped_up(uow: kernel.UnitOfWork, account: identity.Account) -> identity.Caller:
    return replace(open_session_of(uow, account).caller, stepped_up_at=uow.now)


def _enter(open_house: Open, browser: Browser, who: kernel.AccountId, **options: object) -> BrowserContext:
    with open_house.desk.database.unit_of_work() as uow:
        opened = open_session_of(uow, who)
        confirm_identity(uow, opened.token)
    context = browser.new_context(locale="fr-FR", bypass_csp=True, **options)  # type: ignore[arg-type]  # options of Playwright
    name = open_house.desk.pages.cookies.name("session")
    context.add_cookies([{"name": name, "value": opened.token, "url": open_house.origin}])
    return context


@pytest.mark.parametrize(
    ("size", "colours"),
    [(PHONE, "dark"), (TABLET, "light"), (DESK, "light"), (DESK, "dark")],
    ids=["phone", "tablet", "desk", "desk-dark"],
)
def test_axe_finds_nothing_and_nothing_runs_over(
    chromium: Browser, open_house: Open, ward: Ward, size: ViewportSize, colours: str
) -> None:
    people, team = "/administration/people", ward.team
    seen = {
        "administrator": [
            f"{people}/{ward.people['nurse']}", f"{people}/{ward.people['nurse']}/wake", f"{people}/{ward.people['leaver']}",
            f"{people}/{ward.people['leaver']}/departure", f"{people}/{ward.people['head']}", "/administration/sleeping",
            "/administration/teams", f"/administration/teams/{team}", f"/teams/{team}/review",
        ],
        "head": ["/", f"/teams/{team}/review"],
    }  # fmt: skip
    found: list[str] = []
    for who, addresses in seen.items():
        context = _enter(open_house, chromium, ward.people[who], viewport=size, color_scheme=colours)
        page = context.new_page()
        for address in addresses:
            answer = page.goto(open_house.origin + address)
            if answer is None or answer.status != 200 or page.url != open_house.origin + address:
                found.append(f"{address}: {page.url}")
            found += [f"{address}: {violation}" for violation in axe_violations(page)]
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                found.append(f"{address}: wider than the screen")
        context.close()

    assert found == []
