"""Signed tokens: the key comes from the declared issuer, the algorithm from our list; a token chooses neither.

What a token's header says of keys (`jwk`, `jku`, `x5u`, `x5c`) refuses it: CVE-2026-27962 was a library that
believed such a header. Source: RFC 8725, sections 3.1, 3.2, 3.8 and 3.11; ASVS 9.1.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256, sha384, sha512

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from serment.identity.errors import TokenRefused
from serment.identity.federation.metadata import PublicKey

MOST_TOKEN_CHARACTERS = 16_384
_KEYS_IN_HEADER = frozenset({"jwk", "jku", "x5u", "x5c", "crit", "b64", "zip", "enc"})
_CURVES = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
_RSA = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
_DIGESTS = {"256": sha256, "384": sha384, "512": sha512, "519": sha512}


@dataclass(frozen=True)
class SignedClaims:
    """What a verified token says, and with which algorithm it was signed."""

    claims: Mapping[str, object]
    algorithm: str
    type: str

    def half_digest(self, text: str) -> bytes:
        """Return the left half of the digest that goes with the algorithm (`at_hash`)."""
        digest = _DIGESTS[self.algorithm[-3:]](text.encode()).digest()
        return digest[: len(digest) // 2]


def verify(token: str, key_named: Callable[[str], PublicKey], algorithms: Collection[str]) -> SignedClaims:
    """Return what a token in compact form says, once its signature holds.

    Raises:
        TokenRefused: malformed, unsigned, signed with another algorithm or by another key than the issuer's.
        ProviderUnavailable: its key had to be asked for and could not.
    """
    header = _header_of(token)
    name, algorithm = header.get("kid"), header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in algorithms:
        raise TokenRefused("algorithm")
    if not isinstance(name, str):
        raise TokenRefused("key")
    key = key_named(name)
    if algorithm not in _fitting(key):
        raise TokenRefused("algorithm")
    try:
        signed = jws.deserialize_compact(token, key, algorithms=[algorithm])
    except (JoseError, ValueError, TypeError):
        raise TokenRefused("signature") from None
    if signed.payload is None:
        raise TokenRefused("claims")
    return SignedClaims(_claims_in(signed.payload), algorithm, _type_of(header))


def _header_of(token: str) -> Mapping[str, object]:
    if len(token) > MOST_TOKEN_CHARACTERS or not token.isascii():
        raise TokenRefused("size")
    try:
        header: Mapping[str, object] = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise TokenRefused("form") from None
    if _KEYS_IN_HEADER & header.keys():
        raise TokenRefused("header")
    return header


def _fitting(key: PublicKey) -> frozenset[str]:
    """Return the algorithms that a key is for: the one that it declares, else those of its kind."""
    if isinstance(key, RSAKey):
        kind = _RSA
    elif isinstance(key, ECKey):
        kind = frozenset({_CURVES[key.curve_name]} if key.curve_name in _CURVES else ())
    else:
        kind = frozenset({"Ed25519"} if key.curve_name == "Ed25519" else ())
    return kind & {key.alg} if key.alg else kind


def _type_of(header: Mapping[str, object]) -> str:
    kind = header.get("typ", "jwt")
    return kind.lower().removeprefix("application/") if isinstance(kind, str) else ""


def _claims_in(payload: bytes) -> Mapping[str, object]:
    try:
        claims = json.loads(payload, object_pairs_hook=_once_each, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise TokenRefused("claims") from None
    if not isinstance(claims, dict):
        raise TokenRefused("claims")
    return claims


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse a claim said twice: two readers could read two things."""
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("twice")
    return dict(pairs)


def _no_constant(name: str) -> object:
    raise ValueError(name)
