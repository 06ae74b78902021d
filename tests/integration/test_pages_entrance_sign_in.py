import html
import json
import re
from datetime import timedelta

import pytest
from starlette.responses import Response
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from serment import identity, kernel
from serment.edge.desk import Desk
from serment.edge.pages import FloodGate
from support.authenticator import Authenticator
from support.entrance import PENDING, SESSION, NewVisitor, Visitor, code_now
from support.identity import PASSWORD, Person, enrol_somebody, open_session_of, step_up
from support.work import work_done

_LATER = timedelta(seconds=60)


@pytest.fixture
def person(doors: Desk, clock: kernel.SettableClock) -> Person:
    enrolled = enrol_somebody(doors.entrance)
    clock.advance(_LATER)
    return enrolled


@pytest.fixture
def visitor(new_visitor: NewVisitor) -> Visitor:
    return new_visitor()


def first_step(visitor: Visitor, login: str, password: str = PASSWORD, way: str = "/") -> Visitor:
    visitor.open(f"/sign-in?next={way}")
    return visitor.send("/sign-in", login=login, password=password)


def sign_in(visitor: Visitor, desk: Desk, person: Person, way: str = "/") -> Visitor:
    first_step(visitor, person.login, way=way)
    return visitor.send("/sign-in/second", code=code_now(desk, person.seed))


def without_token(text: str) -> str:
    return re.sub(r'(name="csrf" value|data-csrf)="[^"]+"', "", text)


def is_signed_in(visitor: Visitor) -> bool:
    return visitor.open("/sign-out").text.count("encore ouverte") == 1


def test_sign_in_leads_to_the_page_asked_for(doors: Desk, person: Person, visitor: Visitor) -> None:
    sign_in(visitor, doors, person, way="/account/security")

    assert visitor.address == "/account/security"
    assert is_signed_in(visitor)


def test_sign_in_with_a_recovery_code(person: Person, visitor: Visitor) -> None:
    first_step(visitor, person.login)
    visitor.open("/sign-in/second?with=recovery")
    visitor.send("/sign-in/second?with=recovery", code=person.recovery_codes[0].lower())

    assert is_signed_in(visitor)


def test_session_cookie_is_kept_from_scripts_and_other_sites(
    doors: Desk, person: Person, visitor: Visitor
) -> None:
    sign_in(visitor, doors, person)

    _, *attributes = visitor.cookies_set[SESSION].split("; ")
    assert sorted(attributes) == ["HttpOnly", "Path=/", "SameSite=lax", "Secure"]


def test_sign_in_gives_a_new_token_and_forgets_the_steps(
    doors: Desk, person: Person, visitor: Visitor
) -> None:
    visitor.plant(SESSION, "planted-by-somebody-else")
    sign_in(visitor, doors, person)

    assert visitor.token() not in (None, "planted-by-somebody-else")
    assert visitor.token(PENDING) is None


def test_signing_in_again_ends_the_session_before(
    doors: Desk, person: Person, visitor: Visitor, clock: kernel.SettableClock
) -> None:
    first_step(visitor, person.login)
    step_two = dict(visitor.client.cookies)
    sign_in(visitor, doors, person)
    before = visitor.token()
    clock.advance(_LATER)

    visitor.plant(PENDING, step_two[PENDING])
    visitor.open("/sign-in/second").send("/sign-in/second", code=code_now(doors, person.seed))

    assert visitor.token() not in (None, before)
    with pytest.raises(identity.SessionUnknown):
        identity.resume_session(doors.database, str(before), "web 203.0.113.7")


WRONG_PASSWORD = "quite another password"
UNKNOWN = "personne.inconnue@example.test"


@pytest.mark.parametrize("password", [PASSWORD, WRONG_PASSWORD, "", "x" * 2000])
@pytest.mark.parametrize("login", [UNKNOWN, None])
def test_second_step_looks_the_same_whatever_was_typed(
    person: Person, new_visitor: NewVisitor, login: str | None, password: str
) -> None:
    right = first_step(new_visitor(), person.login)
    other = first_step(new_visitor(), login or person.login, password)

    assert (other.status, other.address) == (right.status, right.address) == (200, "/sign-in/second")
    assert without_token(other.text) == without_token(right.text)
    assert len(str(other.token(PENDING))) == len(str(right.token(PENDING)))
    assert set(other.cookies_set) == set(right.cookies_set)


