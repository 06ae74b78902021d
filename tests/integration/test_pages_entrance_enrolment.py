import json
from datetime import timedelta

import pytest

from serment import identity, kernel
from serment.edge.desk import Desk
from support.authenticator import Authenticator
from support.entrance import NewVisitor, Visitor, code_now, codes_in, hidden_fields, seed_in
from support.identity import PASSWORD, make_administrator, make_organisation, signed_in

LOGIN = "camille.essai"
COMPLETE = "/enrol/complete"


@pytest.fixture
def invited(doors: Desk) -> identity.EnrolmentCode:
    with doors.database.unit_of_work() as uow:
        administrator = signed_in(uow, make_administrator(uow, make_organisation(uow)))
        invitation = identity.Invitation(
            LOGIN, "Camille Essai", identity.Role.PROFESSIONAL, identity.Profession.NURSE
        )
        return identity.invite(uow, administrator, invitation)


@pytest.fixture
def visitor(new_visitor: NewVisitor) -> Visitor:
    return new_visitor()


def give_code(visitor: Visitor, code: str, login: str = LOGIN) -> Visitor:
    return visitor.open("/enrol").send("/enrol", login=login, code=code)


def complete(visitor: Visitor, desk: Desk, password: str = PASSWORD, again: str | None = None) -> Visitor:
    code = code_now(desk, seed_in(visitor.text))
    return visitor.send(COMPLETE, password=password, again=password if again is None else again, code=code)


def test_enrolment_gives_an_account_that_signs_in(
    doors: Desk, invited: identity.EnrolmentCode, visitor: Visitor, clock: kernel.SettableClock
) -> None:
    give_code(visitor, invited.code.lower().replace("-", " "))
    assert "Bienvenue, Camille Essai" in visitor.text
    seed = seed_in(visitor.text)
    complete(visitor, doors)

    assert (visitor.status, len(codes_in(visitor.text))) == (200, 10)
    assert visitor.token() is None
    clock.advance(timedelta(minutes=1))
    visitor.open("/sign-in").send("/sign-in", login=LOGIN, password=PASSWORD)
    visitor.send("/sign-in/second", code=code_now(doors, seed))
    assert visitor.token() is not None


def test_enrolment_with_a_passkey_instead(
    doors: Desk, invited: identity.EnrolmentCode, visitor: Visitor
) -> None:
    device = Authenticator()
    give_code(visitor, invited.code)
    carried = hidden_fields(visitor.text, COMPLETE)
    visitor.send(COMPLETE, password=PASSWORD, again=PASSWORD, response=device.register(carried["options"]))

    assert len(codes_in(visitor.text)) == 10
    challenge = identity.begin_passkey_sign_in(doors.entrance)
    answer = identity.PasskeyAssertion(challenge.token, device.sign_in(challenge.options_json))
    opened = identity.finish_passkey_sign_in(doors.entrance, answer, identity.Visit("web 203.0.113.7"))
    assert opened.caller.account == invited.account


@pytest.mark.parametrize("login", [LOGIN, "nobody@example.test"])
def test_wrong_code_and_unknown_login_are_refused_alike(
    invited: identity.EnrolmentCode, visitor: Visitor, login: str
) -> None:
    code = "AAAA-BBBB-CCCC" if login == LOGIN else invited.code
    give_code(visitor, code, login)

    assert visitor.status == 403
    assert "n’ouvrent pas d’inscription" in visitor.text
    assert code not in visitor.text


def test_too_many_codes_are_slowed(doors: Desk, visitor: Visitor) -> None:
    same_place = identity.Visit("web unknown", "Firefox")
    for _ in range(doors.entrance.rules.throttle.enrolment.burst):
        with pytest.raises(identity.EnrolmentRefused):
            identity.begin_enrolment(doors.entrance, LOGIN, "AAAA-BBBB-CCCC", same_place)
    give_code(visitor, "AAAA-BBBB-CCCC")

    assert visitor.status == 429
    assert int(visitor.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("petit", "trop court"),
        ("a" * 257, "trop long"),
        ("Essai Camille essai", "se devine"),
        ("Camille Essai 2026", "se devine"),
    ],
)
def test_refused_password_leaves_the_offer_open(
    doors: Desk, invited: identity.EnrolmentCode, visitor: Visitor, password: str, sentence: str
) -> None:
    give_code(visitor, invited.code)
    seed = seed_in(visitor.text)
    complete(visitor, doors, password)

    assert visitor.status == 422
    assert sentence in visitor.text
    assert password not in visitor.text
    assert seed_in(visitor.text) == seed
    assert len(codes_in(complete(visitor, doors).text)) == 10


