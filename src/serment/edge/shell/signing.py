"""Short proofs over what the browser keeps for us."""

import base64
import hashlib
import hmac


class Signer:
    """Makes and checks keyed proofs; each purpose has proofs of its own."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def proof(self, purpose: str, value: str) -> str:
        """Return the proof of `value` for `purpose`: 43 characters of base64url."""
        message = purpose.encode() + b"\0" + value.encode()
        digest = hmac.digest(self._secret, message, hashlib.sha256)
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def sign(self, purpose: str, value: str) -> str:
        """Return `value` with its proof; `value` holds no full stop."""
        return f"{value}.{self.proof(purpose, value)}"

    def open(self, purpose: str, signed: str) -> str | None:
        """Return what was signed, or None when the proof does not hold."""
        value, _, proof = signed.partition(".")
        return value if self.holds(purpose, value, proof) else None

    def holds(self, purpose: str, value: str, proof: str) -> bool:
        """Tell whether `proof` is the proof of `value`, in constant time."""
        return hmac.compare_digest(self.proof(purpose, value).encode(), proof.encode("utf-8", "replace"))
