"""Pictures of accounts that the object store has lost."""

from pathlib import Path

import pytest

from server.accounts.wire import AVATAR_EDGES
from server.avatars import lost
from server.avatars.lost import WALK
from server.transcoding.jobs import Tools
from tests.people import Client, Person
from tests.server.avatars.making import leased, put
from tests.whole_walk import whole_walk
from tests.wishes import run

pytestmark = pytest.mark.usefixtures("hasty")


@pytest.mark.parametrize("edge", AVATAR_EDGES)
async def test_in_place_of_a_lost_picture_none_is_shown_until_it_is_sent_again(
    client: Client, ann: Person, ben: Person, tools: Tools, photo: bytes, tmp_path: Path, edge: int
) -> None:
    for person in (ann, ben):
        await put(person, photo)
        await run(tools, await leased(tools, person), tmp_path)
    whole = (await ben.get("/me")).body["avatar_url"]
    url = (await ann.get("/me")).body["avatar_url"]
    await whole_walk(client, WALK, lost.look)
    assert (await ann.get("/me")).body["avatar_url"] == url, "nothing is wrong yet"
    gone = url.removeprefix("/media/").replace(f"-{AVATAR_EDGES[-1]}.jpg", f"-{edge}.jpg")
    await tools.store.delete(tools.media_bucket, [gone])
    for _ in range(2):
        await whole_walk(client, WALK, lost.look)
        assert (await ben.get(f"/users/{ann.id}")).body["avatar_url"] is None
    assert (await ann.get("/me")).body["avatar_url"] is None
    assert (await ann.get(f"/users/{ben.id}")).body["avatar_url"] == whole
    assert (await put(ann, photo)).status == 503, "it is made again"
    await run(tools, await leased(tools, ann), tmp_path)
    assert (await put(ann, photo)).body["avatar_url"] not in (None, url)


async def test_a_picture_that_is_on_its_way_is_shown_all_the_same(
    client: Client, ann: Person, tools: Tools, photo: bytes, tmp_path: Path
) -> None:
    await put(ann, photo)
    await run(tools, await leased(tools, ann), tmp_path)
    url = (await ann.get("/me")).body["avatar_url"]
    await tools.store.delete(tools.media_bucket, [url.removeprefix("/media/")])
    await put(ann, photo + b"\0")  # another one, by its bytes
    await whole_walk(client, WALK, lost.look)
    assert (await ann.get("/me")).body["avatar_url"] is None
    await run(tools, await leased(tools, ann), tmp_path)
    assert (await ann.get("/me")).body["avatar_url"] not in (None, url)
