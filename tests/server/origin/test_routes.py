"""Media over HTTP as the edge asks for them: who sees what, with which headers."""

import asyncio
import os
import time
from dataclasses import dataclass, replace
from uuid import UUID

import msgspec
import pytest
from aiohttp import ClientPayloadError
from pytest_aiohttp.plugin import AiohttpClient

from media.manifest import AudioTrack, IFrames, Rendition
from server.kit.invalidation import INVALIDATIONS, Invalidated, invalidate
from server.kit.request import ANNOUNCER, POOL, SETTINGS, SIGNER, STORE
from server.kit.work import work
from server.origin import carried
from server.origin.actions import STATE_SECONDS
from server.settings import Settings
from server.videos import steps
from server.videos.steps import NewRendition
from server.videos.wire import Visibility
from tests import rooms
from tests.bad_s3 import s3_that, torn
from tests.people import Client, Person
from tests.videos import Told, published, uploaded

DATA = os.urandom(300_000)
PLAYLIST = b'#EXTM3U\n#EXT-X-MAP:URI="v540.mp4",BYTERANGE="800@0"\n#EXTINF:2,\n#EXT-X-BYTERANGE:100@800\nv540.mp4\n'
NOBODY = "0190163d-8694-739b-aea5-966c26f8ad90"
HIDDEN = (403, "bad_signature")


@dataclass
class Media:
    """A video that plays, and where its media are."""

    client: Client
    id: UUID

    @property
    def open(self) -> str:
        return f"/media/{self.id}/o/1/"

    @property
    def signed(self) -> str:
        return f"/media/{self.id}/s/1/"

    def query(self) -> str:
        return self.client.app[SIGNER].query(self.id)[0]


async def media_of(person: Person, visibility: Visibility) -> Media:
    client = person.client
    video_id = await published(client, person, Told(visibility=visibility))
    store, bucket = client.app[STORE], client.app[SETTINGS].s3_bucket
    for name, data in {"540.mp4": DATA, "poster.jpg": b"jpeg", "v540.m3u8": PLAYLIST, "audio.mp4": b"sound"}.items():
        # The object's own type is not what is served.
        await store.put(bucket, f"videos/{video_id}/1/{name}", data, content_type="text/html")
    return Media(client, video_id)


@pytest.fixture
async def public(ann: Person) -> Media:
    return await media_of(ann, "public")


@pytest.fixture
async def private(ann: Person) -> Media:
    return await media_of(ann, "private")


async def test_open_media_are_immutable_and_asked_for_again_every_few_seconds(public: Media, nobody: Person) -> None:
    answer = await nobody.get(public.open + "540.mp4")
    assert (answer.status, answer.body) == (200, DATA)
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["Content-Length"] == str(len(DATA))
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Accel-Expires"] == "3"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = await nobody.get(public.open + "540.mp4", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", answer.headers["ETag"])
    assert again.headers["X-Accel-Expires"] == "3"


@pytest.mark.parametrize(
    ("name", "kind"), [("poster.jpg", "image/jpeg"), ("v540.m3u8", "application/vnd.apple.mpegurl"), ("audio.mp4", "audio/mp4")]
)
async def test_types_are_told_by_the_name(public: Media, nobody: Person, name: str, kind: str) -> None:
    assert (await nobody.get(public.open + name)).headers["Content-Type"] == kind


async def test_head_tells_what_get_would(public: Media, nobody: Person) -> None:
    told, got = await nobody.call("HEAD", public.open + "540.mp4"), await nobody.get(public.open + "540.mp4")
    assert (told.status, told.body) == (200, b"")
    for name in ("Content-Length", "Content-Type", "ETag", "Cache-Control", "Accept-Ranges"):
        assert told.headers[name] == got.headers[name]
    assert (await nobody.call("HEAD", public.open + "none.mp4")).status == 404


async def test_ranges_are_cut_out(public: Media, nobody: Person) -> None:
    for text, start, stop in (("1000-1999", 1000, 2000), ("-100", len(DATA) - 100, len(DATA)), ("0-", 0, len(DATA))):
        answer = await nobody.get(public.open + "540.mp4", headers={"Range": f"bytes={text}"})
        assert (answer.status, answer.body) == (206, DATA[start:stop])
        assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(DATA)}"
    refused = await nobody.get(public.open + "540.mp4", headers={"Range": f"bytes={len(DATA)}-"})
    assert (refused.status, refused.code) == (416, "range_not_satisfiable")
    assert refused.headers["Content-Range"] == f"bytes */{len(DATA)}"


