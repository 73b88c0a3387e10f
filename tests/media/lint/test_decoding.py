"""What headers say, by themselves and against the master playlist."""

from pathlib import Path

import pytest

from tests.media.lint.streams import MASTER, Stream, number, parameter_set

VIDEO, SOUND = "v272.mp4", "audio.mp4"


@pytest.mark.parametrize(
    ("name", "kind", "at", "new", "clause"),
    [
        (VIDEO, b"avcC", 3, bytes([51]), "1.3"),
        (VIDEO, b"avcC", 1, bytes([110]), "1.3"),
        (VIDEO, b"avcC", 3, bytes([20]), "9.1"),
        (VIDEO, b"avc1", 24, number(274, ">H"), "9.2"),
        (VIDEO, b"ftyp", 0, b"isom\0\0\0\0isomisomisom", "CMAF brands"),
        (VIDEO, b"mvex", -4, b"free", "CMAF header"),
        (VIDEO, b"mdhd", 12, number(0), "CMAF boxes"),
    ],
)
def test_a_header_that_is_not_as_it_should_be(stream: Stream, name: str, kind: bytes, at: int, new: bytes, clause: str) -> None:
    assert clause in stream.patched(name, kind, at, new).errors()


def test_pictures_that_may_be_interlaced(stream: Stream, tmp_path: Path) -> None:
    unit = parameter_set(tmp_path / "fields.mp4", "interlaced=1")
    start = stream.content(VIDEO, b"avcC")
    assert len(unit) <= int.from_bytes(stream.files[VIDEO][start + 6 : start + 8])
    assert "1.14" in stream.patched(VIDEO, b"avcC", 8, unit).errors()


def test_sound_is_stereo_in_aac(stream: Stream) -> None:
    start = stream.content(SOUND, b"esds")
    data = stream.files[SOUND]
    at = data.index(bytes.fromhex("1190"), start) - start
    assert {"2.3", "RFC 8216 4.3.4.1"} <= stream.patched(SOUND, b"esds", at, bytes.fromhex("1188")).errors()  # one channel
    assert {"2.3", "9.1"} <= stream.patched(SOUND, b"esds", at, bytes.fromhex("0990")).errors()  # AAC Main


@pytest.mark.parametrize(
    ("old", "new", "clause"),
    [
        ('CODECS="avc1.640015,mp4a', 'CODECS="avc1.640014,mp4a', "9.1"),
        ("avc1.640015,mp4a.40.2", "avc1.640015,mp4a.40.5", "9.1"),
        ("avc1.640015,mp4a.40.2", "avc1.640015,mp4a.40.2,avc1.640014", "9.1"),
        ("RESOLUTION=272x480", "RESOLUTION=480x272", "9.2"),
        ('CHANNELS="2"', 'CHANNELS="6"', "RFC 8216 4.3.4.1"),
        ('CHANNELS="2",', "", "RFC 8216 4.3.4.1"),
        ("v174.m3u8\n", "audio.m3u8\n", "1.1"),
    ],
)
def test_a_master_that_says_something_else(stream: Stream, old: str, new: str, clause: str) -> None:
    assert clause in stream.edited(MASTER, old, new).errors()


def test_a_rate_that_is_not_the_one_shown(stream: Stream) -> None:
    assert "9.15" in stream.edited(MASTER, "FRAME-RATE=30.000", "FRAME-RATE=25.000").warnings()
    faster = stream.patched(VIDEO, b"mdhd", 12, number(90_000))
    assert "1.19" in faster.errors()


def test_one_track_in_a_file(stream: Stream) -> None:
    data = stream.files[VIDEO]
    free = stream.content(VIDEO, b"udta") - 4
    assert "CMAF track" in Stream({**stream.files, VIDEO: data[:free] + b"trak" + data[free + 4 :]}).errors()
