"""reelwire's media pipeline beside one ffmpeg command that makes the same ladder with x264's `veryfast`, round by round.

Ours is what the worker does with a file on its disk: a probe, the first source, the ladder, each in a sandboxed child of
the pool and read back before it counts. The peer is told to spend as many bits on each rung as ours did in the same round.
How good the rungs are is compared with the same at `medium`, which takes twice the time, in one pass and in two, at our rates.
"""

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from bench import ffmpeg, quality, uploads
from bench.ffmpeg import Size, Spent
from bench.figures import Result
from bench.quality import Compared
from bench.uploads import Upload
from media import limits, steps
from media.launcher import Ended
from media.limits import Limits
from media.manifest import Ladder
from media.pool import Pool
from media.probe import probe
from media.task import Task

KINDS: tuple[str, ...] = ("standard", "example")
SECONDS: float = 4.0
ROUNDS, WHOLE_ROUNDS = 2, 3
HDR: Final = (16, 18)  # transfer functions (ITU-T H.273): ffmpeg would not map their tones, so there is nothing to compare


class Job(NamedTuple):
    """One run of ours: what it made, what it spent up to the first source and in all."""

    sizes: list[Size]
    first: Size  # the one that is a whole MP4 as well, to start with
    sound: bool
    hdr: bool
    playable: Spent
    ready: Spent


def run(folder: Path, rounds: int | None = None, *, whole: bool = False) -> Iterator[Result]:
    """The benchmark: some figures for each clip, as they come. `whole`: every kind at full length, and real clips."""
    names, longest = (tuple(uploads.KINDS), uploads.FULL) if whole else (KINDS, SECONDS)
    found = asyncio.run(uploads.make(names, longest, folder / "uploads")) + (uploads.real() if whole else [])
    for upload in found:
        work = folder / upload.name
        work.mkdir()
        yield from asyncio.run(_measured(upload, work, rounds or (WHOLE_ROUNDS if whole else ROUNDS)))


async def _measured(upload: Upload, folder: Path, rounds: int) -> list[Result]:
    async with Pool() as pool:
        return await Bench(pool, upload, folder).run(rounds)


class Bench:
    """One clip."""

    def __init__(self, pool: Pool, upload: Upload, folder: Path) -> None:
        self._pool = pool
        self._upload = upload
        self._folder = folder

    async def run(self, rounds: int) -> list[Result]:
        """Rounds of ours and the peer's, then a look at the quality of what the last one made."""
        jobs, peers = [], []
        for number in range(rounds):
            job = await self.ours(self._folder / f"ours-{number}")
            jobs.append(job)
            peers.append(await asyncio.to_thread(self._peer, job, self._folder / f"peer-{number}"))
        job, last = jobs[-1], self._folder / f"ours-{rounds - 1}"
        compared = [] if job.hdr else await asyncio.to_thread(quality.compare, self._upload.path, job.sizes, last, self._folder)
        return self._results(jobs, peers, compared)

    async def ours(self, folder: Path) -> Job:
        """As the job of a video does it (server/transcoding), but not less urgent than the peer."""
        await asyncio.to_thread(folder.mkdir)
        ends: list[Ended] = []
        clock = asyncio.get_running_loop().time
        began, path = clock(), str(self._upload.path)
        facts = await self._pool.run(probe, Task(input=path), limits=_urgent(limits.PROBE), on_end=ends.append)
        cores = len(os.sched_getaffinity(0))  # as the worker has it for a clip that is alone
        request = steps.Request(input=path, folder=str(folder), probe=facts, threads=cores)
        bounds = _urgent(steps.first_limits(facts, cores)), _urgent(steps.rest_limits(facts, cores))
        first = await self._pool.run(steps.first_source, request, limits=bounds[0], on_end=ends.append)
        playable = _spent(clock() - began, ends)
        request = msgspec.structs.replace(request, first=first)
        rest = await self._pool.run(steps.ladder_rest, request, limits=bounds[1], on_end=ends.append)
        ready = _spent(clock() - began, ends)
        sizes = _sizes(rest, facts.picture.rate)
        files = {(one.width, one.height) for one in (first.mp4, *rest.mp4s) if one.start and one.name not in rest.replaces}
        start = next(size for size in sizes if (size.width, size.height) in files)
        return Job(sizes, start, facts.sound is not None, facts.picture.transfer in HDR, playable, ready)

    def _peer(self, job: Job, folder: Path) -> Spent:
        folder.mkdir()
        words = ffmpeg.ladder(self._upload.path, job.sizes, job.first.name, folder, sound=job.sound)
        return ffmpeg.run(words, folder / "ffmpeg.log")

    def _results(self, jobs: Sequence[Job], peers: Sequence[Spent], compared: Sequence[Compared]) -> list[Result]:
        peer = "one ffmpeg command, whole"

        def result(unit: str, ours_is: str, ours: Callable[[Job], float], theirs: Callable[[Spent], float]) -> Result:
            return Result(unit, ours_is, peer, [ours(job) for job in jobs], [theirs(spent) for spent in peers])

        results = [
            result("s", "to the first source", lambda job: job.playable.wall, lambda spent: spent.wall),
            result("s of CPU", "to the first source", lambda job: job.playable.cpu, lambda spent: spent.cpu),
            result("s", "to ready", lambda job: job.ready.wall, lambda spent: spent.wall),
            result("s of CPU", "to ready", lambda job: job.ready.cpu, lambda spent: spent.cpu),
            result("MB at the most", "largest child", lambda job: job.ready.peak / 1e6, lambda spent: spent.peak / 1e6),
        ]
        results[0] = replace(results[0], about=f"{self._upload.name}: {self._upload.what}")
        results[-1] = replace(results[-1], notes=quality.rows(compared))
        return results


def _urgent(given: Limits) -> Limits:
    return msgspec.structs.replace(given, niceness=0)


def _spent(wall: float, ends: Sequence[Ended]) -> Spent:
    return Spent(wall, sum(end.cpu_seconds for end in ends), max(end.peak_bytes for end in ends))


def _sizes(rest: Ladder, rate: Fraction) -> list[Size]:
    """What was made, largest first."""
    made = sorted(rest.renditions, key=lambda one: (-one.width * one.height, -one.average_bandwidth))
    return [
        Size(
            name=one.name,
            width=one.width,
            height=one.height,
            rate=rate,
            bits=one.average_bandwidth,
            track=one.track,
            stride=max(1, round(float(rate) / one.frame_rate)),
        )
        for one in made
    ]
