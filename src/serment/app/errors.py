"""What stops the operator, said in a sentence, with the exit code that scripts rely on."""

from typing import ClassVar

from serment import kernel

FINE, FINDINGS, WRONG_USE, CANNOT = 0, 1, 2, 3


class OperatorError(kernel.SermentError):
    """Something that the operator must put right; the text is the sentence shown."""

    code: ClassVar[str] = "app.cannot"
    exit_code: ClassVar[int] = CANNOT


class SettingWrong(OperatorError):
    """A setting is missing or has a value that it cannot have; the sentence names it, never its value."""

    code: ClassVar[str] = "app.setting-wrong"
    exit_code: ClassVar[int] = WRONG_USE


class PlaceRefused(OperatorError):
    """A store's place is not declared, or lies outside the European Economic Area (LAW-60)."""

    code: ClassVar[str] = "app.place-refused"


class DirectoryBusy(OperatorError):
    """Another server works on the same directory."""

    code: ClassVar[str] = "app.directory-busy"


class NotInstalled(OperatorError):
    """The directory holds no installation."""

    code: ClassVar[str] = "app.not-installed"


class AlreadyInstalled(OperatorError):
    """The directory holds an installation; it is left as it is."""

    code: ClassVar[str] = "app.already-installed"


class SecretUnavailable(OperatorError):
    """The passphrase of the root key cannot be read."""

    code: ClassVar[str] = "app.secret-unavailable"


class PlainHttpRefused(OperatorError):
    """Plain HTTP leaves this machine; it is served on loopback only."""

    code: ClassVar[str] = "app.plain-http-refused"
    exit_code: ClassVar[int] = WRONG_USE


class CannotListen(OperatorError):
    """The address or the port cannot be had."""

    code: ClassVar[str] = "app.cannot-listen"


class DatabaseGone(OperatorError):
    """A database of an installation that was at work holds nothing; a new one is never begun in its place."""

    code: ClassVar[str] = "app.database-gone"


class SchemaNewer(OperatorError):
    """A database was written by a later release than this one."""

    code: ClassVar[str] = "app.schema-newer"
