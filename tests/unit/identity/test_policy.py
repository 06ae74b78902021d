from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from serment.identity.rules import Allowance
from serment.identity.throttling.policy import admit, give_back

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
THREE = Allowance(3, timedelta(minutes=1))


def fill(allowance: Allowance, attempts: int, now: datetime = NOW) -> datetime | None:
    full_until = None
    for _ in range(attempts):
        full_until = admit(full_until, now, allowance).full_until
    return full_until


def test_admit_lets_a_burst_in_and_no_more() -> None:
    assert admit(fill(THREE, 2), NOW, THREE).admitted
    assert not admit(fill(THREE, 3), NOW, THREE).admitted


def test_admit_says_how_long_to_wait() -> None:
    refused = admit(fill(THREE, 3), NOW + timedelta(seconds=20), THREE)

    assert refused.wait == timedelta(seconds=40)
    assert admit(fill(THREE, 3), NOW + timedelta(minutes=1), THREE).admitted


def test_admit_does_not_count_refused_attempts() -> None:
    assert fill(THREE, 3) == fill(THREE, 30)


def test_admit_forgets_what_is_past() -> None:
    later = admit(fill(THREE, 3), NOW + timedelta(hours=1), THREE)

    assert later.full_until == NOW + timedelta(hours=1, minutes=1)


def test_give_back_makes_room_for_one() -> None:
    full = fill(THREE, 3)
    assert full is not None

    assert admit(give_back(full, THREE), NOW, THREE).admitted


@given(
    gaps=st.lists(st.integers(0, 300), min_size=1, max_size=60),
    burst=st.integers(1, 10),
    per=st.integers(1, 120),
)
def test_admit_never_lets_in_more_than_the_allowance(gaps: list[int], burst: int, per: int) -> None:
    allowance, at, full_until = Allowance(burst, timedelta(seconds=per)), NOW, None
    admitted = 0
    for gap in gaps:
        at += timedelta(seconds=gap)
        admission = admit(full_until, at, allowance)
        full_until = admission.full_until
        admitted += admission.admitted

    assert admitted <= burst + (at - NOW) / allowance.per
