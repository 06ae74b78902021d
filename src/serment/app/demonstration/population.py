"""From the table of roles to whole patients: birth dates, addresses, identity status, test matricules."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

from serment.app.demonstration.cast import HOSPITAL, PRACTICE, PROFESSIONALS, ROLES, Role
from serment.app.demonstration.dice import dice
from serment.app.demonstration.matricule import make_ins
from serment.app.demonstration.model import IdentityStatus, Ins, Patient, Place, Professional

_STREETS = (
    "rue des Saules", "rue du Four", "chemin de la Prairie", "impasse des Tanneurs", "allée des Noisetiers",
    "rue de la Fontaine", "rue du Moulin-Neuf", "quai de Lorenne", "route de Valorme", "place de l'Horloge",
    "rue des Écoles", "rue du Pressoir", "venelle des Lavandières", "rue du Champ-Rond", "avenue de la Gare",
)  # fmt: skip
_TOWNS = (
    "00420 Saint-Aubrac-sur-Lorenne",
    "00421 Moulin-Lorenne",
    "00424 Fontenelle-en-Val",
    "00100 Valorme",
)
_DEPARTMENTS = ("18", "35", "37", "44", "49", "53", "72", "75", "86")
_STATUSES = (
    *[IdentityStatus.QUALIFIED] * 6,
    *[IdentityStatus.VALIDATED] * 2,
    IdentityStatus.RETRIEVED,
    IdentityStatus.PROVISIONAL,
)
_WITH_INS = frozenset({IdentityStatus.QUALIFIED, IdentityStatus.RETRIEVED})
_FAMILY_TOGETHER = "Rousselot"


def professionals() -> tuple[Professional, ...]:
    """Return the cast with a practice number in the test range for those whose profession has one."""
    return tuple(
        replace(person, rpps=_test_rpps(order)) if _is_registered(person) else person
        for order, person in enumerate(PROFESSIONALS, start=1)
    )


def _is_registered(person: Professional) -> bool:
    return person.profession in {"physician", "radiologist", "biologist", "pharmacist", "nurse"}


def _test_rpps(order: int) -> str:
    """Return 11 digits that start with 8997 and end with their Luhn key."""
    body = f"8997001{order:03d}"
    doubled = (int(digit) * (2 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(body)))
    total = sum(value - 9 if value > 9 else value for value in doubled)  # noqa: PLR2004 - the largest digit
    return f"{body}{-total % 10}"


def patients(seed: int, now: datetime) -> Iterator[Patient]:
    """Yield the patients, the same for the same seed and day."""
    for order, role in enumerate(ROLES, start=1):
        shared = role.birth_name == _FAMILY_TOGETHER
        chance = dice(seed, role.birth_name if shared else order, "identity")
        yield _patient(role, order, chance, now)


def _patient(role: Role, order: int, chance: Random, now: datetime) -> Patient:
    born_on = _birth_date(role, chance, now)
    status = IdentityStatus.QUALIFIED if role.login else chance.choice(_STATUSES)
    given_names = tuple(name.strip() for name in role.given.split(","))
    return Patient(
        key=f"p{order:02d}",
        sex=role.sex,
        given_names=given_names,
        birth_name=role.birth_name,
        used_name=role.used_name,
        born_on=born_on,
        birth_place=chance.choice(_TOWNS)[6:],
        place=_home(chance),
        identity_status=status,
        ins=_ins(role, born_on, order, chance.choice(_DEPARTMENTS)) if status in _WITH_INS else None,
        story=role.story,
        dossiers=tuple(PRACTICE if letter == "p" else HOSPITAL for letter in role.where),
        physician="claire.moreau" if order % 2 else "karim.benali",
        login=_login(given_names[0], role.used_name) if role.login else None,
    )


def _birth_date(role: Role, chance: Random, now: datetime) -> date:
    birthday_passed_days = chance.randrange(20, 340)
    return (now - timedelta(days=round(role.age * 365.25) + birthday_passed_days)).date()


def _home(chance: Random) -> Place:
    street = f"{chance.randrange(1, 96)}, {chance.choice(_STREETS)}"
    return Place(
        (street,),
        chance.choice(_TOWNS),
        f"06 39 98 {chance.randrange(100):02d} {chance.randrange(100):02d}",
        "",
    )


def _ins(role: Role, born_on: date, order: int, department: str) -> Ins:
    return make_ins(role.sex, born_on, department, order)


def _login(given_name: str, family_name: str) -> str:
    return f"{given_name}.{family_name}".lower().replace(" ", "-")
