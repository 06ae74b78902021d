"""Why an emergency opening, or what follows it, is not done."""

from typing import ClassVar

from serment.kernel import SermentError


class EmergencyInvalid(SermentError):
    """An opening that cannot be made: wider than its profession reaches, too short, too long, or without its words."""

    code: ClassVar[str] = "access.emergency-invalid"


class OpeningNotFound(SermentError):
    """No such opening, or it is none of the caller's business, or it is over."""

    code: ClassVar[str] = "access.opening-not-found"


class ReviewClosed(SermentError):
    """That opening was looked at already; a verdict is not given twice."""

    code: ClassVar[str] = "access.review-closed"
