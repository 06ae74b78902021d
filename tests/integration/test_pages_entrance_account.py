import json
import re
from datetime import timedelta

import pytest

from serment import identity, kernel
from serment.edge.desk import Desk
from support.authenticator import Authenticator
from support.entrance import (
    DEVICE,
    NewVisitor,
    Visitor,
    code_now,
    codes_in,
    hidden_fields,
    seed_in,
    signed_in_visitor,
)
from support.identity import PASSWORD, Person, enrol_somebody

HERE = "/account/security"
DEVICES = f"{HERE}/devices"
STEP_UP = "/account/step-up"
NEW_PASSWORD = "lanterne prairie 27 tisserand"
SENSITIVE = (f"{HERE}/add", f"{HERE}/password", f"{HERE}/recovery-codes")


@pytest.fixture
def person(doors: Desk, clock: kernel.SettableClock) -> Person:
    enrolled = enrol_somebody(doors.entrance, identity.Role.PATIENT)
    clock.advance(timedelta(seconds=60))
    return enrolled


@pytest.fixture
def visitor(doors: Desk, person: Person, new_visitor: NewVisitor) -> Visitor:
    return signed_in_visitor(doors, new_visitor(), person.account)


@pytest.fixture
def raised(doors: Desk, person: Person, visitor: Visitor) -> Visitor:
    """The visitor after a step-up."""
    visitor.open(STEP_UP)
    return visitor.send(STEP_UP, code=code_now(doors, person.seed))


def factor_address(visitor: Visitor) -> str:
    found = re.search(r'href="([^"]+/remove)"', visitor.open(HERE).text)
    assert found is not None
    return found.group(1)


def add_application(visitor: Visitor, desk: Desk, label: str = "Second téléphone") -> Visitor:
    visitor.open(f"{HERE}/add").send(f"{HERE}/add/application", label=label)
    code = code_now(desk, seed_in(visitor.text))
    return visitor.send(f"{HERE}/add/application/confirm", code=code)


@pytest.mark.parametrize("address", SENSITIVE)
def test_sensitive_act_asks_who_it_is_and_comes_back(
    doors: Desk, person: Person, visitor: Visitor, address: str
) -> None:
    visitor.open(address)
    assert visitor.address == f"{STEP_UP}?next={address.replace('/', '%2F')}"
    visitor.send(STEP_UP, code=code_now(doors, person.seed))

    assert (visitor.status, visitor.address) == (200, address)


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        (f"{HERE}/add/application", {}),
        (f"{HERE}/add/passkey", {"challenge": "x", "response": "{}"}),
        (f"{HERE}/add/passkey/options", {}),
        (f"{HERE}/recovery-codes", {}),
        (f"{HERE}/password", {"current": PASSWORD, "password": NEW_PASSWORD, "again": NEW_PASSWORD}),
    ],
)
def test_sensitive_act_without_step_up_is_refused(
    visitor: Visitor, address: str, fields: dict[str, str]
) -> None:
    csrf = hidden_fields(visitor.open("/sign-out").text, "/sign-out")
    refused = visitor.client.post(address, data={**csrf, **fields}, headers={"accept": "text/html"})

    assert refused.status_code == 403
    assert "/account/step-up" in refused.text


def test_step_up_that_proves_nothing_leaves_things_as_they_were(visitor: Visitor) -> None:
    visitor.open(f"{STEP_UP}?next={HERE}/password").send(STEP_UP, code="000000")

    assert (visitor.status, visitor.address) == (403, STEP_UP)
    assert hidden_fields(visitor.text, STEP_UP)["next"] == f"{HERE}/password"
    assert visitor.open(f"{HERE}/password").address.startswith(STEP_UP)


def test_step_up_with_the_code_of_the_sign_in_is_refused(
    doors: Desk, person: Person, new_visitor: NewVisitor
) -> None:
    code = code_now(doors, person.seed)
    visitor = new_visitor().open("/sign-in").send("/sign-in", login=person.login, password=PASSWORD)
    visitor.send("/sign-in/second", code=code)

    assert visitor.open(STEP_UP).send(STEP_UP, code=code).status == 403


def test_step_up_tried_too_often_is_slowed(visitor: Visitor) -> None:
    for _ in range(7):
        visitor.open(STEP_UP).send(STEP_UP, code="000000")

    assert visitor.status == 429
    assert int(visitor.headers["retry-after"]) > 0


