from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serment import clinical


@dataclass(frozen=True)
class Person:
    family_name: str
    first_given_name: str


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Éloïse d'Hœry", "ELOISE D HOERY"),
        ("  Jean-Pierre ", "JEAN PIERRE"),
        ("Ægir Straße", "AEGIR STRASSE"),
        ("Łukasz Ørsted", "LUKASZ ORSTED"),
        ("L’Héritier", "L HERITIER"),
        ("---", ""),
    ],
)
def test_normalise_name_spells_as_a_desk_would(name: str, expected: str) -> None:
    assert clinical.normalise_name(name) == expected


@given(st.text(max_size=40))
def test_normalise_name_changes_nothing_twice(name: str) -> None:
    once = clinical.normalise_name(name)
    assert clinical.normalise_name(once) == once


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Durand", "Marie"), ("DURAND", "marie")),
        (("Durand", "Marie"), ("Durant", "Marie")),
        (("Martin", "Anne"), ("Martin", "Anne-Sophie")),
        (("Le Goff", "Yann"), ("Legoff", "Yan")),
        (("Martin", "Claude"), ("Claude", "Martin")),
        (("Lefebvre", "Luc"), ("Lefevbre", "Luc")),
    ],
)
def test_near_names_are_seen(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert clinical.near_names(Person(*one), Person(*other))
    assert clinical.near_names(Person(*other), Person(*one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Durand", "Marie"), ("Durand", "Paul")),
        (("Durand", "Marie"), ("Bertrand", "Marie")),
        (("Li", "Al"), ("Li", "Alphonse")),
        (("Martin", "Claude"), ("Claude", "Pierre")),
    ],
)
def test_distant_names_are_left_apart(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert not clinical.near_names(Person(*one), Person(*other))


def test_easily_confused_marks_both_of_a_pair_and_nobody_else() -> None:
    people = [
        Person("Durand", "Marie"),
        Person("Petit", "Luc"),
        Person("Durant", "Marie"),
        Person("Moreau", "Marie"),
    ]

    assert clinical.easily_confused(people) == frozenset({0, 2})


@given(st.lists(st.builds(Person, st.text("AB", max_size=4), st.text("AB", max_size=4)), max_size=8))
def test_easily_confused_agrees_with_every_pair(people: list[Person]) -> None:
    pairs = [
        (a, b) for a in range(len(people)) for b in range(a) if clinical.near_names(people[a], people[b])
    ]

    assert clinical.easily_confused(people) == {place for pair in pairs for place in pair}
