from datetime import UTC, date, datetime, timedelta

import pytest

from serment import kernel
from serment.edge import shell
from support.catalogue import catalogue_pages
from support.shell import request_in

NOON = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)


@pytest.fixture
def french(clock: kernel.SettableClock) -> shell.Speech:
    return catalogue_pages().tongue(request_in("fr")).speech


@pytest.fixture
def english(clock: kernel.SettableClock) -> shell.Speech:
    return catalogue_pages().tongue(request_in("en")).speech


def test_day_is_said_in_words_in_the_zone_of_the_practice(
    french: shell.Speech, english: shell.Speech
) -> None:
    assert french.day(NOON) == "2 juillet 2026"
    assert french.day(date(2026, 7, 1)) == "1er juillet 2026"
    assert english.day(date(2026, 7, 1)) == "1 July 2026"


def test_moment_says_day_and_hour(french: shell.Speech, english: shell.Speech) -> None:
    assert french.moment(NOON) == "2 juillet 2026 à 00:30"
    assert english.moment(NOON) == "2 July 2026 at 00:30"
    assert french.moment_with_zone(NOON) == "2 juillet 2026 à 00:30 (UTC+2)"


def test_iso_gives_days_and_local_instants(french: shell.Speech) -> None:
    assert french.iso(date(2026, 7, 1)) == "2026-07-01"
    assert french.iso(NOON) == "2026-07-02 00:30"


def test_ago_says_how_long_ago(french: shell.Speech, english: shell.Speech) -> None:
    now = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)

    assert french.ago(now - timedelta(minutes=5)) == "il y a 5 minutes"
    assert french.ago(now - timedelta(seconds=5)) == "à l\u2019instant"
    assert english.ago(now + timedelta(hours=2)) == "in 2 hours"
    assert french.span(300) == "5 minutes"


@pytest.mark.parametrize(
    ("birth", "said"),
    [
        (date(1970, 3, 12), "56 ans"),
        (date(1970, 3, 13), "55 ans"),
        (date(2024, 11, 2), "16 mois"),
        (date(2026, 3, 1), "11 jours"),
        (date(2026, 3, 11), "1 jour"),
    ],
)
def test_age_is_in_the_unit_that_tells(french: shell.Speech, birth: date, said: str) -> None:
    assert french.age(birth) == said


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0, "0\u00a0octets"),
        (999, "999\u00a0octets"),
        (3_456_789, "3,5\u00a0Mo"),
        (734_003_200, "734\u00a0Mo"),
        (10**16, "10\u202f000\u00a0To"),
    ],
)
def test_size_has_at_most_three_figures(french: shell.Speech, size: int, said: str) -> None:
    assert french.size(size) == said
