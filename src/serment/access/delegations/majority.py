"""Coming of age: the instant at which a patient speaks for themself (Code civil, article 414)."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

ADULT_AT = 18


class Majority:
    """Tells when somebody comes of age where the practice is; app puts it beside the database."""

    def __init__(self, time_zone: str = "Europe/Paris") -> None:
        self._zone = ZoneInfo(time_zone)

    def reached_at(self, born_on: date) -> datetime:
        """Return the instant at which the day of the eighteenth birthday begins.

        Whoever was born on 29 February is eighteen on 1 March: no year that is 18 after a leap year is one.
        """
        year = born_on.year + ADULT_AT
        leaps = (born_on.month, born_on.day) == (2, 29)
        day = date(year, 3, 1) if leaps else born_on.replace(year=year)
        return datetime.combine(day, time.min, self._zone).astimezone(UTC)
