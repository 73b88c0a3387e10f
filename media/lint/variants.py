"""Checks of a master playlist by itself: what each variant says, in which order, and which groups there are (section 9)."""

from typing import Final

from media.lint.finding import Findings
from media.lint.master import VARIANT, Master, Variant

SLOW_NETWORK: Final = 192_000  # bit/s
FASTEST: Final = 60.0  # pictures a second
DEFAULT_EDGE: Final = 540  # pixels; Apple's table in 1.25 has 2,000 kbit/s, its default, at this size
SOUND_CODECS: Final = ("mp4a.", "ac-3", "ec-3", "fLaC", "alac", "Opus", "opus")
RANGES: Final = ("SDR", "HLG", "PQ")


def check(master: Master, findings: Findings) -> None:
    """Everything that the text alone tells."""
    for variant in master.variants:
        _variant(master, variant, findings)
    for variant in master.iframes:
        _iframes(master, variant, findings)
    _all(master, findings)
    _trick_play(master, findings)


def video_codecs(variant: Variant) -> list[str]:
    return [codec for codec in variant.codecs or () if not codec.startswith(SOUND_CODECS)]


def _variant(master: Master, variant: Variant, findings: Findings) -> None:
    where, seen = f"{master.place}:{variant.line}", variant.codecs is None or bool(video_codecs(variant))
    for clause, name, there in (
        (VARIANT, "BANDWIDTH", variant.bandwidth),
        ("9.14", "AVERAGE-BANDWIDTH", variant.average),
        ("9.1", "CODECS", variant.codecs),
        ("9.2", "RESOLUTION", variant.size or not seen),
        ("9.15", "FRAME-RATE", variant.frame_rate or not seen),
        ("9.16", "VIDEO-RANGE", variant.video_range or not seen),
    ):
        if not there:
            findings.error(clause, where, f"the variant has no {name}")
    if variant.video_range and variant.video_range not in RANGES:
        findings.error(VARIANT, where, f"VIDEO-RANGE is {variant.video_range}, none of {', '.join(RANGES)}")
    if variant.frame_rate and variant.frame_rate > FASTEST:
        findings.error("1.19", where, f"{variant.frame_rate:g} pictures a second are more than {FASTEST:g}")
    if variant.audio is not None and variant.audio not in {sound.group for sound in master.sounds}:
        findings.error(VARIANT, where, f"there is no group of sound called {variant.audio}")


def _iframes(master: Master, variant: Variant, findings: Findings) -> None:
    where = f"{master.place}:{variant.line}"
    for clause, name, there in (
        (VARIANT, "BANDWIDTH", variant.bandwidth),
        ("9.3", "CODECS", variant.codecs),
        ("9.4", "RESOLUTION", variant.size),
    ):
        if not there:
            findings.error(clause, where, f"the I-frame playlist has no {name}")


def _all(master: Master, findings: Findings) -> None:
    """What the variants are together."""
    if not master.variants:
        findings.error(VARIANT, master.place, "there is no variant")
        return
    if len(master.variants) == 1:
        findings.error("9.9", master.place, "there is one variant, and several bit rates are demanded")
    least = min((variant.bandwidth or 0) for variant in master.variants)
    if least > SLOW_NETWORK:
        findings.error(
            "App Review 2.5.7",
            master.place,
            f"the smallest variant needs {least} bit/s; slow networks have {SLOW_NETWORK}",
        )
    if not master.independent:
        findings.warn("9.11", master.place, "EXT-X-INDEPENDENT-SEGMENTS is not there")
    _default(master, findings)


def _default(master: Master, findings: Findings) -> None:
    """Players begin with the first variant: neither the smallest of several, nor one above the default's size."""
    edges = sorted({variant.short_edge for variant in master.variants if variant.short_edge <= DEFAULT_EDGE})
    first = master.variants[0]
    if not first.size or not edges:
        return
    if first.short_edge > DEFAULT_EDGE or (first.short_edge == edges[0] and len(edges) > 1):
        findings.warn(
            "1.32",
            f"{master.place}:{first.line}",
            f"the first variant, with which players begin, has {first.short_edge} lines, not {edges[-1]}",
        )


def _trick_play(master: Master, findings: Findings) -> None:
    """I-frame playlists for every codec of pictures; a codec is what stands before the first dot."""
    wanted = {codec.partition(".")[0] for variant in master.variants for codec in video_codecs(variant)}
    there = {codec.partition(".")[0] for variant in master.iframes for codec in variant.codecs or ()}
    for codec in sorted(wanted - there):
        findings.error("6.1", master.place, f"there is no I-frame playlist of {codec}")
    if len({variant.bandwidth for variant in master.iframes}) == 1:
        findings.warn("6.6", master.place, "all I-frame playlists have one bit rate, and several are recommended")
