"""Why a line is not contested, or a contest not answered."""

from typing import ClassVar

from serment.kernel import SermentError


class ContestNotFound(SermentError):
    """No such contest, or no such line, on this dossier."""

    code: ClassVar[str] = "access.contest-not-found"


class AlreadyContested(SermentError):
    """The caller contested this line before; one contest is answered once."""

    code: ClassVar[str] = "access.already-contested"


class AlreadyAnswered(SermentError):
    """This contest was answered; an answer is not changed."""

    code: ClassVar[str] = "access.already-answered"
