"""The words of practice for episodes of care."""

from collections.abc import Mapping

from serment import access
from serment.access import EpisodeKind
from serment.edge.shell import mark

EPISODE_WORDS: Mapping[EpisodeKind, str] = {
    EpisodeKind.VISITS: mark("Suivi en consultation"),
    EpisodeKind.STAY: mark("Séjour hospitalier"),
    EpisodeKind.DAY_CARE: mark("Soins de jour"),
    EpisodeKind.EMERGENCY: mark("Passage aux urgences"),
    EpisodeKind.HOME: mark("Soins à domicile"),
    EpisodeKind.REMOTE: mark("Suivi à distance"),
}
#: For how many days those who took part follow up, once an episode is over.
FOLLOW_UPS: Mapping[str, str] = {
    "0": mark("Aucun : le dossier se ferme aussitôt"),
    "7": mark("7 jours"),
    "30": mark("30 jours"),
    "90": mark("3 mois"),
    "180": mark("6 mois"),
    "365": mark("Un an"),
}
LABEL_READERS: Mapping[access.Section, str] = {
    access.Section.CLINICAL: mark("Qui lit le dossier clinique"),
    access.Section.SENSITIVE: mark("Qui lit les données sensibles, et personne d'autre"),
}
