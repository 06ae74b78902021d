from datetime import UTC, datetime, timedelta

import pytest

from serment import kernel


def test_system_clock_is_aware_and_in_utc() -> None:
    assert kernel.SystemClock().now().tzinfo is UTC


def test_settable_clock_moves_only_when_told() -> None:
    clock = kernel.SettableClock(datetime(2026, 3, 12, 10, 0, tzinfo=UTC))

    clock.advance(timedelta(hours=1))

    assert clock.now() == datetime(2026, 3, 12, 11, 0, tzinfo=UTC)


def test_settable_clock_refuses_an_hour_without_zone() -> None:
    with pytest.raises(ValueError, match="aware"):
        kernel.SettableClock(datetime(2026, 3, 12, 10, 0))  # noqa: DTZ001 - the mistake under test