@pytest.mark.parametrize("wrong", ["login", "password", "code"])
def test_refusal_looks_the_same_whatever_was_wrong(
    doors: Desk, person: Person, new_visitor: NewVisitor, wrong: str
) -> None:
    reference = first_step(new_visitor(), "nobody@example.test").send("/sign-in/second", code="000000")
    login = UNKNOWN if wrong == "login" else person.login
    visitor = first_step(new_visitor(), login, WRONG_PASSWORD if wrong == "password" else PASSWORD)
    visitor.send("/sign-in/second", code="000000" if wrong == "code" else code_now(doors, person.seed))

    assert visitor.status == reference.status == 401
    assert without_token(visitor.text) == without_token(reference.text)
    assert visitor.token() is None


def test_second_step_without_the_first_leads_back(visitor: Visitor) -> None:
    assert visitor.open("/sign-in/second?next=/patients").address == "/sign-in?next=%2Fpatients"

    visitor.client.cookies.clear()
    visitor.open("/sign-in")
    visitor.text = visitor.text.replace('action="/sign-in"', 'action="/sign-in/second"')
    assert visitor.send("/sign-in/second", code="123456").address == "/sign-in"


def test_too_many_attempts_on_a_login_look_like_wrong_ones(
    doors: Desk, person: Person, visitor: Visitor
) -> None:
    wrong = identity.begin_sign_in(doors.entrance, identity.Credentials(person.login, "wrong"))

    def try_once() -> tuple[int, int, bool]:
        first_step(visitor, person.login, "wrong")
        visitor.send("/sign-in/second", code=code_now(doors, person.seed))
        return visitor.status, len(visitor.text), "retry-after" in visitor.headers

    looked_at = try_once()
    for _ in range(doors.entrance.rules.throttle.account_and_source.burst - 1):
        with pytest.raises(identity.SignInRefused):
            identity.finish_sign_in(
                doors.entrance, wrong.token, identity.TotpCode("000000"), identity.Visit("web unknown")
            )

    assert try_once() == looked_at
    assert looked_at == (401, looked_at[1], False)
    assert identity.EventKind.SIGN_IN_THROTTLED in events_of(doors, person)


def events_of(desk: Desk, person: Person) -> list[identity.EventKind]:
    """Return what the owner is told, newest first."""
    with desk.database.unit_of_work() as uow:
        caller = open_session_of(uow, person.account).caller
        return [event.kind for event in identity.security_events(uow, caller)]


def test_unknown_browser_without_work_is_led_back_to_do_it(
    doors: Desk, person: Person, visitor: Visitor
) -> None:
    first_step(visitor, person.login)
    under_attack(doors)
    visitor.send("/sign-in/second", code=code_now(doors, person.seed))

    assert visitor.status == 429
    assert visitor.headers["retry-after"] == "2"
    assert visitor.headers["refresh"] == "2;url=/sign-in/second"
    assert "Un instant" in visitor.text


def test_unknown_browser_does_the_work_and_comes_in(doors: Desk, person: Person, visitor: Visitor) -> None:
    under_attack(doors)
    first_step(visitor, person.login)
    asked = re.search(r'data-work="([^"]+)"', visitor.text)
    assert asked is not None
    visitor.send(
        "/sign-in/second", code=code_now(doors, person.seed), altcha=work_done(html.unescape(asked[1]))
    )

    assert is_signed_in(visitor)


def test_known_browser_comes_in_under_attack_without_work(
    doors: Desk, person: Person, visitor: Visitor, clock: kernel.SettableClock
) -> None:
    sign_in(visitor, doors, person)
    visitor.open("/sign-out").send("/sign-out")
    clock.advance(_LATER)
    under_attack(doors)
    first_step(visitor, person.login)
    assert "data-work=" not in visitor.text
    visitor.send("/sign-in/second", code=code_now(doors, person.seed))

    assert is_signed_in(visitor)


def test_network_that_tries_too_much_is_told_to_wait(doors: Desk, person: Person, visitor: Visitor) -> None:
    for number in range(60):
        doors.entrance.pressure.note_success()
        doors.entrance.pressure.note_success()
        pending = identity.begin_sign_in(doors.entrance, identity.Credentials(f"login-{number}", "x"))
        with pytest.raises(identity.SignInRefused):
            identity.finish_sign_in(
                doors.entrance, pending.token, identity.TotpCode("123456"), identity.Visit("web unknown")
            )
    first_step(visitor, person.login)
    visitor.send("/sign-in/second", code=code_now(doors, person.seed))

    assert visitor.status == 429
    assert int(visitor.headers["retry-after"]) > 0
    assert "Trop d’essais" in visitor.text