def test_step_up_with_a_recovery_code(person: Person, visitor: Visitor) -> None:
    visitor.open(f"{STEP_UP}?with=recovery&next={HERE}/add")
    visitor.send(f"{STEP_UP}?with=recovery", code=person.recovery_codes[0])

    assert visitor.address == f"{HERE}/add"


def test_step_up_with_a_passkey(doors: Desk, raised: Visitor, clock: kernel.SettableClock) -> None:
    device = add_passkey(raised)
    clock.advance(timedelta(minutes=11))
    raised.open(f"{STEP_UP}?next={HERE}/password")
    challenge = challenge_at(raised, f"{STEP_UP}/options", STEP_UP)
    answer = device.sign_in(challenge["options"])
    raised.send(STEP_UP, challenge=challenge["challenge"], response=answer)

    assert raised.address == f"{HERE}/password"


def challenge_at(visitor: Visitor, address: str, form: str) -> dict[str, str]:
    csrf = hidden_fields(visitor.text, form)["csrf"]
    asked = visitor.client.post(address, headers={"x-serment-csrf": csrf, "accept": "application/json"})
    assert asked.status_code == 200, asked.text
    return dict(asked.json())


def add_passkey(visitor: Visitor, label: str = "Clé bleue") -> Authenticator:
    device, form = Authenticator(), f"{HERE}/add/passkey"
    challenge = challenge_at(visitor.open(f"{HERE}/add"), f"{form}/options", form)
    answer = device.register(challenge["options"])
    visitor.send(form, challenge=challenge["challenge"], response=answer, label=label)
    assert visitor.address == HERE
    return device


def test_application_is_added_and_listed(doors: Desk, raised: Visitor) -> None:
    add_application(raised, doors)

    assert (raised.status, raised.address) == (200, HERE)
    assert "Second téléphone" in raised.text


def test_application_that_shows_another_code_is_not_added(doors: Desk, raised: Visitor) -> None:
    raised.open(f"{HERE}/add").send(f"{HERE}/add/application", label="Autre")
    seed = seed_in(raised.text)
    raised.send(f"{HERE}/add/application/confirm", code="000000")

    assert (raised.status, seed_in(raised.text)) == (422, seed)
    raised.send(f"{HERE}/add/application/confirm", code=code_now(doors, seed))
    assert raised.address == HERE


def test_passkey_is_added_and_listed(raised: Visitor) -> None:
    add_passkey(raised)

    assert "Clé bleue" in raised.text


def test_passkey_that_proves_nothing_is_not_added(raised: Visitor) -> None:
    form = f"{HERE}/add/passkey"
    challenge = challenge_at(raised.open(f"{HERE}/add"), f"{form}/options", form)
    raised.send(form, challenge=challenge["challenge"], response=json.dumps({"response": {}}))

    assert raised.status == 422
    assert "n’a pas fait sa preuve" in raised.text


def test_factor_is_removed_after_its_effect_was_told(doors: Desk, raised: Visitor) -> None:
    add_application(raised, doors, "Téléphone perdu")
    address = factor_address(raised)
    raised.open(address)
    assert "n’ouvrira plus votre compte" in raised.text
    raised.send(address)

    assert raised.address == HERE
    assert "/remove" not in raised.text


def test_last_factor_is_not_offered_for_removal_and_stays(doors: Desk, raised: Visitor) -> None:
    with doors.database.reading() as uow:
        caller = identity.resume_session(doors.database, str(raised.token()), "web x")
        (factor,) = identity.list_factors(uow, caller)
    assert "/remove" not in raised.open(HERE).text

    address = f"{HERE}/factors/{factor.id}/remove"
    raised.open(address)
    csrf = hidden_fields(raised.text, "/sign-out")["csrf"]
    refused = raised.client.post(address, data={"csrf": csrf})

    assert "dernier second facteur" in raised.text
    assert refused.status_code == 409


def test_factor_of_nobody_is_absent(raised: Visitor) -> None:
    assert raised.open(f"{HERE}/factors/{kernel.new_id()}/remove").status == 404


def test_recovery_codes_are_renewed_and_shown_once(person: Person, raised: Visitor) -> None:
    raised.open(f"{HERE}/recovery-codes")
    assert codes_in(raised.text) == []
    raised.send(f"{HERE}/recovery-codes")

    assert len(codes_in(raised.text)) == 10
    assert set(codes_in(raised.text)).isdisjoint(person.recovery_codes)
    assert codes_in(raised.open(f"{HERE}/recovery-codes").text) == []


