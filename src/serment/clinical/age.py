"""Age as it is spoken of: days for the newborn, months for the small child, then years."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from serment.clinical.errors import IdentityMalformed

_MONTHS_UNTIL_YEARS = 36
_MONTHS_PER_YEAR = 12


class AgeUnit(StrEnum):
    """The unit in which an age is said; the words come from the translations."""

    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"


@dataclass(frozen=True)
class Age:
    """A whole number of days (before one month), months (before three years) or years."""

    number: int
    unit: AgeUnit


def age_on(birth_date: date, day: date) -> Age:
    """Return the age reached on `day`.

    Raises:
        IdentityMalformed: the birth lies after `day`.
    """
    if birth_date > day:
        raise IdentityMalformed("birth_date")
    months = (day.year - birth_date.year) * _MONTHS_PER_YEAR + day.month - birth_date.month
    months -= day.day < birth_date.day
    if months < 1:
        return Age((day - birth_date).days, AgeUnit.DAYS)
    if months < _MONTHS_UNTIL_YEARS:
        return Age(months, AgeUnit.MONTHS)
    return Age(months // _MONTHS_PER_YEAR, AgeUnit.YEARS)
