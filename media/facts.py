"""What is known of an upload once it was examined: its pictures, its sound, how long they are."""

from fractions import Fraction

import msgspec

from media.gops import Gops


class Picture(msgspec.Struct, frozen=True):
    """The pictures as they decode. Sizes in pixels; colours are the code points of ITU-T H.273."""

    stream: int
    codec: str
    coded_width: int
    coded_height: int
    width: int  # upright, with square pixels
    height: int
    pixel_format: str
    orientation: tuple[int, int, int, int]
    matrix: int
    transfer: int
    primaries: int
    full_range: bool
    interlaced: bool
    frames: int
    start: float  # seconds on the container's clock
    end: float
    bytes: int
    rate_num: int  # the constant rate that these pictures will be shown at
    rate_den: int
    profile: str = ""  # as libavcodec names it
    gops: Gops | None = None  # closed groups that can be kept as they are; None also where nothing was worth looking

    @property
    def rate(self) -> Fraction:
        return Fraction(self.rate_num, self.rate_den)


class Sound(msgspec.Struct, frozen=True):
    """The sound stream that will be heard."""

    stream: int
    codec: str
    channels: int
    sample_rate: int
    start: float
    end: float
    bytes: int
    profile: str = ""  # of AAC


class Probe(msgspec.Struct, frozen=True):
    """Facts about an upload that the child vouches for. `seconds` is what its packets fill, not what its header says."""

    container: str
    bytes: int
    seconds: float
    picture: Picture
    sound: Sound | None

    @property
    def start(self) -> float:
        """The moment that becomes zero: the first picture or sound, in seconds on the container's clock."""
        return self.picture.start if self.sound is None else min(self.picture.start, self.sound.start)
