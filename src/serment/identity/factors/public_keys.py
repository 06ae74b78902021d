"""Public keys of passkeys, as authenticators write them (COSE), and the signatures that they check.

Every algorithm is tied to its curve: a key that says one and brings the other is no key (WebAuthn 5.8.5).
"""

from collections.abc import Callable, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from webauthn.helpers import parse_cbor

Check = Callable[[bytes, bytes], None]

_EDDSA, _ES256, _ES384, _ES512, _ED448, _RS256 = -8, -7, -35, -36, -53, -257
#: What is asked of new passkeys, the most wanted first; a key of another algorithm is refused.
OFFERED_ALGORITHMS = (_EDDSA, _ES256, _ED448, _ES384, _ES512, _RS256)
# Labels of a COSE key (RFC 9053): what kind it is, its algorithm, then by kind its curve and coordinates.
_KIND, _ALGORITHM, _CURVE, _X, _Y, _MODULUS, _EXPONENT = 1, 3, -1, -2, -3, -1, -2
_OCTET_PAIR, _CURVE_POINT, _RSA = 1, 2, 3
_LEAST_RSA_BITS = 2048
_CURVES: Mapping[int, tuple[int, ec.EllipticCurve, hashes.HashAlgorithm]] = {
    _ES256: (1, ec.SECP256R1(), hashes.SHA256()),
    _ES384: (2, ec.SECP384R1(), hashes.SHA384()),
    _ES512: (3, ec.SECP521R1(), hashes.SHA512()),
}
_ED25519_CURVE, _ED448_CURVE = 6, 7


def check_of(cose: bytes) -> Check:
    """Return what checks a signature over a message with that key.

    Raises:
        ValueError, KeyError, TypeError, WebAuthnException: it is no key of an algorithm that we offer.
    """
    key = parse_cbor(cose)
    algorithm = key[_ALGORITHM]
    if algorithm in _CURVES:
        return _curve_check(key, *_CURVES[algorithm])
    if algorithm == _RS256:
        return _rsa_check(key)
    return _octet_pair_check(key, algorithm)


def signed(cose: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether a signature is that key's over that message.

    Raises: as `check_of`.
    """
    try:
        check_of(cose)(signature, message)
    except InvalidSignature:
        return False
    return True


def _curve_check(
    key: Mapping[int, Any], number: int, curve: ec.EllipticCurve, digest: hashes.HashAlgorithm
) -> Check:
    _insist(key[_KIND] == _CURVE_POINT and key[_CURVE] == number)
    x, y = (int.from_bytes(_octets(key[label])) for label in (_X, _Y))
    public = ec.EllipticCurvePublicNumbers(x, y, curve).public_key()
    return lambda signature, message: public.verify(signature, message, ec.ECDSA(digest))


def _rsa_check(key: Mapping[int, Any]) -> Check:
    _insist(key[_KIND] == _RSA)
    exponent, modulus = (int.from_bytes(_octets(key[label])) for label in (_EXPONENT, _MODULUS))
    _insist(modulus.bit_length() >= _LEAST_RSA_BITS)
    public = rsa.RSAPublicNumbers(exponent, modulus).public_key()
    return lambda signature, message: public.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())


def _octet_pair_check(key: Mapping[int, Any], algorithm: int) -> Check:
    _insist(key[_KIND] == _OCTET_PAIR)
    curve, point = key[_CURVE], _octets(key[_X])
    if (algorithm, curve) == (_EDDSA, _ED25519_CURVE):
        return ed25519.Ed25519PublicKey.from_public_bytes(point).verify
    _insist((algorithm, curve) == (_ED448, _ED448_CURVE))
    return ed448.Ed448PublicKey.from_public_bytes(point).verify


def _octets(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError("no octets")
    return value


def _insist(holds: bool) -> None:  # noqa: FBT001 -- an assertion that is never compiled away
    if not holds:
        raise ValueError("no key that was offered")
