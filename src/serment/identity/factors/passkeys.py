"""Passkeys (WebAuthn level 3): discoverable, with user verification, so that one is two factors by itself.

The challenge is the token of its ceremony: the browser signs it, and the ceremony is taken once.
"""

import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass

import webauthn
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from webauthn.helpers import exceptions
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from serment.identity.factors.store import PasskeyRow
from serment.identity.model import Account, RelyingParty

# What the library raises on a response that is not one: its own errors, and those of the parsers below it.
_NOT_A_PROOF = (
    exceptions.WebAuthnException,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    RecursionError,
    InvalidSignature,
    UnsupportedAlgorithm,
)
_REQUIRED = UserVerificationRequirement.REQUIRED


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
    """An assertion that verified, and the passkey as it was before this use."""

    passkey: PasskeyRow
    sign_count: int
    backed_up: bool


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
        challenge=_challenge(token),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=_REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=row.credential_id) for row in known],
    )
    return webauthn.options_to_json(options)


def assertion_options(party: RelyingParty, token: str) -> str:
    """Return the options for navigator.credentials.get(); they name no credential, hence no account (AUT-09)."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id, challenge=_challenge(token), user_verification=_REQUIRED
    )
    return webauthn.options_to_json(options)


def verify_registration(party: RelyingParty, token: str, response_json: str) -> NewPasskey | None:
    """Return the new passkey when the response answers this challenge, here, with user verification."""
    try:
        if not _in_its_own_page(json.loads(response_json)["response"]):
            return None
        verified = webauthn.verify_registration_response(
            credential=response_json,
            expected_challenge=_challenge(token),
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except _NOT_A_PROOF:
        return None
    return NewPasskey(
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        backup_eligible=verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        backed_up=verified.credential_backed_up,
    )


def verify_assertion(
    party: RelyingParty, token: str, response_json: str, passkey: PasskeyRow
) -> UsedPasskey | None:
    """Return the use of a passkey when the response answers this challenge, here, with user verification."""
    try:
        response = json.loads(response_json)["response"]
        # The person was not identified before: the authenticator must name the owner (WebAuthn 7.2, step 6).
        if webauthn.base64url_to_bytes(response["userHandle"]) != passkey.account.bytes:
            return None
        if not _in_its_own_page(response):
            return None
        verified = webauthn.verify_authentication_response(
            credential=response_json,
            expected_challenge=_challenge(token),
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except _NOT_A_PROOF:
        return None
    return UsedPasskey(passkey, verified.new_sign_count, verified.credential_backed_up)


def credential_id_in(response_json: str) -> bytes | None:
    """Return the credential that a response speaks of, before anything in it is trusted."""
    try:
        return webauthn.base64url_to_bytes(json.loads(response_json)["rawId"])
    except _NOT_A_PROOF:
        return None


def _in_its_own_page(response: Mapping[str, str]) -> bool:
    """Tell whether the page that asked was ours and not in a frame of another's (WebAuthn 7.1 and 7.2)."""
    client = json.loads(webauthn.base64url_to_bytes(response["clientDataJSON"]))
    return not client.get("crossOrigin") and "topOrigin" not in client


def _challenge(token: str) -> bytes:
    try:
        return webauthn.base64url_to_bytes(token)
    except binascii.Error:
        return b""
