"""Instants and days in words: never ambiguous, in the zone of the practice."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal

from serment import kernel
from serment.edge.shell.languages import Language, Words

_LOCALES: dict[Language, str] = {"fr": "fr_FR", "en": "en_GB"}
_MONTHS_AS_INFANT = 36
_DAYS_AS_NEWBORN = 60
_UNITS: dict[Language, tuple[str, ...]] = {
    "fr": ("octets", "ko", "Mo", "Go", "To"),
    "en": ("bytes", "kB", "MB", "GB", "TB"),
}
_STEP = 1000


class Speech:
    """Says days, hours, ages, sizes and numbers in one language."""

    def __init__(self, words: Words, clock: kernel.Clock, time_zone: str) -> None:
        self._words = words
        self._clock = clock
        self._zone = ZoneInfo(time_zone)
        self._locale = _LOCALES[words.language]

    def day(self, value: date) -> str:
        """Return a day in words: 12 mars 2026. An instant is first brought to the practice's zone."""
        local = value.astimezone(self._zone).date() if isinstance(value, datetime) else value
        text = format_date(local, "d MMMM y", locale=self._locale)
        return f"1er{text[1:]}" if local.day == 1 and self._words.language == "fr" else text

    def hour(self, at: datetime) -> str:
        """Return the time of day: 14:05."""
        return format_datetime(at, "HH:mm", tzinfo=self._zone, locale=self._locale)

    def moment(self, at: datetime) -> str:
        """Return day and time of day: 12 mars 2026 à 14:05."""
        return self._words.say("{day} à {hour}", day=self.day(at), hour=self.hour(at))

    def local_day(self, at: datetime) -> date:
        """Return the day that an instant falls on in the practice's zone."""
        return at.astimezone(self._zone).date()

    def local(self, at: datetime) -> datetime:
        """Return day and hour as the practice's clocks show them, for a field to fill in; the zone is left out."""
        return at.astimezone(self._zone).replace(tzinfo=None)

    def instant(self, local: datetime) -> datetime:
        """Return the instant of a day and an hour on the practice's clocks."""
        return local.replace(tzinfo=self._zone).astimezone(UTC)

    def end_of(self, day: date) -> datetime:
        """Return the instant at which a day ends in the practice's zone."""
        return datetime.combine(day + timedelta(days=1), time.min, self._zone).astimezone(UTC)

    def moment_with_zone(self, at: datetime) -> str:
        """Return day, time of day and offset, where the hour can matter: 12 mars 2026 à 14:05 (UTC+1)."""
        minutes = int((at.astimezone(self._zone).utcoffset() or timedelta()).total_seconds()) // 60
        hours, rest = divmod(abs(minutes), 60)
        offset = f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
        return f"{self.moment(at)} ({offset})"

    def iso(self, value: date) -> str:
        """Return the day for tables: 2026-03-12; an instant gets its hour: 2026-03-12 14:05."""
        if isinstance(value, datetime):
            return value.astimezone(self._zone).strftime("%Y-%m-%d %H:%M")
        return value.isoformat()

    def ago(self, at: datetime) -> str:
        """Return how long ago, or in how long: il y a 5 minutes."""
        span = at - self._clock.now()
        if abs(span) < timedelta(seconds=45):
            return self._words.say("à l'instant")
        return format_timedelta(span, add_direction=True, locale=self._locale)

    def span(self, seconds: float) -> str:
        """Return a length of time in words: 5 minutes."""
        return format_timedelta(timedelta(seconds=seconds), threshold=1.5, locale=self._locale)

    def age(self, birth_date: date) -> str:
        """Return the age today: years, months below three years, days below two months."""
        today = self._clock.now().astimezone(self._zone).date()
        days = (today - birth_date).days
        if days < _DAYS_AS_NEWBORN:
            return self._words.say_many("{n} jour", "{n} jours", days)
        months = (
            (today.year - birth_date.year) * 12
            + today.month
            - birth_date.month
            - (today.day < birth_date.day)
        )
        if months < _MONTHS_AS_INFANT:
            return self._words.say_many("{n} mois", "{n} mois", months)
        return self._words.say_many("{n} an", "{n} ans", months // 12)

    def size(self, size_bytes: int) -> str:
        """Return a size in bytes for reading: 3,4 Mo."""
        amount, unit = float(size_bytes), 0
        while amount >= _STEP and unit < len(_UNITS[self._words.language]) - 1:
            amount, unit = amount / _STEP, unit + 1
        shown = self.number(round(amount, 1) if unit and amount < 100 else round(amount))  # noqa: PLR2004 -- three figures at most
        return f"{shown}\u00a0{_UNITS[self._words.language][unit]}"

    def number(self, value: float) -> str:
        """Return a number with the separators of the language."""
        return format_decimal(value, locale=self._locale)
