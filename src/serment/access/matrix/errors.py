"""Why a matrix is not adopted."""

from typing import ClassVar

from serment.kernel import SermentError


class MatrixInvalid(SermentError):
    """The proposed matrix goes beyond what any organisation may decide, or cannot be read; `rule` says what of it."""

    code: ClassVar[str] = "access.matrix-invalid"

    def __init__(self, rule: str, place: str = "") -> None:
        super().__init__(f"{rule} {place}".strip())
        self.rule = rule
        self.place = place


class MatrixOutdated(SermentError):
    """Somebody adopted another version since the one that the change was made from."""

    code: ClassVar[str] = "access.matrix-outdated"
