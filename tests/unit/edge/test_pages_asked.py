from datetime import date

import pytest

from serment import dossier
from serment.edge.pages.patients.asked import Asked, read_asked

BORN = date(1970, 3, 12)


def born(name: str = "") -> Asked:
    return Asked(dossier.Search(birth_date=BORN, name=name))


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("12/03/1970 mar", born("mar")),
        ("12031970 mar", born("mar")),
        ("mar 12.3.1970", born("mar")),
        ("1970-03-12", born()),
        ("12 mars 1970", born()),
        ("Martin 12 mars 1970", born("MARTIN")),
        ("12 March 1970", born()),
        ("1er avril 1999", Asked(dossier.Search(birth_date=date(1999, 4, 1)))),
        ("Zoé d'Hœry", Asked(name="ZOE D HOERY")),
        ("31/02/1970", Asked()),
        ("12 brumaire 1970", Asked()),
        ("1234", Asked()),
        ("   ", Asked()),
    ],
)
def test_search_box_understands_dates_and_names(text: str, understood: Asked) -> None:
    assert read_asked(text) == understood


def test_search_box_understands_an_ins_with_or_without_spaces() -> None:
    ins = "255081416802538"

    assert read_asked("2 55 08 14 168 025 38") == read_asked(ins) == Asked(dossier.Search(ins=ins))


def test_search_box_refuses_an_ins_with_a_wrong_key() -> None:
    assert read_asked("255081416802539") == Asked()
