"""Fragments: times, IDR pictures and durations."""

import pytest

from media.lint import continuity
from media.lint.continuity import IDR_SECONDS
from tests.media.lint.streams import Stream, number

VIDEO, SOUND, LIST, IFRAMES = "v272.mp4", "audio.mp4", "v272.m3u8", "iframes-272.m3u8"


def test_segments_begin_with_an_idr_picture_whatever_the_flags_say(stream: Stream) -> None:
    start = stream.content(VIDEO, b"mdat", 1)
    assert stream.files[VIDEO][start + 4] & 31 == 5
    fake = stream.patched(VIDEO, b"mdat", 4, bytes([0x61]), 1)  # a slice of another picture
    assert "7.4" in fake.errors()
    assert "RFC 8216 4.3.3.6" in stream.patched("iframes-272.mp4", b"mdat", 4, bytes([0x61]), 1).errors()


def test_fragments_begin_with_a_sync_sample(stream: Stream) -> None:
    flags = stream.patched(VIDEO, b"trun", 12, number(0x1010000))
    assert {"CMAF fragment", "7.4"} <= flags.errors()


@pytest.mark.parametrize(("name", "flags"), [(VIDEO, 0x3A), (SOUND, 0x3A)])
def test_offsets_count_from_the_moof(stream: Stream, name: str, flags: int) -> None:
    assert "CMAF tfhd" in stream.patched(name, b"tfhd", 0, number(flags)).errors()


@pytest.mark.parametrize("name", [VIDEO, SOUND])
def test_decode_times_go_on_from_0(stream: Stream, name: str) -> None:
    assert "CMAF tfdt" in stream.patched(name, b"tfdt", 4, number(5, ">Q")).errors()
    assert "7.3" in stream.patched(name, b"tfdt", 4, number(5, ">Q"), 1).errors()


def test_durations_are_true_to_within_a_picture(stream: Stream) -> None:
    assert stream.line(LIST, "#EXTINF", "#EXTINF:1.690000,").errors() == set()
    assert "8.1" in stream.line(LIST, "#EXTINF", "#EXTINF:1.710000,").errors()
    assert "8.1" in stream.line(IFRAMES, "#EXTINF", "#EXTINF:1.710000,", 1).errors()


def test_segments_are_not_longer_than_the_target(stream: Stream) -> None:
    assert "7.7" in stream.line(LIST, "#EXT-X-TARGETDURATION", "#EXT-X-TARGETDURATION:1").errors()


def test_idr_pictures_are_wanted_every_two_seconds(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(continuity, "IDR_SECONDS", IDR_SECONDS - 0.5)
    assert "1.13" in stream.warnings()


def test_bytes_that_belong_to_no_segment(stream: Stream) -> None:
    longer = Stream({**stream.files, VIDEO: stream.files[VIDEO] + b"\0\0\0\x08free"})
    assert (longer.errors(), "7.1" in longer.warnings()) == (set(), True)


def test_an_iframe_range_holds_the_whole_picture_and_its_moof(stream: Stream) -> None:
    span = stream.text(IFRAMES).split("#EXT-X-BYTERANGE:")[1].split("\n")[0]
    size, offset = (int(part) for part in span.split("@"))
    assert "RFC 8216 4.3.3.6" in stream.edited(IFRAMES, span, f"{size - 1}@{offset}").errors()
    assert "CMAF boxes" in stream.edited(IFRAMES, span, f"{size - 8}@{offset + 8}").errors()


def test_runs_that_claim_more_samples_than_there_are(stream: Stream) -> None:
    assert "CMAF boxes" in stream.patched(SOUND, b"trun", 4, number(1_000_000_000)).errors()
