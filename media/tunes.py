"""A soft tune for a clip: a pad of slow chords and a few plucked notes in one scale, with a hall around them; it loops."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.floating[Any]]

RATE: Final = 48_000
ROOTS: Final = (130.81, 146.83, 164.81, 174.61, 196.00)  # C3 D3 E3 F3 G3
SCALES: Final = ((0, 2, 4, 7, 9), (0, 3, 5, 7, 10))  # pentatonic: no two notes of it quarrel
CHORDS: Final = ((0, 2, 4), (1, 3, 5), (2, 4, 6), (0, 3, 4))  # as steps of the scale
PLUCKS_A_SECOND: Final = 2.0
HALL_SECONDS: Final = 1.6
LOUDNESS: Final = 0.11  # root mean square of full scale, about -19 dB
PEAK: Final = 0.8


def tune(seed: int, seconds: float) -> Samples:
    """The samples (2 x n, -1..1) of a tune that belongs to this seed."""
    random = np.random.default_rng(seed + 7919)
    count = round(seconds * RATE)
    scale, root = SCALES[int(random.integers(len(SCALES)))], ROOTS[int(random.integers(len(ROOTS)))]
    dry = np.zeros((2, count))
    for place, at in enumerate(random.permutation(len(CHORDS))[: max(2, round(seconds / 3))]):
        for step in CHORDS[int(at)]:
            dry += _pad(count, _pitch(root, scale, step), place / max(2, round(seconds / 3)), random)
    for _ in range(round(seconds * PLUCKS_A_SECOND)):
        begin = int(random.integers(round(seconds * 4))) / 4  # on the quarter of a second
        dry += _pluck(count, _pitch(root * 2, scale, int(random.integers(0, 8))), begin, random)
    wet = 0.55 * dry + 0.45 * _in_a_hall(dry, random)
    wet *= LOUDNESS / max(float(np.sqrt((wet**2).mean())), 1e-9)
    return np.tanh(wet / PEAK) * PEAK


def _pitch(root: float, scale: tuple[int, ...], step: int) -> float:
    octave, note = divmod(step, len(scale))
    return float(root * 2 ** (octave + scale[note] / 12))


def _pad(count: int, pitch: float, begin: float, random: np.random.Generator) -> Samples:
    """A chord's note that swells and fades around its moment, a little out of tune with itself; whole periods, so it loops."""
    at = np.arange(count) / count
    swell = np.exp(4.0 * (np.cos(2 * np.pi * (at - begin - 0.2)) - 1))
    sides = []
    for side in (-1, 1):
        turns = round(pitch * (1 + side * 0.0018) * count / RATE)
        phase = 2 * np.pi * (turns * at + random.random())
        sides.append(swell * (np.sin(phase) + 0.28 * np.sin(2 * phase) + 0.1 * np.sin(3 * phase)))
    return 0.5 * np.array(sides)


def _pluck(count: int, pitch: float, begin: float, random: np.random.Generator) -> Samples:
    """A note like a struck string, somewhere between left and right; what rings beyond the end begins the clip."""
    time = np.arange(min(count, round(1.4 * RATE))) / RATE
    phase = 2 * np.pi * pitch * time
    note = np.exp(-time * 4.2) * (1 - np.exp(-time * 220))
    note = note * (np.sin(phase) + 0.4 * np.sin(2 * phase) * np.exp(-time * 5) + 0.15 * np.sin(3 * phase) * np.exp(-time * 9))
    place = 0.3 + 0.4 * random.random()
    line = np.zeros(count)
    line[: len(note)] = note * (0.35 + 0.4 * random.random())
    line = np.roll(line, round(begin * RATE))
    return np.array([line * (1 - place), line * place])


def _in_a_hall(dry: Samples, random: np.random.Generator) -> Samples:
    """The same in a hall, by circular convolution: its tail runs into the beginning."""
    count = dry.shape[1]
    long = min(count, round(HALL_SECONDS * RATE))
    echo = np.zeros((2, count))
    echo[:, :long] = random.normal(size=(2, long)) * np.exp(-np.arange(long) / RATE * 3.4)
    wet: Samples = np.fft.irfft(np.fft.rfft(dry) * np.fft.rfft(echo), count)
    return wet * float(np.sqrt((dry**2).mean()) / max(np.sqrt((wet**2).mean()), 1e-9))
