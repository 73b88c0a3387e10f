"""Checks of headers: what a decoder needs, and whether the master playlist says the same (sections 1, 2 and 9)."""

from typing import Final

from media.lint.finding import Findings
from media.lint.header import H264, Header
from media.lint.master import RENDITION, Master, Sound, Variant
from media.lint.track import Track
from media.lint.variants import FASTEST

HIGH_PROFILES: Final = (66, 77, 88, 100)  # Baseline, Main, Extended, High (H.264, annex A.2)
HIGHEST_LEVEL: Final = 42  # ten times the level; texts since 2022 allow 5.2, phones of before play 4.2
BRANDS: Final = ({b"cmfc", b"cmf2"}, {b"iso6", b"iso7", b"iso8", b"iso9"})
RATE_TOLERANCE: Final = 0.02


def check_track(track: Track, findings: Findings) -> None:
    """A header by itself."""
    header, place = track.header, track.place
    if header.tracks != 1:
        findings.error("CMAF track", place, f"{header.tracks} tracks in one file, not one")
    if header.brands.isdisjoint(BRANDS[0]) or header.brands.isdisjoint(BRANDS[1]):
        names = ", ".join(sorted(brand.decode("latin-1") for brand in header.brands))
        findings.error("CMAF brands", place, f"the brands are {names or 'none'}, without cmfc and iso6")
    if header.entry in H264:
        _h264(header, place, findings)


def _h264(header: Header, place: str, findings: Findings) -> None:
    if header.profile not in HIGH_PROFILES or header.level > HIGHEST_LEVEL:
        level = f"{header.level / 10:.1f}"
        findings.error("1.3", place, f"{header.codec} is above High profile, level 4.2 (profile {header.profile}, level {level})")
    if header.interlaced:
        findings.error("1.14", place, "the pictures may be interlaced (frame_mbs_only_flag is 0)")


def check_variant(master: Master, variant: Variant, track: Track, sounds: list[Track], findings: Findings) -> None:
    """A variant, or an I-frame playlist, against its header and those of its sound."""
    where = f"{master.place}:{variant.line}"
    if not track.header.video:
        findings.error("1.1", where, f"{track.header.codec} is neither H.264 nor HEVC, Dolby Vision or AV1")
    for one in [track, *sounds]:
        if variant.codecs is not None and not _named(one.header, variant.codecs):
            findings.error("9.1", where, f"CODECS lacks {one.header.codec}, which the init segment of {one.place} says")
    if len(set(variant.codecs or ())) > 1 + len({sound.header.codec for sound in sounds}):
        findings.error("9.1", where, "CODECS names more than the init segments say")
    if variant.size and variant.size != track.header.size:
        width, height = track.header.size
        findings.error("9.2", where, f"RESOLUTION is {variant.size[0]}x{variant.size[1]}, the init segment says {width}x{height}")


def _named(header: Header, codecs: tuple[str, ...]) -> bool:
    """Whether CODECS has the value of a header; where we do not know all of it, by its beginning."""
    if "." in header.codec:
        return header.codec.lower() in {codec.lower() for codec in codecs}
    return any(codec.lower().startswith(header.codec.lower()) for codec in codecs)


def check_rate(master: Master, variant: Variant, track: Track, findings: Findings) -> None:
    """Pictures a second, as they are."""
    rate = 1 / track.frame
    if rate > FASTEST * (1 + RATE_TOLERANCE):
        findings.error("1.19", track.place, f"{rate:.1f} pictures a second are more than {FASTEST:g}")
    if variant.frame_rate and abs(rate / variant.frame_rate - 1) > RATE_TOLERANCE:
        where = f"{master.place}:{variant.line}"
        findings.warn("9.15", where, f"FRAME-RATE is {variant.frame_rate:g}, and {rate:.2f} pictures are shown a second")


def check_sounds(master: Master, tracks: list[tuple[Sound, Track]], findings: Findings) -> None:
    """Where there is sound, some of it is stereo in AAC; each says how many channels it has."""
    if tracks and not any(track.header.stereo_aac for _, track in tracks):
        findings.error("2.3", master.place, "no sound is stereo in AAC-LC or HE-AAC")
    for sound, track in tracks:
        said = (sound.channels or "").partition("/")[0]
        if said != str(track.header.channels) and not (track.header.codec == "mp4a.40.29" and said == "2"):
            where = f"{master.place}:{sound.line}"
            findings.error(RENDITION, where, f"CHANNELS is {said or 'not there'}, the init segment says {track.header.channels}")
