"""The pages of federated sign-in: where browsers are led, what they keep, and what each refusal shows."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from serment import identity, kernel
from serment.edge.desk import Desk
from serment.edge.pages import entrance as entrance_pages
from serment.edge.shell import build_application
from support.entrance import ORIGIN, SESSION, Visitor
from support.identity import confirm_identity, enrol_somebody, open_session_of
from support.look import SETTINGS
from support.openid import ISSUER, FakeProvider, make_federation

FEDERATION = "__Host-serment-federation"
CALLBACK = "/sign-in/federated/callback"
IDENTITIES = "/account/security/identities"
DEVICES = "/account/security/devices"
NewBrowser = Callable[[], Visitor]


@pytest.fixture
def fake(clock: kernel.SettableClock) -> FakeProvider:
    return FakeProvider(clock)


@pytest.fixture
def desk(doors: Desk, fake: FakeProvider) -> Desk:
    return replace(doors, federation=make_federation(doors.entrance, fake))


@pytest.fixture
def new_browser(desk: Desk) -> NewBrowser:
    application = build_application(entrance_pages.routes(desk), desk.pages, SETTINGS)

    def browser() -> Visitor:
        return Visitor(
            TestClient(application, base_url=ORIGIN, follow_redirects=False, raise_server_exceptions=False)
        )

    return browser


@pytest.fixture
def owner(desk: Desk) -> kernel.AccountId:
    return enrol_somebody(desk.entrance, identity.Role.PROFESSIONAL).account


def stepped_up(desk: Desk, visitor: Visitor, account: kernel.AccountId) -> Visitor:
    with desk.database.unit_of_work() as uow:
        opened = open_session_of(uow, account)
        confirm_identity(uow, opened.token)
    visitor.plant(SESSION, opened.token)
    return visitor


def address_out(visitor: Visitor) -> str:
    """Return where the browser goes by itself from the page it looks at."""
    assert visitor.status == 200
    address = visitor.headers["refresh"].removeprefix("0;url=")
    assert f'href="{address}"' in unescape(visitor.text)
    return address


def way_back(answer: identity.ProviderAnswer, **more: str) -> str:
    said = {"state": answer.state, "code": answer.code or "", "iss": answer.issuer or "", **more}
    return f"{CALLBACK}?{urlencode(said)}"


def leave(visitor: Visitor, fake: FakeProvider, **fields: str) -> identity.ProviderAnswer:
    visitor.open("/sign-in").send("/sign-in/federated", **fields)
    return fake.log_in(address_out(visitor))


def link(visitor: Visitor, fake: FakeProvider) -> Visitor:
    visitor.open(IDENTITIES).send(f"{IDENTITIES}/link")
    return visitor.open(way_back(fake.log_in(address_out(visitor))))


@pytest.fixture
def linked(desk: Desk, new_browser: NewBrowser, fake: FakeProvider, owner: kernel.AccountId) -> Visitor:
    """The owner's browser, where an identity was linked a moment ago."""
    return link(stepped_up(desk, new_browser(), owner), fake)


def test_owner_links_and_comes_in(linked: Visitor, new_browser: NewBrowser, fake: FakeProvider) -> None:
    assert (linked.address, linked.status) == (IDENTITIES, 200)
    assert fake.subject in linked.text

    visitor = new_browser()
    answer = leave(visitor, fake, next="/account/security")
    visitor.open(way_back(answer))

    assert (visitor.address, visitor.status) == ("/account/security", 200)
    assert "Max-Age=0" in visitor.cookies_set[FEDERATION]
    assert "avec votre identité liée" in visitor.open(DEVICES).text


def test_way_out_needs_no_other_origin_in_the_content_policy(new_browser: NewBrowser) -> None:
    visitor = new_browser().open("/sign-in").send("/sign-in/federated")

    assert "form-action 'self'" in visitor.headers["content-security-policy"]
    assert ISSUER.removeprefix("https://").split("/")[0] not in visitor.headers["content-security-policy"]
    assert (visitor.headers["referrer-policy"], visitor.headers["cache-control"]) == (
        "no-referrer",
        "no-store",
    )
    assert "HttpOnly" in visitor.cookies_set[FEDERATION]
    assert "SameSite=lax" in visitor.cookies_set[FEDERATION]
    assert "Secure" in visitor.cookies_set[FEDERATION]


def test_way_out_is_not_taken_without_our_page(new_browser: NewBrowser) -> None:
    visitor = new_browser()
    answer = visitor.client.post("/sign-in/federated", headers={"accept": "text/html"})

    assert answer.status_code == 403
    assert visitor.client.get("/sign-in/federated").status_code == 405


