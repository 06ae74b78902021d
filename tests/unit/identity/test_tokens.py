import re

from serment.identity import tokens


def test_draw_token_draws_256_bits_anew() -> None:
    drawn = {tokens.draw_token() for _ in range(100)}

    assert len(drawn) == 100
    assert {len(token) for token in drawn} == {43}


def test_draw_code_is_readable_aloud() -> None:
    assert re.fullmatch(r"([A-Z2-7]{4}-){2}[A-Z2-7]{4}", tokens.draw_code(3))


def test_tidy_code_takes_a_code_however_it_was_typed() -> None:
    assert tokens.tidy_code(" k7qf 2mza-pt5d ") == tokens.tidy_code("K7QF-2MZA-PT5D") == "K7QF2MZAPT5D"


def test_tidy_code_takes_digits_that_were_read_for_letters() -> None:
    assert tokens.tidy_code("05I2-8CI3-617U") == tokens.tidy_code("O5I2-BCI3-6I7U")


def test_digest_of_takes_any_text_a_browser_may_send() -> None:
    assert tokens.digest_of("\ud800") != tokens.digest_of("")


def test_keyed_digest_separates_its_parts() -> None:
    assert tokens.keyed_digest(b"key", "ab", "c") != tokens.keyed_digest(b"key", "a", "bc")
    assert tokens.keyed_digest(b"key", "ab") != tokens.keyed_digest(b"another", "ab")
    assert tokens.keyed_digest(b"key", "ab") == tokens.keyed_digest(b"key", b"ab")
