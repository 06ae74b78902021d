"""What the provider publishes of itself: its addresses and its keys, asked of the declared issuer only.

Source: OpenID Connect Discovery 1.0, sections 3 and 4; RFC 7517; RFC 9207, section 3.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from serment.identity.errors import ProviderUnavailable, TokenRefused
from serment.identity.federation.outgoing import Carrier, Question
from serment.identity.federation.provider import Provider, origin_of

KEPT = timedelta(minutes=10)
#: An unknown key is looked for again at most this often, whoever sends tokens that name unknown ones.
ASKED_AGAIN = timedelta(seconds=30)
_MOST_KEYS = 32
_LEAST_RSA_BITS = 2048
#: The same in base64url, told before anything is made of it.
_LEAST_RSA_CHARACTERS = 342
_FOUND = 200

PublicKey = RSAKey | ECKey | OKPKey


@dataclass(frozen=True)
class Metadata:
    """The provider's addresses; `names_issuer` when its answers carry `iss` (RFC 9207)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    names_issuer: bool


class Published:
    """Keeps what the provider publishes for ten minutes, and looks again when a token names an unknown key."""

    def __init__(self, provider: Provider, carrier: Carrier, now: Callable[[], datetime]) -> None:
        self._provider, self._carrier, self._now = provider, carrier, now
        self._metadata: tuple[datetime, Metadata] | None = None
        self._keys: tuple[datetime, Mapping[str, PublicKey]] | None = None

    def metadata(self) -> Metadata:
        """Return the provider's addresses.

        Raises:
            ProviderUnavailable: it cannot be asked, or says what it must not.
        """
        if self._metadata is None or self._now() - self._metadata[0] >= KEPT:
            found = read_metadata(self._ask(_well_known(self._provider.issuer)), self._provider)
            self._metadata = self._now(), found
        return self._metadata[1]

    def key(self, name: str) -> PublicKey:
        """Return the key of that name.

        Raises:
            TokenRefused: the provider publishes none of that name.
            ProviderUnavailable: it cannot be asked.
        """
        kept = self._keys
        if kept is None or self._now() - kept[0] >= (ASKED_AGAIN if name not in kept[1] else KEPT):
            kept = self._keys = self._now(), read_keys(self._ask(self.metadata().jwks_uri))
        if name not in kept[1]:
            raise TokenRefused("key")
        return kept[1][name]

    def _ask(self, address: str) -> object:
        answer = self._carrier.carry(Question(address, headers={"accept": "application/json"}))
        if answer.status != _FOUND:
            raise ProviderUnavailable(f"status {answer.status}")
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError):
            raise ProviderUnavailable("not JSON") from None


def read_metadata(said: object, provider: Provider) -> Metadata:
    """Return the addresses in a discovery document.

    What we ask ourselves lies at the issuer's own origin; where browsers are sent may be declared by the operator.

    Raises:
        ProviderUnavailable: another issuer, an address elsewhere, no code flow or no PKCE with S256.
    """
    if not isinstance(said, dict) or said.get("issuer") != provider.issuer:
        raise ProviderUnavailable("issuer")
    methods = said.get("code_challenge_methods_supported", ["S256"])
    if not isinstance(methods, list) or "S256" not in methods:
        raise ProviderUnavailable("no PKCE")
    declared = provider.authorization_endpoint
    return Metadata(
        authorization_endpoint=declared or _needed(said, "authorization_endpoint", provider),
        token_endpoint=_needed(said, "token_endpoint", provider),
        jwks_uri=_needed(said, "jwks_uri", provider),
        userinfo_endpoint=_address(said, "userinfo_endpoint", provider),
        end_session_endpoint=_address(said, "end_session_endpoint", provider),
        names_issuer=said.get("authorization_response_iss_parameter_supported") is True,
    )


def read_keys(said: object) -> dict[str, PublicKey]:
    """Return the public keys for signatures in a key set, by name; one that cannot be used is left out.

    Raises:
        ProviderUnavailable: not a key set, or one of more than 32 keys.
    """
    listed = said.get("keys") if isinstance(said, dict) else None
    if not isinstance(listed, list) or len(listed) > _MOST_KEYS:
        raise ProviderUnavailable("key set")
    found = [(each.get("kid"), _public_key(each)) for each in listed if isinstance(each, dict)]
    named = [(name, key) for name, key in found if isinstance(name, str) and key is not None]
    names = [name for name, _ in named]
    # Of two keys with one name neither is the one that was meant.
    return {name: key for name, key in named if names.count(name) == 1}


def _public_key(said: dict[str, object]) -> PublicKey | None:
    """Return a key that verifies; what is secret, weak, or for encryption is none."""
    if said.get("use", "sig") != "sig" or "verify" not in _listed(said.get("key_ops", ["verify"])):
        return None
    public = {name: said[name] for name in ("kty", "n", "e", "crv", "x", "y", "kid", "alg") if name in said}
    if not all(isinstance(value, str) for value in public.values()):
        return None
    if public.get("kty") == "RSA" and len(str(public.get("n"))) < _LEAST_RSA_CHARACTERS:
        return None
    try:
        key = JWKRegistry.import_key({name: str(value) for name, value in public.items()})
        if isinstance(key, RSAKey) and key.raw_value.key_size < _LEAST_RSA_BITS:
            return None
    except (JoseError, ValueError, KeyError, TypeError):
        return None
    return key if isinstance(key, RSAKey | ECKey | OKPKey) else None


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _needed(said: dict[str, object], name: str, provider: Provider) -> str:
    address = _address(said, name, provider)
    if address is None:
        raise ProviderUnavailable(name)
    return address


def _address(said: dict[str, object], name: str, provider: Provider) -> str | None:
    address = said.get(name)
    if address is None:
        return None
    if not isinstance(address, str) or not address.isascii() or not address.isprintable():
        raise ProviderUnavailable(name)
    try:
        there = origin_of(address)
    except ValueError:
        raise ProviderUnavailable(name) from None
    if there != origin_of(provider.issuer):
        raise ProviderUnavailable(name)
    return address


def _well_known(issuer: str) -> str:
    return f"{issuer.removesuffix('/')}/.well-known/openid-configuration"
