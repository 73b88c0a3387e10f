"""Each rule of section 9 that the master playlist alone can break."""

import pytest

from tests.media.lint.streams import MASTER, Stream


@pytest.mark.parametrize(
    ("old", "new", "clause"),
    [
        ("INF:BANDWIDTH=", "INF:X-BANDWIDTH=", "RFC 8216 4.3.4.2"),
        ("AVERAGE-BANDWIDTH=", "X-AVERAGE=", "9.14"),
        (',CODECS="avc1.640015,mp4a.40.2"', "", "9.1"),
        (",RESOLUTION=272x480,F", ",F", "9.2"),
        (",FRAME-RATE=30.000", "", "9.15"),
        (",VIDEO-RANGE=SDR,AUDIO", ",AUDIO", "9.16"),
        ("VIDEO-RANGE=SDR,AUDIO", "VIDEO-RANGE=RGB,AUDIO", "RFC 8216 4.3.4.2"),
        ("FRAME-RATE=30.000", "FRAME-RATE=61.000", "1.19"),
        ('AUDIO="sound"', 'AUDIO="noise"', "RFC 8216 4.3.4.2"),
        ('LANGUAGE="und",', "", "8.10"),
        ('NAME="Sound",', "", "RFC 8216 4.3.4.1"),
        ("TYPE=AUDIO,", "", "RFC 8216 4.3.4.1"),
        (',CODECS="avc1.640015",', ",", "9.3"),
        (",RESOLUTION=272x480,VIDEO-RANGE=SDR,URI", ",URI", "9.4"),
        ('SDR,URI="', 'SDR,X-URI="', "RFC 8216 4.3.4.3"),
        ("v174.m3u8\n", "\n", "RFC 8216 4.3.4.2"),
        ("#EXT-X-I-FRAME-STREAM-INF", "#EXT-X-NOTHING", "6.1"),
        ("AVERAGE-BANDWIDTH", "X-AVERAGE", "9.14"),
    ],
)
def test_a_master_that_lacks_something(stream: Stream, old: str, new: str, clause: str) -> None:
    found = [finding for finding in stream.edited(MASTER, old, new).findings() if finding.clause == clause]
    assert found
    assert found[0].severity == "error"
    assert found[0].place.startswith(MASTER)


def test_a_slow_network_needs_a_variant_of_its_own(stream: Stream) -> None:
    large = stream.edited(MASTER, "-INF:BANDWIDTH=1", "-INF:BANDWIDTH=9")
    assert "App Review 2.5.7" in large.errors()


def test_one_variant_is_not_enough(stream: Stream) -> None:
    for _ in range(2):
        stream = stream.line(MASTER, "#EXT-X-STREAM-INF", "", 1).line(MASTER, "v", "", 1)
    assert "9.9" in stream.errors()
    none = stream.line(MASTER, "#EXT-X-STREAM-INF", "").line(MASTER, "v", "")
    assert "RFC 8216 4.3.4.2" in none.errors()


def test_one_rate_of_key_pictures_is_too_few(stream: Stream) -> None:
    assert stream.line(MASTER, "#EXT-X-I-FRAME-STREAM-INF", "").warnings() == {"6.6"}


def test_players_do_not_begin_with_the_smallest(stream: Stream) -> None:
    first, smallest = (line for line in stream.text(MASTER).split("\n") if "272x480,F" in line or "174x308,F" in line)
    swapped = stream.edited(MASTER, f"{first}\nv272.m3u8", "#").edited(MASTER, f"{smallest}\n", f"{smallest}\n", 1)
    lines = swapped.text(MASTER).replace("\n#\n", "\n").rstrip("\n") + f"\n{first}\nv272.m3u8\n"
    assert "1.32" in Stream({**stream.files, MASTER: lines.encode()}).warnings()
    assert "1.32" in stream.edited(MASTER, "RESOLUTION=272x480", "RESOLUTION=720x1280").warnings()