def under_attack(desk: Desk) -> None:
    """Let most of what unknown browsers tried lately have failed."""
    for _ in range(desk.entrance.rules.pressure.least_failures):
        desk.entrance.pressure.note_failure()


def test_empty_login_is_asked_for_again(visitor: Visitor) -> None:
    first_step(visitor, "", PASSWORD)

    assert (visitor.status, visitor.address) == (422, "/sign-in")
    assert PASSWORD not in visitor.text


def test_nobody_is_led_to_another_site(doors: Desk, person: Person, visitor: Visitor) -> None:
    first_step(visitor, person.login, way="https://example.test/")

    assert visitor.address == "/sign-in/second"
    assert hidden_next(visitor) == "/"


def hidden_next(visitor: Visitor) -> str:
    found = re.search(r'name="next" value="([^"]*)"', visitor.text)
    assert found is not None
    return found.group(1)


@pytest.mark.parametrize(
    "address", ["/sign-in", "/sign-in/second", "/sign-in/passkey", "/enrol", "/sign-out"]
)
def test_forms_from_elsewhere_are_refused(visitor: Visitor, address: str) -> None:
    refused = visitor.client.post(address, data={"login": "x", "csrf": "made-up"})

    assert refused.status_code == 403


def test_secrets_are_never_in_an_address(doors: Desk, person: Person, visitor: Visitor) -> None:
    asked: list[str] = []
    visitor.client.event_hooks["request"] = [lambda request: asked.append(str(request.url))]
    sign_in(visitor, doors, person, way="/account/security")
    visitor.open("/sign-out")
    visitor.send("/sign-out")

    secrets = [PASSWORD, person.login, person.seed, *person.recovery_codes]
    assert len(asked) > 5
    assert [address for address in asked if any(secret in address for secret in secrets)] == []


def test_signing_out_ends_the_session_here_and_there(doors: Desk, person: Person, visitor: Visitor) -> None:
    sign_in(visitor, doors, person)
    token = str(visitor.token())
    left = visitor.open("/sign-out").client.post("/sign-out", data={"csrf": csrf_in(visitor)})

    assert (left.status_code, left.headers["location"]) == (303, "/sign-out")
    assert left.headers["clear-site-data"] == '"cache", "storage"'
    assert visitor.token() is None
    with pytest.raises(identity.SessionUnknown):
        identity.resume_session(doors.database, token, "web 203.0.113.7")
    assert "Vous êtes déconnecté" in visitor.open("/sign-out").text


def csrf_in(visitor: Visitor) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', visitor.text)
    assert found is not None
    return found.group(1)


def test_signing_out_twice_does_no_harm(visitor: Visitor) -> None:
    visitor.open("/sign-in").client.post("/sign-out", data={"csrf": csrf_in(visitor)})

    assert visitor.open("/sign-out").status == 200


def test_somebody_signed_in_is_led_past_the_entrance(doors: Desk, person: Person, visitor: Visitor) -> None:
    sign_in(visitor, doors, person)

    assert visitor.open("/sign-in?next=/sign-out").address == "/sign-out"


def passkey_of(desk: Desk, person: Person) -> Authenticator:
    device = Authenticator()
    opened = identity.finish_sign_in(
        desk.entrance,
        identity.begin_sign_in(desk.entrance, identity.Credentials(person.login, PASSWORD)).token,
        identity.RecoveryCode(person.recovery_codes[9]),
        identity.Visit("web 203.0.113.7"),
    )
    caller = step_up(desk.entrance, opened.caller, identity.RecoveryCode(person.recovery_codes[8]))
    offer = identity.begin_passkey_registration(desk.entrance, caller)
    answer = identity.PasskeyRegistration(offer.token, device.register(offer.options_json))
    identity.confirm_passkey(desk.entrance, caller, answer)
    return device


def passkey_challenge(visitor: Visitor) -> dict[str, str]:
    headers = {"x-serment-csrf": csrf_in(visitor), "accept": "application/json"}
    asked = visitor.client.post("/sign-in/passkey/options", headers=headers)
    assert asked.status_code == 200
    return dict(asked.json())


def test_passkey_alone_opens_a_session(doors: Desk, person: Person, visitor: Visitor) -> None:
    device = passkey_of(doors, person)
    visitor.open("/sign-in?next=/sign-out")
    challenge = passkey_challenge(visitor)
    visitor.send(
        "/sign-in/passkey", challenge=challenge["challenge"], response=device.sign_in(challenge["options"])
    )

    assert visitor.address == "/sign-out"
    assert is_signed_in(visitor)


