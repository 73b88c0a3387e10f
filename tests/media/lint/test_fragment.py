"""Fragments as they are read."""

import pytest

from media.boxes import boxes, find
from media.errors import Internal
from media.lint import fragment, header
from media.lint.header import Header
from tests.media.lint.streams import Stream


def parts(stream: Stream, name: str) -> tuple[Header, bytes]:
    """The header of a track, and its first fragment."""
    data = stream.files[name]
    outer = list(boxes(data, 0, len(data)))
    return header.read(data[: outer[1].end]), data[outer[2].start : outer[3].end]


def test_pictures_and_their_times(stream: Stream) -> None:
    head, data = parts(stream, "v272.mp4")
    assert (head.codec, head.size, head.timescale, head.interlaced) == ("avc1.640015", (272, 480), 15360, False)
    [found] = fragment.read(data, head)
    assert (found.time, found.ticks, found.samples, found.idr) == (0, 50 * 512, 50, (0,))


def test_sound(stream: Stream) -> None:
    head, data = parts(stream, "audio.mp4")
    assert (head.codec, head.channels, head.stereo_aac, head.video) == ("mp4a.40.2", 2, True, False)
    assert fragment.read(data, head)[0].samples == 78  # as near to 50 pictures as frames come


def test_two_tracks_in_a_fragment_are_counted(stream: Stream) -> None:
    head, data = parts(stream, "audio.mp4")
    moof, traf = find(data, "moof"), find(data, "moof/traf")
    again = data[traf.start : traf.end]
    moofs = (moof.end + len(again)).to_bytes(4) + data[4 : moof.end] + again
    assert fragment.read(moofs + data[moof.end :], head)[0].tracks == 2


def test_more_fragments_or_samples_than_a_segment_has(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    head, data = parts(stream, "audio.mp4")
    assert len(fragment.read(data * fragment.MOST_FRAGMENTS, head)) == fragment.MOST_FRAGMENTS
    with pytest.raises(Internal):
        fragment.read(data * (fragment.MOST_FRAGMENTS + 1), head)
    monkeypatch.setattr(fragment, "MOST_SAMPLES", 77)
    with pytest.raises(Internal):
        fragment.read(data, head)
