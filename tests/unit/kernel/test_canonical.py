import pytest

from serment import kernel


def test_canonical_json_has_one_spelling() -> None:
    assert kernel.canonical_json({"b": [1, None], "a": "é"}) == '{"a":"é","b":[1,null]}'.encode()


def test_canonical_json_refuses_what_has_no_number() -> None:
    with pytest.raises(ValueError, match="JSON"):
        kernel.canonical_json(float("nan"))
