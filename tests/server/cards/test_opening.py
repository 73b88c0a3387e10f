"""Which files a client begins with."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import pytest

from media.manifest import AudioTrack, Rendition
from server.cards.links import Links
from server.cards.opening import Opened, opening
from server.cards.queries import RenditionRow, VideoRow
from server.kit.ids import new_id

ID = new_id()
LINKS = Links(f"/media/{ID}/o/", "", None)
SOUND = AudioTrack(
    codecs="mp4a.40.2", channels=2, bandwidth=96_000, average_bandwidth=96_000, playlist="audio.m3u8", track="audio.mp4", bytes=60
)


def video(*, audio: bool = True, warm_path: str | None = None) -> VideoRow:
    now = datetime.now(UTC)
    return VideoRow(
        id=ID, author_id=new_id(), title="", description="", hashtags=[], visibility="public", status="ready", progress=1.0,
        error_code=None, error_detail=None, created_at=now, published_at=now, duration_ms=5000, width=540, height=960,
        thumbhash=None, poster="1/poster.jpg", preview=None, storyboard=None,
        audio=msgspec.json.encode(SOUND).decode() if audio else None, audio_generation=2 if audio else None, generation=1,
        warm_path=warm_path, ladder_gone=False,
    )  # fmt: skip


def mp4(name: str, bitrate: int, *, start: bool = False) -> RenditionRow:
    return RenditionRow(ID, name, "mp4", 1, 540, 960, bitrate, bitrate // 10, msgspec.json.encode({"start": start}).decode())


def variant(edge: int, bitrate: int, *, default: bool = False) -> RenditionRow:
    facts = Rendition(
        name=f"v{edge}", short_edge=edge, width=edge, height=edge, frame_rate=30.0, codecs="avc1.64001f", bandwidth=bitrate,
        average_bandwidth=bitrate, default=default, playlist=f"v{edge}.m3u8", track=f"v{edge}.mp4", bytes=bitrate // 10,
    )  # fmt: skip
    return RenditionRow(ID, facts.name, "hls", 3, edge, edge, bitrate, facts.bytes, msgspec.json.encode(facts).decode())


FILES = [mp4("720.mp4", 3000), mp4("540.mp4", 2000, start=True)]
STREAM = [variant(720, 3000), variant(360, 1000, default=True), variant(234, 500)]
POSTER, FIRST = ("1/poster.jpg", 0), ("1/540.mp4", 200)
VARIANT = [("3/master.m3u8", 0), ("3/v360.m3u8", 0), ("3/v360.mp4", 100)]


@pytest.mark.parametrize(
    ("row", "renditions", "begun"),
    [
        (video(), FILES + STREAM, [POSTER, FIRST, *VARIANT, ("2/audio.m3u8", 0), ("2/audio.mp4", 60)]),
        (video(audio=False), FILES + STREAM, [POSTER, FIRST, *VARIANT]),
        (video(audio=False), STREAM, [POSTER, *VARIANT]),
        (video(audio=False), FILES, [POSTER, FIRST]),
        (video(warm_path="1/720.mp4", audio=False), FILES + STREAM, [POSTER, ("1/720.mp4", 300)]),
        (video(audio=False), [], [POSTER]),
    ],
)
def test_a_client_begins_with_the_poster_and_the_first_of_either_way(
    row: VideoRow, renditions: Sequence[RenditionRow], begun: list[tuple[str, int]]
) -> None:
    assert opening(row, renditions, LINKS) == [Opened(f"/media/{ID}/o/{path}", size) for path, size in begun]