async def test_what_is_not_there_below_a_public_video_is_404(public: Media, nobody: Person) -> None:
    for path in ("o/1/none.mp4", "o/2/540.mp4", "o/1/540.exe", "o/1/.mp4", "none.mp4", "", "o/1/master.m3u8", "o/x/540.mp4"):
        refused = await nobody.get(f"/media/{public.id}/{path}")
        assert (refused.status, refused.code) == (404, "not_found")
        assert refused.headers["Cache-Control"] == "no-store"


async def test_a_refusal_replaces_what_the_edge_holds_and_nothing_else(public: Media, nobody: Person) -> None:
    """The edge asks by ETag for what it holds; other refusals must not fill its cache."""
    for path in (f"/media/{NOBODY}/o/1/540.mp4", public.open + "none.mp4"):
        assert "X-Accel-Expires" not in (await nobody.get(path)).headers
        held = await nobody.get(path, headers={"If-None-Match": '"of the edge"'})
        assert held.headers["X-Accel-Expires"] == "1"


@pytest.mark.parametrize("name", ["540.mp4", "none.mp4", "master.m3u8", "v540.m3u8"])
async def test_unsigned_media_of_hidden_and_unknown_videos_are_refused_alike(
    ann: Person, private: Media, nobody: Person, name: str
) -> None:
    not_yet = await uploaded(ann.client, ann)
    refusals = [
        await nobody.get(f"/media/{video}/{path}")
        for video in (private.id, not_yet, NOBODY)
        for path in (f"o/1/{name}", f"s/1/{name}", name, "")
    ]
    assert {(refused.status, refused.code) for refused in refusals} == {HIDDEN}
    assert {refused.headers["Cache-Control"] for refused in refusals} == {"no-store"}
    assert len({str(refused.body) for refused in refusals}) <= 2  # one text for each kind of path, whatever the video


async def test_below_no_video_nothing_is_told(nobody: Person) -> None:
    for path in ("/media/", "/media/x", "/media/..%2f..%2fetc", f"/media/{NOBODY[:-1]}z/o/1/540.mp4"):
        refused = await nobody.get(path)
        assert (refused.status, refused.code) == HIDDEN


async def test_signed_media_are_private(private: Media, nobody: Person) -> None:
    answer = await nobody.get(f"{private.signed}540.mp4?{private.query()}")
    assert (answer.status, answer.body) == (200, DATA)
    assert answer.headers["Cache-Control"] == "private, max-age=3600"
    assert answer.headers["X-Accel-Expires"] == "3"
    open_one = await nobody.get(f"{private.open}540.mp4?{private.query()}")
    assert (open_one.status, open_one.code) == HIDDEN


async def test_signatures_that_are_changed_repeated_or_of_another_video_are_refused(
    private: Media, public: Media, nobody: Person
) -> None:
    good = private.query()
    expires, signature = good.split("&")
    bad = [
        "",
        expires,
        signature,
        f"{expires}0&{signature}",
        f"{expires}&{signature[:-1]}{'A' if signature[-1] != 'A' else 'B'}",
        f"{good}&{expires}",
        f"{good}&{signature}",
        f"expires={int(time.time()) - 1}&{signature}",
        public.query(),
        f"{expires}&signature=%00%ff",
        f"expires=١٢٣&{signature}",
    ]
    for query in bad:
        refused = await nobody.get(f"{private.signed}540.mp4?{query}")
        assert (refused.status, refused.code) == HIDDEN, query


async def test_playlists_of_hidden_videos_hand_the_signature_on(private: Media, nobody: Person) -> None:
    query = private.query()
    answer = await nobody.get(f"{private.signed}v540.m3u8?{query}")
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Accel-Expires"] == "0"
    assert answer.body.decode().count(f"v540.mp4?{query}") == 2
    missing = await nobody.get(f"{private.signed}v720.m3u8?{query}")
    assert (missing.status, missing.code) == (404, "not_found")


