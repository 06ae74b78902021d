import pytest

from serment import clinical


def test_control_key_answers_known_numbers() -> None:
    assert clinical.control_key("2690549588157") == "80"
    assert clinical.control_key("1851260012345") == f"{97 - 1851260012345 % 97:02d}"


@pytest.mark.parametrize(("corsican", "digits"), [("2A", "19"), ("2B", "18")])
def test_control_key_counts_corsican_departments_as_numbers(corsican: str, digits: str) -> None:
    assert clinical.control_key(f"18512{corsican}004123") == clinical.control_key(f"18512{digits}004123")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "269054958815781",
        "26905495881578",
        "X69054958815780",
        "269054958815780 ",
        "2690549588157\u06680",
        "969054958815780",
    ],
)
def test_is_matricule_refuses(text: str) -> None:
    assert not clinical.is_matricule(text)


def test_ins_refuses_a_wrong_key() -> None:
    with pytest.raises(clinical.IdentityMalformed):
        clinical.Ins("269054958815781")
