"""The test vectors of WebAuthn level 3, and every way to spoil one of them in a single place.

A vector is a registration and an assertion of one credential. What the authenticator signs is signed anew after it
was spoilt, with the private key that the vector gives, so that the check in question refuses it and not the signature.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Self

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa

from serment import identity, kernel
from serment.identity.factors.passkeys import (
    EVERY_DEMAND,
    Demand,
    NewPasskey,
    UsedPasskey,
    verify_assertion,
    verify_registration,
)
from serment.identity.factors.store import PasskeyRow
from serment.kernel import AccountId
from support.authenticator import to_base64url

_FILE = Path(__file__).parents[1] / "vectors" / "webauthn_l3.json"
PARTY = identity.RelyingParty(id="example.org", origin="https://example.org")
OWNER = AccountId(kernel.new_id())
_PRESENT, _VERIFIED, _ELIGIBLE, _BACKED_UP, _ATTESTED, _EXTENDED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80
_FLAGS, _COUNT, _IDENTIFIER = 32, slice(33, 37), 55


@dataclass(frozen=True)
class Ceremony:
    """One answer of a browser: what it was asked, and the fields that it gave."""

    challenge: str
    client: bytes
    data: bytes
    credential: bytes
    signature: bytes = b""
    user_handle: str = to_base64url(OWNER.bytes)
    outer: dict[str, str] = field(default_factory=dict)
    wrapped: Callable[[bytes], bytes] = lambda attestation: attestation

    def said(self, **changed: object) -> Self:
        """Change fields of the client data; None takes one away."""
        told = {**json.loads(self.client), **changed}
        kept = {name: value for name, value in told.items() if value is not None}
        return replace(self, client=json.dumps(kept, separators=(",", ":")).encode())

    def flagged(self, *, on: int = 0, off: int = 0) -> Self:
        """Set and clear flags of the authenticator data."""
        return self.with_data(_FLAGS, (self.data[_FLAGS] | on) & ~off)

    def with_data(self, place: int, value: int) -> Self:
        """Change one byte of the authenticator data."""
        return replace(self, data=self.data[:place] + bytes([value & 0xFF]) + self.data[place + 1 :])

    def flipped(self, place: int) -> Self:
        """Flip one bit of the authenticator data."""
        return self.with_data(place, self.data[place] ^ 1)

    def registration_json(self) -> str:
        """Return what navigator.credentials.create() answers."""
        attestation = self.wrapped(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self.data}))
        return self._json({"attestationObject": to_base64url(attestation)})

    def assertion_json(self) -> str:
        """Return what navigator.credentials.get() answers."""
        said = {
            "authenticatorData": to_base64url(self.data),
            "signature": to_base64url(self.signature),
            "userHandle": self.user_handle,
        }
        return self._json(said)

    def _json(self, response: dict[str, str]) -> str:
        identifier = to_base64url(self.credential)
        outer = {"id": identifier, "rawId": identifier, "type": "public-key", **self.outer}
        return json.dumps({**outer, "response": {"clientDataJSON": to_base64url(self.client), **response}})


@dataclass(frozen=True)
class Vector:
    """One credential of the specification."""

    name: str
    given: dict[str, Any]

    @property
    def attestation(self) -> bytes:
        """The attestation object to the letter, with its statement."""
        return bytes.fromhex(self.given["registration"]["attestationObject"])

    @property
    def registration(self) -> Ceremony:
        """Its registration; `attestation` holds the statement that this leaves out."""
        data: bytes = cbor2.loads(self.attestation)["authData"]
        length = int.from_bytes(data[_IDENTIFIER - 2 : _IDENTIFIER])
        credential = data[_IDENTIFIER : _IDENTIFIER + length]
        return Ceremony(*self._asked("registration"), data, credential)

    @property
    def assertion(self) -> Ceremony:
        """Its assertion, by the owner of the account."""
        said = self.given["authentication"]
        data, signature = (bytes.fromhex(said[name]) for name in ("authenticatorData", "signature"))
        return Ceremony(
            *self._asked("authentication"), data, self.registration.credential, signature=signature
        )

    @property
    def public_key(self) -> bytes:
        """The public key, as the authenticator wrote it."""
        return self.registration.data[_IDENTIFIER + len(self.registration.credential) :]

    @property
    def row(self) -> PasskeyRow:
        """What is stored once the registration was accepted."""
        flags = self.registration.data[_FLAGS]
        return PasskeyRow(
            id=identity.FactorId(kernel.new_id()),
            account=OWNER,
            label_sealed=b"",
            credential_id=self.registration.credential,
            public_key=self.public_key,
            sign_count=0,
            backup_eligible=bool(flags & _ELIGIBLE),
            backed_up=bool(flags & _BACKED_UP),
            added_at=kernel.SystemClock().now(),
        )

    def signed(self, ceremony: Ceremony) -> Ceremony:
        """Sign an assertion with the vector's own private key, whatever it says."""
        message = ceremony.data + hashlib.sha256(ceremony.client).digest()
        return replace(ceremony, signature=self._sign(message))

    def _asked(self, which: str) -> tuple[str, bytes]:
        said = self.given[which]
        return to_base64url(bytes.fromhex(said["challenge"])), bytes.fromhex(said["clientDataJSON"])

    def _sign(self, message: bytes) -> bytes:
        secret = {name: bytes.fromhex(value) for name, value in self.given["private_key"].items()}
        if "rs256" in self.name:
            return _rsa_key(secret["p"], secret["q"]).sign(message, padding.PKCS1v15(), hashes.SHA256())
        if "eddsa" in self.name:
            return ed25519.Ed25519PrivateKey.from_private_bytes(secret["secret"]).sign(message)
        if "ed448" in self.name:
            return ed448.Ed448PrivateKey.from_private_bytes(secret["secret"]).sign(message)
        curve, digest = next((pair for name, pair in _CURVES.items() if name in self.name), _CURVES["es256"])
        key = ec.derive_private_key(int.from_bytes(secret["secret"]), curve)
        return key.sign(message, ec.ECDSA(digest))


