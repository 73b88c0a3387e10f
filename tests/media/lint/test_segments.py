"""Each rule that a media playlist alone can break."""

import pytest

from tests.media.lint.streams import Stream

VIDEO, SOUND, IFRAMES = "v272.m3u8", "audio.m3u8", "iframes-272.m3u8"


@pytest.mark.parametrize(
    ("name", "start", "new", "clause"),
    [
        (VIDEO, "#EXT-X-ENDLIST", "", "RFC 8216 4.3.3.4"),
        (VIDEO, "#EXT-X-PLAYLIST-TYPE", "", "8.6"),
        (SOUND, "#EXT-X-PLAYLIST-TYPE", "#EXT-X-PLAYLIST-TYPE:EVENT", "8.6"),
        (IFRAMES, "#EXT-X-I-FRAMES-ONLY", "", "6.8"),
        (VIDEO, "#EXT-X-ENDLIST", "#EXT-X-I-FRAMES-ONLY\n#EXT-X-ENDLIST", "6.8"),
        (VIDEO, "#EXT-X-TARGETDURATION", "", "RFC 8216 4.3.3.1"),
        (VIDEO, "#EXT-X-TARGETDURATION", "#EXT-X-TARGETDURATION:1", "RFC 8216 4.3.3.1"),
        (VIDEO, "#EXT-X-VERSION", "", "RFC 8216 7"),
        (VIDEO, "#EXT-X-VERSION", "#EXT-X-VERSION:5", "RFC 8216 7"),
        (IFRAMES, "#EXT-X-VERSION", "#EXT-X-VERSION:4", "RFC 8216 7"),
        (VIDEO, "#EXTINF", "#EXTINF:1.7", "RFC 8216 4.3.2.1"),
        (VIDEO, "#EXTINF", "", "RFC 8216 4.3.2.1"),
        (VIDEO, "#EXT-X-BYTERANGE", "#EXT-X-BYTERANGE:100", "RFC 8216 4.3.2.2"),
        (VIDEO, "#EXT-X-BYTERANGE", "#EXT-X-BYTERANGE:0@700", "RFC 8216 4.3.2.2"),
        (VIDEO, "#EXT-X-MAP", "", "8.20"),
        (VIDEO, "#EXT-X-MAP", '#EXT-X-MAP:BYTERANGE="765@0"', "RFC 8216 4.3.2.5"),
    ],
)
def test_a_media_playlist_that_lacks_something(stream: Stream, name: str, start: str, new: str, clause: str) -> None:
    found = [finding for finding in stream.line(name, start, new).findings() if finding.clause == clause]
    assert found
    assert found[0].severity == "error"
    assert found[0].place.startswith(name)


def test_version_5_is_enough_for_iframes(stream: Stream) -> None:
    assert stream.line(IFRAMES, "#EXT-X-VERSION", "#EXT-X-VERSION:5").errors() == set()


def test_ranges_leave_no_gap_and_do_not_overlap(stream: Stream) -> None:
    size, offset = stream.text(VIDEO).split("#EXT-X-BYTERANGE:")[1].split("\n")[0].split("@")
    for changed in (int(size) - 1, int(size) + 1):
        edited = stream.edited(VIDEO, f":{size}@{offset}", f":{changed}@{offset}")
        assert "7.1" in edited.errors()
    assert stream.edited(VIDEO, f"@{offset}", f"@{int(offset)}").errors() == set()


def test_a_range_without_an_offset_goes_on_from_the_one_before(stream: Stream) -> None:
    last = stream.text(VIDEO).split("#EXT-X-BYTERANGE:")[2].split("\n")[0]
    assert stream.edited(VIDEO, last, last.split("@")[0]).errors() == set()


def test_ranges_lie_inside_of_the_file(stream: Stream) -> None:
    last = stream.text(VIDEO).split("#EXT-X-BYTERANGE:")[2].split("\n")[0]
    size, offset = last.split("@")
    assert "RFC 8216 4.3.2.2" in stream.edited(VIDEO, last, f"{int(size) + 1}@{offset}").errors()


def test_dense_iframes_are_recommended(stream: Stream) -> None:
    sparse = stream.line(IFRAMES, "#EXTINF", "#EXTINF:1.100000,")
    assert next(finding.place for finding in sparse.findings() if finding.clause == "6.2") == IFRAMES
