"""The beginning of an installation: its first organisation, and who administers it."""

from dataclasses import dataclass

from serment import identity
from serment.app.console import Voice
from serment.app.wiring import Installation

ENROLMENT_PATH = "/enrol"


@dataclass(frozen=True)
class Founder:
    """What the first organisation and its administrator are called."""

    organisation: str = "Mon cabinet"
    kind: identity.OrganisationKind = identity.OrganisationKind.PRACTICE
    login: str = "admin"
    name: str = "Administration"


@dataclass(frozen=True)
class Founded:
    """How the first administrator gets in; the code is shown once."""

    link: str
    login: str
    code: str
    expires_at: str

    def tell(self, voice: Voice) -> None:
        """Show it."""
        voice.result(
            {
                "enrolment_link": self.link,
                "login": self.login,
                "code": self.code,
                "expires_at": self.expires_at,
            },
            (
                "The first administrator enrols here, once the server runs:",
                f"  {self.link}",
                f"  login  {self.login}",
                f"  code   {self.code}    (shown once, good until {self.expires_at})",
            ),
        )


def found(installation: Installation, founder: Founder) -> Founded | None:
    """Found the first organisation with its administrator; None where there is one already."""
    with installation.rows.unit_of_work() as uow:
        if identity.list_organisations(uow):
            return None
        new = identity.NewOrganisation(founder.organisation, founder.kind)
        first = identity.first_administrator(uow, new, login=founder.login, name=founder.name)
    expires_at = first.enrolment.expires_at.strftime("%Y-%m-%d %H:%M UTC")
    return Founded(f"{installation.origin}{ENROLMENT_PATH}", founder.login, first.enrolment.code, expires_at)
