"""Curves drawn by chance: signatures and electrocardiograms."""

import math
from dataclasses import dataclass
from random import Random

from serment.app.demonstration.blocks import Block

_LEADS = (("D1", "aVR", "V1", "V4"), ("D2", "aVL", "V2", "V5"), ("D3", "aVF", "V3", "V6"))
# Heights of P, Q, R, S and T in millivolts for each lead of an ordinary heart.
_SHAPES = {
    "D1": (0.10, -0.05, 0.70, -0.15, 0.22), "D2": (0.15, -0.06, 1.00, -0.15, 0.30), "D3": (0.08, -0.05, 0.45, -0.12, 0.14),
    "aVR": (-0.12, 0.03, -0.80, 0.12, -0.25), "aVL": (0.05, -0.05, 0.35, -0.12, 0.10), "aVF": (0.11, -0.06, 0.70, -0.12, 0.22),
    "V1": (0.06, 0.00, 0.20, -0.90, -0.08), "V2": (0.08, 0.00, 0.45, -1.10, 0.35), "V3": (0.09, -0.02, 0.75, -0.80, 0.40),
    "V4": (0.10, -0.06, 1.20, -0.45, 0.38), "V5": (0.10, -0.08, 1.10, -0.22, 0.30), "V6": (0.10, -0.08, 0.85, -0.10, 0.24),
}  # fmt: skip
# Centre, in seconds after the beginning of P, and half-width of each wave.
_WAVES = ((0.05, 0.022), (0.135, 0.008), (0.160, 0.011), (0.188, 0.010), (0.40, 0.045))
_MM_PER_SECOND = 25
_MM_PER_MILLIVOLT = 10
_STEP_SECONDS = 0.01
_LONGEST_SECONDS = 7
_BEAT_REACH = (-0.1, 0.6)  # seconds around the beginning of P in which a beat shows


@dataclass(frozen=True)
class Rhythm:
    """How a heart beats: beats per minute, whether the intervals wander (fibrillation), and an old anterior scar."""

    rate: int
    irregular: bool = False
    scar: bool = False


def signature(chance: Random) -> list[list[float]]:
    """Return a flourish in millimetres, 60 wide and 13 high, as a hurried hand would draw it."""
    turns = chance.uniform(4.5, 7.5)
    size = chance.uniform(3.0, 4.6)
    lean = chance.uniform(0.2, 0.9)
    length = chance.uniform(30, 46)
    phase = chance.uniform(0, math.tau)
    points = []
    for index in range(150):
        part = index / 149
        angle = phase + part * turns * math.tau
        wane = size * (1.15 - part) * (0.55 + 0.45 * math.sin(part * 9 + phase))
        x = 4 + part * length + lean * size * math.cos(angle)
        points.append([round(x, 2), round(6.5 - wane * math.sin(angle) * 1.25 + 1.4 * math.sin(part * 3), 2)])
    return [*points, [points[-1][0] + 9, 9.8], [6.0, 10.6]]


def electrocardiogram(rhythm: Rhythm, chance: Random) -> Block:
    """Return a twelve-lead tracing with its long D2, 25 mm/s and 10 mm/mV."""
    beats = _beats(rhythm, chance)
    leads = []
    for row, names in enumerate(_LEADS):
        for column, name in enumerate(names):
            leads.append(
                _lead(name, (column * 41.5 + 2, 14 + row * 24), (column * 1.66, 1.62), (rhythm, beats))
            )
    leads.append(_lead("D2", (2, 87), (0.0, 6.6), (rhythm, beats)))
    return {"type": "electrocardiogram", "leads": leads}


def _beats(rhythm: Rhythm, chance: Random) -> list[float]:
    at, beats = -0.3, []
    while at < _LONGEST_SECONDS:
        beats.append(at)
        at += (
            60 / rhythm.rate * (chance.uniform(0.62, 1.5) if rhythm.irregular else chance.uniform(0.98, 1.02))
        )
    return beats


def _lead(
    name: str, corner: tuple[float, float], window: tuple[float, float], heart: tuple[Rhythm, list[float]]
) -> Block:
    """Return one lead drawn at `corner` (mm), for a window given as (start, length) in seconds."""
    start, length = window
    rhythm, beats = heart
    points = []
    for index in range(round(length / _STEP_SECONDS)):
        second = index * _STEP_SECONDS
        height = _millivolts(name, start + second, rhythm, beats)
        points.append([round(second * _MM_PER_SECOND, 2), round(-height * _MM_PER_MILLIVOLT, 2)])
    return {"label": name, "x": corner[0], "y": corner[1], "label_y": corner[1] - 11, "points": points}


def _millivolts(name: str, second: float, rhythm: Rhythm, beats: list[float]) -> float:
    heights = list(_SHAPES[name])
    if rhythm.scar and name in {"V1", "V2", "V3", "V4"}:
        heights[1], heights[2], heights[4] = -0.55, 0.12, -0.22
    if rhythm.irregular:
        heights[0] = 0.0
    wander = (
        0.035 * math.sin(second * 41) * math.sin(second * 13 + 1)
        if rhythm.irregular
        else 0.012 * math.sin(second * 3)
    )
    near = (second - beat for beat in beats if _BEAT_REACH[0] < second - beat < _BEAT_REACH[1])
    return wander + sum(
        height * math.exp(-(((since - centre) / width) ** 2) / 2)
        for since in near
        for height, (centre, width) in zip(heights, _WAVES, strict=True)
    )
