"""Why access did not open. At the edge a refusal looks like an absence."""

from typing import ClassVar

from serment.kernel import SermentError


class AccessRefused(SermentError):
    """The decision was no. `reason` is a code for the trail; the person asking is told nothing of it."""

    code: ClassVar[str] = "access.refused"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PermitMismatch(SermentError):
    """A permit was used for something else than it was made for, or too late."""

    code: ClassVar[str] = "access.permit-mismatch"


class GrantInvalid(SermentError):
    """A grant that cannot be made: no end, an end in the past, or more than the grantor may share."""

    code: ClassVar[str] = "access.grant-invalid"


class NotInCareTeam(SermentError):
    """That person or team takes no part in the care of this patient."""

    code: ClassVar[str] = "access.not-in-care-team"


class AlreadyInCareTeam(SermentError):
    """That person or team already takes part in the care of this patient."""

    code: ClassVar[str] = "access.already-in-care-team"


class GrantNotFound(SermentError):
    """No such grant on this dossier, or it has ended already."""

    code: ClassVar[str] = "access.grant-not-found"


class NotAdmissible(SermentError):
    """That person or team cannot be tied to this dossier so: of another organisation, or in another role."""

    code: ClassVar[str] = "access.not-admissible"


class PatientLinked(SermentError):
    """The patient has an account on this dossier already, and nobody closed it."""

    code: ClassVar[str] = "access.patient-linked"


class DeathInvalid(SermentError):
    """A declaration of death that cannot be made or taken back: a day to come, one declared already, or none."""

    code: ClassVar[str] = "access.death-invalid"
