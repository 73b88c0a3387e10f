"""Sound cut where pictures are cut: every frame is there once, in its order, at its time."""

from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from media import boxes, fragments, package, playlist, readback
from media.errors import Internal
from tests.media.films import Film, samples

SECONDS = 7.01  # no whole number of frames
FRAME = 1024 / 48_000
NEAREST = FRAME / 2 + 1e-9  # seconds: 2.4 lies in the middle of a frame
UNEVEN = [0.0, 2.4, 3.5333, 5.9, 6.5]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sound as it was encoded: a plain MP4 of one track."""
    folder = tmp_path_factory.mktemp("sound")
    film = Film(seconds=SECONDS, rate=10).write(folder / "film.mp4")
    package.copied(film, 1, folder / "sound.mp4")
    return folder / "sound.mp4"


def frames(path: Path) -> list[tuple[int | None, bytes]]:
    """Every frame with its time, without AAC's priming."""
    with av.open(str(path)) as container:
        return [(packet.pts, bytes(packet)) for packet in container.demux(audio=0) if packet.size and not packet.is_discard]


def cut(sound: Path, target: Path, starts: list[float]) -> boxes.Track:
    package.audio_track(sound, target, starts)
    return readback.audio_track(target, SECONDS)


@pytest.mark.parametrize("starts", [[0.0], UNEVEN, [2.0 * index for index in range(4)]], ids=["one", "uneven", "even"])
def test_each_fragment_begins_at_the_frame_nearest_to_its_moment(sound: Path, tmp_path: Path, starts: list[float]) -> None:
    track = cut(sound, tmp_path / "audio.mp4", starts)
    begins = [segment.time / track.timescale for segment in track.segments]
    assert begins == pytest.approx(starts, abs=NEAREST)
    assert playlist.starts(track) == pytest.approx(begins)


def test_no_frame_is_lost_moved_or_changed(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "audio.mp4"
    track = cut(sound, path, UNEVEN)
    assert frames(path) == frames(sound)
    assert frames(path)[0][0] == 0
    assert sum(segment.samples for segment in track.segments) == len(frames(sound))
    assert all(before.time + before.ticks == after.time for before, after in pairwise(track.segments))
    assert b"elst" not in path.read_bytes()
    np.testing.assert_array_equal(samples(path), samples(sound)[:, -samples(path).shape[1] :])


def test_fragments_are_numbered_and_each_decodes_behind_the_header(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "audio.mp4"
    track, data = cut(sound, path, UNEVEN), path.read_bytes()
    numbers = [boxes.find(data, "moof/mfhd", segment.offset).content + 4 for segment in track.segments]
    assert [int.from_bytes(data[at : at + 4]) for at in numbers] == [1, 2, 3, 4, 5]
    for segment in track.segments:
        alone = tmp_path / "alone.mp4"
        alone.write_bytes(data[: track.init_size] + data[segment.offset : segment.offset + segment.size])
        assert samples(alone).shape[1] == pytest.approx(segment.ticks, abs=1024)


def test_moments_without_a_frame_of_their_own_begin_no_fragment(sound: Path, tmp_path: Path) -> None:
    track = cut(sound, tmp_path / "audio.mp4", [0.0, 0.001, 3.0, 3.0 + FRAME / 8, SECONDS, SECONDS + 1])
    assert playlist.starts(track) == pytest.approx([0.0, 3.0], abs=NEAREST)


def test_it_is_what_libavformat_writes_where_that_cuts_too(sound: Path, tmp_path: Path) -> None:
    options = {**package.AUDIO, "frag_duration": "2000000"}
    with av.open(str(sound)) as source, av.open(str(tmp_path / "theirs.mp4"), "w", options=options) as out:
        stream = out.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.size and not packet.is_discard:
                packet.stream = stream
                out.mux(packet)
    theirs = boxes.track(tmp_path / "theirs.mp4")
    assert cut(sound, tmp_path / "ours.mp4", playlist.starts(theirs)) == theirs
    again = fragments.cut((tmp_path / "theirs.mp4").read_bytes(), UNEVEN)
    assert again == fragments.cut((tmp_path / "ours.mp4").read_bytes(), UNEVEN)


def test_a_track_that_is_not_as_its_boxes_say_is_an_error(sound: Path, tmp_path: Path) -> None:
    track = cut(sound, tmp_path / "audio.mp4", UNEVEN)
    data = bytearray((tmp_path / "audio.mp4").read_bytes())
    with pytest.raises(Internal, match="without frames"):
        fragments.cut(bytes(data[: track.init_size]), UNEVEN)
    data[data.index(b"trun") + 19] ^= 1  # the size of a frame
    with pytest.raises(Internal, match="frames end at"):
        fragments.cut(bytes(data), UNEVEN)
