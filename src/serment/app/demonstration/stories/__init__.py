"""One small story per patient: what happened over four years, told by the documents it left."""

from collections.abc import Callable, Iterator, Mapping

from serment.app.demonstration.model import DemoDocument
from serment.app.demonstration.pen import Pen
from serment.app.demonstration.stories import (
    family,
    heart,
    infarct,
    limbs,
    lungs,
    metabolic,
    rhythm,
    skin_and_mind,
)

Story = Callable[[Pen], Iterator[DemoDocument]]

STORIES: Mapping[str, Story] = {
    "hypertension": metabolic.hypertension,
    "diabetes": metabolic.diabetes,
    "thyroid": metabolic.thyroid,
    "heart_failure": heart.heart_failure,
    "infarct": infarct.infarct,
    "atrial_fibrillation": rhythm.atrial_fibrillation,
    "asthma": lungs.asthma,
    "copd": lungs.copd,
    "pulmonary_nodule": lungs.pulmonary_nodule,
    "pregnancy": family.pregnancy,
    "vaccination": family.vaccination,
    "knee_injury": limbs.knee_injury,
    "leg_ulcer": limbs.leg_ulcer,
    "headache": limbs.headache,
    "mole": skin_and_mind.mole,
    "depression": skin_and_mind.depression,
}

__all__ = ["STORIES", "Story"]
