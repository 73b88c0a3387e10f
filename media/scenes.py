"""Moving pictures made of arithmetic: a dozen scenes, each different by its seed, each ending where it began.

A scene is prepared once and then painted for any phase 0..1; it returns colours 0..1 (height x width x 3, display-referred).
"""

import math
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from media.canvas import (
    TURN,
    Canvas,
    Floats,
    Spot,
    backdrop,
    colours,
    glow,
    gradient,
    over,
    rgb,
    ridge,
    shifted,
    smooth,
    stars,
)  # fmt: skip

Painter = Callable[[float], Floats]


def sunset(canvas: Canvas) -> Painter:
    sky = canvas.pick(
        ["1b1340 5b2a86 d1476b ff8c5a ffd98a", "0d1b3e 2b4c8c c96b8e ffab73 fff0b8", "2a0f3d 7a1f5c e8505b f9a26c fbe3a1"]
    )
    lines = [ridge(canvas, 0.62) for _ in range(4)]
    x = canvas.between(-0.15, 0.15)
    far, near = gradient(np.array([0.45], np.float32), sky)[0], sky[0] * np.float32(0.35)

    def paint(phase: float) -> Floats:
        height = -0.10 + 0.07 * math.cos(TURN * phase)
        picture = backdrop(canvas, 1.45, sky, 0.05 * math.sin(TURN * phase))
        picture = picture + glow(canvas, x, height, 0.55)[..., None] * rgb(0.35, 0.16, 0.05)
        away = np.hypot(canvas.x - np.float32(x), canvas.y - np.float32(height))
        picture = over(picture, rgb(1.0, 0.93, 0.74), smooth(0.125, 0.117, away))
        for place, line in enumerate(lines):
            share = place / (len(lines) - 1)
            drift = 0.012 * (1 + place) * math.sin(TURN * phase + place)
            depth = canvas.v - np.float32(0.60 + 0.105 * place) - (0.055 * (1 + share) * shifted(canvas, line, drift))[None]
            edge = smooth(0, 2.5 / canvas.height, depth)
            haze = np.clip(depth, 0, 1)[..., None] * np.float32(0.5 * (1 - share))
            picture = picture + (far * (1 - share) + near * share + haze * sky[3] - picture) * edge[..., None]
        return picture

    return paint


def bokeh(canvas: Canvas) -> Painter:
    palette = canvas.pick(
        ["1a0d3a ff5d8f ffc15e 7de2d1 a685ff", "06243a 2ec4b6 ff9f1c ff5964 cbf3f0", "2b1020 ff7b54 ffb26b ffd56f c9e265"]
    )
    spots = [
        (canvas.between(-0.6, 0.6), canvas.between(-1, 1), canvas.between(0.03, 0.17), canvas.between(0, 1),
         int(canvas.random.integers(1, len(palette))), int(canvas.random.integers(1, 3)))
        for _ in range(44)
    ]  # fmt: skip
    ground = backdrop(canvas, 1, np.stack([palette[0] * 0.7, palette[0] * 2.2, palette[0] * 1.0]))

    def paint(phase: float) -> Floats:
        picture = ground.copy()
        for x, y, radius, offset, colour, speed in spots:
            turn = TURN * (phase * speed + offset)
            spot = Spot(canvas, x + 0.05 * math.sin(turn), y * canvas.tall / 2 + 0.07 * math.cos(turn), radius * 2.2)
            away = np.hypot(spot.x, spot.y) / np.float32(radius)
            disc = smooth(1.0, 0.88, away) * (0.55 + 0.45 * smooth(0.4, 0.98, away)) + 0.22 * np.exp(-away * away * 0.9)
            part = spot.of(picture)
            part += disc[..., None] * palette[colour] * np.float32(0.3 + 0.2 * math.sin(turn + offset * 9))
        return picture

    return paint


