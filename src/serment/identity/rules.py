"""What an operator may set: costs, limits and lives. The defaults follow the AUT rows."""

import os
from collections.abc import Mapping
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
class HashingCapacity:
    """How many hashes a process makes at once, and who waits how long for a turn (AUT-08).

    One place is never taken by unknown browsers, so there are two at least: at most `at_once` times the memory of
    one hash is held.
    """

    at_once: int = max(2, os.cpu_count() or 2)
    most_unknown_waiting: int = 16
    patience_unknown: timedelta = timedelta(seconds=2)
    patience_known: timedelta = timedelta(seconds=10)


def _longest_ages() -> Mapping[Role, timedelta]:
    return {Role.ADMINISTRATOR: timedelta(days=180)}


@dataclass(frozen=True)
class PasswordRules:
    """Length and strength asked of a new password; no composition rule (ASVS 6.2.5, LAW-70).

    `longest_age` says after how long the passwords of a role are changed; a role that is not in it keeps its own
    for as long as nothing speaks against them (LAW-71).
    """

    least_characters: int = 12
    most_characters: int = 256
    least_guesses: int = 10**14
    longest_age: Mapping[Role, timedelta] = field(default_factory=_longest_ages)


@dataclass(frozen=True)
class SessionLimits:
    """How long a session lives without a request, and at most (AUT-12)."""

    idle_professional: timedelta = timedelta(minutes=15)
    idle_patient: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=12)
    absolute_administrator: timedelta = timedelta(hours=8)

    def longest(self, role: Role) -> timedelta:
        """Return the absolute limit of a role; an administrator's day is no night shift."""
        if role is Role.ADMINISTRATOR:
            return min(self.absolute, self.absolute_administrator)
        return self.absolute

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
    account_worked: Allowance = Allowance(60, timedelta(seconds=10))
    source_worked: Allowance = Allowance(120, timedelta(seconds=1))
    account_and_device: Allowance = Allowance(10, timedelta(minutes=1))
    told_of_throttling: Allowance = Allowance(1, timedelta(hours=1))
    traces_of_refused_codes: Allowance = Allowance(60, timedelta(seconds=1))
    second_factor: Allowance = Allowance(10, timedelta(minutes=5))
    enrolment: Allowance = Allowance(10, timedelta(minutes=5))
    proof_again: Allowance = Allowance(6, timedelta(minutes=1))
    passkey: Allowance = Allowance(30, timedelta(seconds=30))


@dataclass(frozen=True)
class PressureRules:
    """When unknown browsers are asked for work: so many failures within the window, and that share of failures.

    The share is of the attempts of unknown browsers, over all workers (AUT-06, AUT-11).
    """

    window: timedelta = timedelta(minutes=1)
    least_failures: int = 30
    share_of_failures: float = 0.5


@dataclass(frozen=True)
class WorkRules:
    """What the proof of work costs a browser: between so many rounds of PBKDF2, about a second on a tablet."""

    iterations: int = 500
    least_rounds: int = 1_000
    most_rounds: int = 3_000
    life: timedelta = timedelta(minutes=10)


@dataclass(frozen=True)
class DeviceRules:
    """Which browsers are known: those where somebody signed in, for as long as they come back (AUT-07)."""

    forgotten_after: timedelta = timedelta(days=180)
    most_of_an_account: int = 20


@dataclass(frozen=True)
class Lives:
    """How long unfinished steps stay open."""

    pending_sign_in: timedelta = timedelta(minutes=5)
    passkey_challenge: timedelta = timedelta(minutes=5)
    factor_offer: timedelta = timedelta(minutes=15)
    enrolment: timedelta = timedelta(minutes=30)


@dataclass(frozen=True)
class SleepRules:
    """After how long without being used an account is put to sleep, and how long before that it is listed."""

    professional: timedelta = timedelta(days=90)
    administrator: timedelta = timedelta(days=30)
    patient: timedelta = timedelta(days=400)
    announced: timedelta = timedelta(days=14)

    def unused(self, role: Role) -> timedelta:
        """Return after how long an account of a role is put to sleep."""
        limits = {Role.PATIENT: self.patient, Role.ADMINISTRATOR: self.administrator}
        return limits.get(role, self.professional)


@dataclass(frozen=True)
class ReviewRules:
    """How often a team is looked through by its head, and how long after that an unconfirmed member stays (LAW-74)."""

    rhythm: timedelta = timedelta(days=180)
    grace: timedelta = timedelta(days=30)


@dataclass(frozen=True)
class RecoveryRules:
    """How long after it was opened a recovery works: time for the owner to see it and stop it (AUT-13).

    `with_second_person` counts where another person approved, `alone` where nobody did, `patient` for patients.
    Whoever approves has held a factor for `second_person_held`, so that an account made, or recovered, for the
    occasion approves nothing (THR-07). The code lives for `life`.
    """

    with_second_person: timedelta = timedelta(minutes=15)
    alone: timedelta = timedelta(hours=24)
    patient: timedelta = timedelta(hours=24)
    second_person_held: timedelta = timedelta(days=7)
    life: timedelta = timedelta(days=3)


@dataclass(frozen=True)
class Rules:
    """Everything an operator may set about identity."""

    passwords: PasswordRules = field(default_factory=PasswordRules)
    sessions: SessionLimits = field(default_factory=SessionLimits)
    throttle: ThrottleRules = field(default_factory=ThrottleRules)
    pressure: PressureRules = field(default_factory=PressureRules)
    work: WorkRules = field(default_factory=WorkRules)
    devices: DeviceRules = field(default_factory=DeviceRules)
    lives: Lives = field(default_factory=Lives)
    sleep: SleepRules = field(default_factory=SleepRules)
    reviews: ReviewRules = field(default_factory=ReviewRules)
    recovery: RecoveryRules = field(default_factory=RecoveryRules)
    #: Refusals leave at these moments after the request came, whatever was wrong (AUT-09).
    refusals_leave_every: timedelta = timedelta(milliseconds=500)
    administrators_use_passkeys: bool = True
