"""What leads from the first step to the second: sealed, carried by the browser, and kept nowhere (AUT-09).

The first step looks nothing up and compares nothing. It does the same work and gives an answer of the same size for
everything that can be typed; what it was worth is found out in the second step, once both proofs are there.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from serment import vault
from serment.identity.factors.hashing import PepperedPassword
from serment.identity.tokens import from_text, to_text

_SEALED_FOR = "identity-claims"
_DIGEST = 32
_BREACH = 20
_MOMENT = 8
_MOST_CHARACTERS = 400


@dataclass(frozen=True)
class Claim:
    """What was typed in the first step, in the forms that are compared later: neither login nor password.

    `breach_digest` is what the lists of breached passwords are asked with, 20 bytes.
    """

    login_tag: bytes
    password: PepperedPassword
    breach_digest: bytes
    begun_at: datetime


def seal_claim(keyring: vault.Keyring, claim: Claim) -> str:
    """Return the claim as a token of 236 URL-safe characters that only this installation opens."""
    moment = int(claim.begun_at.timestamp()).to_bytes(_MOMENT, "big")
    clear = claim.login_tag + claim.password.digest + claim.breach_digest + moment
    return to_text(keyring.seal_token(clear, _SEALED_FOR))


def open_claim(keyring: vault.Keyring, token: str) -> Claim | None:
    """Return the claim in a token; None when we did not make it."""
    sealed = from_text(token) if len(token) <= _MOST_CHARACTERS else None
    if sealed is None:
        return None
    try:
        clear = keyring.open_token(sealed, _SEALED_FOR)
    except vault.SealBroken:
        return None
    rest = clear[2 * _DIGEST :]
    return Claim(
        login_tag=clear[:_DIGEST],
        password=PepperedPassword(clear[_DIGEST : 2 * _DIGEST]),
        breach_digest=rest[:_BREACH],
        begun_at=datetime.fromtimestamp(int.from_bytes(rest[_BREACH:], "big"), UTC),
    )
