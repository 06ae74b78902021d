import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from serment import kernel
from serment.identity.factors import passkeys
from serment.identity.factors.store import PasskeyRow
from serment.identity.model import Account, AccountStatus, FactorId, Profession, Role
from serment.identity.tokens import draw_token
from support.authenticator import (
    HONEST,
    WRONG_ANSWERS,
    WRONG_ASSERTIONS,
    Answer,
    Authenticator,
    to_base64url,
    with_field,
)
from support.identity import PARTY

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
ACCOUNT = Account(
    id=kernel.AccountId(kernel.new_id()),
    organisation=kernel.OrganisationId(kernel.new_id()),
    login="personne@example.test",
    name="Camille Essai",
    role=Role.PROFESSIONAL,
    profession=Profession.PHYSICIAN,
    status=AccountStatus.ACTIVE,
    created_at=NOW,
)


@pytest.fixture
def token() -> str:
    return draw_token()


@pytest.fixture
def device() -> Authenticator:
    return Authenticator()


@pytest.fixture
def stored(device: Authenticator) -> PasskeyRow:
    token = draw_token()
    options = passkeys.registration_options(PARTY, ACCOUNT, token, ())
    new = passkeys.verify_registration(PARTY, token, device.register(options))
    assert new is not None
    return PasskeyRow(
        id=FactorId(kernel.new_id()),
        account=ACCOUNT.id,
        label_sealed=b"",
        **vars(new),
        added_at=NOW,
    )


def test_registration_options_ask_for_a_discoverable_verified_passkey(token: str, stored: PasskeyRow) -> None:
    options = json.loads(passkeys.registration_options(PARTY, ACCOUNT, token, (stored,)))

    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert options["challenge"] == token
    assert options["attestation"] == "none"
    assert options["rp"] == {"id": "localhost", "name": "Serment"}
    assert [each["id"] for each in options["excludeCredentials"]] == [to_base64url(stored.credential_id)]


def test_assertion_options_name_no_credential(token: str) -> None:
    options = json.loads(passkeys.assertion_options(PARTY, token))

    assert (options["challenge"], options["rpId"]) == (token, "localhost")
    assert options["userVerification"] == "required"
    assert not options.get("allowCredentials")


def test_verify_registration_returns_the_new_passkey(token: str, device: Authenticator) -> None:
    options = passkeys.registration_options(PARTY, ACCOUNT, token, ())

    new = passkeys.verify_registration(PARTY, token, device.register(options))

    assert new is not None
    assert new.credential_id == device.credential_id
    assert (new.sign_count, new.backup_eligible, new.backed_up) == (0, True, True)


@pytest.mark.parametrize("answer", WRONG_ANSWERS.values(), ids=WRONG_ANSWERS)
def test_verify_registration_refuses(token: str, device: Authenticator, answer: Answer) -> None:
    options = passkeys.registration_options(PARTY, ACCOUNT, token, ())

    assert passkeys.verify_registration(PARTY, token, device.register(options, answer)) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "b3RoZXI"),
        ("rawId", None),
        ("type", "password"),
        ("response", []),
        ("response.clientDataJSON", "e30"),
        ("response.clientDataJSON", "!"),
        ("response.attestationObject", "oA"),
        ("response.attestationObject", None),
    ],
)
def test_verify_registration_refuses_a_damaged_response(
    token: str, device: Authenticator, name: str, value: object
) -> None:
    response = device.register(passkeys.registration_options(PARTY, ACCOUNT, token, ()))

    assert passkeys.verify_registration(PARTY, token, with_field(response, name, value)) is None


def test_verify_assertion_returns_the_use(token: str, device: Authenticator, stored: PasskeyRow) -> None:
    response = device.sign_in(passkeys.assertion_options(PARTY, token), replace(HONEST, sign_count=7))

    assert passkeys.verify_assertion(PARTY, token, response, stored) == passkeys.UsedPasskey(
        stored, sign_count=7, backed_up=True
    )


@pytest.mark.parametrize("answer", WRONG_ASSERTIONS.values(), ids=WRONG_ASSERTIONS)
def test_verify_assertion_refuses(
    token: str, device: Authenticator, stored: PasskeyRow, answer: Answer
) -> None:
    response = device.sign_in(passkeys.assertion_options(PARTY, token), answer)

    assert passkeys.verify_assertion(PARTY, token, response, stored) is None


def test_verify_assertion_takes_a_count_that_went_back_as_a_sign(
    token: str, device: Authenticator, stored: PasskeyRow
) -> None:
    response = device.sign_in(passkeys.assertion_options(PARTY, token), replace(HONEST, sign_count=7))

    used = passkeys.verify_assertion(PARTY, token, response, replace(stored, sign_count=7))

    assert used is not None
    assert used.counted_back


def test_verify_assertion_refuses_the_key_of_another_device(
    token: str, device: Authenticator, stored: PasskeyRow
) -> None:
    other = Authenticator(user_handle=device.user_handle)

    response = other.sign_in(passkeys.assertion_options(PARTY, token))

    assert passkeys.verify_assertion(PARTY, token, response, stored) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("type", "password"),
        ("response", {}),
        ("response.clientDataJSON", "W10"),
        ("response.authenticatorData", ""),
        ("response.authenticatorData", "AAAA"),
        ("response.signature", "AAAA"),
        ("response.userHandle", 7),
    ],
)
def test_verify_assertion_refuses_a_damaged_response(
    token: str, device: Authenticator, stored: PasskeyRow, name: str, value: object
) -> None:
    response = device.sign_in(passkeys.assertion_options(PARTY, token))

    assert passkeys.verify_assertion(PARTY, token, with_field(response, name, value), stored) is None


def test_verify_assertion_refuses_a_token_that_is_none(device: Authenticator, stored: PasskeyRow) -> None:
    response = device.sign_in(passkeys.assertion_options(PARTY, draw_token()))

    assert passkeys.verify_assertion(PARTY, "x", response, stored) is None


@pytest.mark.parametrize("response", ["", "[]", "{}", '{"rawId": 7}', '{"rawId": "x"}', "null"])
def test_credential_id_in_bears_anything(response: str) -> None:
    assert passkeys.credential_id_in(response) in (None, b"")
