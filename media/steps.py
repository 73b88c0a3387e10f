"""The two steps of a job that run in a child: the fastest correct first source, and the rest of the ladder."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import av.error
from msgspec.structs import replace

from media import ladder, standard
from media.errors import Internal, Unreadable
from media.facts import Probe
from media.ladder import Plan, Rung
from media.limits import MAX_SECONDS, MAX_SECONDS_SLACK, MEBIBYTE, Limits
from media.listing import refused
from media.manifest import AudioTrack, FirstSource, Ladder, Mp4, Rendition
from media.poster import PosterPicker
from media.task import Report, Task
from media.workshop import Workshop

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
    """An upload, the folder to write into, and what is known of it.

    Attributes:
        threads: of each codec; the machine's cores when it is idle.
        first: what the first step made, for the ladder.
    """

    probe: Probe
    threads: int = 1
    first: FirstSource | None = None


def plan_of(probe: Probe, *, copy: bool = True) -> Plan:
    """The ladder of a probed upload; the same for both steps. Its pictures are copied where they can be, if that is wanted."""
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
            keys=_keys(probe) if copy else (),
            bytes=picture.bytes + (probe.sound.bytes if probe.sound else 0),
        )
    )


def _keys(probe: Probe) -> tuple[int, ...]:
    """The pictures that begin a group, where the upload's own are kept."""
    groups = probe.picture.gops if standard.copied(probe) else None
    return tuple(round(start * probe.picture.rate) for start in groups.starts) if groups else ()


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
    """Make the upload playable: one MP4 and a poster. What is encoded stays below the budget, and is there for HLS as well.

    Raises:
        Unreadable: its pictures do not decode after all.
        Internal: what was written is not right; another try may be.
    """
    plan = plan_of(request.probe)
    if plan.copied:
        try:
            with Workshop(request.input, request.folder, request.probe, plan, request.threads, report) as shop:
                return _as_it_is(request, shop, plan)
        except (av.error.FFmpegError, Internal, Unreadable):  # its packets promised more than they hold
            plan = plan_of(request.probe, copy=False)
    with Workshop(request.input, request.folder, request.probe, plan, request.threads, report) as shop:
        return _encoded(request, shop, plan)


def _as_it_is(request: Request, shop: Workshop, plan: Plan) -> FirstSource:
    """The upload's own pictures; its own sound as well where that can be heard, until the ladder brings a better one."""
    assert plan.copied is not None
    copied = shop.copy(plan.copied)
    if provisional := standard.heard_as_it_is(request.probe):
        shop.copy_sound()
    else:
        shop.encode_sound()
    mp4 = shop.mp4(copied, _provisional(plan.copied) if provisional else "")
    assert mp4 is not None
    picker = PosterPicker(plan.frames, 1)
    picker.look(Path(request.input), request.probe.picture.stream)
    return _made(request, shop, plan, picker, None, None, replace(mp4, start=plan.copied == plan.first))


def _encoded(request: Request, shop: Workshop, plan: Plan) -> FirstSource:
    shop.encode_sound()
    picker = PosterPicker(plan.frames, plan.first.stride)
    [encoded] = shop.encode([plan.first], picker)
    encoded, mp4 = shop.budgeted(encoded)
    return _made(request, shop, plan, picker, shop.rendition(encoded), shop.audio_track(), mp4)


def _made(
    request: Request,
    shop: Workshop,
    plan: Plan,
    picker: PosterPicker,
    rendition: Rendition | None,
    audio: AudioTrack | None,
    mp4: Mp4,
) -> FirstSource:
    poster = picker.write(shop.folder / POSTER)
    shop.add_poster(POSTER)
    picture = request.probe.picture
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


def _provisional(rung: Rung) -> str:
    """The name of a file whose sound is as it came."""
    return f"{rung.name}-first.mp4"


def ladder_rest(request: Request, report: Report) -> Ladder:
    """Encode the other rungs from one decode, and check the whole stream. Uses what the first source left in the folder.

    Raises:
        Unreadable, Internal: as `first_source`.
    """
    first = request.first
    if first is None:
        raise Internal("a ladder without its first rung")
    plan = plan_of(request.probe, copy=first.rendition is None)
    with Workshop(request.input, request.folder, request.probe, plan, request.threads, report) as shop:
        shop.encode_sound()
        if first.rendition is None:
            if plan.copied is None:
                raise Internal("nothing to put around")
            return _around(request, shop, plan, plan.copied)
        encoded = shop.encode(plan.rest)
        mp4s = [mp4 for one in encoded if one.rung.mp4 and (mp4 := shop.mp4(one))]
        renditions = [shop.rendition(one) for one in encoded]
        return _checked(shop, [first.rendition, *renditions], first.audio, Ladder(renditions=renditions, mp4s=mp4s))


def _around(request: Request, shop: Workshop, plan: Plan, copied: Rung) -> Ladder:
    """The ladder around pictures that were copied."""
    audio, own = shop.audio_track(), shop.copy(copied)
    encoded, mp4s = shop.encode(plan.encoded), []
    for at, one in enumerate(encoded):
        if one.rung == plan.first:
            encoded[at], mp4 = shop.budgeted(one)
            mp4s.append(mp4)
        elif one.rung.mp4 and (found := shop.mp4(one)):
            mp4s.append(found)
    replaces = []
    if standard.heard_as_it_is(request.probe) and (better := shop.mp4(own)):
        mp4s.append(replace(better, start=copied == plan.first))
        replaces.append(_provisional(copied))
    renditions = [shop.rendition(one) for one in [own, *encoded]]
    return _checked(shop, renditions, audio, Ladder(renditions=renditions, audio=audio, mp4s=mp4s, replaces=replaces))


def _checked(shop: Workshop, renditions: Sequence[Rendition], audio: AudioTrack | None, ladder: Ladder) -> Ladder:
    names, reasons = refused(shop.folder, renditions, audio)
    return replace(ladder, unlisted=names, reasons=reasons, files=shop.files)
