"""The words of the read brake."""

from collections.abc import Iterable
from dataclasses import dataclass

from serment import access
from serment.access import LiftReason, Measure, Window
from serment.edge.shell import mark

REASON_WORDS: dict[LiftReason, str] = {
    LiftReason.CARE_SURGE: mark("Afflux de patients"),
    LiftReason.REPLACEMENT: mark("Remplacement d'un collègue"),
    LiftReason.ON_CALL: mark("Garde ou astreinte"),
    LiftReason.ROUND: mark("Visite du service ou réunion de dossiers"),
    LiftReason.RECORDS_WORK: mark("Classement, vérification ou codage"),
    LiftReason.OTHER: mark("Autre raison"),
}
MEASURE_WORDS: dict[Measure, str] = {
    Measure.DOSSIERS: mark("Dossiers ouverts"),
    Measure.TIES: mark("Nouveaux patients rejoints"),
    Measure.NAMES: mark("Noms affichés hors de l'équipe de soins"),
    Measure.BYTES: mark("Volume de documents ouverts"),
}
WINDOW_WORDS: dict[Window, str] = {
    Window.HOUR: mark("sur une heure"),
    Window.DAY: mark("sur un jour"),
    Window.WEEK: mark("sur une semaine"),
    Window.MONTH: mark("sur un mois"),
}


@dataclass(frozen=True)
class Used:
    """How much of one budget is used: the page says it in words and figures."""

    measure: str
    window: str
    used: int
    of: int
    bytes: bool


def used_rows(filled: Iterable[access.Filled]) -> list[Used]:
    """Return what is used, the fullest first; what is empty is left out."""
    some = [one for one in filled if one.used]
    fullest = sorted(some, key=lambda one: one.used / max(one.of, 1), reverse=True)
    return [_row(one) for one in fullest]


def _row(one: access.Filled) -> Used:
    gauge = one.gauge
    return Used(
        MEASURE_WORDS[gauge.measure], WINDOW_WORDS[gauge.window], one.used, one.of, gauge.measure is Measure.BYTES
    )  # fmt: skip
