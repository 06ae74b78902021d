"""Why a restriction is not placed, or not lifted."""

from typing import ClassVar

from serment.kernel import SermentError


class RestrictionInvalid(SermentError):
    """A restriction that cannot be placed: against nobody or oneself, on nothing that there is; `field` says which."""

    code: ClassVar[str] = "access.restriction-invalid"

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class RestrictionNotFound(SermentError):
    """No such restriction on this dossier, it was lifted, or it is not for the caller to see."""

    code: ClassVar[str] = "access.restriction-not-found"
