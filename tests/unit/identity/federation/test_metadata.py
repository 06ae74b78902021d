"""What the provider publishes: asked of the declared issuer only, kept a little, and looked at again when needed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from joserfc.jwk import ECKey, OctKey
from typing_extensions import override

from serment import identity, kernel
from serment.identity.federation.metadata import Published, read_keys
from support.openid import ISSUER, Claims, FakeProvider, provider


@pytest.fixture
def fake(clock: kernel.SettableClock) -> FakeProvider:
    return FakeProvider(clock)


def published(fake: FakeProvider, **changes: object) -> Published:
    return Published(provider(**changes), fake, fake.clock.now)


def asked_for(fake: FakeProvider, end: str) -> int:
    return len([each for each in fake.asked if each.address.endswith(end)])


def _with(**changes: object) -> Callable[[Claims], Claims]:
    return lambda said: {**said, **changes}


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://evil.example.test"},
        {"issuer": None},
        {"token_endpoint": "https://evil.example.test/token"},
        {"token_endpoint": "http://auth.example.test/realms/sante/token"},
        {"token_endpoint": "https://auth.example.test:8443/token"},
        {"token_endpoint": "https://auth.example.test@evil.example.test/token"},
        {"token_endpoint": "https://auth.example.test:99999/token"},
        {"token_endpoint": None},
        {"token_endpoint": 7},
        {"jwks_uri": "https://evil.example.test/keys"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": None},
        {"userinfo_endpoint": "https://evil.example.test/userinfo"},
        {"end_session_endpoint": "https://evil.example.test/logout"},
        {"authorization_endpoint": "https://evil.example.test/auth"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": f"{ISSUER}/a\nuth"},
        {"code_challenge_methods_supported": ["plain"]},
        {"code_challenge_methods_supported": "S256"},
    ],
    ids=str,
)
def test_what_lies_elsewhere_or_does_less_is_refused(fake: FakeProvider, changes: Claims) -> None:
    fake.forge_metadata = _with(**changes)

    with pytest.raises(identity.ProviderUnavailable):
        published(fake).metadata()


@pytest.mark.parametrize("said", [[], "x", 7, None, {}])
def test_document_that_is_none_is_refused(fake: FakeProvider, said: Claims) -> None:
    fake.forge_metadata = lambda _: said

    with pytest.raises(identity.ProviderUnavailable):
        published(fake).metadata()


def test_addresses_are_kept_for_ten_minutes(fake: FakeProvider, clock: kernel.SettableClock) -> None:
    book = published(fake)
    book.metadata()
    clock.advance(timedelta(minutes=9))
    book.metadata()
    assert asked_for(fake, "openid-configuration") == 1

    clock.advance(timedelta(minutes=1))
    book.metadata()
    assert asked_for(fake, "openid-configuration") == 2


def test_new_key_is_found_and_the_former_one_forgotten(
    fake: FakeProvider, clock: kernel.SettableClock
) -> None:
    book = published(fake)
    book.key("one")
    fake.key = ECKey.generate_key("P-256", {"kid": "two"})
    clock.advance(timedelta(seconds=31))

    book.key("two")
    with pytest.raises(identity.TokenRefused):
        book.key("one")


def test_unknown_names_do_not_have_us_ask_for_ever(fake: FakeProvider, clock: kernel.SettableClock) -> None:
    book = published(fake)
    book.key("one")
    for number in range(20):
        with pytest.raises(identity.TokenRefused):
            book.key(f"made up {number}")

    assert asked_for(fake, "/keys") == 1


def test_key_that_was_withdrawn_is_worth_nothing_after_ten_minutes(
    fake: FakeProvider, clock: kernel.SettableClock
) -> None:
    book = published(fake)
    book.key("one")
    fake.forge_keys = lambda _: []
    clock.advance(timedelta(minutes=10))

    with pytest.raises(identity.TokenRefused):
        book.key("one")


GOOD = ECKey.generate_key("P-256", {"kid": "good"}).as_dict(private=False)


@pytest.mark.parametrize(
    "key",
    [
        OctKey.import_key(b"s" * 32, {"kid": "bad"}).as_dict(),
        {**GOOD, "kid": "bad", "use": "enc"},
        {**GOOD, "kid": "bad", "key_ops": ["encrypt"]},
        {**GOOD, "kid": "bad", "key_ops": "verify"},
        {**GOOD, "kid": "bad", "crv": "P-999"},
        {**GOOD, "kid": "bad", "x": "AA"},
        {**GOOD, "kid": "bad", "x": 7},
        {**GOOD, "kid": 7},
        {name: value for name, value in GOOD.items() if name != "kid"},
        {"kid": "bad", "kty": "unknown"},
        {"kid": "bad"},
        {"kid": "bad", "kty": "RSA", "e": "AQAB", "n": "w" + "A" * 169 + "E"},
        "bad",
    ],
    ids=[
        "secret",
        "for encryption",
        "to encrypt",
        "operations in a text",
        "curve unknown",
        "coordinate short",
        "coordinate a number",
        "name a number",
        "nameless",
        "kind unknown",
        "kindless",
        "modulus short",
        "a text",
    ],
)
def test_key_that_cannot_serve_is_left_out(key: object) -> None:
    assert set(read_keys({"keys": [GOOD, key]})) == {"good"}


def test_two_keys_of_one_name_are_both_left_out() -> None:
    twin = ECKey.generate_key("P-256", {"kid": "good"}).as_dict(private=False)

    assert read_keys({"keys": [GOOD, twin]}) == {}


@pytest.mark.parametrize("said", [[], {}, {"keys": {}}, {"keys": [GOOD] * 33}, None])
def test_what_is_no_key_set_is_refused(said: object) -> None:
    with pytest.raises(identity.ProviderUnavailable):
        read_keys(said)


@pytest.mark.parametrize(
    "reply", [identity.Reply(404, "application/json", b"{}"), identity.Reply(200, "application/json", b"{")]
)
def test_answer_that_is_no_document_is_refused(fake: FakeProvider, reply: identity.Reply) -> None:
    class Silent(identity.Carrier):
        @override
        def carry(self, question: identity.Question) -> identity.Reply:
            return reply

    with pytest.raises(identity.ProviderUnavailable):
        Published(provider(), Silent(), fake.clock.now).metadata()