async def change(media: Media, sql: str) -> None:
    """Something happens to the video, and this process has heard of it."""
    app = media.client.app
    async with work(app[POOL], app[ANNOUNCER], None) as w:
        await w.conn.execute(sql, media.id)
        await invalidate(w, media.id, "video", media.id)
    event = w.events[-1]
    assert isinstance(event, Invalidated)
    app[INVALIDATIONS].take(event)


async def test_a_video_that_is_withdrawn_is_refused_whatever_the_client_has(public: Media, nobody: Person) -> None:
    etag = (await nobody.get(public.open + "540.mp4")).headers["ETag"]
    await change(public, "UPDATE video SET visibility = 'followers' WHERE id = $1")
    for headers in ({}, {"If-None-Match": etag}, {"Range": "bytes=0-1"}):
        refused = await nobody.get(public.open + "540.mp4", headers=headers)
        assert (refused.status, refused.code) == HIDDEN
    assert (await nobody.get(f"{public.signed}540.mp4?{public.query()}")).status == 200


async def test_a_video_that_is_deleted_is_gone_under_every_url(private: Media, nobody: Person) -> None:
    url = f"{private.signed}540.mp4?{private.query()}"
    assert (await nobody.get(url)).status == 200
    await change(private, "DELETE FROM video WHERE id = $1")
    assert (await nobody.get(url)).status == 404


async def test_nothing_is_written_below_media(public: Media, ann: Person) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        refused = await ann.call(method, public.open + "540.mp4")
        assert (refused.status, refused.code) == (405, "method_not_allowed")


VARIANT = Rendition(
    name="v540",
    short_edge=540,
    width=540,
    height=960,
    frame_rate=30.0,
    codecs="avc1.64001f",
    bandwidth=1_500_000,
    average_bandwidth=1_400_000,
    default=True,
    playlist="v540.m3u8",
    track="v540.mp4",
    bytes=875_000,
)
IFRAMES = IFrames(
    name="iframes-234",
    width=234,
    height=416,
    codecs="avc1.64000b",
    bandwidth=18_000,
    average_bandwidth=17_000,
    playlist="iframes-234.m3u8",
    track="iframes-234.mp4",
    bytes=12_000,
)
SOUND = AudioTrack(
    codecs="mp4a.40.2",
    channels=2,
    bandwidth=130_000,
    average_bandwidth=128_000,
    playlist="audio.m3u8",
    track="audio.mp4",
    bytes=80_000,
)


async def stream(media: Media, *, ready: bool) -> None:
    """The video gets an HLS stream; with it, it is ready."""
    app = media.client.app
    async with work(app[POOL], app[ANNOUNCER], None) as w:
        row = NewRendition("540", "hls", 1, 540, 960, 1_500_000, 875_000, msgspec.json.encode(VARIANT))
        keys = NewRendition(IFRAMES.name, "iframes", 1, 234, 416, 18_000, 12_000, msgspec.json.encode(IFRAMES))
        await steps.add(w.conn, media.id, [row, keys], None, 1)
        await steps.ready(w.conn, media.id)
        if not ready:
            await w.conn.execute("UPDATE video SET status = 'playable', progress = 0.5 WHERE id = $1", media.id)
        await invalidate(w, media.id, "video", media.id)
    event = w.events[-1]
    assert isinstance(event, Invalidated)
    app[INVALIDATIONS].take(event)


