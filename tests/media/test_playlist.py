"""Playlists as text."""

import msgspec

from media import playlist
from media.boxes import Segment, Track
from media.manifest import AudioTrack, IFrames, Rendition

TRACK = Track(
    init_size=700,
    timescale=1000,
    codecs="avc1.64001f",
    segments=(Segment(700, 5000, 0, 2000, 60, True), Segment(5700, 3000, 2000, 1502, 45, True)),
    bytes=8700,
)
RENDITION = Rendition(
    name="540",
    short_edge=540,
    width=540,
    height=960,
    frame_rate=29.97,
    codecs="avc1.64001f",
    bandwidth=20_000,
    average_bandwidth=18_000,
    default=True,
    playlist="v540.m3u8",
    track="v540.mp4",
    bytes=8700,
)
IFRAMES = IFrames(
    name="iframes-234",
    width=234,
    height=416,
    codecs="avc1.64000b",
    bandwidth=5000,
    average_bandwidth=4000,
    playlist="iframes-234.m3u8",
    track="iframes-234.mp4",
    bytes=7500,
)
SOUND = AudioTrack(
    codecs="mp4a.40.2",
    channels=2,
    bandwidth=100_000,
    average_bandwidth=96_000,
    playlist="audio.m3u8",
    track="audio.mp4",
    bytes=40_000,
)


def test_a_media_playlist() -> None:
    assert playlist.media(TRACK, "v540.mp4").splitlines() == [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-TARGETDURATION:2",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        '#EXT-X-MAP:URI="v540.mp4",BYTERANGE="700@0"',
        "#EXTINF:2.000000,",
        "#EXT-X-BYTERANGE:5000@700",
        "v540.mp4",
        "#EXTINF:1.502000,",
        "#EXT-X-BYTERANGE:3000@5700",
        "v540.mp4",
        "#EXT-X-ENDLIST",
    ]


def test_a_playlist_of_key_pictures_says_so() -> None:
    usual, keys = (playlist.media(TRACK, "v540.mp4", iframes=alone).splitlines() for alone in (False, True))
    assert [line for line in keys if line not in usual] == ["#EXT-X-I-FRAMES-ONLY"]


def test_bandwidths_are_measured_by_the_segment() -> None:
    assert playlist.bandwidths(TRACK) == (20_000, round(8 * 8000 / 3.502))
    assert playlist.starts(TRACK) == [0.0, 2.0]


def test_a_short_segment_at_the_end_is_no_peak_by_itself() -> None:
    stub = Segment(8700, 4000, 3502, 500, 15, True)
    track = msgspec.structs.replace(TRACK, segments=(*TRACK.segments, stub))
    assert playlist.bandwidths(track)[0] == round(8 * 7000 / 2.002)
    assert playlist.bandwidths(track, 1)[0] == playlist.bandwidths(track, 2)[0]
    alone = msgspec.structs.replace(TRACK, segments=(msgspec.structs.replace(stub, ticks=100),))
    assert playlist.bandwidths(alone) == (320_000, 320_000)


def test_the_master_names_the_default_variant_first() -> None:
    small = msgspec.structs.replace(RENDITION, name="234", default=False, bandwidth=9000, playlist="v234.m3u8")
    large = msgspec.structs.replace(RENDITION, name="720", default=False, bandwidth=90_000, playlist="v720.m3u8")
    finer = msgspec.structs.replace(IFRAMES, width=360, height=640, bandwidth=9000, playlist="iframes-360.m3u8")
    text = playlist.master([large, small, RENDITION], SOUND, [finer, IFRAMES])
    assert [line for line in text.splitlines() if line.endswith(".m3u8")] == ["v540.m3u8", "v234.m3u8", "v720.m3u8"]
    assert (
        '#EXT-X-STREAM-INF:BANDWIDTH=120000,AVERAGE-BANDWIDTH=114000,CODECS="avc1.64001f,mp4a.40.2",'
        'RESOLUTION=540x960,FRAME-RATE=29.970,VIDEO-RANGE=SDR,AUDIO="sound"\nv540.m3u8\n'
    ) in text
    assert text.count("#EXT-X-I-FRAME-STREAM-INF") == 2
    assert text.index("iframes-234.m3u8") < text.index("iframes-360.m3u8")
    assert (
        '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=5000,AVERAGE-BANDWIDTH=4000,CODECS="avc1.64000b",'
        'RESOLUTION=234x416,VIDEO-RANGE=SDR,URI="iframes-234.m3u8"\n'
    ) in text
    assert text.startswith("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-MEDIA:TYPE=AUDIO")
    assert 'LANGUAGE="und"' in text


def test_the_master_of_a_silent_clip_has_no_audio_group() -> None:
    text = playlist.master([RENDITION], None)
    assert "AUDIO" not in text
    assert 'BANDWIDTH=20000,AVERAGE-BANDWIDTH=18000,CODECS="avc1.64001f",' in text


def test_a_query_reaches_every_address() -> None:
    text = playlist.with_query(playlist.master([RENDITION], SOUND, [IFRAMES]), "expires=1&signature=k.abc")
    assert 'URI="audio.m3u8?expires=1&signature=k.abc"' in text
    assert 'URI="iframes-234.m3u8?expires=1&signature=k.abc"' in text
    assert "\nv540.m3u8?expires=1&signature=k.abc\n" in text
    media = playlist.with_query(playlist.media(TRACK, "v540.mp4"), "e=1")
    assert media.count("v540.mp4?e=1") == 3
    assert media.count("?e=1") == 3


def test_all_playlists_of_a_video_have_one_target() -> None:
    assert [playlist.common_target([0.0, 1.49], seconds) for seconds in (2.98, 1.5)] == [2, 2]
    assert playlist.common_target([0.0], 0.1) == 1
    assert playlist.common_target([0.0, 2.0], 4.0) == 2
    assert "#EXT-X-TARGETDURATION:3" in playlist.media(TRACK, "v540.mp4", 3)
