"""A device with one passkey, in software: an ES256 key that answers honestly (WebAuthn level 3, attestation "none")."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from bench.signin.scene import ORIGIN

#: User present and verified; the credential may be, and is, kept in more than one place.
_FLAGS = 0x01 | 0x04 | 0x08 | 0x10
_WITH_CREDENTIAL = 0x40


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass
class Device:
    """The device of one person; `handle` names the account that its passkey is of."""

    credential: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=_new_key)
    handle: str = ""

    @property
    def secret(self) -> int:
        """Return the private key as a number, to be kept in a scene."""
        return self.key.private_numbers().private_value

    def register(self, options_json: str) -> str:
        """Answer navigator.credentials.create()."""
        options = json.loads(options_json)
        self.handle = options["user"]["id"]
        public = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big")}
        credential = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + cbor2.dumps(cose)
        said = _said(options["rp"]["id"], _FLAGS | _WITH_CREDENTIAL) + credential
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": said})
        client = _client("webauthn.create", options["challenge"])
        return self._answer({"clientDataJSON": _text(client), "attestationObject": _text(attested)})

    def sign_in(self, options_json: str) -> str:
        """Answer navigator.credentials.get()."""
        options = json.loads(options_json)
        client, said = _client("webauthn.get", options["challenge"]), _said(options["rpId"], _FLAGS)
        signature = self.key.sign(said + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": _text(client),
                "authenticatorData": _text(said),
                "signature": _text(signature),
                "userHandle": self.handle,
            }
        )

    def _answer(self, response: dict[str, str]) -> str:
        name = _text(self.credential)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


def device_of(credential: str, secret: int, handle: str) -> Device:
    """Return a device from what a scene kept of it."""
    return Device(bytes.fromhex(credential), ec.derive_private_key(secret, ec.SECP256R1()), handle)


def _client(kind: str, challenge: str) -> bytes:
    return json.dumps({"type": kind, "challenge": challenge, "origin": ORIGIN, "crossOrigin": False}).encode()


def _said(party: str, flags: int) -> bytes:
    return hashlib.sha256(party.encode()).digest() + bytes([flags]) + bytes(4)


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()
