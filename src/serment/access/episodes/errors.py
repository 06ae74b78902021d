"""What can be wrong with an episode of care."""

from typing import ClassVar

from serment.kernel import SermentError


class EpisodeNotFound(SermentError):
    """No such episode in this dossier, or it is not open to whoever asks."""

    code: ClassVar[str] = "access.episode-not-found"


class EpisodeClosed(SermentError):
    """The episode is not in the state that the act supposes: closed already, or open still."""

    code: ClassVar[str] = "access.episode-closed"


class EpisodeInvalid(SermentError):
    """An episode that cannot be so: no label, an end before its start or to come, a follow-up window too long."""

    code: ClassVar[str] = "access.episode-invalid"
