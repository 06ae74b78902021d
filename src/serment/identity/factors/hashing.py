"""Argon2id over a peppered password: a stolen database alone verifies nothing (AUT-05)."""

import hmac
import unicodedata
from dataclasses import dataclass
from hashlib import sha256

from argon2 import PasswordHasher as Argon2
from argon2 import Type
from argon2.exceptions import InvalidHashError, VerificationError

from serment.identity.factors.lanes import HashingLanes, Lane
from serment.identity.rules import HashingCapacity, HashingCost


@dataclass(frozen=True)
class PepperedPassword:
    """HMAC-SHA-256(pepper, password in NFC): compared like the password, and of no use without the pepper."""

    digest: bytes


class PasswordHasher:
    """Hash and check passwords; about 25 ms and 19 MiB each time, so never inside a write transaction.

    hash = Argon2id(HMAC-SHA-256(pepper, password in NFC)), in PHC string form. The HMAC takes passwords of any
    length, so that none is cut off (ASVS 6.2.8). Each hash takes its turn in a lane (AUT-08).
    """

    def __init__(self, cost: HashingCost, *, pepper: bytes, capacity: HashingCapacity | None = None) -> None:
        self._pepper = pepper
        self._argon2 = Argon2(
            time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes, type=Type.ID
        )
        self._lanes = HashingLanes(capacity or HashingCapacity())
        # What the password of an account that does not exist is compared with, at the same cost (AUT-09).
        self._decoy = self.hash("")

    def pepper(self, password: str) -> PepperedPassword:
        """Return what stands for a password between the two steps of a sign-in; takes microseconds."""
        composed = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
        return PepperedPassword(hmac.digest(self._pepper, composed, sha256))

    def hash(self, password: str | PepperedPassword, lane: Lane = Lane.KNOWN) -> str:
        """Return what the database keeps of a password.

        Raises:
            Throttled: the lane is full; nothing was hashed.
        """
        with self._lanes.turn(lane):
            return self._argon2.hash(self._peppered(password))

    def matches(self, stored: str | None, password: str | PepperedPassword, lane: Lane = Lane.KNOWN) -> bool:
        """Tell whether a password is the stored one; with nothing stored, take as long and say no.

        Raises:
            Throttled: the lane is full; nothing was hashed.
        """
        with self._lanes.turn(lane):
            try:
                self._argon2.verify(stored or self._decoy, self._peppered(password))
            except (VerificationError, InvalidHashError):
                return False
        return stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Tell whether a stored hash was made at another cost than today's."""
        return self._argon2.check_needs_rehash(stored)

    def _peppered(self, password: str | PepperedPassword) -> bytes:
        return (password if isinstance(password, PepperedPassword) else self.pepper(password)).digest
