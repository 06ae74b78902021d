"""The three secrets of one departure, all drawn from the token that only this browser keeps.

`state` binds the answer to the browser (login CSRF, mix-up), `nonce` binds the ID token to the question, and
`verifier` binds the code to us (RFC 7636). None of them is stored: a copy of the rows holds no way in.
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256

from serment.identity.tokens import keyed_digest


@dataclass(frozen=True)
class Passage:
    """What goes out with a question, and must come back or be shown with its answer."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)

    @property
    def challenge(self) -> str:
        """Return the PKCE challenge, method S256."""
        return _written(sha256(self.verifier.encode()).digest())


def passage_of(token: str) -> Passage:
    """Return the secrets that belong to a departure's token."""
    key = token.encode("utf-8", "surrogatepass")
    state, nonce, verifier = (
        _written(keyed_digest(key, "openid", word)) for word in ("state", "nonce", "verifier")
    )
    return Passage(state, nonce, verifier)


def _written(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()
