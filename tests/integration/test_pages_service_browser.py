"""The pages of rules in a real browser: axe finds nothing, and nothing runs over a phone or a tablet."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Route, ViewportSize
from starlette.testclient import TestClient

from serment import access, identity
from serment.access import Action, Section
from serment.edge.desk import Desk
from support.browser import axe_violations
from support.dossier import House
from support.edge import SignIn
from support.identity import confirm_identity, make_account, make_administrator, signed_in

pytestmark = pytest.mark.browser
_PHONE, _TABLET = (ViewportSize(width=width, height=1180) for width in (360, 820))
_ROW = "relation=care-team&who=nurse"


@pytest.fixture
def house(embedded_house: House) -> House:
    """A house with an episode that goes on, one that is over, and a refusal to explain."""
    house = embedded_house
    house.admit(house.secretary)
    with house.database.unit_of_work() as uow:
        leading, filing, reading = (
            access.decide(uow, house.physician, action, house.martin)
            for action in (Action.MANAGE_TEAM, Action.FILE, Action.READ)
        )
        _, episode = (
            access.open_episode(
                uow, leading, filing,
                access.EpisodeRequest(access.EpisodeKind.HOME, label, Section.CLINICAL, timedelta(days=30)),
            )
            for label in ("Fracture du poignet gauche", "Pansements à domicile")
        )  # fmt: skip
        access.admit_to_care_team(uow, leading, account=house.nurse.account, episode=episode.id)
        closing = access.Closing(uow.now, timedelta(days=7))
        access.close_episode(uow, leading, reading, episode.id, closing)
    with pytest.raises(access.AccessRefused), house.database.unit_of_work() as uow:
        access.decide(uow, house.secretary, Action.MANAGE_TEAM, house.martin)
    return house


def pages_of(house: House, client_for: SignIn, desk: Desk) -> list[tuple[TestClient, str]]:
    with house.database.unit_of_work() as uow:
        officer = signed_in(uow, make_account(uow, house.organisation, identity.Role.DPO, name="Sacha Essai"))
        administrator = signed_in(uow, make_administrator(uow, house.organisation))
        permit = access.decide(uow, house.physician, Action.READ, house.martin)
        going_on = next(one for one in access.episodes_of(uow, permit) if one.closed_at is None)
    physician, administers = client_for(house.physician), client_for(administrator)
    with desk.database.unit_of_work() as uow:
        confirm_identity(uow, administers.cookies[desk.pages.cookies.name("session")])
    base, matrix = f"/dossiers/{house.martin}", "/administration/matrix"
    return [
        (physician, f"{base}/episodes"),
        (physician, f"{base}/episodes/{going_on.id}/close"),
        (physician, f"{base}/access"),
        (physician, f"{base}/death"),
        (client_for(officer), f"{base}/explanations"),
        (administers, matrix),
        (administers, f"{matrix}/edit?{_ROW}"),
        (administers, f"{matrix}/preview?base=0&{_ROW}&identity=lr&clinical=lrs"),
        (administers, f"{matrix}/preview?base=0&{_ROW}&clinical=r"),
    ]


def faults_of(browser: Browser, client: TestClient, address: str, size: ViewportSize) -> list[str]:
    """Return what axe finds on a page, and whether it runs over the width of the screen."""
    dark = size is _PHONE
    context = browser.new_context(
        viewport=size, color_scheme="dark" if dark else "light", bypass_csp=True, locale="fr-FR"
    )

    def answer(route: Route) -> None:
        got = client.get(route.request.url.removeprefix("https://localhost"))
        route.fulfill(status=got.status_code, headers=dict(got.headers), body=got.content)

    page = context.new_page()
    page.route("https://localhost/**", answer)
    page.goto(f"https://localhost{address}")
    faults = axe_violations(page)
    if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        faults.append("runs over the width")
    context.close()
    return [f"{address} ({size['width']}): {fault}" for fault in faults]


def test_pages_of_rules_are_readable_by_everybody(
    chromium: Browser, house: House, client_for: SignIn, desk: Desk
) -> None:
    faults = []
    for number, (client, address) in enumerate(pages_of(house, client_for, desk)):
        faults += faults_of(chromium, client, address, (_TABLET, _PHONE)[number % 2])

    assert faults == []


def test_declared_death_is_readable_by_everybody(chromium: Browser, house: House, client_for: SignIn) -> None:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, Action.MANAGE_TEAM, house.martin)
        access.declare_deceased(uow, permit, date(2026, 3, 11))
    client, base = client_for(house.physician), f"/dossiers/{house.martin}"

    found = [faults_of(chromium, client, f"{base}/{page}", _TABLET) for page in ("death", "access")]

    assert found == [[], []]