def change(visitor: Visitor, current: str = PASSWORD, new: str = NEW_PASSWORD, again: str = "") -> Visitor:
    fields = {"current": current, "password": new, "again": again or new}
    return visitor.open(f"{HERE}/password").send(f"{HERE}/password", **fields)


def test_password_is_changed_and_other_sessions_end(
    doors: Desk, person: Person, raised: Visitor, new_visitor: NewVisitor
) -> None:
    other = signed_in_visitor(doors, new_visitor(), person.account)
    change(raised)

    assert (raised.status, raised.address) == (200, HERE)
    assert other.open(HERE).address.startswith("/sign-in")


@pytest.mark.parametrize(
    ("current", "new", "again", "sentence"),
    [
        ("quite another password", NEW_PASSWORD, "", "pas votre mot de passe actuel"),
        (PASSWORD, "petit", "", "trop court"),
        (PASSWORD, NEW_PASSWORD, "something else", "ne sont pas les mêmes"),
    ],
)
def test_password_change_says_what_is_wrong(
    raised: Visitor, current: str, new: str, again: str, sentence: str
) -> None:
    change(raised, current, new, again)

    assert raised.status == 422
    assert sentence in raised.text
    assert new not in raised.text


def test_ending_a_session_asks_for_a_factor_first(
    doors: Desk, person: Person, visitor: Visitor, new_visitor: NewVisitor
) -> None:
    other = signed_in_visitor(doors, new_visitor(), person.account)
    visitor.open(DEVICES).send(f"{HERE}/sessions/others/end")

    assert visitor.address == f"/account/step-up?next={DEVICES}"
    assert other.open(HERE).address == HERE


def test_sessions_are_listed_and_one_is_ended(
    doors: Desk, person: Person, raised: Visitor, new_visitor: NewVisitor
) -> None:
    visitor = raised
    other = signed_in_visitor(doors, new_visitor(), person.account)
    assert "2 connexions ouvertes" in visitor.open(HERE).text
    (address,) = re.findall(r'action="([^"]+/sessions/[0-9a-f-]{36}/end)"', visitor.open(DEVICES).text)
    assert "Firefox, Linux" in visitor.text
    assert "203.0.113.7" in visitor.text
    visitor.send(address)

    assert visitor.address == DEVICES
    assert other.open(HERE).address.startswith("/sign-in")


def test_all_other_sessions_are_ended(
    doors: Desk, person: Person, raised: Visitor, new_visitor: NewVisitor
) -> None:
    visitor = raised
    others = [signed_in_visitor(doors, new_visitor(), person.account) for _ in range(2)]
    visitor.open(DEVICES).send(f"{HERE}/sessions/others/end")

    assert visitor.address == DEVICES
    assert [other.open(HERE).address.startswith("/sign-in") for other in others] == [True, True]


def sign_in(visitor: Visitor, desk: Desk, person: Person) -> Visitor:
    visitor.open("/sign-in").send("/sign-in", login=person.login, password=PASSWORD)
    return visitor.send("/sign-in/second", code=code_now(desk, person.seed))


def forget_addresses(text: str) -> list[str]:
    return re.findall(rf'action="({DEVICES}/[0-9a-f-]{{36}}/forget)"', text)


def test_devices_are_listed_in_plain_words_and_one_is_forgotten(
    doors: Desk, person: Person, new_visitor: NewVisitor, clock: kernel.SettableClock
) -> None:
    tablet, phone = new_visitor(), new_visitor()
    tablet.client.headers["user-agent"] = "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) Safari/604.1"
    sign_in(tablet, doors, person)
    clock.advance(timedelta(minutes=1))
    phone.client.headers["user-agent"] = "Mozilla/5.0 (Android 16; Mobile; rv:140.0) Firefox/140.0"
    sign_in(phone, doors, person)
    phone.open(DEVICES)
    assert "Safari, iPad" in phone.text
    assert "Mozilla" not in phone.text
    newest, oldest = forget_addresses(phone.text)
    phone.send(oldest)

    assert (phone.address, forget_addresses(phone.text)) == (DEVICES, [newest])
    assert phone.text.count("Cet appareil") == 1


