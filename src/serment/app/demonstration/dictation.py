"""Short dictations: a murmur of vowels and pauses made by synthesis, 16 kHz mono WAV. No word is said."""

import io
import wave

import numpy as np
from numpy.typing import NDArray

RATE_HERTZ = 16_000
_FORMANTS = (
    ((700, 90), (1220, 120), (2600, 170)),  # a
    ((310, 60), (2020, 130), (2960, 200)),  # i
    ((450, 70), (1030, 110), (2380, 160)),  # o
    ((460, 70), (1890, 130), (2590, 180)),  # e
    ((310, 60), (870, 100), (2250, 160)),  # ou
    ((320, 60), (1750, 120), (2160, 170)),  # u
)
_TOP_HERTZ = 4_000


def dictation(seed: int, seconds: float) -> bytes:
    """Return a WAV of about `seconds` that sounds like someone dictating behind a door."""
    chance = np.random.default_rng(seed)
    pitch = chance.choice((118.0, 196.0))
    pieces: list[NDArray[np.float64]] = []
    while sum(map(len, pieces)) < seconds * RATE_HERTZ:
        for part in np.linspace(0, 1, int(chance.integers(4, 9))):
            pieces += [_consonant(chance), _vowel(chance, pitch * (1.10 - 0.22 * part))]
        pieces.append(np.zeros(int(chance.uniform(0.22, 0.5) * RATE_HERTZ)))
    return _wav(np.concatenate(pieces))


def _vowel(chance: np.random.Generator, pitch_hertz: float) -> NDArray[np.float64]:
    """Return one syllable's vowel: the harmonics of the voice, each as loud as the formants let it be."""
    formants = _FORMANTS[int(chance.integers(len(_FORMANTS)))]
    time = np.arange(int(chance.uniform(0.09, 0.19) * RATE_HERTZ)) / RATE_HERTZ
    glide = pitch_hertz * (1 + 0.04 * np.sin(time * 21 + chance.uniform(0, 6)))
    phase = np.cumsum(glide) * (2 * np.pi / RATE_HERTZ)
    sound = np.zeros_like(time)
    for harmonic in range(1, int(_TOP_HERTZ / pitch_hertz)):
        frequency = harmonic * pitch_hertz
        loud = sum(1 / (1 + ((frequency - centre) / width) ** 2) for centre, width in formants)
        sound += loud / harmonic**0.6 * np.sin(harmonic * phase)
    return sound * np.hanning(len(time)) ** 0.5


def _consonant(chance: np.random.Generator) -> NDArray[np.float64]:
    noise = chance.normal(0, 1, int(chance.uniform(0.02, 0.06) * RATE_HERTZ))
    hiss = np.diff(noise, prepend=0.0) if chance.integers(2) else np.convolve(noise, np.ones(6) / 6, "same")
    return hiss * np.hanning(len(noise)) * 0.22


def _wav(sound: NDArray[np.float64]) -> bytes:
    samples = (sound / np.max(np.abs(sound)) * 0.6 * 32767).astype("<i2")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HERTZ)
        file.writeframes(samples.tobytes())
    return out.getvalue()