_CURVES: dict[str, tuple[ec.EllipticCurve, hashes.HashAlgorithm]] = {
    "es384": (ec.SECP384R1(), hashes.SHA384()),
    "es512": (ec.SECP521R1(), hashes.SHA512()),
    "es256": (ec.SECP256R1(), hashes.SHA256()),
}


@cache
def vectors() -> tuple[Vector, ...]:
    """Return the fifteen credentials of the specification."""
    return tuple(Vector(each["name"], each) for each in json.loads(_FILE.read_text())["vectors"])


def registered(ceremony: Ceremony, demands: frozenset[Demand] = EVERY_DEMAND) -> NewPasskey | None:
    """Give a registration to the product."""
    return verify_registration(PARTY, ceremony.challenge, ceremony.registration_json(), demands)


def used(
    ceremony: Ceremony, row: PasskeyRow, demands: frozenset[Demand] = EVERY_DEMAND
) -> UsedPasskey | None:
    """Give an assertion to the product."""
    return verify_assertion(PARTY, ceremony.challenge, ceremony.assertion_json(), row, demands)


def needed(ceremony: Ceremony) -> frozenset[Demand]:
    """Return the demands that this very answer meets, read from the answer itself."""
    said, met = json.loads(ceremony.client), set()
    if ceremony.data[_FLAGS] & _VERIFIED:
        met.add(Demand.USER_VERIFICATION)
    if not said.get("crossOrigin") and "topOrigin" not in said:
        met.add(Demand.OWN_PAGE)
    return frozenset(met)


def spoilt_clients(honest: Ceremony, other_kind: str) -> Iterator[tuple[str, Ceremony]]:
    """Spoil one field of what the browser says."""
    yield "type", honest.said(type=other_kind)
    yield "type missing", honest.said(type=None)
    yield "challenge", honest.said(challenge=to_base64url(bytes(32)))
    yield "challenge with one sign more", honest.said(challenge=honest.challenge + "A")
    yield "challenge missing", honest.said(challenge=None)
    yield "another challenge asked", replace(honest, challenge=to_base64url(bytes(32)))
    yield "origin: scheme", honest.said(origin="http://example.org")
    yield "origin: port", honest.said(origin="https://example.org:8443")
    yield "origin: subdomain", honest.said(origin="https://login.example.org")
    yield "origin: look-alike", honest.said(origin="https://example.org.example.com")
    yield "origin missing", honest.said(origin=None)
    if Demand.OWN_PAGE in needed(honest):
        yield "crossOrigin", honest.said(crossOrigin=True)
        yield "topOrigin", honest.said(topOrigin="https://example.com")
    yield "client data that is no JSON", replace(honest, client=honest.client[:-1])
    yield "client data that is a list", replace(honest, client=b"[]")


def spoilt_data(honest: Ceremony) -> Iterator[tuple[str, Ceremony]]:
    """Spoil one field of what the authenticator says."""
    yield "rpIdHash: first bit", honest.flipped(0)
    yield "rpIdHash: last bit", honest.flipped(31)
    yield "user not present", honest.flagged(off=_PRESENT)
    if Demand.USER_VERIFICATION in needed(honest):
        yield "user not verified", honest.flagged(off=_VERIFIED)
    yield "backed up though not eligible", honest.flagged(on=_BACKED_UP, off=_ELIGIBLE)
    yield "extensions promised and missing", honest.flagged(on=_EXTENDED)
    yield "authenticator data with a byte more", replace(honest, data=honest.data + b"\0")
    yield "authenticator data with a byte less", replace(honest, data=honest.data[:-1])
    yield "no authenticator data", replace(honest, data=b"")


