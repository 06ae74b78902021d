"""What was typed in the one search box: an INS, or a birth date and the beginning of a name, or a name."""

import re
from dataclasses import dataclass
from datetime import date

from serment import clinical, dossier

_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)(\d{2})(\d{2})(\d{4})(?!\d)")
_IN_WORDS = re.compile(r"(?<!\d)(\d{1,2})(?:ER|ST|ND|RD|TH)? ([A-Z]{3,9}) (\d{4})(?!\d)")
_MONTHS = {
    name: number
    for names in (
        "JANVIER FEVRIER MARS AVRIL MAI JUIN JUILLET AOUT SEPTEMBRE OCTOBRE NOVEMBRE DECEMBRE",
        "JANUARY FEBRUARY MARCH APRIL MAY JUNE JULY AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER",
    )
    for number, name in enumerate(names.split(), start=1)
}


@dataclass(frozen=True)
class Asked:
    """What is looked for: `search` in the whole organisation, or `name` among one's own patients; else nothing."""

    search: dossier.Search | None = None
    name: str = ""


def read_asked(text: str) -> Asked:
    """Understand "12/03/1970 mar", "12031970 mar", "1970-03-12", "12 mars 1970", an INS of 15 signs, or a name."""
    compact = "".join(text.split()).upper()
    if clinical.is_matricule(compact):
        return Asked(dossier.Search(ins=compact))
    found = _find_day(text)
    if found is not None:
        born, rest = found
        return Asked(dossier.Search(birth_date=born, name=" ".join(rest.split())))
    name = clinical.normalise_name(text)
    return Asked(name=name) if name and not any(sign.isdigit() for sign in name) else Asked()


def _find_day(text: str) -> tuple[date, str] | None:
    """Return the day in a text and what is around it."""
    for pattern, places in ((_YEAR_FIRST, (1, 2, 3)), (_DAY_FIRST, (3, 2, 1)), (_COMPACT, (3, 2, 1))):
        if (match := pattern.search(text)) is not None:
            year, month, day = (int(match[place]) for place in places)
            return _dated(year, month, day, text[: match.start()] + " " + text[match.end() :])
    plain = clinical.normalise_name(text)
    match = _IN_WORDS.search(plain)
    if match is None or match[2] not in _MONTHS:
        return None
    rest = plain[: match.start()] + " " + plain[match.end() :]
    return _dated(int(match[3]), _MONTHS[match[2]], int(match[1]), rest)


def _dated(year: int, month: int, day: int, rest: str) -> tuple[date, str] | None:
    try:
        return date(year, month, day), rest
    except ValueError:
        return None
