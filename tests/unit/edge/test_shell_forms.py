from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serment.edge import shell


def test_parse_form_reads_fields_in_order_and_repeated_ones() -> None:
    form = shell.parse_form(b"name=Zo%C3%A9+MARTIN&tag=a&tag=b&empty=&&ticked")

    assert form.get("name") == "Zoé MARTIN"
    assert form.all("tag") == ("a", "b")
    assert form.has("ticked")
    assert not form.has("absent")
    assert form.all("absent") == ()


def test_parse_form_makes_line_ends_one_kind() -> None:
    assert shell.parse_form(b"note=a%0D%0Ab%0Dc").get("note") == "a\nb\nc"


@pytest.mark.parametrize(
    "body",
    [
        b"a=%",
        b"a=%4",
        b"a=%zz",
        b"a=%00",
        b"a=\x00",
        b"a=%ED%A0%80",
        b"a=%FF",
        b"a=\xff",
        b"%C3=1",
        b"a=%1B[0m",
        b"a=%7F",
    ],
)
def test_parse_form_refuses_what_is_not_well_formed(body: bytes) -> None:
    with pytest.raises(shell.FormUnreadable):
        shell.parse_form(body)


@pytest.mark.parametrize("body", [b"&".join([b"a=1"] * 501), b"n" * 101 + b"=1"])
def test_parse_form_refuses_too_many_fields_and_long_names(body: bytes) -> None:
    with pytest.raises(shell.FormTooLarge):
        shell.parse_form(body)


@given(st.binary(max_size=300))
def test_parse_form_answers_any_bytes_with_a_form_or_a_refusal(body: bytes) -> None:
    with suppress(shell.FormUnreadable, shell.FormTooLarge):
        shell.parse_form(body)


def test_text_trims_and_gives_the_value() -> None:
    assert shell.parse_form(b"a=+x+").text("a") == "x"


@pytest.mark.parametrize("body", [b"", b"a=", b"a=+++", b"a=1&a=2", b"a=" + b"x" * 201])
def test_text_refuses_absent_empty_repeated_and_long(body: bytes) -> None:
    with pytest.raises(shell.FieldRefused) as refusal:
        shell.parse_form(body).text("a")

    assert refusal.value.field == "a"


def test_optional_gives_none_for_an_empty_field() -> None:
    assert shell.parse_form(b"a=+").optional("a") is None


def test_choice_gives_one_of_the_choices_and_refuses_others() -> None:
    form = shell.parse_form(b"a=x")

    assert form.choice("a", {"x", "y"}) == "x"
    with pytest.raises(shell.FieldRefused):
        form.choice("a", {"y"})
