"""An authenticator in software: ES256 passkeys, attestation "none", and every way to get an answer wrong."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field, replace
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ORIGIN = "https://localhost:8443"
_USER_PRESENT, _USER_VERIFIED, _BACKUP_ELIGIBLE, _BACKED_UP, _ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


def to_base64url(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(frozen=True)
class Answer:
    """How an answer departs from what was asked; nothing by default."""

    origin: str = ORIGIN
    rp_id: str | None = None
    challenge: str | None = None
    type: str | None = None
    user_present: bool = True
    user_verified: bool = True
    backup_eligible: bool = True
    backed_up: bool = True
    user_handle: str | None = None
    spoil_signature: bool = False
    sign_count: int | None = None
    client_data: dict[str, Any] = field(default_factory=dict)


HONEST = Answer()


@dataclass
class Authenticator:
    """One device with one passkey."""

    credential_id: bytes = b"credential-of-a-test-device"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    user_handle: str = ""
    sign_count: int = 0

    def register(self, options_json: str, answer: Answer = HONEST) -> str:
        """Answer navigator.credentials.create()."""
        options = json.loads(options_json)
        self.user_handle = options["user"]["id"]
        client = self._client_data(options, "webauthn.create", answer)
        public = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id
        data = self._data(options["rp"]["id"], answer, _ATTESTED) + attested + cbor2.dumps(cose)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._response(
            {"clientDataJSON": to_base64url(client), "attestationObject": to_base64url(attestation)}
        )

    def sign_in(self, options_json: str, answer: Answer = HONEST) -> str:
        """Answer navigator.credentials.get()."""
        options = json.loads(options_json)
        client = self._client_data(options, "webauthn.get", answer)
        data = self._data(options["rpId"], answer, 0)
        signed = data + hashlib.sha256(client).digest()
        signature = bytearray(self.key.sign(signed, ec.ECDSA(hashes.SHA256())))
        if answer.spoil_signature:
            signature[-1] ^= 1
        return self._response(
            {
                "clientDataJSON": to_base64url(client),
                "authenticatorData": to_base64url(data),
                "signature": to_base64url(bytes(signature)),
                "userHandle": self.user_handle if answer.user_handle is None else answer.user_handle,
            }
        )

    def _client_data(self, options: dict[str, Any], kind: str, answer: Answer) -> bytes:
        said = {
            "type": answer.type or kind,
            "challenge": answer.challenge or options["challenge"],
            "origin": answer.origin,
            "crossOrigin": False,
        }
        return json.dumps({**said, **answer.client_data}).encode()

    def _data(self, rp_id: str, answer: Answer, flags: int) -> bytes:
        for stated, flag in (
            (answer.user_present, _USER_PRESENT),
            (answer.user_verified, _USER_VERIFIED),
            (answer.backup_eligible, _BACKUP_ELIGIBLE),
            (answer.backed_up, _BACKED_UP),
        ):
            flags |= flag if stated else 0
        count = self.sign_count if answer.sign_count is None else answer.sign_count
        party = hashlib.sha256((answer.rp_id or rp_id).encode()).digest()
        return party + bytes([flags]) + count.to_bytes(4, "big")

    def _response(self, response: dict[str, str]) -> str:
        identifier = to_base64url(self.credential_id)
        said = {"id": identifier, "rawId": identifier, "type": "public-key", "response": response}
        return json.dumps(said)


def with_field(response_json: str, name: str, value: object) -> str:
    """Return a response with one of its fields changed; `name` such as "response.signature"."""
    response = json.loads(response_json)
    place = response
    *path, last = name.split(".")
    for step in path:
        place = place[step]
    place[last] = value
    return json.dumps(response)


#: Every answer that must be refused, by what is wrong with it.
WRONG_ANSWERS: dict[str, Answer] = {
    "origin": replace(HONEST, origin="https://localhost.example:8443"),
    "port": replace(HONEST, origin="https://localhost"),
    "scheme": replace(HONEST, origin="http://localhost:8443"),
    "challenge": replace(HONEST, challenge=to_base64url(bytes(32))),
    "rp id": replace(HONEST, rp_id="example.test"),
    "user not verified": replace(HONEST, user_verified=False),
    "user not present": replace(HONEST, user_present=False),
    "type": replace(HONEST, type="webauthn.other"),
    "backed up but not eligible": replace(HONEST, backup_eligible=False, backed_up=True),
    "in a frame of another origin": replace(HONEST, client_data={"crossOrigin": True}),
    "under another top origin": replace(HONEST, client_data={"topOrigin": "https://example.test"}),
}
WRONG_ASSERTIONS: dict[str, Answer] = {
    **WRONG_ANSWERS,
    "signature": replace(HONEST, spoil_signature=True),
    "user handle missing": replace(HONEST, user_handle=""),
    "user handle of another": replace(HONEST, user_handle=to_base64url(bytes(16))),
}
