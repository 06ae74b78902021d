"""Proofs of possession: a machine signs each request with the private key that its access key is bound to.

Pure; no I/O. Source: RFC 9449 (DPoP), sections 4.2 and 4.3; thumbprints after RFC 7638.
"""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import ECKey, OKPKey
from typing_extensions import override

from serment.identity.errors import KeyRefused, KeyTermsRefused

#: How far the clock of a machine may be from ours, either way; a proof is remembered for longer than that.
WINDOW = timedelta(seconds=60)
REMEMBERED = timedelta(minutes=5)
_LONGEST_PROOF = 4096
_LONGEST_NAME = 256
_HEADER = frozenset({"typ", "alg", "jwk"})
_TYPE = "dpop+jwt"
#: The one curve of each algorithm; a proof never chooses how it is verified.
_KEYS: Mapping[str, tuple[str, str]] = {
    "ES256": ("EC", "P-256"),
    "EdDSA": ("OKP", "Ed25519"),
    "Ed25519": ("OKP", "Ed25519"),
}
_MEMBERS = {"EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x")}
_COORDINATE_SIGNS = 43
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Expected:
    """What a proof must be about: this request, with this access key, now."""

    method: str
    address: str
    token: str
    thumbprint: bytes
    now: datetime


def thumbprint_of_written(public_key: str) -> bytes:
    """Return the thumbprint of a public key written as a JWK.

    Raises:
        KeyTermsRefused: it is no P-256 or Ed25519 public key, or a private one, which belongs in nobody's page.
    """
    try:
        return _thumbprint(_checked_key(json.loads(public_key)))
    except (ValueError, TypeError, RecursionError, KeyRefused, JoseError):
        raise KeyTermsRefused("public_key") from None


def check_proof(proof: str, expected: Expected) -> bytes:
    """Return the digest of the proof's own name, under which it is used once.

    Raises:
        KeyRefused: it is not signed by the key that is expected, or is about something else, or too old.
    """
    if not proof or len(proof) > _LONGEST_PROOF:
        raise KeyRefused("proof missing")
    header, claims = _verified(proof)
    if not hmac.compare_digest(_thumbprint(header["jwk"]), expected.thumbprint):
        raise KeyRefused("proof of another key")
    ath = urlsafe_b64encode(sha256(expected.token.encode()).digest()).rstrip(b"=").decode()
    if claims.get("ath") != ath or claims.get("htm") != expected.method:
        raise KeyRefused("proof of another request")
    if not _is_same_address(claims.get("htu"), expected.address):
        raise KeyRefused("proof of another address")
    if not _is_now(claims.get("iat"), expected.now):
        raise KeyRefused("proof of another time")
    name = claims.get("jti")
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME:
        raise KeyRefused("proof without a name")
    return sha256(name.encode("utf-8", "surrogatepass")).digest()


class _Allowed(jws.JWSRegistry):
    """The allow-list. The library warns of `EdDSA`, the older name of Ed25519 (RFC 9864); clients still write it."""

    @override
    def get_alg(self, name: str) -> Any:
        if name not in _KEYS:
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]


def _verified(proof: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and claims of a proof whose signature holds under the key that its header carries."""
    try:
        header = jws.extract_compact(proof.encode()).headers()
        algorithm = str(header.get("alg"))
        if set(header) != _HEADER or header["typ"] != _TYPE or algorithm not in _KEYS:
            raise KeyRefused("proof of another form")
        members = _checked_key(header["jwk"])
        if (members["kty"], members["crv"]) != _KEYS[algorithm]:
            raise KeyRefused("proof of another algorithm")
        key = ECKey.import_key({**members}) if members["kty"] == "EC" else OKPKey.import_key({**members})
        claims = json.loads(jws.deserialize_compact(proof, key, registry=_Allowed()).payload)
    except (JoseError, ValueError, TypeError, RecursionError):
        raise KeyRefused("proof unreadable") from None
    if not isinstance(claims, dict):
        raise KeyRefused("proof unreadable")
    return header, claims


def _checked_key(members: object) -> dict[str, str]:
    """Return the members of a public key: those that the kind of key has, and none besides but harmless ones."""
    if not isinstance(members, dict) or members.get("kty") not in _MEMBERS or "d" in members:
        raise KeyRefused("not a public key")
    key = {name: members.get(name) for name in _MEMBERS[members["kty"]]}
    texts = {name: value for name, value in key.items() if isinstance(value, str)}
    coordinates = [texts[name] for name in texts if name in {"x", "y"}]
    if texts != key or (key["kty"], key["crv"]) not in _KEYS.values():
        raise KeyRefused("not a public key")
    if any(len(coordinate) != _COORDINATE_SIGNS for coordinate in coordinates):
        raise KeyRefused("not a public key")
    return texts


def _thumbprint(members: Mapping[str, str]) -> bytes:
    """Return SHA-256 over the required members, by name, without spaces (RFC 7638, section 3)."""
    required = {name: members[name] for name in _MEMBERS[members["kty"]]}
    return sha256(json.dumps(required, separators=(",", ":"), sort_keys=True).encode()).digest()


def _is_same_address(written: object, address: str) -> bool:
    """Compare without query and fragment, after normalising scheme, host and port (RFC 9449, section 4.3)."""
    if not isinstance(written, str):
        return False
    try:
        return _address(written) == _address(address)
    except ValueError:
        return False


def _address(written: str) -> tuple[str, str, int | None, str]:
    parts = urlsplit(written)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(scheme), parts.path or "/"


def _is_now(issued: object, now: datetime) -> bool:
    if not isinstance(issued, int | float) or isinstance(issued, bool):
        return False
    # Compared, never subtracted: JSON writes whole numbers that no float holds.
    at, window = now.timestamp(), WINDOW.total_seconds()
    return at - window <= issued <= at + window
