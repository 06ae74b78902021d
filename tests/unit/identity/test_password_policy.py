import threading
from pathlib import Path

import pytest

from serment.identity import (
    BreachedListDamaged,
    PasswordBreached,
    PasswordJudge,
    PasswordRules,
    PasswordTooGuessable,
    PasswordTooLong,
    PasswordTooShort,
    WatchedList,
)
from support.identity import JUDGE

RULES = PasswordRules()
GOOD = "amphore violette rivage"
FRENCH = [
    "bonjourtoulemonde",
    "bonjour tout le monde",
    "doctolib2026",
    "Doctolib2026!",
    "azertyuiop12",
    "motdepasse2026",
    "Soleil2026!!",
    "Marie-Claire1975",
    "le petit chat est mort",
    "liberteegalitefraternite",
]


def test_check_accepts_words_without_digits_or_capitals() -> None:
    JUDGE.check(GOOD, (), RULES)


@pytest.mark.parametrize(
    "password",
    [
        "girouette pamplemousse trottoir ancre",
        "correct zebra lantern orbit",
        "tR7kQ2vXe9LmZ4wB",
        "ключ от дома 48 рек",
    ],
)
def test_check_accepts_what_withstands_a_guesser(password: str) -> None:
    JUDGE.check(password, (), RULES)


def test_check_accepts_256_characters() -> None:
    JUDGE.check((GOOD * 20)[:256], (), RULES)


@pytest.mark.parametrize("password", ["", "x7#Qz!9pL2m"])
def test_check_refuses_fewer_than_twelve_characters(password: str) -> None:
    with pytest.raises(PasswordTooShort):
        JUDGE.check(password, (), RULES)


def test_check_refuses_more_than_256_characters() -> None:
    with pytest.raises(PasswordTooLong):
        JUDGE.check("x" * 257, (), RULES)


@pytest.mark.parametrize(
    "password", ["aaaaaaaaaaaaaaaa", "serment-serment-2026", "Schtroumpf2026", "MonChienRex2024!"]
)
def test_check_refuses_what_is_soon_guessed(password: str) -> None:
    with pytest.raises(PasswordTooGuessable):
        JUDGE.check(password, (), RULES)


@pytest.mark.parametrize("password", FRENCH)
def test_estimate_knows_what_french_people_choose(password: str) -> None:
    """LAW-70: the estimate alone refuses them, whatever the list holds."""
    assert JUDGE.guesses(password) < RULES.least_guesses


@pytest.mark.parametrize(
    "password", ["bonjourtoulemonde", "doctolib2026", "azertyuiop12", "password1234", "Password2026!"]
)
def test_check_refuses_what_was_stolen(password: str) -> None:
    with pytest.raises(PasswordBreached):
        JUDGE.check(password, (), RULES)


def test_check_counts_the_persons_own_words_for_nothing() -> None:
    own = ("dominique.lavandier@example.test", "Dominique Lavandier", "Cabinet des Tilleuls")

    with pytest.raises(PasswordTooGuessable):
        JUDGE.check("LavandierTilleulsDominiqueOrage", own, RULES)
    JUDGE.check("LavandierTilleulsDominiqueOrage", (), RULES)


def test_guesses_of_own_words_alone_are_one() -> None:
    assert JUDGE.guesses("lavandierlavandier", ("Lavandier",)) == 1


def test_guesses_bear_what_zxcvbn_does_not() -> None:
    assert JUDGE.guesses("abc" * 100) < JUDGE.guesses("abc" * 10 + GOOD)


def test_guesses_see_through_repetition() -> None:
    assert JUDGE.guesses("pamplemousse" * 2) < 100 * JUDGE.guesses("pamplemousse")


def test_guesses_see_through_separators() -> None:
    assert JUDGE.guesses("bonjour-tout-le-monde") <= 10 * JUDGE.guesses("bonjourtoutlemonde")
    assert JUDGE.guesses(" . - _ ") == 1


def test_guesses_are_the_same_in_every_thread() -> None:
    """zxcvbn's own entry keeps a person's words in a table that all threads share; another's must not count here."""
    alone = JUDGE.guesses("dominique lavandier 1970", ())
    found: list[int] = []
    others = [
        threading.Thread(target=JUDGE.guesses, args=("x", ("dominique", "lavandier"))) for _ in range(8)
    ]
    asking = [
        threading.Thread(target=lambda: found.append(JUDGE.guesses("dominique lavandier 1970", ())))
        for _ in range(8)
    ]
    for thread in [*others, *asking]:
        thread.start()
    for thread in [*others, *asking]:
        thread.join()

    assert found == [alone] * 8


def test_check_refuses_when_the_list_that_comes_with_us_is_gone(tmp_path: Path) -> None:
    judge = PasswordJudge(shipped=WatchedList(tmp_path / "nowhere"), wordbook=JUDGE.wordbook)

    with pytest.raises(BreachedListDamaged):
        judge.check(GOOD, (), RULES)


@pytest.mark.parametrize("code", ["K7QF-2MZA-PT5D", "k7qf 2mza pt5d", "K7QF2MZAPT5DQX3B", "ABCD-EFGH-IJKL"])
def test_code_that_we_gave_is_no_password(code: str) -> None:
    with pytest.raises(PasswordTooGuessable):
        JUDGE.check(code, (), RULES)


def test_words_of_four_letters_are_no_code() -> None:
    JUDGE.check("amphores violettes tambours rivages", (), RULES)
