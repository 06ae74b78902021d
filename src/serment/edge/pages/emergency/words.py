"""The words of emergencies."""

from datetime import timedelta

from serment import access
from serment.access import Action, DelayReason, EmergencyReason, ReviewVerdict
from serment.edge.shell import mark

REASON_WORDS: dict[EmergencyReason, str] = {
    EmergencyReason.LIFE_AT_RISK: mark("La vie du patient est en danger"),
    EmergencyReason.OTHERS_AT_RISK: mark("La vie d'une autre personne est en danger"),
    EmergencyReason.CANNOT_SPEAK: mark("Le patient ne peut pas s'exprimer"),
    EmergencyReason.TEAM_UNREACHABLE: mark("Soins immédiats, et l'équipe de soins est injoignable"),
    EmergencyReason.OTHER: mark("Autre raison, à expliquer en quelques mots"),
}
DELAY_WORDS: dict[DelayReason, str] = {
    DelayReason.PATIENT_AT_RISK: mark("L'apprendre maintenant mettrait le patient en danger"),
    DelayReason.OTHERS_AT_RISK: mark("L'apprendre maintenant mettrait quelqu'un d'autre en danger"),
}
VERDICT_WORDS: dict[ReviewVerdict, str] = {
    ReviewVerdict.JUSTIFIED: mark("Justifiée"),
    ReviewVerdict.UNJUSTIFIED: mark("Non justifiée"),
}
#: How long an opening lasts, as the form offers it, by minutes.
CLOCKS: dict[int, str] = {
    15: mark("15 minutes"),
    60: mark("1 heure"),
    120: mark("2 heures"),
    240: mark("4 heures"),
}
USUAL_CLOCK = 60
#: What is open unless more is asked for: the least that saves a life.
USUAL_SECTIONS = frozenset({access.Section.CLINICAL})
_DEEDS: dict[Action, str] = {
    Action.LIST: mark("a vu la liste"),
    Action.READ: mark("a lu"),
    Action.FILE: mark("a ajouté"),
}
_OTHER_DEED = mark("a agi")


def deed_word(action: Action) -> str:
    """Return the marked word for what was done through an opening."""
    return _DEEDS.get(action, _OTHER_DEED)


def clock_of(minutes: int) -> timedelta:
    """Return how long an opening of so many minutes lasts."""
    return timedelta(minutes=minutes)
