"""Every budget of the pipeline by name: what a file may ask for, and what a child that opens it may use."""

from typing import Final, Literal

import msgspec

MEBIBYTE: Final = 1 << 20

# What a file may hold (http.md "Upload": 180 s; the rest keeps bombs out before anything is decoded).
MAX_SECONDS: Final = 180.0
MAX_SECONDS_SLACK: Final = 0.5  # a clip cut "at 3:00" by a phone is a few frames longer
MAX_STREAMS: Final = 32
MAX_VIDEO_PACKETS: Final = 50_000  # 180 s at 240 fps, and some
MAX_AUDIO_PACKETS: Final = 100_000  # 180 s of Opus in 2.5 ms packets
MAX_EDGE: Final = 4096
MIN_EDGE: Final = 16
MAX_RATIO: Final = 8  # of the edges, as shown: longer pictures have no H.264 level that phones play
MAX_SHOWN_EDGE: Final = 2 * MAX_EDGE  # with square pixels
MAX_PIXELS: Final = 4096 * 2304
MAX_FRAME_PIXELS: Final = 180 * 60 * 3840 * 2160  # all pictures together: three minutes of 4K60
MAX_INFLATION: Final = 2  # packets may hold at most twice the bytes of the file (Matroska blocks can be deflated)
INFLATION_SLACK: Final = MEBIBYTE

# What a still may hold that somebody sends: every phone's largest picture.
MAX_PHOTO_BYTES: Final = 20 * MEBIBYTE
MAX_PHOTO_PIXELS: Final = 50_000_000

Lane = Literal["encode", "probe", "still"]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one child may use before it is killed with its whole process group.

    `stall_seconds` is how long it may go without a change of stage or fraction; `wall_seconds` bounds it whatever it says.
    `niceness` is how far it steps back when the machine is busy: people waiting for a page go before all of it.
    `lane` picks the slots it waits for: probes and stills have their own, so that bombs cannot hold the encoders', nor posters
    the probes of uploads.
    """

    wall_seconds: float
    cpu_seconds: int
    memory_bytes: int
    stall_seconds: float = 30.0
    file_bytes: int = 600 * MEBIBYTE
    niceness: int = 5
    lane: Lane = "encode"


# 600 MiB of address space: an index that claims 20 million samples ends at 34 MB resident, at 1.5 GB it took 750 MB.
PROBE: Final = Limits(wall_seconds=30, stall_seconds=20, cpu_seconds=10, memory_bytes=600 * MEBIBYTE, file_bytes=0, lane="probe")

# What is made of our own renditions, three minutes of them at most, and of stills.
PICTURES: Final = Limits(wall_seconds=600, cpu_seconds=100, memory_bytes=900 * MEBIBYTE, file_bytes=8 * MEBIBYTE, niceness=10)
FINGERPRINT: Final = Limits(wall_seconds=600, cpu_seconds=100, memory_bytes=900 * MEBIBYTE, file_bytes=0, niceness=10)
# A WebP of all these pixels is in memory five times over.
STILL: Final = Limits(wall_seconds=40, cpu_seconds=20, memory_bytes=1200 * MEBIBYTE, file_bytes=8 * MEBIBYTE, lane="still")
