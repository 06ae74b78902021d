import json
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc.errors import UnsupportedAlgorithmError
from joserfc.jwk import ECKey, OctKey, OKPKey

from serment.identity import KeyRefused, KeyTermsRefused
from serment.identity.access_keys.proofs import Expected, _Allowed, check_proof, thumbprint_of_written
from support.keys import Machine, ed25519_machine, signed

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
TOKEN = "srmk_stands-for-a-key"
ADDRESS = "https://sante.example.org/fhir/DocumentReference"
#: RFC 7638 has no P-256 example; RFC 9449, section 6.1, gives this key and the thumbprint of it.
RFC_9449_KEY = {
    "kty": "EC",
    "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
    "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
    "crv": "P-256",
}
RFC_9449_THUMBPRINT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"


def expected_of(machine: Machine) -> Expected:
    return Expected("GET", ADDRESS, TOKEN, thumbprint_of_written(machine.public_key), NOW)


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_thumbprint_is_the_one_of_the_standard() -> None:
    found = thumbprint_of_written(json.dumps(RFC_9449_KEY))

    assert urlsafe_b64encode(found).rstrip(b"=").decode() == RFC_9449_THUMBPRINT


@pytest.mark.parametrize("name", ["ES256", "EdDSA", "Ed25519"])
def test_proof_of_the_bound_key_holds(name: str) -> None:
    machine = Machine() if name == "ES256" else ed25519_machine(name)
    proof = machine.sign(machine.claims(TOKEN, "GET", ADDRESS, NOW))

    assert len(check_proof(proof, expected_of(machine))) == 32


@pytest.mark.parametrize("seconds", [-60, 0, 60])
def test_clock_of_a_machine_may_be_a_minute_off(machine: Machine, seconds: int) -> None:
    claims = machine.claims(TOKEN, "GET", ADDRESS, NOW + timedelta(seconds=seconds))

    assert check_proof(machine.sign(claims), expected_of(machine))


@pytest.mark.parametrize(
    "written",
    [f"{ADDRESS}?patient=x#y", "HTTPS://sante.example.ORG:443/fhir/DocumentReference"],
)
def test_address_is_compared_without_query_and_in_one_spelling(machine: Machine, written: str) -> None:
    claims = machine.claims(TOKEN, "GET", written, NOW)

    assert check_proof(machine.sign(claims), expected_of(machine))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("htm", "POST"),
        ("htm", "get"),
        ("htm", None),
        ("htu", "https://sante.example.org/fhir/Patient"),
        ("htu", "http://sante.example.org/fhir/DocumentReference"),
        ("htu", "https://autre.example.org/fhir/DocumentReference"),
        ("htu", "https://sante.example.org:8443/fhir/DocumentReference"),
        ("htu", "https://[::1/fhir"),
        ("htu", 7),
        ("ath", "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"),
        ("ath", None),
        ("iat", int(NOW.timestamp()) - 61),
        ("iat", int(NOW.timestamp()) + 61),
        ("iat", 10**400),
        ("iat", "now"),
        ("iat", True),
        ("iat", None),
        ("jti", ""),
        ("jti", "x" * 257),
        ("jti", 7),
        ("jti", None),
    ],
)
def test_proof_about_something_else_is_refused(machine: Machine, name: str, value: object) -> None:
    claims: dict[str, Any] = {**machine.claims(TOKEN, "GET", ADDRESS, NOW), name: value}

    with pytest.raises(KeyRefused):
        check_proof(machine.sign(claims), expected_of(machine))


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": "DPOP+JWT"},
        {"kid": "one"},
        {"crit": ["b64"], "b64": False},
        {"jwk": None},
        {"jwk": "text"},
        {"jwk": {"kty": "oct", "k": "AAAA"}},
        {"jwk": {"kty": "EC", "crv": "P-256", "x": "short", "y": "short"}},
    ],
)
def test_proof_with_another_header_is_refused(machine: Machine, header: dict[str, object]) -> None:
    said = {"typ": "dpop+jwt", "alg": "ES256", "jwk": machine.jwk, **header}
    proof = signed(said, machine.claims(TOKEN, "GET", ADDRESS, NOW), machine.key)

    with pytest.raises(KeyRefused):
        check_proof(proof, expected_of(machine))


def test_proof_that_shows_a_private_key_is_refused(machine: Machine) -> None:
    private = dict(machine.key.as_dict(private=True))

    with pytest.raises(KeyRefused):
        check_proof(
            machine.sign(machine.claims(TOKEN, "GET", ADDRESS, NOW), jwk=private), expected_of(machine)
        )


def test_proof_signed_by_somebody_else_is_refused(machine: Machine) -> None:
    claims = machine.claims(TOKEN, "GET", ADDRESS, NOW)

    with pytest.raises(KeyRefused):
        check_proof(Machine().sign(claims), expected_of(machine))
    with pytest.raises(KeyRefused):
        check_proof(Machine().sign(claims, jwk=machine.jwk), expected_of(machine))


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256", "ES384"])
def test_algorithm_is_ours_to_choose(machine: Machine, algorithm: str) -> None:
    header = {"typ": "dpop+jwt", "alg": algorithm, "jwk": machine.jwk}
    proof = signed(header, machine.claims(TOKEN, "GET", ADDRESS, NOW), machine.key)

    with pytest.raises(KeyRefused):
        check_proof(proof, expected_of(machine))


def test_key_of_one_kind_is_not_taken_for_the_other() -> None:
    machine = ed25519_machine()
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": machine.jwk}
    proof = signed(header, machine.claims(TOKEN, "GET", ADDRESS, NOW), ECKey.generate_key("P-256"))

    with pytest.raises(KeyRefused):
        check_proof(proof, expected_of(machine))


@pytest.mark.parametrize("proof", ["", "x", "a.b.c", "e30.e30.e30", "." * 3, "x" * 5000, "é.é.é"])
def test_what_is_no_proof_is_refused(machine: Machine, proof: str) -> None:
    with pytest.raises(KeyRefused):
        check_proof(proof, expected_of(machine))


def test_claims_that_are_no_object_are_refused(machine: Machine) -> None:
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": machine.jwk}

    with pytest.raises(KeyRefused):
        check_proof(signed(header, ["x"], machine.key), expected_of(machine))


def test_proof_for_another_machine_is_refused(machine: Machine) -> None:
    proof = machine.sign(machine.claims(TOKEN, "GET", ADDRESS, NOW))

    with pytest.raises(KeyRefused):
        check_proof(proof, replace(expected_of(machine), thumbprint=expected_of(Machine()).thumbprint))


@pytest.mark.parametrize(
    "written",
    [
        "",
        "[]",
        "null",
        "{}",
        "{not json",
        json.dumps(OctKey.generate_key(256).as_dict(private=True)),
        json.dumps(ECKey.generate_key("P-384").as_dict(private=False)),
        json.dumps(OKPKey.generate_key("X25519").as_dict(private=False)),
        json.dumps(ECKey.generate_key("P-256").as_dict(private=True)),
    ],
    ids=[
        "empty",
        "list",
        "null",
        "no members",
        "no JSON",
        "secret",
        "other curve",
        "exchange only",
        "private",
    ],
)
def test_only_a_public_key_that_can_sign_is_taken(written: str) -> None:
    with pytest.raises(KeyTermsRefused, match="public_key"):
        thumbprint_of_written(written)


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256", "ES384"])
def test_allow_list_holds_by_itself(algorithm: str) -> None:
    """Whoever calls the library without looking at the header first is no worse off."""
    with pytest.raises(UnsupportedAlgorithmError):
        _Allowed().get_alg(algorithm)