def test_passkey_challenge_names_nobody(person: Person, visitor: Visitor) -> None:
    options = json.loads(passkey_challenge(visitor.open("/sign-in"))["options"])

    assert options.get("allowCredentials", []) == []


def test_passkey_answer_is_taken_once(doors: Desk, person: Person, new_visitor: NewVisitor) -> None:
    device, visitor = passkey_of(doors, person), new_visitor()
    challenge = passkey_challenge(visitor.open("/sign-in"))
    fields = {"challenge": challenge["challenge"], "response": device.sign_in(challenge["options"])}
    visitor.send("/sign-in/passkey", **fields)
    replayed = new_visitor().open("/sign-in").send("/sign-in/passkey", **fields)

    assert (replayed.status, replayed.token()) == (401, None)
    assert "La connexion n’a pas abouti" in replayed.text


def test_passkey_of_nobody_is_refused(doors: Desk, visitor: Visitor) -> None:
    challenge = passkey_challenge(visitor.open("/sign-in"))
    visitor.send("/sign-in/passkey", challenge=challenge["challenge"], response="{}")

    assert (visitor.status, visitor.token()) == (401, None)


def test_choice_of_language_keeps_the_page_asked_for(visitor: Visitor) -> None:
    visitor.open("/sign-in?next=/patients").send("/preferences", language="en")

    assert visitor.address == "/sign-in?next=/patients"
    assert "Sign in with a passkey" in visitor.text


def test_step_up_belongs_to_the_session_that_took_it(
    doors: Desk, person: Person, new_visitor: NewVisitor, clock: kernel.SettableClock
) -> None:
    one, other = new_visitor(), new_visitor()
    sign_in(one, doors, person)
    clock.advance(_LATER)
    sign_in(other, doors, person)
    clock.advance(_LATER)
    one.open("/account/step-up").send("/account/step-up", code=code_now(doors, person.seed))

    assert one.open("/account/security/add").address == "/account/security/add"
    assert other.open("/account/security/add").address.startswith("/account/step-up")


def test_flood_is_sent_back_before_it_is_read(doors: Desk) -> None:
    """Neither its token of origin nor its form is looked at: there is nothing in it that could let it in."""
    gated = FloodGate(_unreachable, doors)
    under_attack(doors)
    doors.entrance.pressure.share(doors.database)
    client = TestClient(gated, base_url="https://localhost:8443")

    answer = client.post("/sign-in/second", data={"code": "123456"})

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
    assert "Un instant" in answer.text


@pytest.mark.parametrize(
    ("method", "path", "form", "cookie"),
    [
        ("POST", "/sign-in/second", {"code": "1", "altcha": "A" * 700}, ""),
        ("POST", "/sign-in/second", {"code": "1"}, "__Host-serment-device=x"),
        ("POST", "/sign-in", {"login": "a", "password": "b"}, ""),
        ("POST", "/sign-in/passkey", {"challenge": "a"}, ""),
        ("GET", "/sign-in/second", {}, ""),
    ],
    ids=["with work", "known browser", "first step", "passkey", "page"],
)
def test_gate_lets_through_whoever_may_be_let_in(
    doors: Desk, method: str, path: str, form: dict[str, str], cookie: str
) -> None:
    under_attack(doors)
    doors.entrance.pressure.share(doors.database)
    client = TestClient(FloodGate(_passed, doors), base_url="https://localhost:8443")

    answer = client.request(method, path, data=form, headers={"cookie": cookie})

    assert answer.status_code == 204


def test_gate_is_open_while_the_pressure_is_low(doors: Desk) -> None:
    doors.entrance.pressure.share(doors.database)
    client = TestClient(FloodGate(_passed, doors), base_url="https://localhost:8443")

    assert client.post("/sign-in/second", data={"code": "1"}).status_code == 204


def test_gate_lets_one_through_to_look_at_the_pressure_again(
    doors: Desk, clock: kernel.SettableClock
) -> None:
    under_attack(doors)
    doors.entrance.pressure.share(doors.database)
    clock.advance(timedelta(seconds=1))
    client = TestClient(FloodGate(_passed, doors), base_url="https://localhost:8443")

    assert client.post("/sign-in/second", data={"code": "1"}).status_code == 204


async def _passed(scope: Scope, receive: Receive, send: Send) -> None:
    await Response(status_code=204)(scope, receive, send)


async def _unreachable(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise AssertionError("a flood came through")
