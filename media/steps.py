"""The two steps of a job that run in a child: the fastest correct first source, and the ladder that replaces or surrounds it."""

from pathlib import Path
from typing import Final

import av.error
from msgspec.structs import replace

from media import ladder, readback, standard
from media.errors import Internal, Unreadable
from media.facts import Probe
from media.ladder import Plan, Rung
from media.limits import MAX_SECONDS, MAX_SECONDS_SLACK, MEBIBYTE, Limits
from media.listing import refused
from media.manifest import FirstSource, Ladder, Mp4
from media.poster import PosterPicker
from media.task import Report, Task
from media.workshop import Workshop

POSTER: Final = "poster.jpg"
PROVISIONAL: Final = "-first.mp4"
SOUND_SHARE: Final = 0.15  # of the budget of a file: sound up to this is heard as it is at first

# Processor seconds: what decoding and encoding cost at most, some four times the usual, so that slow machines finish.
BASE_SECONDS: Final = 30
DECODE_SECONDS: Final = 0.08  # a million pixels
FIRST_SECONDS, REST_SECONDS = 0.12, 0.5  # a picture
WALL_SHARE: Final = 6  # of the processor seconds: other jobs run too
STALL_SECONDS: Final = 60.0
FIRST_NICENESS, REST_NICENESS = 2, 10  # somebody waits for the first source; ladders can wait
FIRST_MEMORY, REST_MEMORY = 1200 * MEBIBYTE, 1400 * MEBIBYTE
THREAD_MEMORY: Final = 64 * MEBIBYTE  # more of it for each thread: pictures of 4K that decode at the same time


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
            sound_rate=8 * _sound_kept(probe) / max(seconds, float(1 / picture.rate)),
            bytes=picture.bytes + (probe.sound.bytes if probe.sound else 0),
        )
    )


def _keys(probe: Probe) -> tuple[int, ...]:
    """The pictures that begin a group, where the upload's own are kept."""
    groups = probe.picture.gops if standard.copied(probe) else None
    return tuple(round(start * probe.picture.rate) for start in groups.starts) if groups else ()


def _sound_kept(probe: Probe) -> int:
    """Bytes of the upload's own sound where it can be heard at first beside pictures that are encoded, else 0."""
    kept = probe.sound is not None and standard.heard_as_it_is(probe) and probe.sound.bytes <= SOUND_SHARE * ladder.BUDGET_BYTES
    return probe.sound.bytes if kept and probe.sound else 0


def first_limits(probe: Probe, threads: int = 1) -> Limits:
    """What `first_source` may use for this upload with so many threads."""
    return _limits(probe, FIRST_SECONDS, FIRST_MEMORY + (threads - 1) * THREAD_MEMORY, FIRST_NICENESS)


def rest_limits(probe: Probe, threads: int = 1) -> Limits:
    """What `ladder_rest` may use for this upload with so many threads."""
    return _limits(probe, REST_SECONDS, REST_MEMORY + (threads - 1) * THREAD_MEMORY, REST_NICENESS)


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
    """Make the upload playable as soon as can be: one MP4 and a poster. The ladder brings better ones in its place.

    Raises:
        Unreadable: its pictures do not decode after all.
        Internal: what was written is not right; another try may be.
    """
    plan = plan_of(request.probe)
    if plan.copied:
        try:
            with Workshop(request.input, request.folder, request.probe, plan, request.threads, report) as shop:
                return _as_it_is(request, shop, plan, plan.copied)
        except (av.error.FFmpegError, Internal, Unreadable):  # its packets promised more than they hold
            plan = plan_of(request.probe, copy=False)
    with Workshop(request.input, request.folder, request.probe, plan, request.threads, report) as shop:
        return _encoded(request, shop, plan)


