"""Many first requests for one object: they meet in one process, and are sent to the cache when it is there."""

import asyncio
import uuid

import pytest

from server.keys import MediaSigner
from server.origin.routes import KEPT_HEADER
from tests.edge.conftest import Edge
from tests.edge.origin import Thing
from tests.edge.test_media import BODY, IMMUTABLE, hold
from tests.waiting import until


async def test_sixty_at_once_come_to_one_process(edge: Edge) -> None:
    path = hold(edge)
    edge.origin.open.clear()
    asking = [asyncio.create_task(edge.get(path)) for _ in range(60)]
    await until(lambda: len(edge.origin.asked) == 60, "those that do not wait for the first")
    edge.origin.open.set()
    answers = await asyncio.gather(*asking)
    assert {(answer.status, body) for answer, body in answers} == {(200, BODY)}
    assert len({request.transport.get_extra_info("sockname") for request in edge.origin.asked if request.transport}) == 1


async def test_what_comes_at_once_is_waited_for_at_the_edge_alone(edge: Edge) -> None:
    path = hold(edge)
    for _ in range(3):
        await edge.get(path)
    assert len(edge.origin.asked) == 1


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("part", [False, True])
async def test_who_waited_for_the_first_is_answered_from_the_cache(
    edge: Edge, signer: MediaSigner, signed: bool, part: bool
) -> None:
    path = hold(edge)
    if signed:
        video_id = uuid.uuid4()
        path = f"/media/{video_id}/s/1/720.mp4"
        edge.origin.things[path] = Thing(BODY, headers={**IMMUTABLE, "X-Accel-Expires": "60"})
        path += f"?{signer.query(video_id)[0]}"
    edge.origin.open.clear()
    edge.origin.stored = asyncio.Event()
    first = asyncio.create_task(edge.get(path))
    await until(lambda: edge.origin.asked, "the first")
    second = asyncio.create_task(edge.get(path, **({"Range": "bytes=1000-1999"} if part else {})))
    await until(lambda: len(edge.origin.asked) == 2, "the second")
    edge.origin.open.set()
    assert (await first)[0].headers["X-Cache"] == "MISS"
    edge.origin.stored.set()
    answer, body = await second
    assert (answer.status, body) == ((206, BODY[1000:2000]) if part else (200, BODY))
    assert answer.headers.getall("X-Cache") == ["HIT"]
    assert answer.headers.getall("Cache-Control") == [IMMUTABLE["Cache-Control"]]
    assert (answer.content_type, answer.headers.getall("Access-Control-Allow-Origin")) == ("video/mp4", ["*"])
    assert "X-Accel-Redirect" not in answer.headers
    assert len(edge.origin.asked) == 2


async def test_who_is_sent_to_the_cache_in_vain_asks_once_more_and_is_not_sent_again(edge: Edge) -> None:
    path = hold(edge, fresh=0)
    edge.origin.stored = asyncio.Event()
    edge.origin.stored.set()
    await edge.get(path)
    answer, body = await edge.get(path)
    assert (answer.status, body, answer.headers["X-Cache"]) == (200, BODY, "MISS")
    assert [request.headers.get(KEPT_HEADER) for request in edge.origin.asked] == ["/kept", "/kept", None]


async def test_nobody_says_for_himself_where_he_is_sent_to(edge: Edge) -> None:
    path = hold(edge)
    await edge.get(path, **{KEPT_HEADER: "/api"})
    assert edge.origin.asked[0].headers.getall(KEPT_HEADER) == ["/kept"]
    await edge.get("/api/v1/me", **{KEPT_HEADER: "/kept"})
    assert KEPT_HEADER not in edge.origin.asked[1].headers
    assert (await edge.get(f"/kept{path}"))[0].status == 404