def test_refusals_look_alike(
    desk: Desk, new_browser: NewBrowser, fake: FakeProvider, owner: kernel.AccountId
) -> None:
    """Unlinked, forged, replayed, somebody else's, refused over there: one page, one status, no session."""
    visitor, pages = new_browser(), []
    answer = leave(visitor, fake)
    for address in (
        way_back(answer, state="somebody-elses"),
        way_back(answer),
        way_back(answer),
        f"{CALLBACK}?error=access_denied&state={leave(visitor, fake).state}",
        way_back(replace(leave(visitor, fake), issuer="https://evil.example.test")),
        way_back(replace(leave(visitor, fake), code="made-up")),
        CALLBACK,
    ):
        visitor.open(address)
        pages.append(
            re.sub(r"(?<![\w-])[0-9A-Z]{4}-[0-9A-Z]{4}(?![\w-])", "", visitor.text.replace(address, ""))
        )
        assert visitor.status == 401
        assert SESSION not in visitor.cookies_set
    assert {re.sub(r'value="[^"]*"|content="[^"]*"', "", page) for page in pages[1:]} == {
        re.sub(r'value="[^"]*"|content="[^"]*"', "", pages[0])
    }
    assert "liez-la depuis la sécurité de votre compte" in unescape(pages[0])


def test_answer_is_worth_nothing_in_another_browser(
    linked: Visitor, new_browser: NewBrowser, fake: FakeProvider
) -> None:
    """Login CSRF: whoever is sent to our address with somebody's answer does not come in as them."""
    attacker, victim = new_browser(), new_browser()
    answer = leave(attacker, fake)

    victim.open(way_back(answer))
    assert (victim.status, victim.token()) == (401, None)
    leave(victim, fake)
    victim.open(way_back(answer))
    assert (victim.status, victim.token()) == (401, None)


@pytest.mark.parametrize("way", ["https://evil.example.test/", "//evil.example.test", "/\\evil.example.test"])
def test_nobody_is_led_elsewhere_afterwards(
    linked: Visitor, new_browser: NewBrowser, fake: FakeProvider, way: str
) -> None:
    visitor = new_browser()
    answer = leave(visitor, fake, next=way)
    visitor.client.follow_redirects = False

    came = visitor.client.get(way_back(answer, next=way), headers={"accept": "text/html"})

    assert (came.status_code, came.headers["location"]) == (303, "/")


def test_session_is_always_a_new_one(
    desk: Desk, linked: Visitor, new_browser: NewBrowser, fake: FakeProvider
) -> None:
    """Session fixation: what the browser came with ends, and is not what it leaves with."""
    before = linked.token()
    answer = leave_signed_in(linked, fake)
    linked.client.get(way_back(answer), headers={"accept": "text/html"})

    assert linked.token() != before
    with pytest.raises(identity.SessionUnknown):
        identity.resume_session(desk.database, before or "", "web 203.0.113.7")


def leave_signed_in(visitor: Visitor, fake: FakeProvider) -> identity.ProviderAnswer:
    """Leave for the provider though a session is open here, as from a page left open."""
    token = re.search(r'name="csrf" value="([^"]+)"', visitor.open("/account/security").text)
    assert token is not None
    visitor._go("POST", "/sign-in/federated", {"csrf": token.group(1)})
    return fake.log_in(address_out(visitor))


def test_link_is_bound_to_the_session_that_asked(
    desk: Desk, new_browser: NewBrowser, fake: FakeProvider, owner: kernel.AccountId
) -> None:
    visitor = stepped_up(desk, new_browser(), owner)
    visitor.open(IDENTITIES).send(f"{IDENTITIES}/link")
    address = way_back(fake.log_in(address_out(visitor)))
    stepped_up(desk, visitor, owner)

    visitor.open(address)

    assert visitor.status == 403
    assert "n&#39;a pas été liée" in visitor.text or "n’a pas été liée" in visitor.text


def test_link_without_session_leads_to_sign_in_without_the_code(
    desk: Desk, new_browser: NewBrowser, fake: FakeProvider, owner: kernel.AccountId
) -> None:
    visitor = stepped_up(desk, new_browser(), owner)
    visitor.open(IDENTITIES).send(f"{IDENTITIES}/link")
    address = way_back(fake.log_in(address_out(visitor)))
    visitor.client.cookies.delete(SESSION)

    assert visitor.open(address).address == "/sign-in"


def test_link_that_took_too_long_asks_for_a_factor_without_the_code(
    desk: Desk,
    new_browser: NewBrowser,
    fake: FakeProvider,
    clock: kernel.SettableClock,
    owner: kernel.AccountId,
) -> None:
    visitor = stepped_up(desk, new_browser(), owner)
    clock.advance(timedelta(minutes=9))
    visitor.open(IDENTITIES).send(f"{IDENTITIES}/link")
    answer = fake.log_in(address_out(visitor))
    clock.advance(timedelta(minutes=2))

    visitor.open(way_back(answer))

    assert visitor.address == f"/account/step-up?{urlencode({'next': IDENTITIES})}"


def test_identities_ask_for_a_factor(desk: Desk, new_browser: NewBrowser, owner: kernel.AccountId) -> None:
    visitor = new_browser()
    with desk.database.unit_of_work() as uow:
        visitor.plant(SESSION, open_session_of(uow, owner).token)

    assert visitor.open(IDENTITIES).address.startswith("/account/step-up?")
    assert visitor.open("/account/security").status == 200
    assert IDENTITIES in visitor.text


