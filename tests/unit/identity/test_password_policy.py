import pytest

from serment.identity import PasswordRules, PasswordTooGuessable, PasswordTooLong, PasswordTooShort
from serment.identity.factors.password_policy import check_password, estimate_guesses

RULES = PasswordRules()
GOOD = "amphore violette rivage"


def test_check_password_accepts_words_without_digits_or_capitals() -> None:
    check_password(GOOD, (), RULES)


def test_check_password_accepts_256_characters() -> None:
    check_password((GOOD * 20)[:256], (), RULES)


@pytest.mark.parametrize("password", ["", "x7#Qz!9pL2m"])
def test_check_password_refuses_fewer_than_twelve_characters(password: str) -> None:
    with pytest.raises(PasswordTooShort):
        check_password(password, (), RULES)


def test_check_password_refuses_more_than_256_characters() -> None:
    with pytest.raises(PasswordTooLong):
        check_password("x" * 257, (), RULES)


@pytest.mark.parametrize(
    "password", ["password1234", "aaaaaaaaaaaaaaaa", "azertyuiop123", "serment-serment-2026"]
)
def test_check_password_refuses_what_is_soon_guessed(password: str) -> None:
    with pytest.raises(PasswordTooGuessable):
        check_password(password, (), RULES)


def test_check_password_counts_the_persons_own_words_for_nothing() -> None:
    own = ("dominique.lavandier@example.test", "Dominique Lavandier", "Cabinet des Tilleuls")

    with pytest.raises(PasswordTooGuessable):
        check_password("LavandierTilleulsDominique", own, RULES)
    check_password("LavandierTilleulsDominique", (), RULES)


def test_check_password_refuses_a_password_made_of_own_words_alone() -> None:
    assert estimate_guesses("lavandierlavandier", ("Lavandier",)) == 1


def test_estimate_guesses_bears_what_zxcvbn_does_not() -> None:
    assert estimate_guesses("abc" * 100, ()) < estimate_guesses("abc" * 10 + GOOD, ())
