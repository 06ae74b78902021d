"""What docs/security/asvs.csv promises of sign-in and is no other file's subject, as people and thieves would try it."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from urllib.parse import urlencode

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from serment import identity, kernel
from serment.app.wiring import opened
from serment.edge.desk import Desk
from serment.edge.pages import entrance as entrance_pages
from serment.edge.shell import build_application
from support.authenticator import Authenticator
from support.canaries import dump, sweep_bytes
from support.entrance import ORIGIN as ENTRANCE
from support.entrance import NewVisitor, Visitor, code_now, seed_in, signed_in_visitor
from support.identity import (
    CHEAP_HASHING,
    PASSWORD,
    VISIT,
    Person,
    open_session_of,
)
from support.installation import ORIGIN, make_installed
from support.look import SETTINGS
from support.nurse import HERE, LOGIN, STEP_UP, change_password, enrol_nurse, sign_in
from support.openid import FakeProvider, make_federation

Door = Callable[[identity.Entrance, str, str, identity.Visit], identity.EnrolmentOffer]


@pytest.fixture
def person(doors: Desk, clock: kernel.SettableClock) -> Person:
    """A nurse with a password and an application, enrolled a minute ago."""
    return enrol_nurse(doors, clock)


@pytest.fixture
def raised(doors: Desk, person: Person, new_visitor: NewVisitor) -> Visitor:
    """The nurse's browser, signed in, after a step-up."""
    visitor = signed_in_visitor(doors, new_visitor(), person.account)
    return visitor.open(STEP_UP).send(STEP_UP, code=person.recovery_codes[9])


def kinds_told(desk: Desk, visitor: Visitor) -> list[str]:
    caller = identity.resume_session(desk.database, str(visitor.token()), VISIT.origin)
    with desk.database.reading() as uow:
        return [each.kind.value for each in identity.security_events(uow, caller)]


def test_new_installation_has_one_account_that_nobody_can_enter_yet(tmp_path: Path) -> None:
    counts = ("accounts", "passwords", "totp_factors", "passkeys", "sessions")
    new = identity.NewOrganisation("Cabinet des Tilleuls", identity.OrganisationKind.PRACTICE)
    with opened(make_installed(tmp_path / "data"), ORIGIN) as installation:
        with installation.rows.reading() as uow:
            before = [
                uow.connection.execute(text(f"SELECT count(*) FROM {each}")).scalar() for each in counts
            ]
        with installation.rows.unit_of_work() as uow:
            first = identity.first_administrator(uow, new, login="alix", name="Alix Essai")
        with installation.rows.reading() as uow:
            after = [uow.connection.execute(text(f"SELECT count(*) FROM {each}")).scalar() for each in counts]
            status = identity.open_account(uow, first.enrolment.account).status

    assert before == [0, 0, 0, 0, 0]
    assert after == [1, 0, 0, 0, 0]
    assert status is identity.AccountStatus.INVITED


def test_no_factor_comes_by_mail() -> None:
    assert {kind.value for kind in identity.FactorKind} == {"totp", "passkey"}
    assert {method.value for method in identity.Method} <= {"totp", "passkey", "recovery-code", "federated"}


def test_owner_is_told_of_a_changed_password(doors: Desk, raised: Visitor) -> None:
    change_password(raised, PASSWORD, "lanterne prairie 27 tisserand")

    assert kinds_told(doors, raised)[0] == "identity.password.changed"
    assert "Mot de passe changé" in raised.open(HERE).text


def test_removed_factor_opens_nothing_any_more(
    doors: Desk, person: Person, raised: Visitor, new_visitor: NewVisitor, clock: kernel.SettableClock
) -> None:
    raised.open(f"{HERE}/add").send(f"{HERE}/add/application", label="Téléphone perdu")
    seed, device = seed_in(raised.text), Authenticator()
    raised.send(f"{HERE}/add/application/confirm", code=code_now(doors, seed))
    caller = identity.resume_session(doors.database, str(raised.token()), VISIT.origin)
    offer = identity.begin_passkey_registration(doors.entrance, caller)
    identity.confirm_passkey(
        doors.entrance, caller, identity.PasskeyRegistration(offer.token, device.register(offer.options_json))
    )
    with doors.database.unit_of_work() as uow:
        for factor in identity.list_factors(uow, caller)[1:]:
            identity.remove_factor(uow, caller, factor.id, identity.Rules())
    clock.advance(timedelta(minutes=1))

    assert sign_in(new_visitor(), PASSWORD, code_now(doors, seed)).status == 401
    challenge = identity.begin_passkey_sign_in(doors.entrance)
    answer = identity.PasskeyAssertion(challenge.token, device.sign_in(challenge.options_json))
    with pytest.raises(identity.SignInRefused):
        identity.finish_passkey_sign_in(doors.entrance, answer, VISIT)
    assert sign_in(new_visitor(), PASSWORD, code_now(doors, person.seed)).address == HERE


