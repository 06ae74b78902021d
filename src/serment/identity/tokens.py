"""Secrets that we hand out: opaque tokens, and codes that people read to each other."""

import base64
import binascii
import hmac
import re
import secrets
from hashlib import sha256

# Base32 of RFC 4648: no 0, 1, 8 or 9 to mistake for O, I, B or g when read aloud.
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
# What a reader takes for a letter of the alphabet above.
_MISREAD = str.maketrans("018", "OIB")
_GROUP = 4
_CODE = re.compile(r"[A-Z2-7]{4}(?:[ -]?[A-Z2-7]{4}){2,5}")


def draw_token() -> str:
    """Draw 256 bits, written in 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> bytes:
    """Return what the database keeps of a token (AUT-12): its SHA-256, of no use as a token."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def to_text(raw: bytes) -> str:
    """Write bytes in base64url without padding, fit for a cookie."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_text(text: str) -> bytes | None:
    """Read what `to_text` wrote; None for anything else, another writing of the same bytes included."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if to_text(raw) == text else None


def draw_code(groups: int) -> str:
    """Draw a code of `groups` times four base32 characters, 20 bits a group: "K7QF-2MZA-PT5D"."""
    drawn = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(groups))
    return "-".join(drawn)


def has_the_form_of_a_code(text: str) -> bool:
    """Tell whether a text could be a code that we drew, however it is written."""
    written = text.strip().upper()
    # Letters alone without a dash may be words.
    return _CODE.fullmatch(written) is not None and any(sign.isdigit() or sign == "-" for sign in written)


def tidy_code(code: str) -> str:
    """Return a code as drawn, whatever case, spaces or dashes it was typed with; 0, 1 and 8 are never drawn."""
    return "".join(character for character in code.upper() if character.isalnum()).translate(_MISREAD)


def keyed_digest(key: bytes, *parts: str | bytes) -> bytes:
    """Return HMAC-SHA-256 over length-prefixed parts, so that no two lists of parts collide."""
    mac = hmac.new(key, digestmod=sha256)
    for part in parts:
        value = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        mac.update(len(value).to_bytes(4, "big") + value)
    return mac.digest()
