"""Which uploads can be shown as they are: what every phone and browser plays, at a rate that people can stream.

Such pictures are copied, not encoded: an upload of fifteen seconds plays after a tenth of one.
"""

from fractions import Fraction
from typing import Final

from media import colour, ladder, orientation
from media.facts import Picture, Probe, Sound

PROFILES: Final = frozenset({"Constrained Baseline", "Main", "High"})
HIGHEST_LEVEL: Final = 42  # H.264 level 4.2, the highest that every phone plays
PIXELS: Final = "yuv420p"
MATRICES: Final = frozenset({1, 2, 5, 6})  # of ITU-T H.273: BT.709, unmarked, BT.601
MOST_SHORT_EDGE: Final = 1080
LONGEST_GOP: Final = 4.0  # seconds; what is longer than two is copied into an MP4, not into the stream (`ladder.kept`)
FASTEST: Final = 61.2  # pictures a second on average: a little more than 60, as phones count
SANE_RATE: Final = 2.5  # times what pictures of that size need on average
SOUND_RATES: Final = frozenset({44_100, 48_000})
MOST_SOUND_RATE: Final = 320_000  # bit/s
TOGETHER: Final = 0.02  # seconds: sound that begins further beside the pictures is moved, and so encoded
ENDS_TOGETHER: Final = 0.1
HALF: Final = 0.5  # of a picture's time: pictures that begin later than that after the sound do not fill the first one


def pictures(picture: Picture) -> bool:
    """Whether the pictures might be copied, by all that is known before their groups are looked at."""
    return (
        picture.codec == "h264"
        and picture.profile in PROFILES
        and picture.pixel_format == PIXELS
        and not picture.full_range
        and not picture.interlaced
        and tuple(picture.orientation) == orientation.UPRIGHT
        and (picture.width, picture.height) == (picture.coded_width, picture.coded_height)
        and picture.width % 2 == picture.height % 2 == 0
        and min(picture.width, picture.height) <= MOST_SHORT_EDGE
        and picture.matrix in MATRICES
        and not colour.needs_table(picture)
        and picture.frames <= FASTEST * _shown(picture)
        and rate(picture) <= SANE_RATE * ladder.usual_rate(picture.width * picture.height)
    )


def copied(probe: Probe) -> bool:
    """Whether the pictures are copied: they are of the standard kind, and so are their groups."""
    picture = probe.picture
    groups = picture.gops
    return (
        groups is not None
        and groups.level <= HIGHEST_LEVEL
        and groups.longest <= LONGEST_GOP
        and (picture.start - probe.start) * float(picture.rate) < HALF
        and pictures(picture)
    )


def heard_as_it_is(probe: Probe) -> bool:
    """Whether the sound can be copied beside copied pictures, until it has been brought to the common loudness."""
    sound, picture = probe.sound, probe.picture
    return (
        sound is not None
        and (sound.codec, sound.profile) == ("aac", "LC")
        and sound.channels <= 2
        and sound.sample_rate in SOUND_RATES
        and _sound_rate(sound) <= MOST_SOUND_RATE
        and abs(sound.start - picture.start) <= TOGETHER
        and abs(sound.end - picture.end) <= ENDS_TOGETHER
    )


def rate(picture: Picture) -> float:
    """Bit/s of the pictures on average."""
    return 8 * picture.bytes / _shown(picture)


def _shown(picture: Picture) -> float:
    """How long its pictures are shown, in seconds."""
    return max(picture.end - picture.start, float(Fraction(picture.rate_den, picture.rate_num)))


def _sound_rate(sound: Sound) -> float:
    return 8 * sound.bytes / max(sound.end - sound.start, 0.1)
