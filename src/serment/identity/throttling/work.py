"""A proof of work for unknown browsers, in the form of ALTCHA 2 (AUT-11): one graded cost, under attack only.

Source: https://altcha.org/docs/v2/. The number of rounds is drawn beforehand, so that the work is never much longer
than planned, and a solution is checked by one keyed digest instead of a derivation.
"""

import binascii
import json
import secrets
from datetime import UTC, datetime
from hashlib import sha256

import altcha

from serment import vault
from serment.identity.rules import WorkRules
from serment.identity.tokens import keyed_digest

_ALGORITHM = "PBKDF2/SHA-256"
_MOST_CHARACTERS = 4_000
_NOT_A_SOLUTION = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RecursionError,
    OverflowError,
    binascii.Error,
)


def draw_work(keyring: vault.Keyring, now: datetime, rules: WorkRules) -> str:
    """Return a fresh challenge as the JSON that ALTCHA's solvers read."""
    drawn = altcha.create_challenge(
        _ALGORITHM,
        rules.iterations,
        counter=rules.least_rounds + secrets.randbelow(rules.most_rounds - rules.least_rounds),
        data={"until": int((now + rules.life).timestamp())},
        hmac_secret=_key(keyring, "challenge"),
        hmac_key_secret=_key(keyring, "solution"),
    )
    return json.dumps(drawn.to_dict(), separators=(",", ":"))


def spendable_work(keyring: vault.Keyring, payload: str, now: datetime) -> tuple[bytes, datetime] | None:
    """Return the name and the end of a piece of work that was done; None when it was not, or ran out.

    Whoever accepts it spends it by that name: a solution checks again and again.
    """
    if len(payload) > _MOST_CHARACTERS:
        return None
    try:
        solved = altcha.Payload.from_base64(payload)
        checked = altcha.verify_solution(
            solved, _key(keyring, "challenge"), hmac_key_secret=_key(keyring, "solution")
        )
        until = datetime.fromtimestamp(int((solved.challenge.parameters.data or {})["until"]), UTC)
    except _NOT_A_SOLUTION:
        return None
    if not checked.verified or until <= now:
        return None
    return sha256(b"work\0" + str(solved.challenge.signature).encode()).digest(), until


def _key(keyring: vault.Keyring, purpose: str) -> bytes:
    return keyed_digest(keyring.secret("identity-work"), purpose)