def waves(canvas: Canvas) -> Painter:
    palette = canvas.pick(
        ["fdf0d5 f7c59f 2a9d8f 1d6f8a 0b3954", "ffe5ec ffb3c6 fb6f92 8338ec 240046", "e0fbfc 98c1d9 5390d9 4361ee 10002b"]
    )
    count = 9
    shapes = [
        (canvas.between(0.7, 1.5), canvas.between(0, 1), canvas.between(0.02, 0.05), 1 + place % 2) for place in range(count)
    ]

    def paint(phase: float) -> Floats:
        picture = backdrop(canvas, 0.5, palette)
        for place, (length, offset, height, speed) in enumerate(shapes):
            base = 0.14 + 0.09 * place
            crest = height * np.sin(TURN * (canvas.u * length + offset + phase * speed))
            crest += 0.4 * height * np.sin(TURN * (canvas.u * length * 2.3 - phase + offset * 3))
            depth = canvas.v - np.float32(base) - crest.astype(np.float32)
            shade = gradient(np.float32((place + 1) / count) + depth * 0.7, palette)
            picture = picture * (1 - 0.28 * smooth(-0.035, 0.004, depth)[..., None])
            picture = (
                picture + (shade + 0.10 * np.exp(-np.abs(depth) * 90)[..., None] - picture) * smooth(0, 0.003, depth)[..., None]
            )
        return picture

    return paint


