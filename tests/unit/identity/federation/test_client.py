"""What the provider signs is believed only when every part of it is as it must be; each case changes one thing."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from serment import identity, kernel
from serment.identity.federation.client import Asked, OpenIdClient
from serment.identity.federation.passage import passage_of
from support.openid import (
    CLIENT_ID,
    ISSUER,
    RPPS,
    SECRET,
    Claims,
    FakeProvider,
    as_json,
    provider,
    written,
)

TOKEN = "t" * 43
OTHER = ECKey.generate_key("P-256", {"kid": "one"})
HALF_MINUTE = timedelta(seconds=31)


@pytest.fixture
def fake(clock: kernel.SettableClock) -> FakeProvider:
    return FakeProvider(clock)


def client_of(fake: FakeProvider, **changes: object) -> OpenIdClient:
    return OpenIdClient(provider(**changes), fake, fake.clock)


def come(
    fake: FakeProvider, *, max_age: timedelta | None = None, **changes: object
) -> identity.ProviderAnswer:
    """Go there and back with one client, and return what is in the address."""
    return fake.log_in(client_of(fake, **changes).departure(passage_of(TOKEN), max_age))


def recognise(fake: FakeProvider, *, max_age: timedelta | None = None, **changes: object) -> str:
    """Go there and back, redeem the code, and return who came."""
    client = client_of(fake, **changes)
    asked = Asked(passage_of(TOKEN), fake.clock.now(), max_age)
    code = fake.log_in(client.departure(passage_of(TOKEN), max_age)).code
    return client.redeem(code or "", asked).subject


def refused(fake: FakeProvider, *, max_age: timedelta | None = None, **changes: object) -> str:
    """Return which claim is refused."""
    with pytest.raises(identity.TokenRefused) as refusal:
        recognise(fake, max_age=max_age, **changes)
    return str(refusal.value)


def _with(**changes: object) -> Callable[[Claims], Claims]:
    return lambda said: {**said, **changes}


def _without(name: str) -> Callable[[Claims], Claims]:
    return lambda said: {key: value for key, value in said.items() if key != name}


def _later(name: str, seconds: int) -> Callable[[Claims], Claims]:
    return lambda said: {**said, name: said[name] + seconds}


def test_whoever_proved_themselves_is_recognised(fake: FakeProvider) -> None:
    assert recognise(fake) == RPPS


def test_departure_asks_as_agreed(fake: FakeProvider) -> None:
    come(fake)
    said = fake.codes["code-0"]

    assert said == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": "https://localhost:8443/sign-in/federated/callback",
        "scope": "openid scope_all",
        "acr_values": "eidas1",
        "state": passage_of(TOKEN).state,
        "nonce": passage_of(TOKEN).nonce,
        "code_challenge": passage_of(TOKEN).challenge,
        "code_challenge_method": "S256",
    }


def test_departure_leads_where_the_operator_says(fake: FakeProvider) -> None:
    client = client_of(fake, authorization_endpoint="https://wallet.example.test/auth")

    assert client.departure(passage_of(TOKEN), None).startswith("https://wallet.example.test/auth?")


FORGED_CLAIMS: dict[str, tuple[Callable[[Claims], Claims], str]] = {
    "another issuer": (_with(iss="https://evil.example.test"), "iss"),
    "issuer with a slash more": (_with(iss=f"{ISSUER}/"), "iss"),
    "no issuer": (_without("iss"), "iss"),
    "another audience": (_with(aud="somebody-else"), "aud"),
    "a second audience": (_with(aud=[CLIENT_ID, "somebody-else"]), "aud"),
    "no audience": (_without("aud"), "aud"),
    "an audience that is an object": (_with(aud={CLIENT_ID: 1}), "aud"),
    "another authorised party": (_with(azp="somebody-else"), "azp"),
    "expired": (_later("exp", -331), "exp"),
    "no expiry": (_without("exp"), "exp"),
    "an expiry that is text": (_with(exp="9999999999"), "exp"),
    "an expiry that is true": (_with(exp=True), "exp"),
    "an expiry beyond all calendars": (_with(exp=1e300), "exp"),
    "made in the future": (_later("iat", 31), "iat"),
    "made before it was asked for": (_later("iat", -31), "iat"),
    "no instant of making": (_without("iat"), "iat"),
    "not valid yet": (_later("nbf", 31), "nbf"),
    "a validity that is text": (_with(nbf="now"), "nbf"),
    "another nonce": (_with(nonce="n"), "nonce"),
    "no nonce": (_without("nonce"), "nonce"),
    "a nonce that is a list": (_with(nonce=[passage_of(TOKEN).nonce]), "nonce"),
    "a lesser level": (_with(acr="eidas0"), "acr"),
    "no level": (_without("acr"), "acr"),
    "an empty level": (_with(acr=""), "acr"),
    "a level on another scale": (_with(acr="urn:example:loa:9"), "acr"),
    "a level written otherwise": (_with(acr="eidas11"), "acr"),
    "methods that are text": (_with(amr="pki"), "amr"),
    "methods that are numbers": (_with(amr=[1]), "amr"),
    "another access token": (_with(at_hash=written(b"x" * 16)), "at_hash"),
    "an access token's digest that is none": (_with(at_hash=7), "at_hash"),
    "no subject": (_without("sub"), "sub"),
    "an empty subject": (_with(sub=""), "sub"),
    "a subject too long": (_with(sub="s" * 256), "sub"),
    "a subject that is a number": (_with(sub=7), "sub"),
    "a subject out of ASCII": (_with(sub="é"), "sub"),
    "a session that is a number": (_with(sid=7), "sid"),
    "a person without name": (_with(SubjectNameID=""), "subject"),
    "a person of two names": (_with(SubjectNameID=[RPPS, "x"]), "subject"),
    "a person with an unprintable name": (_with(SubjectNameID="8\n9"), "subject"),
    "a logout token in its place": (_with(events={"x": {}}), "typ"),
}


@pytest.mark.parametrize("what", FORGED_CLAIMS)
def test_id_token_with_one_wrong_claim_is_refused(fake: FakeProvider, what: str) -> None:
    fake.forge_claims, claim = FORGED_CLAIMS[what]

    assert refused(fake) == claim


FORGED_HEADERS: dict[str, tuple[Callable[[Claims], Claims], str]] = {
    "a key of its own": (_with(jwk=OTHER.as_dict(private=False)), "header"),
    "the address of a key set": (_with(jku="https://evil.example.test/keys"), "header"),
    "the address of a certificate": (_with(x5u="https://evil.example.test/cert"), "header"),
    "a certificate of its own": (_with(x5c=["MII"]), "header"),
    "an unknown key": (_with(kid="two"), "key"),
    "a logout token's type": (_with(typ="logout+jwt"), "typ"),
    "an access token's type": (_with(typ="at+jwt"), "typ"),
}


@pytest.mark.parametrize("what", FORGED_HEADERS)
def test_id_token_with_one_wrong_header_is_refused(fake: FakeProvider, what: str) -> None:
    fake.forge_header, part = FORGED_HEADERS[what]

    assert refused(fake) == part


def _resigned(key: ECKey | RSAKey | OctKey | OKPKey, **header: object) -> Callable[[str], str]:
    """Sign the same claims again, with another key and under another header."""

    def forge(token: str) -> str:
        claims = jws.extract_compact(token.encode()).payload or b""
        return jws.serialize_compact({"kid": "one", **header}, claims, key, algorithms=[str(header["alg"])])

    return forge


def _unsigned(token: str) -> str:
    _, claims, _ = token.split(".")
    return f"{written(json.dumps({'alg': 'none', 'kid': 'one'}).encode())}.{claims}."


def _public_bytes(fake: FakeProvider) -> bytes:
    return fake.key.as_pem(private=False)


FORGED_TOKENS: dict[str, tuple[Callable[[str], str], str]] = {
    "signed by somebody else": (_resigned(OTHER, alg="ES256"), "signature"),
    "signed by nobody": (_unsigned, "algorithm"),
    "signed with a shared secret": (
        _resigned(OctKey.import_key(SECRET.encode()), alg="HS256"),
        "algorithm",
    ),
    "signed with an algorithm not in our list": (
        _resigned(OKPKey.generate_key("Ed25519"), alg="Ed25519"),
        "algorithm",
    ),
    "signed with an algorithm of another kind of key": (
        _resigned(RSAKey.generate_key(2048), alg="RS256"),
        "algorithm",
    ),
    "its signature cut off": (lambda token: f"{token.rpartition('.')[0]}.", "signature"),
    "its signature changed": (lambda token: token[:-8] + ("A" * 8), "signature"),
    "another's claims": (
        lambda token: ".".join([token.split(".")[0], "e30", token.split(".")[2]]),
        "signature",
    ),
    "two parts": (lambda token: token.rpartition(".")[0], "form"),
    "no token": (lambda _: "x", "form"),
    "not ASCII": (lambda token: f"{token}é", "size"),
    "too long": (lambda token: token + "A" * 16_384, "size"),
}


@pytest.mark.parametrize("what", FORGED_TOKENS)
def test_forged_id_token_is_refused(fake: FakeProvider, what: str) -> None:
    fake.forge_token, part = FORGED_TOKENS[what]

    assert refused(fake) == part


@pytest.mark.parametrize("payload", [b"[]", b'"x"', b"{", b'{"iss":1,"iss":2}', b'{"exp":NaN}', b"\xff"])
def test_signed_claims_that_are_no_claims_are_refused(fake: FakeProvider, payload: bytes) -> None:
    header = {"alg": "ES256", "kid": "one"}
    fake.forge_token = lambda _: jws.serialize_compact(header, payload, fake.key, algorithms=["ES256"])

    assert refused(fake) == "claims"


def test_secret_signature_over_our_own_public_key_is_refused(fake: FakeProvider) -> None:
    """The confusion of algorithms: what verifies for one serves as the secret of the other."""
    secret = OctKey.import_key(written(_public_bytes(fake)))
    fake.forge_token = _resigned(secret, alg="HS256")

    assert refused(fake, algorithms=frozenset({"ES256", "HS256"})) == "algorithm"


def test_token_without_the_name_of_its_key_is_refused(fake: FakeProvider) -> None:
    def forge(token: str) -> str:
        claims = jws.extract_compact(token.encode()).payload or b""
        return jws.serialize_compact({"alg": "ES256"}, claims, fake.key)

    fake.forge_token = forge

    assert refused(fake) == "key"


@pytest.mark.parametrize("acr", ["eidas1", "eidas2", "eidas3"])
def test_level_asked_for_or_above_is_taken(fake: FakeProvider, acr: str) -> None:
    fake.acr = acr

    assert recognise(fake) == RPPS


def test_lesser_level_than_asked_is_refused(fake: FakeProvider) -> None:
    assert refused(fake, acr_values=("eidas2",)) == "acr"


def test_proof_must_be_as_fresh_as_asked(fake: FakeProvider) -> None:
    fake.forge_claims = _later("auth_time", -31)

    assert refused(fake, max_age=timedelta(0)) == "auth_time"
    assert recognise(fake, max_age=timedelta(minutes=5)) == RPPS


def test_proof_without_its_instant_is_refused_when_it_was_asked_for(fake: FakeProvider) -> None:
    fake.forge_claims = _without("auth_time")

    assert refused(fake, max_age=timedelta(minutes=5)) == "auth_time"


def test_small_difference_of_clocks_is_forgiven(fake: FakeProvider, clock: kernel.SettableClock) -> None:
    fake.forge_claims = lambda said: {**said, "iat": said["iat"] + 29, "nbf": said["nbf"] + 29}

    assert recognise(fake) == RPPS


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"token_type": "mac"}, "token type"),
        ({"token_type": None}, "token type"),
        ({"id_token": None}, "tokens"),
        ({"access_token": 7}, "tokens"),
        ({"access_token": "é"}, "tokens"),
    ],
)
def test_answer_without_tokens_is_refused(fake: FakeProvider, changes: Claims, part: str) -> None:
    fake.forge_reply = _with(**changes)

    assert refused(fake) == part


def test_code_is_good_once(fake: FakeProvider) -> None:
    client, asked = client_of(fake), Asked(passage_of(TOKEN), fake.clock.now(), None)
    code = come(fake).code or ""
    client.redeem(code, asked)

    with pytest.raises(identity.TokenRefused, match="code"):
        client.redeem(code, asked)


def test_code_of_somebody_else_is_worth_nothing_here(fake: FakeProvider) -> None:
    """A code injected from another browser does not go with our verifier."""
    client = client_of(fake)
    code = fake.log_in(client.departure(passage_of("o" * 43), None)).code or ""

    with pytest.raises(identity.TokenRefused, match="code"):
        client.redeem(code, Asked(passage_of(TOKEN), fake.clock.now(), None))


def test_person_is_named_by_the_users_information_when_the_token_does_not(fake: FakeProvider) -> None:
    fake.forge_claims = _without("SubjectNameID")

    assert recognise(fake) == RPPS


def test_signed_information_about_the_user_is_taken(fake: FakeProvider) -> None:
    fake.forge_claims = _without("SubjectNameID")
    fake.user_info = lambda fake, said: _signed_info(fake, {**said, "iss": ISSUER, "aud": CLIENT_ID})

    assert recognise(fake) == RPPS


def _signed_info(fake: FakeProvider, said: Claims, key: ECKey | None = None) -> identity.Reply:
    return identity.Reply(200, "application/jwt", fake.sign(said, key=key).encode())


FORGED_INFORMATION: dict[str, Callable[[FakeProvider, Claims], identity.Reply]] = {
    "about somebody else": lambda _, said: as_json({**said, "sub": "other"}),
    "about nobody": lambda _, said: as_json({"SubjectNameID": RPPS}),
    "a page": lambda _, said: as_json(said, media_type="text/html"),
    "refused": lambda _, said: as_json(said, 403),
    "no object": lambda _, said: as_json([said]),
    "not JSON": lambda _, said: identity.Reply(200, "application/json", b"{"),
    "without name": lambda _, said: as_json({"sub": said["sub"]}),
    "signed for somebody else": lambda fake, said: _signed_info(
        fake, {**said, "iss": ISSUER, "aud": "other"}
    ),
    "signed by another issuer": lambda fake, said: _signed_info(
        fake, {**said, "iss": "https://evil.example.test", "aud": CLIENT_ID}
    ),
    "signed by somebody else": lambda fake, said: _signed_info(
        fake, {**said, "iss": ISSUER, "aud": CLIENT_ID}, OTHER
    ),
}


@pytest.mark.parametrize("what", FORGED_INFORMATION)
def test_forged_information_about_the_user_is_refused(fake: FakeProvider, what: str) -> None:
    fake.forge_claims = _without("SubjectNameID")
    fake.user_info = FORGED_INFORMATION[what]

    assert refused(fake)


def test_answer_of_another_issuer_is_refused_before_the_code_leaves(fake: FakeProvider) -> None:
    client = client_of(fake)
    client.check_answer_issuer(ISSUER)

    for said in ("https://evil.example.test", "", None):
        with pytest.raises(identity.TokenRefused, match="answer iss"):
            client.check_answer_issuer(said)
    assert not [each for each in fake.asked if each.address.endswith("/token")]


def test_answer_may_be_silent_where_the_provider_never_names_itself(fake: FakeProvider) -> None:
    fake.forge_metadata = _without("authorization_response_iss_parameter_supported")
    client = client_of(fake)

    client.check_answer_issuer(None)
    with pytest.raises(identity.TokenRefused):
        client.check_answer_issuer("https://evil.example.test")


def test_we_prove_ourselves_in_the_form(fake: FakeProvider) -> None:
    assert recognise(fake, proof=identity.SecretInForm(SECRET)) == RPPS
    assert "authorization" not in fake.asked[1].headers


@pytest.mark.parametrize("key", [RSAKey.generate_key(2048), ECKey.generate_key("P-256", {"kid": "k"})])
def test_we_prove_ourselves_with_a_key(fake: FakeProvider, key: RSAKey | ECKey) -> None:
    assert recognise(fake, proof=identity.SigningKey(key)) == RPPS

    form = next(dict(each.form or {}) for each in fake.asked if each.address.endswith("/token"))
    algorithm = "PS256" if isinstance(key, RSAKey) else "ES256"
    said = jws.deserialize_compact(form["client_assertion"], key, algorithms=[algorithm])
    claims = json.loads(said.payload or b"")
    assert (claims["iss"], claims["sub"], claims["aud"]) == (CLIENT_ID, CLIENT_ID, f"{ISSUER}/token")
    assert claims["exp"] - claims["iat"] == 60
    assert "client_secret" not in form


def test_secret_appears_in_no_representation() -> None:
    agreed = provider()
    shown = repr((agreed, provider(proof=identity.SecretInForm(SECRET)), identity.SecretInHeader(SECRET)))

    assert SECRET not in shown


FORGED_LOGOUTS: dict[str, tuple[Claims, str]] = {
    "another issuer": ({"iss": "https://evil.example.test"}, "iss"),
    "another audience": ({"aud": "somebody-else"}, "aud"),
    "two audiences": ({"aud": [CLIENT_ID, "somebody-else"]}, "aud"),
    "no instant of making": ({"iat": None}, "iat"),
    "made in the future": ({"iat": 10**11}, "iat"),
    "made long ago": ({"iat": 1}, "iat"),
    "expired": ({"exp": 1}, "exp"),
    "no name of its own": ({"jti": None}, "jti"),
    "a name that is a number": ({"jti": 7}, "jti"),
    "no event": ({"events": None}, "events"),
    "another event": ({"events": {"http://schemas.openid.net/event/other": {}}}, "events"),
    "an event that is text": ({"events": "backchannel-logout"}, "events"),
    "an event without object": (
        {"events": {"http://schemas.openid.net/event/backchannel-logout": "yes"}},
        "events",
    ),
    "a nonce": ({"nonce": "n"}, "nonce"),
    "nobody": ({"sid": None, "sub": None}, "sid or sub"),
    "a subject that is a number": ({"sub": 7}, "sub"),
    "a session that is empty": ({"sid": ""}, "sid"),
}


@pytest.mark.parametrize("what", FORGED_LOGOUTS)
def test_logout_token_with_one_wrong_claim_is_refused(fake: FakeProvider, what: str) -> None:
    changes, claim = FORGED_LOGOUTS[what]

    with pytest.raises(identity.TokenRefused) as refusal:
        client_of(fake).read_logout_token(fake.logout_token(**changes))
    assert str(refusal.value) == claim


@pytest.mark.parametrize("kind", ["logout+jwt", "application/logout+jwt", "LOGOUT+JWT"])
def test_logout_token_is_taken_under_its_type(fake: FakeProvider, kind: str) -> None:
    token = fake.sign(fake.logout_claims(), typ=kind)

    assert client_of(fake).read_logout_token(token).sub == fake.sub


def test_logout_token_without_type_is_taken_only_where_the_operator_says_so(fake: FakeProvider) -> None:
    for token in (fake.sign(fake.logout_claims(), typ="JWT"), fake.sign(fake.logout_claims())):
        with pytest.raises(identity.TokenRefused, match="typ"):
            client_of(fake).read_logout_token(token)
        lenient = client_of(fake, logout_types=frozenset({"JWT", "logout+jwt"}))
        assert lenient.read_logout_token(token).sub == fake.sub


@pytest.mark.parametrize("kind", ["at+jwt", "secevent+jwt", "JWT", "", 7])
def test_logout_token_of_another_type_is_refused(fake: FakeProvider, kind: object) -> None:
    token = fake.sign(fake.logout_claims(), typ=kind) if isinstance(kind, str) else _typed(fake, kind)

    with pytest.raises(identity.TokenRefused):
        client_of(fake).read_logout_token(token)


def _typed(fake: FakeProvider, kind: object) -> str:
    token = fake.sign(fake.logout_claims())
    header = written(json.dumps({"alg": "ES256", "kid": "one", "typ": kind}).encode())
    return f"{header}.{token.partition('.')[2]}"


def test_id_token_is_no_logout_token(fake: FakeProvider) -> None:
    asked = {"nonce": "n"}
    token = fake.sign(fake.id_claims(asked, "access"), typ="JWT")

    for types in ({"logout+jwt"}, {"logout+jwt", "JWT"}):
        with pytest.raises(identity.TokenRefused, match=r"typ|events"):
            client_of(fake, logout_types=frozenset(types)).read_logout_token(token)


def test_logout_token_signed_by_somebody_else_is_refused(fake: FakeProvider) -> None:
    with pytest.raises(identity.TokenRefused, match="signature"):
        client_of(fake).read_logout_token(fake.sign(fake.logout_claims(), key=OTHER, typ="logout+jwt"))


def test_sign_out_address_carries_no_token(fake: FakeProvider) -> None:
    address = client_of(fake).sign_out_address()

    assert address == (
        f"{ISSUER}/logout?client_id={CLIENT_ID}&post_logout_redirect_uri=https%3A%2F%2Flocalhost%3A8443%2Fsign-out"
    )


def test_person_without_name_is_refused_where_there_is_nowhere_to_ask(fake: FakeProvider) -> None:
    fake.forge_claims = _without("SubjectNameID")
    fake.forge_metadata = _without("userinfo_endpoint")

    assert refused(fake) == "userinfo"


def test_fault_of_the_provider_is_no_refusal(fake: FakeProvider) -> None:
    fake.forge_claims = _without("SubjectNameID")
    fake.user_info = lambda _, said: as_json(said, 503)

    with pytest.raises(identity.ProviderUnavailable, match="status 503"):
        recognise(fake)


def test_provider_without_a_way_out_has_none(fake: FakeProvider) -> None:
    fake.forge_metadata = _without("end_session_endpoint")

    assert client_of(fake).sign_out_address() is None
