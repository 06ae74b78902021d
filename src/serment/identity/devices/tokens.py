"""What a browser keeps so that it is known again: signed an account, and silent about which (AUT-07).

A token holds up to thirty entries, for the people who share a workplace, a ward's included; of more, those who were
away longest give way. An entry is the number of a known browser
and a keyed proof over it and the login's tag: nobody reads an account from it, and it fits no other login.
"""

import hmac
from uuid import UUID

from serment import vault
from serment.identity.model import DeviceId
from serment.identity.tokens import from_text, keyed_digest, to_text

#: As cookies go: so many are 1,320 characters of the 4,096 that browsers keep.
_MOST_ENTRIES = 30
_ID = 16
_PROOF = 16
_ENTRY_CHARACTERS = 43


def device_in(keyring: vault.Keyring, token: str | None, login_tag: bytes) -> DeviceId | None:
    """Return the browser that a token claims to be for a login, once its proof holds; rows are not looked at."""
    for entry in _entries(token):
        device = DeviceId(UUID(bytes=entry[:_ID]))
        if hmac.compare_digest(entry[_ID:], _proof(keyring, device, login_tag)):
            return device
    return None


def with_device(keyring: vault.Keyring, token: str | None, device: DeviceId, login_tag: bytes) -> str:
    """Return a token with one more entry, the newest first; the oldest ones give way."""
    new = device.bytes + _proof(keyring, device, login_tag)
    entries = [new, *(entry for entry in _entries(token) if entry != new)]
    return ".".join(to_text(entry) for entry in entries[:_MOST_ENTRIES])


def _entries(token: str | None) -> list[bytes]:
    if not token or len(token) > _MOST_ENTRIES * (_ENTRY_CHARACTERS + 1):
        return []
    entries = [from_text(part) or b"" for part in token.split(".")]
    return [entry for entry in entries if len(entry) == _ID + _PROOF]


def _proof(keyring: vault.Keyring, device: DeviceId, login_tag: bytes) -> bytes:
    return keyed_digest(keyring.secret("identity-devices"), "device", device.bytes, login_tag)[:_PROOF]
