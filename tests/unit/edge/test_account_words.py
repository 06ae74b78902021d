import pytest

from serment import identity
from serment.edge.pages.entrance.account.words import (
    FACTOR_WORDS,
    METHOD_WORDS,
    UNKNOWN_DEVICE,
    device_word,
    event_word,
    place_word,
)

_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
_SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"


@pytest.mark.parametrize(
    ("user_agent", "word"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox, Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROME}", "Chrome, Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROME} Edg/126.0.0.0", "Edge, Windows"),
        (f"Mozilla/5.0 (Linux; Android 14; K) {_CHROME}", "Chrome, Android"),
        (f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) {_SAFARI}", "Safari, iPhone"),
        ("curl/8.0", UNKNOWN_DEVICE),
        ("", UNKNOWN_DEVICE),
    ],
)
def test_device_is_named_as_people_know_it(user_agent: str, word: str) -> None:
    assert device_word(user_agent) == word


@pytest.mark.parametrize(
    ("origin", "word"),
    [
        ("web 203.0.113.7", "203.0.113.7"),
        ("web 2001:db8::7", "2001:db8::7"),
        ("console", "depuis la console"),
    ],
)
def test_place_is_an_address_or_the_console(origin: str, word: str) -> None:
    assert place_word(origin) == word


def test_everything_that_can_happen_has_its_words() -> None:
    said = [event_word(kind) for kind in identity.EventKind]

    assert len(set(said)) == len(said)
    assert (set(METHOD_WORDS), set(FACTOR_WORDS)) == (set(identity.Method), set(identity.FactorKind))
