"""Why somebody could not be let to act for a patient, or stopped from it."""

from typing import ClassVar

from serment.kernel import SermentError


class DelegationInvalid(SermentError):
    """Nobody can act for the patient in this way. `reason` is a code: `adult`, `minor`, `sections`, `end`, ..."""

    code: ClassVar[str] = "access.delegation-invalid"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class DelegationNotFound(SermentError):
    """No such delegation, or it is over, or it is for somebody else to end."""

    code: ClassVar[str] = "access.delegation-not-found"


class AlreadyDelegate(SermentError):
    """This account acts for the patient already."""

    code: ClassVar[str] = "access.already-delegate"


class DelegationCodeRefused(SermentError):
    """This code ties nobody to a dossier: unknown, used, over, or for somebody else."""

    code: ClassVar[str] = "access.delegation-code-refused"