def spoilt_registrations(vector: Vector) -> Iterator[tuple[str, Ceremony]]:
    """Spoil a registration in one place."""
    honest = vector.registration
    yield from spoilt_clients(honest, "webauthn.get")
    yield from spoilt_data(honest)
    yield "no passkey in it", honest.flagged(off=_ATTESTED)
    yield "credential id: a bit", honest.flipped(_IDENTIFIER)
    yield "credential id: its length", honest.flipped(_IDENTIFIER - 1)
    yield "raw id of another", replace(honest, credential=honest.credential[::-1])
    yield "id and raw id differ", replace(honest, outer={"id": "AAAA"})
    yield "another type of credential", replace(honest, outer={"type": "password"})
    yield "attestation object cut short", replace(honest, wrapped=lambda found: found[:-1])
    yield "attestation object that is a list", replace(honest, wrapped=lambda _: cbor2.dumps([]))
    head = honest.data[: -len(vector.public_key)]
    for name, changed in _spoilt_keys(cbor2.loads(vector.public_key)):
        yield f"public key: {name}", replace(honest, data=head + cbor2.dumps(changed))


def spoilt_assertions(vector: Vector) -> Iterator[tuple[str, Ceremony]]:
    """Spoil an assertion in one place, and sign what authenticator and browser then say."""
    honest = vector.assertion
    for name, spoilt in (*spoilt_clients(honest, "webauthn.create"), *spoilt_data(honest)):
        yield f"{name}, signed", vector.signed(spoilt)
    eligible = bool(honest.data[_FLAGS] & _ELIGIBLE)
    contrary = honest.flagged(off=_ELIGIBLE | _BACKED_UP) if eligible else honest.flagged(on=_ELIGIBLE)
    yield "eligibility against the record, signed", vector.signed(contrary)
    yield "attested data promised and missing, signed", vector.signed(honest.flagged(on=_ATTESTED))
    yield from _unsigned(honest)
    yield "user handle of another", replace(honest, user_handle=to_base64url(bytes(16)))
    yield "user handle missing", replace(honest, user_handle="")
    yield "raw id of another", replace(honest, credential=honest.credential[::-1])
    yield "id and raw id differ", replace(honest, outer={"id": "AAAA"})
    yield "another type of credential", replace(honest, outer={"type": "password"})


def spoilt_rows(vector: Vector) -> Iterator[tuple[str, PasskeyRow]]:
    """Change one field of the record against which an honest assertion is held."""
    row = vector.row
    stranger = next(one for one in vectors() if one.public_key != row.public_key)
    yield "record: public key of another", replace(row, public_key=stranger.public_key)
    yield "record: owner", replace(row, account=AccountId(kernel.new_id()))
    yield "record: credential id", replace(row, credential_id=b"another")
    yield "record: eligibility", replace(row, backup_eligible=not row.backup_eligible)
    for name, changed in _spoilt_keys(cbor2.loads(row.public_key)):
        yield f"record: public key: {name}", replace(row, public_key=cbor2.dumps(changed))


def _unsigned(honest: Ceremony) -> Iterator[tuple[str, Ceremony]]:
    """Spoil what is signed, or the signature, and leave the other as it was."""
    for flag in (0x02, _VERIFIED, _ELIGIBLE, _BACKED_UP, 0x20):
        yield f"flag {flag:#04x}", honest.with_data(_FLAGS, honest.data[_FLAGS] ^ flag)
    for place in range(_COUNT.start, _COUNT.stop):
        yield f"counter: byte {place}", honest.flipped(place)
    yield "client data with a space more", replace(honest, client=honest.client + b" ")
    signature = honest.signature
    for place in (0, len(signature) // 2, len(signature) - 1):
        spoilt = signature[:place] + bytes([signature[place] ^ 1]) + signature[place + 1 :]
        yield f"signature: byte {place}", replace(honest, signature=spoilt)
    yield "signature cut short", replace(honest, signature=signature[:-1])
    yield "no signature", replace(honest, signature=b"")


def _spoilt_keys(key: dict[int, Any]) -> Iterator[tuple[str, dict[int, Any]]]:
    yield "kind", {**key, 1: 4}
    yield "algorithm that was not offered", {**key, 3: -65535}
    yield "algorithm of another kind", {**key, 3: -8 if key[1] != 1 else -7}
    yield "no algorithm", {name: value for name, value in key.items() if name != 3}
    if key[1] == 3:
        yield "modulus of 1,024 bits", {**key, -1: key[-1][-128:]}
        return
    yield "curve", {**key, -1: 4}
    yield "coordinate with a byte less", {**key, -2: key[-2][:-1]}
    if key[1] == 2:
        yield "point that is not on the curve", {**key, -2: key[-2][:-1] + bytes([key[-2][-1] ^ 1])}


@cache
def _rsa_key(first: bytes, second: bytes) -> rsa.RSAPrivateKey:
    p, q = int.from_bytes(first), int.from_bytes(second)
    exponent = 65537
    d = pow(exponent, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(exponent, p * q)
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), public
    )
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)