def test_other_sessions_may_be_ended_after_a_factor_changed(
    doors: Desk, person: Person, raised: Visitor, new_visitor: NewVisitor
) -> None:
    other = signed_in_visitor(doors, new_visitor(), person.account)
    raised.open(f"{HERE}/add").send(f"{HERE}/add/application", label="Téléphone")
    raised.send(f"{HERE}/add/application/confirm", code=code_now(doors, seed_in(raised.text)))
    assert raised.address == HERE
    assert f'href="{HERE}/devices"' in raised.text

    raised.open(f"{HERE}/devices").send(f"{HERE}/sessions/others/end")

    assert other.open(HERE).address.startswith("/sign-in")


def test_code_is_checked_by_our_clock_alone(
    doors: Desk, person: Person, new_visitor: NewVisitor, clock: kernel.SettableClock
) -> None:
    then, old = clock.now(), code_now(doors, person.seed)
    clock.advance(timedelta(minutes=5))
    visitor = new_visitor()
    visitor.client.headers["date"] = then.strftime("%a, %d %b %Y %H:%M:%S GMT")

    assert sign_in(visitor, PASSWORD, old).status == 401
    assert sign_in(visitor, PASSWORD, code_now(doors, person.seed)).address == HERE


def test_exchanged_passkey_is_named_by_the_checks(doors: Desk, raised: Visitor) -> None:
    caller = identity.resume_session(doors.database, str(raised.token()), VISIT.origin)
    offer = identity.begin_passkey_registration(doors.entrance, caller)
    registration = identity.PasskeyRegistration(offer.token, Authenticator().register(offer.options_json))
    factor = identity.confirm_passkey(doors.entrance, caller, registration)
    with doors.database.unit_of_work() as uow:
        before = {row.place: row.digest for row in identity.check_rows(uow)}
        uow.connection.execute(text("UPDATE passkeys SET public_key = credential_id"))
        after = {row.place: row.digest for row in identity.check_rows(uow)}

    assert [place for place in before if before[place] != after[place]] == [f"factor/{factor.id}"]


def test_each_session_has_a_token_of_its_own(doors: Desk, person: Person) -> None:
    with doors.database.unit_of_work() as uow:
        tokens = [open_session_of(uow, person.account).token for _ in range(50)]

    secrets = [token.rpartition(".")[2] for token in tokens]
    assert len(set(secrets)) == 50
    assert {len(urlsafe_b64decode(f"{secret}=")) * 8 for secret in secrets} == {256}


def test_as_many_sessions_are_open_as_there_are_devices(doors: Desk, person: Person) -> None:
    with doors.database.unit_of_work() as uow:
        opened = [open_session_of(uow, person.account) for _ in range(30)]

    for each in opened:
        found = identity.resume_session(doors.database, each.token, VISIT.origin)
        assert found.session == each.caller.session


def test_tokens_of_a_provider_are_neither_kept_nor_sent_to_browsers(
    doors: Desk, person: Person, clock: kernel.SettableClock
) -> None:
    fake, issued = FakeProvider(clock), ["access-token-of-the-provider"]
    fake.forge_claims = lambda said: {name: value for name, value in said.items() if name != "at_hash"}
    fake.forge_reply = lambda said: {**said, "access_token": issued[0]}
    fake.forge_token = partial(_kept, issued)
    desk = replace(doors, federation=make_federation(doors.entrance, fake))
    application = build_application(entrance_pages.routes(desk), desk.pages, SETTINGS)
    client = TestClient(application, base_url=ENTRANCE, follow_redirects=False)
    visitor = signed_in_visitor(desk, Visitor(client), person.account)
    visitor.open(STEP_UP).send(STEP_UP, code=person.recovery_codes[8])

    shown = [
        come_back(visitor.open(f"{HERE}/identities").send(f"{HERE}/identities/link"), fake),
        come_back(
            visitor.open("/sign-out").send("/sign-out").open("/sign-in").send("/sign-in/federated"), fake
        ),
    ]

    assert visitor.open(HERE).address == HERE
    assert len(issued) == 3
    parts = [part for token in issued for part in token.split(".") if len(part) > 20]
    assert sweep_bytes(dump(desk.database), parts) == set()
    assert [part for part in parts for page in [*shown, repr(client.cookies.jar)] if part in page] == []


def _kept(issued: list[str], token: str) -> str:
    issued.append(token)
    return token


def come_back(visitor: Visitor, fake: FakeProvider) -> str:
    """Go where the page leads, prove who one is, come back, and return everything that the browser saw."""
    answer = fake.log_in(visitor.headers["refresh"].removeprefix("0;url="))
    said = urlencode({"state": answer.state, "code": answer.code or "", "iss": answer.issuer or ""})
    visitor.open(f"/sign-in/federated/callback?{said}")
    return f"{visitor.address}{visitor.text}{visitor.headers}{visitor.cookies_set}"