def aurora(canvas: Canvas) -> Painter:
    palette = canvas.pick(
        ["030a1c 06d6a0 8affc1 7b2cbf ff70a6", "020617 48cae4 80ffdb 5390d9 b5179e", "050a14 70e000 ccff33 38b000 9d4edd"]
    )
    points, twinkle = stars(canvas, canvas.width * canvas.height // 900)
    hills = shifted(canvas, ridge(canvas, 0.6), 0)
    bands = [(canvas.between(0.8, 2.2), canvas.between(0, 1), canvas.between(0.2, 0.42), 1 + i % 2) for i in range(4)]
    above = smooth(0.82, 0.4, canvas.v)

    def paint(phase: float) -> Floats:
        picture = backdrop(canvas, 1, np.stack([palette[0], palette[0] * 1.5, palette[0] * 3 + palette[3] * 0.08]))
        picture = picture + (points * above * (0.6 + 0.4 * np.sin(TURN * (phase + twinkle))))[..., None]
        for place, (length, offset, base, speed) in enumerate(bands):
            path = base + 0.05 * np.sin(TURN * (canvas.u * length + offset + phase * speed))
            path += 0.03 * np.sin(TURN * (canvas.u * length * 2.7 - phase + offset))
            rays = 0.55 + 0.45 * np.sin(TURN * (canvas.u * 17 + 1.3 * np.sin(TURN * (canvas.u * 3 + phase)) + place))
            below = canvas.v - path
            curtain = np.exp(np.minimum(below * 5.0, -below * 34)) * (0.45 + 0.55 * rays)
            tint = gradient(np.clip(0.35 - below * 2.0, 0, 1).astype(np.float32), palette[1:])
            picture = picture + curtain.astype(np.float32)[..., None] * tint * np.float32(0.36)
        ground = smooth(0, 0.004, canvas.v - (0.83 + 0.05 * hills)[None].astype(np.float32))
        return over(picture, palette[0] * np.float32(0.4), ground)

    return paint


def city(canvas: Canvas) -> Painter:
    palette = canvas.pick(["0b1026 26235b 8e4a84 f28f6b", "081c2c 12436b 3f88a5 ffd6a5", "12081f 3a1152 a32a6d ff9770"])
    lamps = colours("ffd27d fff1c1 9fd8ff ffb37a")
    layers = [_skyline(canvas, place) for place in range(3)]
    moon = (canvas.between(-0.25, 0.25), canvas.between(-0.62, -0.45))

    def paint(phase: float) -> Floats:
        picture = backdrop(canvas, 1.25, palette)
        picture = picture + glow(canvas, moon[0], moon[1], 0.3)[..., None] * rgb(0.22, 0.2, 0.26)
        disc = smooth(0.072, 0.067, np.hypot(canvas.x - np.float32(moon[0]), canvas.y - np.float32(moon[1])))
        picture = over(picture, rgb(0.98, 0.95, 0.88), disc)
        for place, (walls, windows, moods, tints) in enumerate(layers):
            picture = over(
                picture, palette[0] * np.float32(1.5 - 0.5 * place) + palette[2] * np.float32(0.16 - 0.07 * place), walls
            )
            lit = windows * smooth(-0.25, 0.35, np.sin(TURN * (phase + moods)) + (moods - 0.35) * 2)
            picture = over(picture, lamps[tints], lit * np.float32(0.42 + 0.24 * place))
        return picture

    return paint


def _skyline(canvas: Canvas, place: int) -> tuple[Floats, Floats, Floats, NDArray[np.int64]]:
    """Houses of one row: where walls and windows are, and each window's mood (0..1) and lamp."""
    houses = (13, 9, 6)[place]
    number = np.minimum((canvas.u * houses).astype(int), houses - 1)
    heights = canvas.random.uniform(0.36 + 0.13 * place, 0.60 + 0.13 * place, houses).astype(np.float32)
    inset = np.abs(canvas.u * houses - number - 0.5)
    walls = smooth(0, 0.002, canvas.v - heights[number]) * (inset < (0.5 if place else 0.47))
    columns, rows = houses * (4, 5, 6)[place], int(canvas.tall * houses * (4, 5, 6)[place] * 0.8)
    across, down = canvas.u * columns, canvas.v * rows
    inside = (
        (np.abs(across % 1 - 0.5) < 0.27) & (np.abs(down % 1 - 0.5) < 0.3) & (canvas.v > heights[number] + 0.012) & (inset < 0.42)
    )
    moods = canvas.random.random((rows + 1, columns + 1)).astype(np.float32)
    lamps = canvas.random.integers(0, 4, (rows + 1, columns + 1))
    cell = (down.astype(int), across.astype(int))
    return walls.astype(np.float32), (inside * walls).astype(np.float32), moods[cell], lamps[cell]


def ripples(canvas: Canvas) -> Painter:
    palette = canvas.pick(
        ["03071e 370617 9d0208 f48c06 ffecb3", "001219 005f73 0a9396 94d2bd fdf6e3", "10002b 3c096c 7b2cbf e0aaff fff0ff"]
    )
    sources = [(canvas.between(-0.45, 0.45), canvas.between(-0.8, 0.8), canvas.between(3, 6), 1 + i % 2) for i in range(3)]

    def paint(phase: float) -> Floats:
        height = np.zeros_like(canvas.x)
        for x, y, tight, speed in sources:
            away = np.hypot(canvas.x - np.float32(x), canvas.y - np.float32(y))
            height += np.sin(TURN * (away * tight - phase * speed * 2)) * np.exp(-away * np.float32(0.9))
        slope_y, slope_x = np.gradient(height)
        shine = np.clip((slope_x + slope_y) * np.float32(canvas.width / 70), -1, 1)
        picture = gradient(0.42 + 0.15 * height, palette)
        lit: Floats = (
            picture + (np.maximum(shine, 0) ** 3)[..., None] * np.float32(0.8) + np.minimum(shine, 0)[..., None] * np.float32(0.1)
        )
        return lit

    return paint


def lava(canvas: Canvas) -> Painter:
    palette = canvas.pick(
        ["1b0a2e 3d155f df678c ffb37b fff3d6", "00171f 003459 00a8e8 90f1ef ffffff", "14213d 5f0f40 fb5607 ffbe0b fffbe6"]
    )
    blobs = [
        (canvas.between(0, 1), canvas.between(0, 1), canvas.between(0.06, 0.13), 1 + int(canvas.random.integers(2)))
        for _ in range(12)
    ]

    def paint(phase: float) -> Floats:
        field = np.zeros_like(canvas.x)
        for offset, sway, radius, speed in blobs:
            turn = TURN * (phase * speed + offset)
            x = 0.30 * math.cos(TURN * sway) + 0.1 * math.sin(turn + sway * 17)
            y = 0.46 * canvas.tall * math.cos(turn + sway * 5)
            field += np.float32(radius**2) / (
                (canvas.x - np.float32(x)) ** 2 + (canvas.y - np.float32(y)) ** 2 + np.float32(0.004)
            )
        body = smooth(0.92, 1.06, field)
        picture = backdrop(canvas, 0.35, palette, 0.06) + (0.14 * smooth(0.2, 1.0, field))[..., None] * palette[2]
        inner = gradient(0.42 + 0.16 * np.log(np.maximum(field, 1)) + (0.5 - canvas.v) * 0.42, palette)
        rim = np.exp(-((field - 1.1) ** 2) * 26)
        laid: Floats = picture + (inner - picture) * body[..., None] + (rim * body * 0.22)[..., None]
        return laid

    return paint


def dunes(canvas: Canvas) -> Painter:
    palette = canvas.pick(
        ["5b2333 b5543c e69a5b f6cf8f fdf1d3", "22223b 6d5a72 c9887a f2c6a0 fff1dc", "3d2645 8a4f5d d98e73 f3cfa3 fff7e6"]
    )
    crests = [ridge(canvas, 0.38, 4) for _ in range(5)]

    def paint(phase: float) -> Floats:
        picture = backdrop(canvas, -1.25, palette[1:], 1.0)
        sun = (0.24 * math.cos(TURN * phase), -0.5 + 0.05 * math.sin(TURN * phase))
        picture = picture + glow(canvas, sun[0], sun[1], 0.34)[..., None] * rgb(0.3, 0.24, 0.16)
        picture = over(picture, rgb(1, 0.98, 0.92), smooth(0.066, 0.06, np.hypot(canvas.x - sun[0], canvas.y - sun[1])))
        for place, line in enumerate(crests):
            shift = 0.02 * (place + 1) * math.sin(TURN * phase + place * 1.7)
            crest = shifted(canvas, line, shift)
            depth = canvas.v - np.float32(0.46 + 0.115 * place) - (0.05 + 0.012 * place) * crest[None]
            lean = np.gradient(crest) * np.float32(canvas.width / 9)
            light = np.clip(0.56 - 0.085 * place - lean[None] * (0.35 + 0.3 * math.cos(TURN * phase)) - depth * 0.9, 0.03, 0.98)
            grain = 0.018 * np.sin(TURN * (depth * (70 - 8 * place) + canvas.u * 3 + crest[None]))
            picture = over(picture, gradient(light + grain.astype(np.float32), palette), smooth(0, 0.0025, depth))
        return picture

    return paint


def galaxy(canvas: Canvas) -> Painter:
    palette = canvas.pick(
        ["05010f 2b1055 7597de f7c8e0 fff8e7", "020412 1b2a6b 8a4fff ff9ecd fff1e0", "04080f 0f4c5c 5fa8d3 cae9ff fffdf5"]
    )
    points, twinkle = stars(canvas, canvas.width * canvas.height // 350)
    tilt, arms = canvas.between(0.45, 0.7), int(canvas.random.integers(2, 4))
    lean = canvas.between(-0.6, 0.6)
    x = canvas.x * math.cos(lean) - canvas.y * math.sin(lean)
    y = (canvas.x * math.sin(lean) + canvas.y * math.cos(lean)) / np.float32(tilt)
    away, angle = np.hypot(x, y), np.arctan2(y, x)
    arm, core = np.exp(-away * 2.9) * 1.35, np.exp(-away * 11) * 1.2

    def paint(phase: float) -> Floats:
        spiral = angle * arms - np.log(away + 0.02) * 5.2 + TURN * phase
        dust = 0.5 + 0.5 * np.cos(spiral + 0.5 * np.sin(angle * 5 + away * 30))
        disc = dust * dust * arm + core
        picture = gradient(np.clip(disc, 0, 1), palette) + glow(canvas, 0, 0, 0.5)[..., None] * palette[1] * np.float32(0.4)
        shine = points * (0.55 + 0.45 * np.sin(TURN * (phase * 2 + twinkle))) * (0.6 + disc)
        lit: Floats = picture + shine[..., None].astype(np.float32)
        return lit

    return paint


def petals(canvas: Canvas) -> Painter:
    palette = canvas.pick(
        ["2d00f7 8900f2 f20089 ffd6e8 fff5fa", "023e8a 0096c7 90e0ef ffd166 fffaf0", "0b3d2e 2a9d8f e9c46a f4a261 fff3e0"]
    )
    folds = int(canvas.random.integers(5, 9))
    away, angle = np.hypot(canvas.x, canvas.y) * np.float32(1.25), np.arctan2(canvas.y, canvas.x)

    def paint(phase: float) -> Floats:
        turn = TURN * phase
        value = np.zeros_like(away)
        for ring in range(1, 5):
            sway = angle * folds + (-1) ** ring * (turn + ring * 0.9)
            edge = 0.16 * ring * (1 + 0.16 * np.cos(sway) + 0.05 * math.sin(turn + ring))
            value += smooth(0.02, -0.02, away - edge.astype(np.float32)) * (0.17 + 0.05 * np.cos(sway + away * 20))
        shade = np.cos(TURN * away * 2.2 - turn) * 0.05
        return gradient(np.clip(0.06 + value * 1.12 + shade, 0, 1), palette)

    return paint


def ribbons(canvas: Canvas) -> Painter:
    palette = canvas.pick(
        ["070417 ff4d8d ff9e4a 8b5cf6 38bdf8", "021013 2dd4bf a3e635 38bdf8 facc15", "0f0518 f472b6 c084fc 60a5fa fde68a"]
    )
    strands = [(canvas.between(0, 1), canvas.between(0.6, 1.4), 1 + place % 4) for place in range(14)]

    def paint(phase: float) -> Floats:
        picture = backdrop(canvas, 1, np.stack([palette[0] * 1.2, palette[0] * 2.4, palette[0]]))
        down = canvas.v[:, :1]
        for place, (offset, length, colour) in enumerate(strands):
            turn = TURN * (phase + place * 0.035)
            path = 0.25 * np.sin(TURN * down * length + turn) + 0.12 * np.sin(TURN * down * length * 1.9 - turn + offset * 2)
            width = 0.004 + 0.004 * (1 + np.sin(TURN * down * 1.3 + turn + offset * 6))
            away = np.abs(canvas.x - path * np.float32(0.6 + 0.05 * place))
            light = np.exp(-((away / width) ** 2)) * 0.5 + 0.055 * np.exp(-away * 22)
            picture = picture + light[..., None].astype(np.float32) * palette[colour]
        return picture

    return paint


def lanterns(canvas: Canvas) -> Painter:
    palette = canvas.pick(["0a0f2c 1f2a5a 5a3d7a c06c84", "071a2b 0f3d5c 3c6e71 d9a05b", "150a24 3b1c55 7d3c6b e58f65"])
    lights = sorted(
        (canvas.between(0.022, 0.062), canvas.between(-0.48, 0.48), canvas.between(0, 1), canvas.between(0, 1)) for _ in range(26)
    )
    hills = shifted(canvas, ridge(canvas, 0.55), 0)

    def paint(phase: float) -> Floats:
        picture = backdrop(canvas, 1.1, palette)
        for size, x, offset, sway in lights:
            rise = (offset + phase * (2 if size > 0.045 else 1)) % 1
            spot = Spot(canvas, x + 0.025 * math.sin(TURN * (phase + sway)), (0.62 - rise * 1.3) * canvas.tall, size * 3.6)
            dx, dy = spot.x / np.float32(size), spot.y / np.float32(size * 1.25)
            away = np.sqrt(np.sqrt((dx * (1 + 0.22 * dy)) ** 4 + dy**4))
            warmth = np.clip(0.62 + 0.38 * dy, 0, 1)[..., None] * rgb(1.0, 0.62, 0.24) + rgb(0.1, 0.05, 0.02)
            halo = np.exp(-(dx * dx + dy * dy) * 0.34) * (0.26 + 0.05 * math.sin(TURN * (phase * 3 + sway)))
            part = spot.of(picture)
            part += halo[..., None] * rgb(1.0, 0.52, 0.2)
            part += (warmth - part) * smooth(1.0, 0.86, away)[..., None]
        ground = smooth(0, 0.004, canvas.v - (0.9 + 0.04 * hills)[None].astype(np.float32))
        return over(picture, palette[0] * np.float32(0.5), ground)

    return paint


def reef(canvas: Canvas) -> Painter:
    palette = canvas.pick(
        ["01161e 024a63 0582a0 4fd1c5 e6fffa", "03071e 023e8a 0077b6 48cae4 e0fbfc", "0b132b 1c2541 3a6ea5 5bc0be eafffb"]
    )
    bubbles = [(canvas.between(-0.48, 0.48), canvas.between(0, 1), canvas.between(0.006, 0.03), 1 + i % 2) for i in range(30)]

    def paint(phase: float) -> Floats:
        turn = TURN * phase
        x, y = canvas.x * 7, canvas.y * 7
        for step in range(1, 4):
            x = x + np.sin(y * 0.9 + turn + step) * 0.62
            y = y + np.cos(x * 0.9 - turn + step * 2) * 0.62
        caustic = np.abs(np.sin(x) * np.cos(y)).astype(np.float32)
        depth = smooth(0.95, 0.0, canvas.v)
        picture: Floats = backdrop(canvas, -0.86, palette, 0.82)
        picture = picture + ((1 - caustic) ** 7 * depth * 0.55)[..., None] * palette[4]
        beams = 0.5 + 0.5 * np.sin(
            TURN * ((canvas.x + canvas.y * 0.28) * 3.2) + 0.9 * math.sin(turn) + np.sin(canvas.x * 9 + turn)
        )
        picture = picture + (beams**3 * depth * 0.16)[..., None].astype(np.float32) * palette[4]
        for at, offset, size, speed in bubbles:
            rise = (0.6 - 1.2 * ((offset + phase * speed) % 1)) * canvas.tall
            spot = Spot(canvas, at + 0.02 * math.sin(turn * 2 + offset * 40), rise, size * 1.6)
            away = np.hypot(spot.x, spot.y) / np.float32(size)
            part = spot.of(picture)
            part += (np.exp(-((away - 0.9) ** 2) * 30) * 0.34 + smooth(1, 0.9, away) * 0.05)[..., None] * palette[4]
        return picture

    return paint


class Scene(NamedTuple):
    """A scene with its name for people."""

    title: str
    tags: str
    prepare: Callable[[Canvas], Painter]


SCENES: Final = (
    Scene("Sunset over four ridges", "#sunset #mountains", sunset),
    Scene("City lights, slow evening", "#city #night", city),
    Scene("Drifting bokeh", "#bokeh #calm", bokeh),
    Scene("Aurora above the hills", "#aurora #night #stars", aurora),
    Scene("Paper waves", "#waves #paper", waves),
    Scene("Lanterns rising", "#lanterns #festival", lanterns),
    Scene("Light under the sea", "#sea #light", reef),
    Scene("Lava lamp", "#lava #retro", lava),
    Scene("A galaxy turning", "#galaxy #stars", galaxy),
    Scene("Dunes at noon", "#desert #dunes", dunes),
    Scene("Ribbons of light", "#light #loop", ribbons),
    Scene("Ripples meeting", "#water #ripples", ripples),
    Scene("Petals opening", "#flower #loop", petals),
)
