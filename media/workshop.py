"""The folder of one step: encoded tracks go in, published files come out, each read back before it is listed."""

import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import av.error
from msgspec.structs import replace

from media import boxes, package, playlist, readback, sound
from media.boxes import Track
from media.errors import Internal, Unreadable
from media.facts import Probe
from media.ladder import BUDGET_BYTES, SLOW_NETWORK, Plan, Rung
from media.manifest import AudioTrack, File, IFrames, Kind, Mp4, Rendition, listed
from media.task import Report
from media.transcode import Encoded, Transcoder, Watcher

AUDIO: Final = "audio"
CHANNELS: Final = 2
WORK: Final = "work"
TRIES: Final = 4  # of one rung, each at a lower rate, to get under its ceiling
LOWER: Final = 0.92


class Workshop:
    """Encodes, packages and checks; `files` lists what may be published. What is half made lies in a folder that goes."""

    def __init__(self, source: str, folder: str, probe: Probe, plan: Plan, threads: int, report: Report) -> None:
        self.folder = Path(folder)
        self.files: list[File] = []
        self._work = self.folder / WORK
        self._probe = probe
        self._plan = plan
        self._source = source
        self._transcoder = Transcoder(Path(source), self._work, probe, plan, threads, report)
        self._starts = [float(boundary / plan.rate) for boundary in plan.boundaries]
        self._target = playlist.common_target(self._starts, plan.seconds)
        self._threads = threads
        self._sound: Path | None = None

    def __enter__(self) -> Self:
        shutil.rmtree(self._work, ignore_errors=True)
        self._work.mkdir()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        shutil.rmtree(self._work, ignore_errors=True)

    def encode(self, rungs: Sequence[Rung], watcher: Watcher | None = None) -> list[Encoded]:
        """Encode rungs, largest first."""
        return self._transcoder.run(rungs, watcher)

    def copy(self, rung: Rung) -> Encoded:
        """The upload's own pictures, taken over as they are."""
        path, picture = self._work / f"{rung.name}.video", self._probe.picture
        package.copied(Path(self._source), picture.stream, path)
        return Encoded(rung, str(path), picture.frames)

    def copy_sound(self) -> None:
        """Take over the upload's own sound until it has been brought to the common loudness. What does not decode is encoded."""
        assert self._probe.sound is not None
        self._sound = self._work / f"{AUDIO}.copied"
        try:
            package.copied(Path(self._source), self._probe.sound.stream, self._sound)
            readback.sound(self._sound, self._plan.seconds)
        except (av.error.FFmpegError, Internal, Unreadable):
            self.encode_sound()

    def encode_sound(self) -> None:
        """Encode the sound, if there is any."""
        if (track := self._probe.sound) is not None:
            plan, self._sound = self._plan, self._work / f"{AUDIO}.sound"
            sound.encode(track, self._source, self._probe.start, plan.seconds, plan.audio_rate, self._sound)

    @contextmanager
    def sound_beside(self, *, copied: bool = False) -> Iterator[None]:
        """The sound is there when the block has ended; where there are threads it is made while the block runs."""
        make = self.copy_sound if copied else self.encode_sound
        if self._threads == 1:
            yield make()
            return
        with ThreadPoolExecutor(1, "sound") as beside:
            making = beside.submit(make)
            yield
            making.result()

    def rendition(self, encoded: Encoded) -> Rendition:
        """Publish a rung for HLS; where a segment is too much for slow networks, it is encoded again."""
        for _ in range(TRIES):
            rung = encoded.rung
            name = f"v{rung.name}.mp4"
            package.video_track(Path(encoded.path), self.folder / name)
            track = readback.video_track(
                self.folder / name, rung.width, rung.height, encoded.frames, self._plan.seconds, self._starts
            )
            peak, _ = playlist.bandwidths(track, self._target)
            if not rung.slow or peak <= self._room():
                return self._rendition(rung, track, name)
            [encoded] = self.encode([lowered(rung, self._room() / peak)])
        raise Internal(f"rung {encoded.rung.name} stays above {self._room()} bit/s")

    def _room(self) -> int:
        """What a slow network leaves for pictures beside the sound, bit/s: as measured, or as planned where it is not there."""
        earlier = self.folder / f"{AUDIO}.mp4"
        if not earlier.exists():
            return self._plan.slow_room
        peak, _ = playlist.bandwidths(boxes.track(earlier), self._target)
        return SLOW_NETWORK - peak

    def _rendition(self, rung: Rung, track: Track, name: str) -> Rendition:
        media = f"v{rung.name}.m3u8"
        (self.folder / media).write_text(playlist.media(track, name, self._target))
        self._add(name, "video_track")
        self._add(media, "media_playlist")
        peak, average = playlist.bandwidths(track, self._target)
        return Rendition(
            name=rung.name,
            short_edge=rung.short_edge,
            width=rung.width,
            height=rung.height,
            frame_rate=round(float(self._plan.rate / rung.stride), 3),
            codecs=track.codecs,
            bandwidth=peak,
            average_bandwidth=average,
            default=rung.default,
            playlist=media,
            track=name,
            bytes=track.bytes,
        )

    def iframes(self, encoded: Encoded) -> IFrames:
        """Publish key pictures for scrubbing in HLS, each a segment."""
        rung, seconds = encoded.rung, self._plan.seconds
        name, media = f"{rung.name}.mp4", f"{rung.name}.m3u8"
        package.video_track(Path(encoded.path), self.folder / name)
        starts = [seconds * number / encoded.frames for number in range(encoded.frames)]
        track = readback.video_track(self.folder / name, rung.width, rung.height, encoded.frames, seconds, starts)
        (self.folder / media).write_text(playlist.media(track, name, iframes=True))
        self._add(name, "video_track")
        self._add(media, "iframe_playlist")
        peak, average = playlist.bandwidths(track)
        return IFrames(
            name=rung.name,
            width=rung.width,
            height=rung.height,
            codecs=track.codecs,
            bandwidth=peak,
            average_bandwidth=average,
            playlist=media,
            track=name,
            bytes=track.bytes,
        )

    def audio_track(self) -> AudioTrack | None:
        """Publish the sound for HLS; None where there is none."""
        if self._sound is None:
            return None
        name, media = f"{AUDIO}.mp4", f"{AUDIO}.m3u8"
        package.audio_track(self._sound, self.folder / name, self._starts)
        track = readback.audio_track(self.folder / name, self._plan.seconds)
        (self.folder / media).write_text(playlist.media(track, name, self._target))
        self._add(name, "audio_track")
        self._add(media, "media_playlist")
        peak, average = playlist.bandwidths(track, self._target)
        return AudioTrack(
            codecs=track.codecs,
            channels=CHANNELS,
            bandwidth=peak,
            average_bandwidth=average,
            playlist=media,
            track=name,
            bytes=track.bytes,
        )

    def budgeted(self, encoded: Encoded, name: str = "") -> tuple[Encoded, Mp4]:
        """Publish a rung as one progressive file under the budget, encoded again as often as that takes.

        Raises:
            Internal: it stays above.
        """
        for _ in range(TRIES):
            if mp4 := self.mp4(encoded, name):
                return encoded, replace(mp4, start=True)
            [encoded] = self.encode([lowered(encoded.rung, 1.0)])
        raise Internal(f"rung {encoded.rung.name} stays above {BUDGET_BYTES} bytes")

    def mp4(self, encoded: Encoded, name: str = "") -> Mp4 | None:
        """Publish a rung as one progressive file; None where an encoded one is not under the budget."""
        rung, name = encoded.rung, name or f"{encoded.rung.name}.mp4"
        path = self.folder / name
        package.progressive(Path(encoded.path), self._sound, path)
        size = path.stat().st_size
        if size >= BUDGET_BYTES and not rung.copied:
            path.unlink()
            return None
        heard = self._sound is not None
        readback.progressive(path, rung.width, rung.height, encoded.frames, self._plan.seconds, heard)
        self._add(name, "progressive")
        return Mp4(name=name, width=rung.width, height=rung.height, bitrate=round(8 * size / self._plan.seconds), bytes=size)

    def add_poster(self, name: str) -> None:
        """List a poster that was written into the folder."""
        self._add(name, "poster")

    def _add(self, name: str, kind: Kind) -> None:
        self.files.append(listed(self.folder / name, kind))


def lowered(rung: Rung, share: float) -> Rung:
    """The rung at this share of its rate, and a little less."""
    share = min(share, 1.0) * LOWER
    return replace(rung, maxrate=max(int(rung.maxrate * share), 1000), buffer=max(int(rung.buffer * share), 1000))