def test_long_password_is_taken_whole(doors: Desk, invited: identity.EnrolmentCode, visitor: Visitor) -> None:
    password = " " + "rivage tambour amphore violette " * 7
    give_code(visitor, invited.code)
    complete(visitor, doors, password)
    assert len(codes_in(visitor.text)) == 10

    pending = identity.begin_sign_in(doors.entrance, identity.Credentials(LOGIN, password))
    recovery = identity.RecoveryCode(codes_in(visitor.text)[0])
    assert identity.finish_sign_in(
        doors.entrance, pending.token, recovery, identity.Visit("web 203.0.113.7")
    ).token


def test_two_different_passwords_are_told(
    doors: Desk, invited: identity.EnrolmentCode, visitor: Visitor
) -> None:
    give_code(visitor, invited.code)
    complete(visitor, doors, again="quite another password")

    assert visitor.status == 422
    assert "ne sont pas les mêmes" in visitor.text


@pytest.mark.parametrize("code", ["", "000000", "12345"])
def test_wrong_first_code_is_told(invited: identity.EnrolmentCode, visitor: Visitor, code: str) -> None:
    give_code(visitor, invited.code)
    visitor.send(COMPLETE, password=PASSWORD, again=PASSWORD, code=code)

    assert visitor.status == 422
    assert "n’est pas celui que l’application affiche" in visitor.text


def test_passkey_that_proves_nothing_is_told(invited: identity.EnrolmentCode, visitor: Visitor) -> None:
    give_code(visitor, invited.code)
    visitor.send(COMPLETE, password=PASSWORD, again=PASSWORD, response=json.dumps({"response": {}}))

    assert visitor.status == 422
    assert "n’a pas fait sa preuve" in visitor.text


def test_offer_that_ran_out_asks_for_the_code_again(
    doors: Desk, invited: identity.EnrolmentCode, visitor: Visitor, clock: kernel.SettableClock
) -> None:
    give_code(visitor, invited.code)
    clock.advance(timedelta(minutes=31))
    complete(visitor, doors)

    assert visitor.status == 403
    assert "trop longtemps" in visitor.text


def test_code_is_worth_nothing_once_used(
    doors: Desk, invited: identity.EnrolmentCode, visitor: Visitor
) -> None:
    give_code(visitor, invited.code)
    complete(visitor, doors)

    assert give_code(visitor, invited.code).status == 403


def test_page_that_lost_what_it_carried_is_refused(
    doors: Desk, invited: identity.EnrolmentCode, visitor: Visitor
) -> None:
    give_code(visitor, invited.code)
    visitor.send(COMPLETE, password=PASSWORD, again=PASSWORD, code="123456", token="")

    assert visitor.status == 422


@pytest.mark.parametrize("door", ["/enrol", "/recover"])
def test_nothing_is_drawn_for_who_has_no_offer(visitor: Visitor, door: str) -> None:
    proof = hidden_fields(visitor.open(door).text, door)
    invented = {"token": "invented", "seed": "A", "uri": "otpauth://totp/" + "a" * 2000}
    told = visitor.client.post(f"{door}/complete", data={**proof, **invented, "password": "a", "again": "b"})

    assert told.status_code == 403
    assert "trop longtemps" in told.text
    assert 'class="qr"' not in told.text


def test_drawing_of_the_secret_is_in_the_page(invited: identity.EnrolmentCode, visitor: Visitor) -> None:
    give_code(visitor, invited.code)

    assert '<svg viewBox="0 0 ' in visitor.text
    assert "style=" not in visitor.text
    assert " ".join(seed_in(visitor.text)[i : i + 4] for i in range(0, 32, 4)) in visitor.text


def test_completing_page_opened_again_asks_for_the_code(visitor: Visitor) -> None:
    assert 'name="code"' in visitor.open(COMPLETE).text
