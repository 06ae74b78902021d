"""How an access key is written: a prefix that scanners find, 256 bits, and a check that spares them false alarms.

    srmk_ | 43 signs of base64url: 256 random bits | 6 signs of base64url: CRC-32 of all that stands before

Source: docs/formats/access-keys.md.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from zlib import crc32

from serment.identity.tokens import draw_token

PREFIX = "srmk_"
_SHAPE = re.compile(rf"({PREFIX}[A-Za-z0-9_-]{{43}})([A-Za-z0-9_-]{{6}})", re.ASCII)


def draw_key() -> str:
    """Draw an access key; it is shown once and kept nowhere."""
    written = PREFIX + draw_token()
    return written + _check_of(written)


def digest_at_rest(token: str) -> bytes:
    """Return what the database keeps of a key: its SHA-256."""
    return sha256(token.encode()).digest()


def digest_of_key(token: str) -> bytes | None:
    """Return the digest of a key that somebody shows; None for what was never one of ours."""
    found = _SHAPE.fullmatch(token)
    if found is None or not hmac.compare_digest(_check_of(found[1]), found[2]):
        return None
    return digest_at_rest(token)


def _check_of(written: str) -> str:
    return urlsafe_b64encode(crc32(written.encode()).to_bytes(4, "big")).rstrip(b"=").decode()
