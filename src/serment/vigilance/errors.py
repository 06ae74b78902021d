"""What can go wrong while somebody watches over access."""

from typing import ClassVar

from serment.kernel import SermentError


class IncidentNotFound(SermentError):
    """No such incident at the caller's organisation."""

    code: ClassVar[str] = "vigilance.incident-not-found"


class IncidentClosed(SermentError):
    """Somebody closed the incident already."""

    code: ClassVar[str] = "vigilance.incident-closed"


class QuestionInvalid(SermentError):
    """A question without a stretch of time, or about something that has no traces of its own."""

    code: ClassVar[str] = "vigilance.question-invalid"


class InquiryNotFound(SermentError):
    """No such inquiry at the caller's organisation."""

    code: ClassVar[str] = "vigilance.inquiry-not-found"


class WordsMissing(SermentError):
    """What was found, or what is contested, must be said in words."""

    code: ClassVar[str] = "vigilance.words-missing"
