"""One-time codes of an authenticator application (RFC 6238): six digits, 30 seconds, one step either side."""

import hmac
from datetime import datetime

import pyotp

STEP_SECONDS = 30
_STEPS_EITHER_SIDE = 1
_DIGITS = 6
_ISSUER = "Serment"


def draw_seed() -> str:
    """Draw a seed of 160 bits, in base32 as applications take it."""
    return pyotp.random_base32()


def step_at(at: datetime) -> int:
    """Return the number of the 30-second step in which an instant lies."""
    return int(at.timestamp()) // STEP_SECONDS


def code_of_step(seed: str, step: int) -> str:
    """Return the code that an application shows during a step."""
    return pyotp.TOTP(seed).generate_otp(step)


def code_at(seed: str, at: datetime) -> str:
    """Return the code that an application shows at an instant."""
    return code_of_step(seed, step_at(at))


def matching_step(seed: str, code: str, at: datetime) -> int | None:
    """Return the step whose code was given, now or one step either side; None when there is none (AUT-04).

    Whoever accepts a step must see to it that no earlier or equal one is accepted again: RFC 6238, 5.2.
    """
    given = "".join(code.split())
    if len(given) != _DIGITS or not given.isascii():
        return None
    now = step_at(at)
    near = range(now - _STEPS_EITHER_SIDE, now + _STEPS_EITHER_SIDE + 1)
    matching = [step for step in near if hmac.compare_digest(code_of_step(seed, step), given)]
    return matching[-1] if matching else None


def provisioning_uri(seed: str, login: str, issuer: str = _ISSUER) -> str:
    """Return the otpauth: address to show as a QR code."""
    return pyotp.TOTP(seed).provisioning_uri(name=login, issuer_name=issuer)
