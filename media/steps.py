"""The two steps of a job that run in a child: the fastest correct first source, and the rest of the ladder."""

from typing import Final

from media import ladder
from media.errors import Internal
from media.ladder import BUDGET_BYTES, Plan
from media.limits import MAX_SECONDS, MAX_SECONDS_SLACK, MEBIBYTE, Limits
from media.manifest import FirstSource, Ladder
from media.poster import PosterPicker
from media.probe import Probe
from media.task import Report, Task
from media.workshop import TRIES, Workshop, lowered

POSTER: Final = "poster.jpg"

# Processor seconds: what decoding and encoding cost at most, some four times the usual, so that slow machines finish.
BASE_SECONDS: Final = 30
DECODE_SECONDS: Final = 0.08  # a million pixels
FIRST_SECONDS, REST_SECONDS = 0.12, 0.5  # a picture
WALL_SHARE: Final = 6  # of the processor seconds: other jobs run too
STALL_SECONDS: Final = 60.0
FIRST_NICENESS, REST_NICENESS = 2, 10  # somebody waits for the first source; ladders can wait
FIRST_MEMORY, REST_MEMORY = 1200 * MEBIBYTE, 1400 * MEBIBYTE


class Request(Task, kw_only=True):
    """An upload, the folder to write into, and what the probe said. `threads` may be the machine's cores when it is idle."""

    probe: Probe
    threads: int = 1


def plan_of(probe: Probe) -> Plan:
    """The ladder of a probed upload; the same for both steps."""
    picture = probe.picture
    seconds = min(probe.seconds, MAX_SECONDS + MAX_SECONDS_SLACK)
    return ladder.plan(
        ladder.Source(
            width=picture.width,
            height=picture.height,
            rate=picture.rate,
            frames=max(1, round(seconds * picture.rate)),
            channels=probe.sound.channels if probe.sound else 0,
            picture_rate=8 * picture.bytes / max(seconds, float(1 / picture.rate)),
            codec=picture.codec,
        )
    )


def first_limits(probe: Probe) -> Limits:
    """What `first_source` may use for this upload."""
    return _limits(probe, FIRST_SECONDS, FIRST_MEMORY, FIRST_NICENESS)


def rest_limits(probe: Probe) -> Limits:
    """What `ladder_rest` may use for this upload."""
    return _limits(probe, REST_SECONDS, REST_MEMORY, REST_NICENESS)


def _limits(probe: Probe, encode_seconds: float, memory: int, niceness: int) -> Limits:
    picture = probe.picture
    decoding = picture.frames * picture.coded_width * picture.coded_height / 1e6 * DECODE_SECONDS
    cpu = int(BASE_SECONDS + decoding + plan_of(probe).frames * encode_seconds)
    return Limits(
        wall_seconds=WALL_SHARE * cpu,
        cpu_seconds=cpu,
        memory_bytes=memory,
        stall_seconds=STALL_SECONDS,
        niceness=niceness,
    )


def first_source(request: Request, report: Report) -> FirstSource:
    """Make the upload playable: one MP4 under the budget, the same pictures and sound for HLS, a poster.

    Raises:
        Unreadable: its pictures do not decode after all.
        Internal: what was written is not right; another try may be.
    """
    plan, picture = plan_of(request.probe), request.probe.picture
    with Workshop(request.input, request.folder, request.probe, plan, request.threads, report) as shop:
        shop.encode_sound()
        picker = PosterPicker(plan.frames, plan.first.stride)
        [encoded] = shop.encode([plan.first], picker)
        for _ in range(TRIES):
            if mp4 := shop.mp4(encoded):
                break
            [encoded] = shop.encode([lowered(encoded.rung, 1.0)])
        else:
            raise Internal(f"the first source stays above {BUDGET_BYTES} bytes")
        audio, rendition = shop.audio_track(), shop.rendition(encoded)
        poster = picker.write(shop.folder / POSTER)
        shop.add_poster(POSTER)
        return FirstSource(
            seconds=round(plan.seconds, 6),
            width=picture.width,
            height=picture.height,
            rendition=rendition,
            audio=audio,
            mp4=mp4,
            poster=poster,
            files=shop.files,
        )


def ladder_rest(request: Request, report: Report) -> Ladder:
    """Encode the other rungs from one decode. Uses `audio.mp4` of the first source where the folder still has it.

    Raises:
        Unreadable, Internal: as `first_source`.
    """
    plan = plan_of(request.probe)
    with Workshop(request.input, request.folder, request.probe, plan, request.threads, report) as shop:
        shop.encode_sound()
        encoded = shop.encode(plan.rest)
        renditions = [shop.rendition(one) for one in encoded]
        mp4s = [mp4 for one in encoded if one.rung.mp4 and (mp4 := shop.mp4(one))]
        return Ladder(renditions=renditions, mp4s=mp4s, files=shop.files)
