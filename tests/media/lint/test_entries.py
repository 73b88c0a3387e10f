"""Lines, tags and attribute lists."""

import pytest

from media.lint.entries import attributes, entries
from media.lint.finding import MOST_FINDINGS, Findings
from media.lint.reading import MOST_ADDRESSES, MOST_SEGMENTS
from tests.media.lint.streams import MASTER, Stream


@pytest.mark.parametrize(
    ("name", "old", "new", "clause"),
    [
        (MASTER, "#EXTM3U", "#EXTM3U8", "RFC 8216 4.3.1.1"),
        ("v272.m3u8", "#EXTM3U", "\ufeff#EXTM3U", "RFC 8216 4.3.1.1"),
        (MASTER, 'NAME="Sound"', 'NAME="So\x07und"', "RFC 8216 4.1"),
        ("v272.m3u8", "#EXT-X-ENDLIST", "#EXT-X-MEDIA:TYPE=AUDIO\n#EXT-X-ENDLIST", "RFC 8216 4.1"),
        ("v272.m3u8", "#EXT-X-VERSION:7", "#EXT-X-VERSION:7\n#EXT-X-VERSION:7", "RFC 8216 4.3.1.2"),
        ("v272.m3u8", "#EXT-X-VERSION:7", "#EXT-X-VERSION:seven", "RFC 8216 4.3.1.2"),
        (MASTER, "RESOLUTION=272x480", 'RESOLUTION="272x480"', "RFC 8216 4.2"),
        (MASTER, "FRAME-RATE=30.000", "FRAME-RATE=30.000,FRAME-RATE=30.000", "RFC 8216 4.2"),
        (MASTER, 'AUDIO="sound"', 'AUDIO="sound', "RFC 8216 4.2"),
        (MASTER, "v174.m3u8\n", "http://[::1/v174.m3u8\n", "RFC 8216 4.1"),
        (MASTER, "v174.m3u8\n", "v174.m3u8\rHost: elsewhere\n", "RFC 8216 4.1"),
        (MASTER, 'URI="audio.m3u8"', 'URI="http://a:b/"', "RFC 8216 4.1"),
    ],
)
def test_text_that_is_malformed(stream: Stream, name: str, old: str, new: str, clause: str) -> None:
    assert clause in stream.edited(name, old, new).errors()


def test_attributes_are_read_as_they_are() -> None:
    findings = Findings()
    [entry] = entries('#EXTM3U\n#EXT-X-Y:A="b,c",BANDWIDTH=12,TYPE=AUDIO', "p", findings)[1:]
    assert attributes(entry, "p", findings) == {"A": "b,c", "BANDWIDTH": "12", "TYPE": "AUDIO"}
    assert findings.all() == []


def test_hostile_playlists_are_not_followed_without_end(stream: Stream) -> None:
    many = stream.edited(MASTER, "v174.m3u8\n", "v174.m3u8\n" + "#EXT-X-STREAM-INF:BANDWIDTH=1\nx.m3u8\n" * MOST_ADDRESSES)
    found = many.findings()
    assert "RFC 8216 10" in {finding.clause for finding in found}
    assert len(found) <= MOST_FINDINGS
    long = stream.edited("v272.m3u8", "#EXT-X-ENDLIST", "#EXTINF:1.0,\nx.mp4\n" * MOST_SEGMENTS + "#EXT-X-ENDLIST")
    assert "RFC 8216 10" in long.errors()
    assert "RFC 8216 10" in stream.line("v272.m3u8", "#EXT-X-BYTERANGE", "#EXT-X-BYTERANGE:999999999@0").errors()
