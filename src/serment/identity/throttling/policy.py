"""How many attempts are let in: pure arithmetic on one instant a bucket (the generic cell rate algorithm)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from serment.identity.rules import Allowance


@dataclass(frozen=True)
class Admission:
    """Whether an attempt is let in; `full_until` is what the bucket remembers of all the attempts so far."""

    full_until: datetime
    wait: timedelta

    @property
    def admitted(self) -> bool:
        """Tell whether the attempt may go on."""
        return self.wait <= timedelta(0)


def admit(full_until: datetime | None, now: datetime, allowance: Allowance) -> Admission:
    """Decide on one attempt; each admitted one weighs `allowance.per`, and `burst` of them fit at once.

    A refused attempt weighs nothing: whoever keeps knocking does not push the end of the wait away.
    """
    weight = max(full_until or now, now)
    wait = weight - allowance.per * (allowance.burst - 1) - now
    if wait > timedelta(0):
        return Admission(weight, wait)
    return Admission(weight + allowance.per, timedelta(0))


def give_back(full_until: datetime, allowance: Allowance) -> datetime:
    """Take one attempt out of a bucket again, because it turned out to be the right person."""
    return full_until - allowance.per
