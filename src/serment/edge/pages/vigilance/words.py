"""The words of incidents and of inquiries."""

from collections.abc import Mapping

from serment import vigilance
from serment.edge.shell import Link, Words, mark

INCIDENTS, TOUCHED = "/incidents", "/touched"

KIND_WORDS: Mapping[str, str] = {
    vigilance.IncidentKind.ACCOUNT_FROZEN: mark(
        "Un compte s'est arrêté : bien plus de dossiers que d'ordinaire"
    ),
    vigilance.IncidentKind.REVIEW_OVERDUE: mark(
        "Une ouverture en urgence attend sa relecture depuis trop longtemps"
    ),
    vigilance.IncidentKind.OPENING_UNJUSTIFIED: mark("Une ouverture en urgence a été jugée injustifiée"),
    vigilance.IncidentKind.ACCESS_CONTESTED: mark("Un accès est contesté par le patient"),
    vigilance.IncidentKind.REPORTED: mark("Un incident a été signalé"),
}
LINK_WORDS: Mapping[str, str] = {
    vigilance.Link.ACCOUNT: mark("Un compte (identifiant de connexion, ou numéro)"),
    vigilance.Link.SESSION: mark("Une session (numéro)"),
    vigilance.Link.KEY: mark("Une clé de logiciel (numéro)"),
    vigilance.Link.BROWSER: mark("Un navigateur connu (numéro)"),
    vigilance.Link.GRANT: mark("Un partage (numéro)"),
}
SHORT_LINKS: Mapping[str, str] = {
    vigilance.Link.ACCOUNT: mark("Compte"),
    vigilance.Link.SESSION: mark("Session"),
    vigilance.Link.KEY: mark("Clé de logiciel"),
    vigilance.Link.BROWSER: mark("Navigateur"),
    vigilance.Link.GRANT: mark("Partage"),
}
_INCIDENTS = mark("Incidents")
_TOUCHED = mark("Qui a été touché")


def tabs_of(words: Words, current: str) -> list[Link]:
    """Return the way between incidents and inquiries; `current` is the address of the one shown."""
    return [
        Link(words.say(_INCIDENTS), INCIDENTS, current=current == INCIDENTS),
        Link(words.say(_TOUCHED), TOUCHED, current=current == TOUCHED),
    ]
