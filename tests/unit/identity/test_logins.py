import pytest

from serment import identity
from serment.identity.logins import check_login, tidy_login


@pytest.mark.parametrize("login", ["ab", "x" * 255, "with space", "tab\there", "null\x00here", "  a  "])
def test_check_login_refuses(login: str) -> None:
    with pytest.raises(identity.LoginMalformed):
        check_login(login)


def test_check_login_returns_it_as_compared() -> None:
    assert check_login(" Camille.Essai@Example.Test ") == "camille.essai@example.test"


def test_tidy_login_takes_writings_of_one_login_for_the_same() -> None:
    assert tidy_login("STRASSE") == tidy_login("stra\u00dfe")
