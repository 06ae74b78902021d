from base64 import b32encode
from datetime import UTC, datetime, timedelta

import pytest

from serment.identity.factors import totp

SEED = b32encode(b"12345678901234567890").decode()


# RFC 6238, appendix B, the last six of its eight digits.
@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
    ],
)
def test_code_at_agrees_with_the_rfc(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)

    assert totp.code_at(SEED, at) == code
    assert totp.matching_step(SEED, code, at) == seconds // 30


@pytest.mark.parametrize(("steps", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_matching_step_takes_one_step_either_side(steps: int, accepted: bool) -> None:
    now = datetime(2026, 3, 12, 9, 0, 10, tzinfo=UTC)
    code = totp.code_at(SEED, now + timedelta(seconds=30 * steps))

    assert totp.matching_step(SEED, code, now) == (totp.step_at(now) + steps if accepted else None)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "½½½½½½", "\u0661\u0662\u0663\u0664\u0665\u0666"])
def test_matching_step_refuses_what_is_no_code(code: str) -> None:
    assert totp.matching_step(SEED, code, datetime(2026, 3, 12, tzinfo=UTC)) is None


def test_matching_step_overlooks_spaces() -> None:
    assert totp.matching_step(SEED, " 287 082 ", datetime.fromtimestamp(59, UTC)) == 1


def test_draw_seed_draws_160_bits_anew() -> None:
    seeds = {totp.draw_seed() for _ in range(10)}

    assert len(seeds) == 10
    assert {len(seed) for seed in seeds} == {32}


def test_provisioning_uri_names_the_house_and_the_login() -> None:
    uri = totp.provisioning_uri(SEED, "personne@example.test")

    assert uri.startswith("otpauth://totp/Serment:personne%40example.test?secret=")
