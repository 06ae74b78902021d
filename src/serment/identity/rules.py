"""What an operator may set: costs, limits and lives. The defaults follow the AUT rows."""

from dataclasses import dataclass, field
from datetime import timedelta

from serment.identity.model import Role


@dataclass(frozen=True)
class HashingCost:
    """Cost of one Argon2id hash (AUT-05); `memory_kib` is held for about 25 ms a sign-in."""

    memory_kib: int = 19_456
    passes: int = 2
    lanes: int = 1


@dataclass(frozen=True)
class PasswordRules:
    """Length and strength asked of a new password; no composition rule (ASVS 6.2.5, LAW-70)."""

    least_characters: int = 12
    most_characters: int = 256
    least_guesses: int = 10**14


@dataclass(frozen=True)
class SessionLimits:
    """How long a session lives without a request, and at most (AUT-12)."""

    idle_professional: timedelta = timedelta(minutes=15)
    idle_patient: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=12)

    def idle(self, role: Role) -> timedelta:
        """Return the idle limit of a role."""
        return self.idle_patient if role is Role.PATIENT else self.idle_professional


@dataclass(frozen=True)
class Allowance:
    """`burst` attempts at once, then one more every `per`."""

    burst: int
    per: timedelta


@dataclass(frozen=True)
class ThrottleRules:
    """Attempts allowed before anything is hashed or compared (AUT-06)."""

    account: Allowance = Allowance(20, timedelta(minutes=1))
    source: Allowance = Allowance(60, timedelta(seconds=2))
    account_and_source: Allowance = Allowance(6, timedelta(minutes=1))
    second_factor: Allowance = Allowance(10, timedelta(minutes=5))
    enrolment: Allowance = Allowance(10, timedelta(minutes=5))
    proof_again: Allowance = Allowance(6, timedelta(minutes=1))


@dataclass(frozen=True)
class Lives:
    """How long unfinished steps stay open."""

    pending_sign_in: timedelta = timedelta(minutes=5)
    passkey_challenge: timedelta = timedelta(minutes=5)
    factor_offer: timedelta = timedelta(minutes=15)
    enrolment: timedelta = timedelta(minutes=30)


@dataclass(frozen=True)
class Rules:
    """Everything an operator may set about identity."""

    passwords: PasswordRules = field(default_factory=PasswordRules)
    sessions: SessionLimits = field(default_factory=SessionLimits)
    throttle: ThrottleRules = field(default_factory=ThrottleRules)
    lives: Lives = field(default_factory=Lives)