def test_identity_is_unlinked_after_its_effect_was_said(
    linked: Visitor, new_browser: NewBrowser, fake: FakeProvider
) -> None:
    removal = re.search(rf'href="({IDENTITIES}/[0-9a-f-]+/remove)"', linked.text)
    assert removal is not None
    linked.open(removal.group(1))
    assert fake.subject in linked.text
    linked.send(removal.group(1))
    assert fake.subject not in linked.text
    assert linked.open(removal.group(1)).status == 404

    visitor = new_browser()
    assert visitor.open(way_back(leave(visitor, fake))).status == 401


def test_provider_that_is_down_is_said(new_browser: NewBrowser, fake: FakeProvider) -> None:
    fake.down = True
    visitor = new_browser().open("/sign-in").send("/sign-in/federated")

    assert visitor.status == 503
    assert "service d’identité" in visitor.text
    assert visitor.open("/sign-in").status == 200


def test_too_many_departures_are_slowed(doors: Desk, fake: FakeProvider, owner: kernel.AccountId) -> None:
    narrow = replace(doors.entrance.rules.throttle, source=identity.Allowance(1, timedelta(minutes=1)))
    entrance = replace(doors.entrance, rules=replace(doors.entrance.rules, throttle=narrow))
    desk = replace(doors, entrance=entrance, federation=make_federation(entrance, fake))
    application = build_application(entrance_pages.routes(desk), desk.pages, SETTINGS)
    visitor = Visitor(TestClient(application, base_url=ORIGIN, follow_redirects=False))
    visitor.open("/sign-in").send("/sign-in/federated")

    visitor.open("/sign-in").send("/sign-in/federated")
    assert (visitor.status, visitor.headers["retry-after"]) == (429, "60")


def test_provider_puts_somebody_out(linked: Visitor, new_browser: NewBrowser, fake: FakeProvider) -> None:
    visitor, server = new_browser(), new_browser().client
    visitor.open(way_back(leave(visitor, fake)))
    assert visitor.open("/account/security").status == 200

    told = server.post("/sign-in/federated/logout", data={"logout_token": fake.logout_token()})

    assert (told.status_code, told.headers["cache-control"], told.content) == (200, "no-store", b"")
    assert visitor.open("/account/security").address.startswith("/sign-in?")
    assert linked.open("/account/security").status == 200


@pytest.mark.parametrize(
    "form", [{}, {"logout_token": ""}, {"logout_token": "forged"}, {"logout_token": "x" * 20_000}]
)
def test_logout_that_does_not_hold_is_refused(
    linked: Visitor, new_browser: NewBrowser, form: dict[str, str]
) -> None:
    told = new_browser().client.post("/sign-in/federated/logout", data=form)

    assert (told.status_code, told.json(), told.headers["cache-control"]) == (
        400,
        {"error": "invalid_request"},
        "no-store",
    )


def test_logout_needs_a_key_that_can_be_had(new_browser: NewBrowser, fake: FakeProvider) -> None:
    token, fake.down = fake.logout_token(), True

    told = new_browser().client.post("/sign-in/federated/logout", data={"logout_token": token})

    assert told.status_code == 503


def test_nothing_else_is_posted_without_our_token(new_browser: NewBrowser) -> None:
    """Only the provider's word comes without: what begins with its path does not."""
    for path in ("/sign-in/federated/logout/", "/sign-in/federated/logout/x", "/sign-in"):
        assert new_browser().client.post(path, data={"logout_token": "x"}).status_code == 403


def test_whoever_came_by_the_provider_may_leave_there_too(
    linked: Visitor, new_browser: NewBrowser, fake: FakeProvider
) -> None:
    visitor = new_browser()
    visitor.open(way_back(leave(visitor, fake))).open("/account/security").send("/sign-out")
    assert visitor.address == "/sign-out?by=provider"
    assert f'href="{ISSUER}/logout?client_id=serment' in visitor.text

    linked.open("/account/security").send("/sign-out")
    assert linked.address == "/sign-out"
    assert f"{ISSUER}/logout" not in linked.text


def test_sign_out_says_goodbye_though_the_provider_is_down(
    new_browser: NewBrowser, fake: FakeProvider
) -> None:
    fake.down = True

    visitor = new_browser().open("/sign-out?by=provider")
    assert visitor.status == 200
    assert ISSUER not in visitor.text


def test_without_provider_there_is_nothing_of_it(doors: Desk) -> None:
    application = build_application(entrance_pages.routes(doors), doors.pages, SETTINGS)
    visitor = Visitor(TestClient(application, base_url=ORIGIN, follow_redirects=False))

    assert "federated" not in visitor.open("/sign-in").text
    assert visitor.open(CALLBACK).status == 404
    assert visitor.client.post("/sign-in/federated/logout").status_code == 404
    assert visitor.open("/sign-out?by=provider").status == 200
