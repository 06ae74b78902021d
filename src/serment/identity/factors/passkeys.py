"""Passkeys (WebAuthn level 3): discoverable, with user verification, so that one is two factors by itself.

The browser signs a challenge that is good once: the token of a ceremony or, at sign-in, one that is drawn without a
row. No attestation is asked for and none is believed: who made the authenticator is not looked at, and its statement
is not read.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import webauthn
from cryptography.exceptions import UnsupportedAlgorithm
from webauthn.helpers import exceptions, parse_attestation_object, parse_authenticator_data
from webauthn.helpers.structs import (
    AuthenticatorData,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from serment.identity.factors.public_keys import OFFERED_ALGORITHMS, check_of, signed
from serment.identity.factors.store import PasskeyRow
from serment.identity.model import Account, RelyingParty

# What is raised on a response that is not one: by the library, and by the parsers below it.
_NOT_A_PROOF = (
    exceptions.WebAuthnException,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    RecursionError,
    UnsupportedAlgorithm,
)
_MOST_CREDENTIAL_BYTES = 1023


class Demand(StrEnum):
    """What we ask of a passkey though the standard leaves it to us."""

    USER_VERIFICATION = "the device checked who holds it: without that it is one factor and not two"
    OWN_PAGE = "it was used on our own page, in no frame of another's"


#: What is always asked; only the standard's own test vectors are looked at with less.
EVERY_DEMAND = frozenset(Demand)


@dataclass(frozen=True)
class PasskeyChallenge:
    """What the browser is asked to sign: `options_json` goes to navigator.credentials, `token` comes back."""

    token: str
    options_json: str


@dataclass(frozen=True)
class NewPasskey:
    """A passkey that proved itself and is not stored yet."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    backup_eligible: bool
    backed_up: bool


@dataclass(frozen=True)
class UsedPasskey:
    """An assertion that verified, and the passkey as it was before this use.

    `counted_back` says that its counter did not go on, as when a copy of the device was used before: a sign, and
    no proof, since authenticators may restart their counters (WebAuthn 6.1.1).
    """

    passkey: PasskeyRow
    sign_count: int
    backed_up: bool
    counted_back: bool = False


def registration_options(
    party: RelyingParty, account: Account, token: str, known: tuple[PasskeyRow, ...]
) -> str:
    """Return the options for navigator.credentials.create()."""
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_name=account.login,
        user_id=account.id.bytes,
        user_display_name=account.name,
        challenge=webauthn.base64url_to_bytes(token),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=row.credential_id) for row in known],
    )
    said = json.loads(webauthn.options_to_json(options))
    said["pubKeyCredParams"] = [{"type": "public-key", "alg": number} for number in OFFERED_ALGORITHMS]
    return json.dumps(said)


def assertion_options(party: RelyingParty, token: str) -> str:
    """Return the options for navigator.credentials.get(); they name no credential, hence no account (AUT-09)."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=webauthn.base64url_to_bytes(token),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def verify_registration(
    party: RelyingParty, token: str, response_json: str, demands: frozenset[Demand] = EVERY_DEMAND
) -> NewPasskey | None:
    """Return the new passkey when the response answers this challenge, here, with all that is demanded.

    Source: WebAuthn level 3, section 7.1.
    """
    try:
        credential = json.loads(response_json)
        response = credential["response"]
        _said_here(party, token, response, "webauthn.create", demands)
        data = parse_attestation_object(_octets(response["attestationObject"])).auth_data
        _done_here(party, data, demands)
        return _registered(data, _raw_id(credential))
    except _NOT_A_PROOF:
        return None


def verify_assertion(
    party: RelyingParty,
    token: str,
    response_json: str,
    passkey: PasskeyRow,
    demands: frozenset[Demand] = EVERY_DEMAND,
) -> UsedPasskey | None:
    """Return the use of a passkey when the response answers this challenge, here, with all that is demanded.

    Source: WebAuthn level 3, section 7.2.
    """
    try:
        credential = json.loads(response_json)
        response = credential["response"]
        _insist(_raw_id(credential) == passkey.credential_id)
        # The person was not identified before: the authenticator must name the owner (WebAuthn 7.2, step 6).
        _insist(_octets(response["userHandle"]) == passkey.account.bytes)
        client = _said_here(party, token, response, "webauthn.get", demands)
        raw_data = _octets(response["authenticatorData"])
        data = parse_authenticator_data(raw_data)
        _done_here(party, data, demands)
        # Whether a passkey may be copied is settled when it is made (WebAuthn 7.2, step 19).
        _insist(data.flags.be == passkey.backup_eligible)
        message = raw_data + hashlib.sha256(client).digest()
        _insist(signed(passkey.public_key, _octets(response["signature"]), message))
    except _NOT_A_PROOF:
        return None
    counted_back = max(data.sign_count, passkey.sign_count) > 0 and data.sign_count <= passkey.sign_count
    return UsedPasskey(passkey, max(data.sign_count, passkey.sign_count), data.flags.bs, counted_back)


def credential_id_in(response_json: str) -> bytes | None:
    """Return the credential that a response names, or None when it is no response."""
    try:
        return _octets(json.loads(response_json)["rawId"])
    except _NOT_A_PROOF:
        return None


def _raw_id(credential: Mapping[str, Any]) -> bytes:
    _insist(credential["type"] == "public-key" and credential["id"] == credential["rawId"])
    return _octets(credential["rawId"])


def _said_here(
    party: RelyingParty, token: str, response: Mapping[str, str], kind: str, demands: frozenset[Demand]
) -> bytes:
    """Insist that the browser did this, for this challenge, on our page; return its words as it signed them."""
    client = _octets(response["clientDataJSON"])
    said = json.loads(client)
    _insist(said["type"] == kind)
    _insist(hmac.compare_digest(said["challenge"].encode(), token.encode()))
    _insist(said["origin"] == party.origin)
    if Demand.OWN_PAGE in demands:
        _insist(not said.get("crossOrigin") and "topOrigin" not in said)
    return client


def _done_here(party: RelyingParty, data: AuthenticatorData, demands: frozenset[Demand]) -> None:
    """Insist that the authenticator did this for us, with somebody there."""
    _insist(data.rp_id_hash == hashlib.sha256(party.id.encode()).digest())
    _insist(data.flags.up)
    _insist(data.flags.uv or Demand.USER_VERIFICATION not in demands)
    _insist(data.flags.be or not data.flags.bs)


def _registered(data: AuthenticatorData, raw_id: bytes) -> NewPasskey:
    attested = data.attested_credential_data
    if attested is None:
        raise ValueError("no passkey in it")
    _insist(attested.credential_id == raw_id and 0 < len(raw_id) <= _MOST_CREDENTIAL_BYTES)
    check_of(attested.credential_public_key)
    return NewPasskey(
        credential_id=attested.credential_id,
        public_key=attested.credential_public_key,
        sign_count=data.sign_count,
        backup_eligible=data.flags.be,
        backed_up=data.flags.bs,
    )


def _octets(text: str) -> bytes:
    """Return what base64url text stands for; text that is not exactly its own encoding stands for nothing."""
    found = webauthn.base64url_to_bytes(text)
    _insist(urlsafe_b64encode(found).rstrip(b"=").decode() == text.rstrip("="))
    return found


def _insist(holds: bool) -> None:  # noqa: FBT001 -- an assertion that is never compiled away
    if not holds:
        raise ValueError("no proof")
