"""Urlencoded forms, read strictly: what is not well formed is refused, never guessed and never a failure."""

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType
from urllib.parse import unquote_to_bytes

from serment.edge.shell.errors import FieldRefused, FormTooLarge, FormUnreadable

_MOST_FIELDS = 500
_LONGEST_NAME = 100
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Form:
    """The fields of one submitted form, in the order they came."""

    def __init__(self, fields: Mapping[str, tuple[str, ...]]) -> None:
        self._fields = MappingProxyType(dict(fields))

    def get(self, name: str, otherwise: str = "") -> str:
        """Return the field as it came, to show it again in the page."""
        return self._fields.get(name, (otherwise,))[0]

    def text(self, name: str, *, longest: int = 200) -> str:
        """Return a field that must be filled, without its outer spaces.

        Raises:
            FieldRefused: absent, empty, given twice, or longer than `longest` characters.
        """
        value = self.optional(name, longest=longest)
        if value is None:
            raise FieldRefused(name)
        return value

    def optional(self, name: str, *, longest: int = 200) -> str | None:
        """Return a field that may be left empty, None when it is.

        Raises:
            FieldRefused: given twice, or longer than `longest` characters.
        """
        values = self._fields.get(name, ("",))
        value = values[0].strip()
        if len(values) > 1 or len(value) > longest:
            raise FieldRefused(name)
        return value or None

    def choice(self, name: str, among: Collection[str]) -> str:
        """Return a field whose value is one of `among`.

        Raises:
            FieldRefused: anything else.
        """
        value = self.text(name)
        if value not in among:
            raise FieldRefused(name)
        return value

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a field that may be given several times."""
        return self._fields.get(name, ())

    def names(self) -> tuple[str, ...]:
        """Return the names of the fields that came."""
        return tuple(self._fields)

    def has(self, name: str) -> bool:
        """Tell whether the field came at all: a ticked box."""
        return name in self._fields


def parse_form(body: bytes) -> Form:
    """Read an `application/x-www-form-urlencoded` body.

    Raises:
        FormUnreadable: broken escape, bytes that are not UTF-8, control characters.
        FormTooLarge: more than 500 fields, or a name over 100 characters.
    """
    pairs = [pair for pair in body.split(b"&") if pair]
    if len(pairs) > _MOST_FIELDS:
        raise FormTooLarge
    fields: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        raw_name, _, raw_value = pair.partition(b"=")
        name = _decode(raw_name)
        if len(name) > _LONGEST_NAME:
            raise FormTooLarge
        fields[name] = (*fields.get(name, ()), _decode(raw_value))
    return Form(fields)


def _decode(raw: bytes) -> str:
    if _BROKEN_ESCAPE.search(raw):
        raise FormUnreadable
    try:
        text = unquote_to_bytes(raw.replace(b"+", b" ")).decode("utf-8")
    except UnicodeDecodeError:
        raise FormUnreadable from None
    if _CONTROL.search(text):
        raise FormUnreadable
    return text.replace("\r\n", "\n").replace("\r", "\n")
