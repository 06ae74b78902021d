"""The root of every error that Serment raises on purpose."""

from typing import ClassVar


class SermentError(Exception):
    """A fact that stops the work, named by its class.

    `code` is stable: pages, problem documents and scripts rely on it. The text holds identifiers and
    codes, never health data, names or secrets.
    """

    code: ClassVar[str] = "serment"


class PartMissing(SermentError):
    """A part of the installation that the work needs was not put beside the database."""

    code = "installation.part-missing"


class StoreUnavailable(SermentError):
    """The database cannot be reached, is full, or stayed busy for too long."""

    code = "store.unavailable"
