"""What is popular is in the edge's cache before anybody has asked for it: a real nginx, and the application behind it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from server.cards.opening import Opened
from server.kit.request import SETTINGS, STORE
from server.origin import routes as origin
from server.plays.windows import ViewWindows
from server.prefetch import edges, jobs
from server.prefetch.edges import Edge
from server.videos.wire import Visibility
from stack import nginx, ports
from stack.embedded import running
from stack.nginx import FrontDoor
from stack.runtime import remove_temporary, runtime_folder
from storage.postgres import Pool
from tests.people import Client, Person
from tests.videos import Told, published
from tests.viewed import seen

DATA = b"a clip" * 10_000
FILES = {"540.mp4": DATA, "poster.jpg": b"a poster"}


@pytest.fixture
async def edge(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """The origin of a front door with an empty cache, before the application; the job knows of it and of no authors."""
    runtime = runtime_folder(tmp_path)
    door = FrontDoor(
        state=tmp_path / "state",
        runtime=runtime,
        log=tmp_path / "nginx.log",
        access_log=tmp_path / "access.log",
        port=ports.choose(["edge"])["edge"],
        client=tmp_path,
        upstreams=(f"127.0.0.1:{client.port}",),
        secret_keys=client.app[SETTINGS].secret_keys,
    )
    monkeypatch.setattr(jobs, "MOST_FOLLOWED", 0)
    monkeypatch.setitem(origin.EDGE_SECONDS, origin.PUBLIC, 3600)  # what it has it does not have to ask for again
    async with aiohttp.ClientSession() as http, running(nginx.part(door)):
        url = f"http://127.0.0.1:{door.port}"
        monkeypatch.setitem(client.app._state, jobs.EDGES, (Edge(http, url),))
        yield url
    remove_temporary(runtime, tmp_path)


async def clip(author: Person, visibility: Visibility = "public") -> UUID:
    """A video whose files the object store has."""
    app = author.client.app
    video_id = await published(author.client, author, Told(visibility=visibility))
    for name, data in FILES.items():
        await app[STORE].put(app[SETTINGS].s3_bucket, f"videos/{video_id}/1/{name}", data, content_type="video/mp4")
    return video_id


async def watch(windows: ViewWindows, client: Client, *video_ids: UUID) -> None:
    await windows.mend(client.app)
    windows.counted([seen(video_id, 10 - nth) for nth, video_id in enumerate(video_ids)])
    await windows.flush()


async def cached(edge: str, video_id: UUID) -> dict[str, tuple[str | None, bytes]]:
    """What the edge says of each file: this asks for it, so that it is cached afterwards."""
    found = {}
    async with aiohttp.ClientSession() as http:
        for name in FILES:
            async with http.get(f"{edge}/media/{video_id}/o/1/{name}") as answer:
                found[name] = answer.headers.get("X-Cache"), await answer.read()
    return found


def had(how: str) -> dict[str, tuple[str, bytes]]:
    return {name: (how, data) for name, data in FILES.items()}


async def test_what_is_watched_most_is_a_hit_before_anybody_asks(
    client: Client, ann: Person, of_own: ViewWindows, edge: str
) -> None:
    watched, other = await clip(ann), await clip(ann)
    await watch(of_own, client, watched)
    await jobs.prefetch(client.app)
    assert await cached(edge, watched) == had("HIT")
    assert await cached(edge, other) == had("MISS")


async def test_the_newest_of_who_is_followed_most_are_a_hit(
    client: Client, ann: Person, of_own: ViewWindows, edge: str, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MOST_FOLLOWED", 1)
    monkeypatch.setattr(jobs, "NEWEST", 1)
    before, newest = await clip(ann), await clip(ann)
    popular = "INSERT INTO popular_name (beginning, kind, name, weight) VALUES ('', 'user', $1, 1e12)"
    await pool.execute(popular, ann.username.lower())
    await jobs.prefetch(client.app)
    await pool.execute("DELETE FROM popular_name WHERE name = $1", ann.username.lower())
    assert await cached(edge, newest) == had("HIT")
    assert await cached(edge, before) == had("MISS")


async def test_what_not_everybody_may_see_or_is_archived_is_not_asked_for(
    client: Client, ann: Person, ben: Person, of_own: ViewWindows, edge: str, pool: Pool
) -> None:
    there, deleted, archived, left = [await clip(who) for who in (ann, ann, ann, ben)]
    hidden = await clip(ann, "followers")
    await watch(of_own, client, there, deleted, archived, hidden, left)
    assert (await ann.delete(f"/videos/{deleted}")).status == 204
    await pool.execute("INSERT INTO video_tier (video_id, tier, warm_path) VALUES ($1, 'archived', '1/234.mp4')", archived)
    await pool.execute("DELETE FROM account WHERE id = $1", ben.id)
    urls = [one.url for one in await jobs.wanted(client.app)]
    assert urls == [f"/media/{there}/o/1/poster.jpg", f"/media/{there}/o/1/540.mp4"]


async def test_what_was_there_of_late_is_not_asked_for_again(
    client: Client, ann: Person, of_own: ViewWindows, edge: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await watch(of_own, client, await clip(ann))
    (known,), files = client.app[jobs.EDGES], await jobs.wanted(client.app)
    runs = [await known.fill(files, 10_000_000) for _ in range(2)]
    monkeypatch.setattr(edges, "AGAIN_SECONDS", 0.0)
    runs.append(await known.fill(files, 10_000_000))
    assert [(run.fetched, run.there, run.refused) for run in runs] == [(2, 0, 0), (0, 0, 0), (0, 2, 0)]


async def test_a_run_has_the_edge_read_no_more_than_it_may(client: Client, ann: Person, of_own: ViewWindows, edge: str) -> None:
    video_id = await clip(ann)
    await watch(of_own, client, video_id)
    (known,), files = client.app[jobs.EDGES], await jobs.wanted(client.app)
    run = await known.fill(files, files[1].bytes)
    assert (run.fetched, run.bytes_left) == (1, files[1].bytes - len(FILES["poster.jpg"]))
    found = await cached(edge, video_id)
    assert [how for how, _ in found.values()] == ["MISS", "HIT"]


async def test_what_vanishes_meanwhile_is_refused_and_an_edge_that_is_away_is_left_alone(
    client: Client, ann: Person, of_own: ViewWindows, edge: str, caplog: pytest.LogCaptureFixture
) -> None:
    video_id = await clip(ann)
    await watch(of_own, client, video_id)
    (known,), files = client.app[jobs.EDGES], await jobs.wanted(client.app)
    assert (await ann.delete(f"/videos/{video_id}")).status == 204
    run = await known.fill(files, 10_000_000)
    assert (run.fetched, run.there, run.refused) == (0, 0, 2)
    async with aiohttp.ClientSession() as http:
        away = Edge(http, f"http://127.0.0.1:{ports.choose(['edge'])['edge']}")
        async with asyncio.timeout(60):
            run = await away.fill([one._replace(url=f"/media/{n}") for n in range(100) for one in files], 10_000_000)
    assert edges.MOST_FAILURES <= len(run.failures) < edges.MOST_FAILURES + edges.AT_ONCE
    assert "could not be asked" in caplog.text


async def endless(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    while True:
        await answer.write(bytes(1 << 16))


async def test_an_edge_that_sends_without_end_or_elsewhere_or_is_ill_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edges, "SMALL_BYTES", 100_000)
    asked: list[str] = []

    async def elsewhere(request: web.Request) -> web.Response:
        asked.append(request.path)
        raise web.HTTPServiceUnavailable if request.path == "/ill" else web.HTTPFound("/inside")

    hostile = web.Application()
    hostile.router.add_get("/endless", endless)
    hostile.router.add_get("/{anything}", elsewhere)
    async with TestServer(hostile) as server, aiohttp.ClientSession() as http:
        known = Edge(http, str(server.make_url("")).rstrip("/"))
        async with asyncio.timeout(60):
            run = await known.fill([Opened("/endless", 1000), Opened("/elsewhere", 0), Opened("/ill", 0)], 10_000_000)
    assert (run.fetched, run.there, run.refused, len(run.failures)) == (0, 0, 1, 2)
    assert sorted(asked) == ["/elsewhere", "/ill"]


async def test_without_bytes_to_spend_an_edge_is_asked_for_nothing(
    client: Client, ann: Person, of_own: ViewWindows, edge: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    video_id = await clip(ann)
    await watch(of_own, client, video_id)
    monkeypatch.setitem(client.app._state, SETTINGS, replace(client.app[SETTINGS], prefetch_bytes=0))
    await jobs.prefetch(client.app)
    assert await cached(edge, video_id) == had("MISS")