def test_overload_is_answered_with_when_to_come_back(
    doors: Desk, person: Person, new_visitor: NewVisitor
) -> None:
    """AUT-08: an unknown browser for which there is no room to hash is sent away, and told when to try again."""
    full = identity.HashingCapacity(most_unknown_waiting=0)
    hasher = identity.PasswordHasher(CHEAP_HASHING, pepper=bytes(32), capacity=full)
    desk = replace(doors, entrance=replace(doors.entrance, hasher=hasher))
    application = build_application(entrance_pages.routes(desk), desk.pages, SETTINGS)
    visitor = Visitor(TestClient(application, base_url=ENTRANCE, follow_redirects=False))

    sent_away = sign_in(visitor, PASSWORD, code_now(desk, person.seed))

    assert (sent_away.status, int(sent_away.headers["retry-after"]) > 0) == (429, True)
    assert sign_in(new_visitor(), PASSWORD, code_now(doors, person.seed)).address == HERE


def test_step_up_gives_a_new_token_and_other_tabs_go_on(
    doors: Desk, person: Person, new_visitor: NewVisitor
) -> None:
    visitor = signed_in_visitor(doors, new_visitor(), person.account)
    former, tab = str(visitor.token()), visitor.open(f"{HERE}/devices").text
    visitor.open(STEP_UP).send(STEP_UP, code=person.recovery_codes[0])

    assert visitor.token() not in (None, former)
    with pytest.raises(identity.SessionUnknown):
        identity.resume_session(doors.database, former, VISIT.origin)
    visitor.text = tab
    assert visitor.send("/preferences", language="en").status == 200
    assert visitor.open(f"{HERE}/password").address == f"{HERE}/password"


def test_refusals_leave_at_the_same_moments_whatever_was_wrong(
    doors: Desk, person: Person, clock: kernel.SettableClock
) -> None:
    """AUT-09: a login that is not looked at any more, which costs no hash, is answered no sooner than the others."""
    once = replace(identity.ThrottleRules(), account_and_source=identity.Allowance(1, timedelta(hours=1)))
    rules = replace(doors.entrance.rules, throttle=once)
    desk = replace(doors, entrance=replace(doors.entrance, rules=rules))
    application = build_application(entrance_pages.routes(desk), desk.pages, SETTINGS)
    took = {}
    for cause, login, password in (
        ("no account", "personne@example.test", PASSWORD),
        ("wrong password", LOGIN, "quite another password"),
        ("not looked at", LOGIN, PASSWORD),
    ):
        visitor = Visitor(TestClient(application, base_url=ENTRANCE, follow_redirects=False))
        visitor.open("/sign-in").send("/sign-in", login=login, password=password)
        began = monotonic()
        assert visitor.send("/sign-in/second", code=code_now(desk, person.seed)).status == 401
        took[cause] = monotonic() - began

    least = rules.refusals_leave_every.total_seconds()
    assert {cause: seconds for cause, seconds in took.items() if seconds < least} == {}


def test_challenges_are_long_and_never_come_twice(doors: Desk) -> None:
    drawn = [identity.begin_passkey_sign_in(doors.entrance) for _ in range(100)]
    asked = {urlsafe_b64decode(json.loads(each.options_json)["challenge"] + "==") for each in drawn}

    assert len(asked) == 100
    assert min(len(each) for each in asked) * 8 >= 64
    assert len({each[:8] for each in asked}) == 100


@pytest.mark.parametrize("door", [identity.begin_enrolment, identity.begin_recovery])
def test_refused_code_leaves_the_same_rows_for_a_login_without_account(
    doors: Desk, person: Person, door: Door
) -> None:
    grown: list[list[int]] = []
    for login in (LOGIN, "personne@example.test"):
        before = rows_of(doors)
        with pytest.raises(identity.EnrolmentRefused):
            door(doors.entrance, login, "AAAA-AAAA-AAAA", identity.Visit(f"web 203.0.113.{len(grown)}"))
        grown.append([after - earlier for after, earlier in zip(rows_of(doors), before, strict=True)])

    assert grown == [[1, 1], [1, 1]]


def rows_of(desk: Desk) -> list[int]:
    tables = ("ledger_traces", "security_events")
    with desk.database.reading() as uow:
        counts = [uow.connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() for table in tables]
    return [int(count or 0) for count in counts]


@pytest.mark.parametrize("door", ["/enrol", "/recover"])
def test_refused_code_is_answered_at_the_moments_of_a_refused_sign_in(
    doors: Desk, person: Person, new_visitor: NewVisitor, door: str
) -> None:
    least = doors.entrance.rules.refusals_leave_every.total_seconds()
    for login in (LOGIN, "personne@example.test"):
        visitor = new_visitor().open(door)
        began = monotonic()

        assert visitor.send(door, login=login, code="AAAA-AAAA-AAAA").status == 403
        assert monotonic() - began >= least


@pytest.mark.usefixtures("person")
def test_refused_codes_of_many_logins_fill_no_trail(doors: Desk) -> None:
    before = rows_of(doors)
    for number in range(70):
        with pytest.raises(identity.EnrolmentRefused):
            visit = identity.Visit(f"web 203.0.{number}.9")
            identity.begin_enrolment(doors.entrance, f"login-{number}", "AAAA-AAAA-AAAA", visit)

    assert [after - earlier for after, earlier in zip(rows_of(doors), before, strict=True)] == [60, 60]