def test_all_devices_are_forgotten_and_their_sessions_stay(
    doors: Desk, person: Person, new_visitor: NewVisitor, clock: kernel.SettableClock
) -> None:
    visitors = [new_visitor(), new_visitor()]
    for each in visitors:
        sign_in(each, doors, person)
        clock.advance(timedelta(minutes=1))
    visitors[0].open(DEVICES).send(f"{DEVICES}/forget")

    assert visitors[0].address == DEVICES
    assert "Aucun appareil habituel" in visitors[0].text
    assert visitors[1].open(DEVICES).address == DEVICES


def test_device_of_somebody_else_stays_known(
    doors: Desk, person: Person, visitor: Visitor, new_visitor: NewVisitor, clock: kernel.SettableClock
) -> None:
    stranger = enrol_somebody(doors.entrance, identity.Role.PATIENT, login="autre@example.test")
    clock.advance(timedelta(minutes=1))
    other = sign_in(new_visitor(), doors, stranger)
    (address,) = forget_addresses(other.open(DEVICES).text)
    csrf = hidden_fields(visitor.open(HERE).text, "/sign-out")["csrf"]

    answered = visitor.client.post(address, data={"csrf": csrf})

    assert answered.status_code == 303
    assert forget_addresses(other.open(DEVICES).text) == [address]


def test_signing_out_leaves_the_device_known(doors: Desk, person: Person, new_visitor: NewVisitor) -> None:
    visitor = sign_in(new_visitor(), doors, person)
    device = visitor.token(DEVICE)
    visitor.open("/sign-out").send("/sign-out")

    assert visitor.token(DEVICE) == device is not None


def test_session_of_somebody_else_stays_open(
    doors: Desk, person: Person, visitor: Visitor, new_visitor: NewVisitor
) -> None:
    with doors.database.unit_of_work() as uow:
        owner = identity.open_account(uow, person.account)
    stranger = enrol_somebody(doors.entrance, identity.Role.PATIENT, login="autre@example.test")
    other = signed_in_visitor(doors, new_visitor(), stranger.account)
    session = identity.resume_session(doors.database, str(other.token()), "web x").session
    csrf = hidden_fields(visitor.open(HERE).text, "/sign-out")["csrf"]

    visitor.client.post(f"{HERE}/sessions/{session}/end", data={"csrf": csrf})

    assert owner.id != stranger.account
    assert other.open(HERE).address == HERE


def test_what_happened_is_told_in_plain_words(
    doors: Desk, person: Person, visitor: Visitor, new_visitor: NewVisitor
) -> None:
    stranger = new_visitor().open("/sign-in").send("/sign-in", login=person.login, password="wrong")
    stranger.send("/sign-in/second", code="000000")
    text = visitor.open(HERE).text

    assert "Connexion refusée" in text
    assert "Compte ouvert avec le code d’inscription" in text
    assert "identity." not in text


def test_account_pages_lead_to_the_entrance_and_back(
    doors: Desk, person: Person, new_visitor: NewVisitor
) -> None:
    visitor = new_visitor().open(f"{HERE}?from=mail")
    assert visitor.address == "/sign-in?next=%2Faccount%2Fsecurity%3Ffrom%3Dmail"
    visitor.send("/sign-in", login=person.login, password=PASSWORD)
    visitor.send("/sign-in/second", code=code_now(doors, person.seed))

    assert visitor.address == f"{HERE}?from=mail"


def test_scripts_are_told_that_the_session_is_over(new_visitor: NewVisitor) -> None:
    answer = new_visitor().client.get(HERE, headers={"accept": "application/json"})

    assert (answer.status_code, answer.json()["status"]) == (401, 401)


def test_expired_session_asks_to_sign_in_again(visitor: Visitor, clock: kernel.SettableClock) -> None:
    clock.advance(timedelta(minutes=31))

    assert visitor.open(HERE).address == "/sign-in?next=%2Faccount%2Fsecurity"
    assert (
        visitor.send("/sign-in", login="x", password="y").address
        == "/sign-in/second?next=%2Faccount%2Fsecurity"
    )


def test_form_sent_after_the_session_ended_is_refused_and_not_led_astray(
    visitor: Visitor, clock: kernel.SettableClock
) -> None:
    visitor.open(HERE)
    clock.advance(timedelta(minutes=31))
    csrf = hidden_fields(visitor.text, "/sign-out")["csrf"]
    refused = visitor.client.post(
        f"{HERE}/recovery-codes", data={"csrf": csrf}, headers={"accept": "text/html"}
    )

    assert refused.status_code == 401
    assert 'href="/sign-in"' in refused.text
