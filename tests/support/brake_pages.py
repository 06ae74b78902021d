"""The pages of the read brake with invented content, for the catalogue."""

from datetime import UTC, datetime
from typing import Any

from serment import access
from serment.access import Gauge, Measure, Window
from serment.edge.pages.brake.looking import ReasonRow, StoppedRow
from serment.edge.pages.brake.words import MEASURE_WORDS, REASON_WORDS, used_rows

_NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
_USED = used_rows(
    [
        access.Filled(Gauge(Measure.DOSSIERS, Window.HOUR), 30, 30),
        access.Filled(Gauge(Measure.DOSSIERS, Window.DAY), 84, 90),
        access.Filled(Gauge(Measure.BYTES, Window.DAY), 900_000_000, 16_000_000_000),
    ]
)
BRAKE_PAGES: dict[str, dict[str, Any]] = {
    "brake/reason.html": {
        "together": False,
        "used": _USED,
        "reasons": REASON_WORDS,
        "confirmed": True,
        "confirm_address": "#",
        "next": "/",
        "errors": {},
        "chosen": "",
        "words": "",
    },
    "brake/frozen.html": {
        "whom": [("Sacha DUVAL", "Protection des données"), ("Alix MOREL", "Administration")]
    },
    "brake/accounts.html": {
        "tabs": [],
        "here": "stopped",
        "now": [
            StoppedRow("Camille ROUX", MEASURE_WORDS[Measure.DOSSIERS], _NOW, None, "", "", "#"),
            StoppedRow("Sacha DUVAL", MEASURE_WORDS[Measure.NAMES], _NOW, None, "", "", None),
        ],
        "before": [
            StoppedRow(
                "Noa PETIT",
                MEASURE_WORDS[Measure.TIES],
                _NOW,
                _NOW,
                "Alix MOREL",
                "Appelée : reprise des dossiers d'un confrère parti à la retraite.",
                None,
            )
        ],
        "reasons": [
            ReasonRow(
                "Camille ROUX",
                REASON_WORDS[access.LiftReason.ON_CALL],
                "Garde de week-end pour quatre cabinets.",
                _NOW,
                together=False,
            ),
            ReasonRow(
                "Noa PETIT",
                REASON_WORDS[access.LiftReason.CARE_SURGE],
                "Épidémie de grippe.",
                _NOW,
                together=True,
            ),
        ],
    },
    "brake/look.html": {
        "here": "stopped",
        "name": "Camille ROUX",
        "measure": MEASURE_WORDS[Measure.DOSSIERS],
        "frozen_at": _NOW,
        "used": _USED,
        "back": "#",
        "errors": {},
    },
}
