"""Checkpoints: the log's size and root under its signature.

Text of the note: origin, size in decimal, root in base64, each on a line. Then an empty line, and a signature
line: `— <name> <base64(key id 4 || signature 64)>`.
Source: C2SP tlog-checkpoint and signed-note; Ed25519 is signature type 0x01.
"""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from serment.ledger.errors import NoteRefused

ED25519_TYPE = b"\x01"
KEY_ID_BYTES = 4
ROOT_BYTES = 32
LINES = 3


@dataclass(frozen=True)
class Checkpoint:
    """The head of the log at one moment; `note` is the signed text it was published as."""

    origin: str
    size: int
    root: bytes
    note: str


class Signer:
    """The log's signing key under the log's name (its origin)."""

    def __init__(self, origin: str, seed: bytes) -> None:
        """Take the origin (no space, no plus) and the 32-byte Ed25519 seed.

        Raises:
            ValueError: the origin cannot name a key.
        """
        if not origin or "+" in origin or any(sign.isspace() for sign in origin):
            raise ValueError("an origin is a name without spaces and without a plus sign")
        self.origin = origin
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._id = key_id(origin, public)
        self.verifier_key = f"{origin}+{self._id.hex()}+{b64encode(ED25519_TYPE + public).decode()}"

    @property
    def public_file(self) -> bytes:
        """The verifier key as a file of one line."""
        return f"{self.verifier_key}\n".encode()

    def sign(self, size: int, root: bytes) -> Checkpoint:
        """Return the signed checkpoint; the same size and root give the same text."""
        text = f"{self.origin}\n{size}\n{b64encode(root).decode()}\n"
        return Checkpoint(self.origin, size, root, self._note(text))

    def sign_text(self, text: str) -> str:
        """Return a signed note of lines that are no checkpoint of this log: the first one is not its origin.

        Raises:
            ValueError: it could be taken for a checkpoint, or does not end its last line.
        """
        if text.split("\n", maxsplit=1)[0] == self.origin or not text.endswith("\n"):
            raise ValueError("a note that is not a checkpoint begins with another line than the origin")
        return self._note(text)

    def _note(self, text: str) -> str:
        signature = b64encode(self._id + self._key.sign(text.encode())).decode()
        return f"{text}\n— {self.origin} {signature}\n"

    def open(self, note: bytes) -> Checkpoint:
        """Return the checkpoint that a note of this log holds.

        Raises:
            NoteRefused: malformed, of another origin, or not signed by this key.
        """
        return open_note(note, self.verifier_key)


def key_id(name: str, public: bytes) -> bytes:
    """Return the first four bytes of SHA-256(name || 0x0A || type || public key)."""
    return sha256(name.encode() + b"\n" + ED25519_TYPE + public).digest()[:KEY_ID_BYTES]


def open_note(note: bytes, verifier_key: str) -> Checkpoint:
    """Return the checkpoint in a signed note, once its signature by that key holds.

    Raises:
        NoteRefused: malformed, of another origin, or not signed by that key.
    """
    try:
        text, signatures = note.decode().rsplit("\n\n", 1)
        origin, size, root = text.split("\n")[:LINES]
        name, _, encoded = verifier_key.split("+", 2)
        public = b64decode(encoded, validate=True)[1:]
        checkpoint = Checkpoint(origin, int(size), b64decode(root, validate=True), note.decode())
    except (ValueError, NotBase64):
        raise NoteRefused("malformed") from None
    if origin != name or len(checkpoint.root) != ROOT_BYTES or str(checkpoint.size) != size:
        raise NoteRefused("another origin, or not a checkpoint")
    if not _is_signed(f"{text}\n".encode(), signatures, name, public):
        raise NoteRefused("not signed by the log's key")
    return checkpoint


def _is_signed(text: bytes, signatures: str, name: str, public: bytes) -> bool:
    wanted = key_id(name, public)
    for line in signatures.splitlines():
        dash, _, rest = line.partition(" ")
        signer, _, encoded = rest.partition(" ")
        try:
            signature = b64decode(encoded, validate=True)
        except NotBase64:
            continue
        if (dash, signer, signature[:KEY_ID_BYTES]) == ("—", name, wanted):
            return _holds(public, signature[KEY_ID_BYTES:], text)
    return False


def _holds(public: bytes, signature: bytes, text: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except InvalidSignature:
        return False
    return True