async def test_a_master_playlist_is_immutable_once_it_is_final(public: Media, nobody: Person) -> None:
    url = public.open + "master.m3u8"
    assert (await nobody.get(url)).status == 404
    await stream(public, ready=False)
    early = await nobody.get(url)
    assert (early.status, early.headers["Cache-Control"], early.headers["X-Accel-Expires"]) == (200, "no-cache", "1")
    assert "v540.m3u8" in early.body.decode()
    await change(public, "UPDATE video SET status = 'ready', progress = 1 WHERE id = $1")
    final = await nobody.get(url)
    assert final.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert final.headers["Content-Type"] == "application/vnd.apple.mpegurl"
    again = await nobody.get(url, headers={"If-None-Match": final.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


async def test_a_master_playlist_of_a_hidden_video_hands_the_signature_on(private: Media, nobody: Person) -> None:
    await stream(private, ready=True)
    query = private.query()
    answer = await nobody.get(f"{private.signed}master.m3u8?{query}")
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "private, no-store")
    assert f"\nv540.m3u8?{query}" in answer.body.decode()
    assert f'URI="iframes-234.m3u8?{query}"' in answer.body.decode()
    assert (await nobody.get(f"/media/{private.id}/s/2/master.m3u8?{query}")).status == 404


async def test_a_stream_that_is_made_again_has_another_master_playlist(public: Media, nobody: Person) -> None:
    await stream(public, ready=True)
    assert (await nobody.get(f"/videos/{public.id}")).body["sources"][1]["url"] == public.open + "master.m3u8"
    again = msgspec.structs.replace(VARIANT, playlist="v720.m3u8", default=False)
    async with work(public.client.app[POOL], public.client.app[ANNOUNCER], None) as w:
        made = NewRendition("again", "hls", 3, 720, 1280, 2_500_000, 1, msgspec.json.encode(again))
        await steps.add(w.conn, public.id, [made], None, 4)
    assert (await nobody.get(f"/videos/{public.id}")).body["sources"][1]["url"] == f"/media/{public.id}/o/3/master.m3u8"
    text = (await nobody.get(f"/media/{public.id}/o/3/master.m3u8")).body.decode()
    assert "\nv720.m3u8\n" in text
    assert "\n../1/v540.m3u8\n" in text
    # The sound is made again, too.
    async with work(public.client.app[POOL], public.client.app[ANNOUNCER], None) as w:
        await steps.add(w.conn, public.id, [], msgspec.json.encode(SOUND), 4)
    video = (await nobody.get(f"/videos/{public.id}")).body
    assert video["sources"][1]["url"] == f"/media/{public.id}/o/4/master.m3u8"
    assert 'URI="audio.m3u8"' in (await nobody.get(f"/media/{public.id}/o/4/master.m3u8")).body.decode()
    await asyncio.sleep(STATE_SECONDS)
    for generation in (1, 2, 3):
        assert (await nobody.get(f"/media/{public.id}/o/{generation}/master.m3u8")).status == 404


async def test_a_store_that_breaks_off_is_seen_as_such_and_never_as_the_end(
    public: Media, aiohttp_client: AiohttpClient, settings: Settings
) -> None:
    async with s3_that(torn) as url:
        process = await rooms.serve(aiohttp_client, replace(settings, s3_endpoint_url=url))
        async with process.get(public.open + "540.mp4") as response:
            assert response.status == 200
            with pytest.raises(ClientPayloadError):
                await response.read()


async def test_a_store_that_is_away_is_503(public: Media, aiohttp_client: AiohttpClient, settings: Settings) -> None:
    process = await rooms.serve(aiohttp_client, replace(settings, s3_endpoint_url="http://127.0.0.1:9"))
    refused = await Person(process).get(public.open + "540.mp4")
    assert (refused.status, refused.code) == (503, "unavailable")
    assert int(refused.headers["Retry-After"]) > 0


async def test_a_database_that_does_not_answer_is_told_before_the_edge_loses_patience(
    public: Media, nobody: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("server.origin.routes.SECONDS", 0.1)
    async with public.client.app[POOL].acquire() as conn, conn.transaction():
        await conn.execute("LOCK TABLE video IN ACCESS EXCLUSIVE MODE")
        for path in (public.open + "540.mp4", public.open + "master.m3u8", f"{public.signed}540.mp4?{public.query()}"):
            refused = await nobody.get(path)
            assert (refused.status, refused.code) == (503, "unavailable")
    assert caplog.text.count("TimeoutError") == 3


async def test_of_many_at_once_one_is_given_the_bytes_and_the_others_are_sent_to_the_cache(
    public: Media, nobody: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carried, "STORED_SECONDS", 2.0)  # the last of them has come by then, however slow this machine is
    monkeypatch.setattr(carried, "WAIT_SECONDS", 60.0)
    path, kept = public.open + "540.mp4", {"X-Reelwire-Kept": "/kept"}
    answers = await asyncio.gather(*(nobody.get(path, headers=kept) for _ in range(20)))
    sent = [answer for answer in answers if "X-Accel-Redirect" in answer.headers]
    assert {answer.headers["X-Accel-Redirect"] for answer in sent} == {"/kept" + path}
    assert len(sent) == 19
    assert [answer.body for answer in answers if answer not in sent] == [DATA]
    assert (await nobody.get(path)).body == DATA  # from elsewhere than the edge, at any time
