"""Challenges for passkeys of anybody: drawn without a row, good for minutes, and used up by their first use.

A challenge is random bytes and the moment it was drawn, with a keyed proof that we drew it. So that a flood of
requests for challenges costs nothing but arithmetic, only the ones that were used are remembered (THR-01).
"""

import hmac
import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from serment import vault
from serment.identity.throttling import store
from serment.identity.tokens import from_text, keyed_digest, to_text
from serment.kernel import UnitOfWork

_RANDOM = 24
_MOMENT = 8
_PROOF = 16
_SIZE = _RANDOM + _MOMENT + _PROOF


def draw_challenge(keyring: vault.Keyring, now: datetime) -> str:
    """Return a challenge of 64 URL-safe characters, 192 bits of them random."""
    drawn = secrets.token_bytes(_RANDOM) + int(now.timestamp()).to_bytes(_MOMENT, "big")
    return to_text(drawn + _proof(keyring, drawn))


def is_alive(keyring: vault.Keyring, challenge: str, now: datetime, life: timedelta) -> bool:
    """Tell whether we drew a challenge, and not too long ago; whether it was used is not looked at."""
    ends_at = _end_of(keyring, challenge, life)
    return ends_at is not None and now < ends_at


def spend_challenge(uow: UnitOfWork, challenge: str, life: timedelta) -> bool:
    """Use a living challenge up: of any number of requests with it, one sees True."""
    ends_at = _end_of(uow.part(vault.Keyring), challenge, life)
    if ends_at is None or uow.now >= ends_at:
        return False
    return store.spend(uow, sha256(b"challenge\0" + challenge.encode()).digest(), ends_at)


def _end_of(keyring: vault.Keyring, challenge: str, life: timedelta) -> datetime | None:
    made = from_text(challenge) or b""
    drawn, proof = made[:-_PROOF], made[-_PROOF:]
    if len(made) != _SIZE or not hmac.compare_digest(proof, _proof(keyring, drawn)):
        return None
    return datetime.fromtimestamp(int.from_bytes(drawn[_RANDOM:], "big"), UTC) + life


def _proof(keyring: vault.Keyring, drawn: bytes) -> bytes:
    return keyed_digest(keyring.secret("identity-challenges"), drawn)[:_PROOF]