def _as_it_is(request: Request, shop: Workshop, plan: Plan, rung: Rung) -> FirstSource:
    """The upload's own pictures; its own sound as well where that can be heard, until the ladder brings a better one."""
    copied = shop.copy(rung)
    if provisional := standard.heard_as_it_is(request.probe):
        shop.copy_sound()
    else:
        shop.encode_sound()
    mp4 = shop.mp4(copied, _provisional(rung) if provisional else "")
    assert mp4 is not None
    readback.begins(shop.folder / mp4.name)
    picker = PosterPicker(plan.frames, plan.still)
    picker.look(Path(request.input), request.probe.picture.stream)
    return _made(request, shop, plan, picker, replace(mp4, start=rung == plan.first))


def _encoded(request: Request, shop: Workshop, plan: Plan) -> FirstSource:
    """A small rung, encoded in a hurry."""
    picker = PosterPicker(plan.frames, plan.still)
    with shop.sound_beside(copied=_sound_kept(request.probe) > 0):
        [encoded] = shop.encode([plan.quick], picker)
    _, mp4 = shop.budgeted(encoded, _provisional(plan.quick))
    return _made(request, shop, plan, picker, mp4)


def _made(request: Request, shop: Workshop, plan: Plan, picker: PosterPicker, mp4: Mp4) -> FirstSource:
    poster = picker.write(shop.folder / POSTER)
    shop.add_poster(POSTER)
    picture = request.probe.picture
    return FirstSource(
        seconds=round(plan.seconds, 6),
        width=picture.width,
        height=picture.height,
        copied=plan.copied is not None,
        mp4=mp4,
        poster=poster,
        files=shop.files,
    )


def _provisional(rung: Rung) -> str:
    """The name of a file that the ladder replaces by a better one."""
    return f"{rung.name}{PROVISIONAL}"


def _beside(first: FirstSource, rung: Rung) -> str:
    """The name of a rung's file: another one than the first source has, for what lies under a name never changes."""
    return f"{rung.name}.mp4" if first.mp4.name != f"{rung.name}.mp4" else f"{rung.name}-encoded.mp4"


def ladder_rest(request: Request, report: Report) -> Ladder:
    """Make every rung from one decode, and check the whole stream.

    Raises:
        Unreadable, Internal: as `first_source`.
    """
    first = request.first
    if first is None:
        raise Internal("a ladder without a first source")
    if first.copied:
        try:
            return _ladder(request, first, plan_of(request.probe), report)
        except (av.error.FFmpegError, Internal, Unreadable):  # damage that no key picture shows
            pass
    return _ladder(request, first, plan_of(request.probe, copy=False), report)


def _ladder(request: Request, first: FirstSource, plan: Plan, report: Report) -> Ladder:
    with Workshop(request.input, request.folder, request.probe, plan, request.threads, report) as shop:
        with shop.sound_beside():
            encoded = shop.encode([*plan.encoded, *plan.iframes])
        made = [one for one in encoded if not one.rung.iframes]
        audio, mp4s = shop.audio_track(), []
        for at, one in enumerate(made):
            if one.rung == plan.first:
                made[at], mp4 = shop.budgeted(one, _beside(first, one.rung))
                mp4s.append(mp4)
            elif one.rung.mp4 and (found := shop.mp4(one, _beside(first, one.rung))):
                mp4s.append(found)
        replaces = [first.mp4.name] if first.mp4.name.endswith(PROVISIONAL) or not plan.copied else []
        if plan.copied:
            own = shop.copy(plan.copied)
            if not plan.beside:
                made.insert(0, own)
            if replaces and (better := shop.mp4(own)):
                mp4s.append(replace(better, start=plan.copied == plan.first))
        ladder = Ladder(
            renditions=[shop.rendition(one) for one in made],
            audio=audio,
            iframes=[shop.iframes(one) for one in encoded if one.rung.iframes],
            mp4s=mp4s,
            replaces=replaces,
        )
        names, reasons = refused(shop.folder, ladder.renditions, audio, ladder.iframes)
        return replace(ladder, unlisted=names, reasons=reasons, files=shop.files)
