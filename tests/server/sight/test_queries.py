"""How lists leave out who is hidden: row by row, by an index, whatever the planner believes of the blocks there are."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest

from server.comments import queries as comments
from server.follows import queries as follows
from server.kit.paging import FIRST
from server.kit.request import POOL
from server.sight import queries
from server.videos import queries as videos
from server.videos import tagged
from storage.postgres import connection
from tests.people import Client, Person

SOMEBODY, PAGE = uuid4(), (FIRST.at, FIRST.id, 11)
LISTS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "latest": (videos.LATEST, (*PAGE, SOMEBODY)),
    "with a hashtag": (tagged.TAGGED, ("a tag", *PAGE, SOMEBODY)),
    "followers": (follows.FOLLOWERS, (uuid4(), *PAGE, SOMEBODY)),
    "following": (follows.FOLLOWING, (uuid4(), *PAGE, SOMEBODY)),
    "comments": (comments.OF_VIDEO, (uuid4(), FIRST.id, 11, SOMEBODY)),
    "newest comments": (comments.NEWEST, ([uuid4()], 3, SOMEBODY)),
}


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_is_read_no_further_than_its_page(client: Client, name: str) -> None:
    sql, arguments = LISTS[name]
    async with connection(client.app[POOL]) as conn, conn.transaction():
        await conn.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")
        plan = "\n".join(row[0] for row in await conn.fetch("EXPLAIN " + sql, *arguments))
    # Which of a table's indexes serves best depends on how many rows earlier tests left in it; that one does, does not.
    assert "Anti Join" not in plan
    assert "SubPlan" in plan
    for table in ("blocking", "blocker"):
        assert re.search(rf"Index (Only )?Scan using \w+ on {table}\b", plan)


async def test_either_is_hidden_from_the_other(client: Client, ann: Person, ben: Person) -> None:
    assert (await ann.put(f"/me/blocks/{ben.id}")).status == 204
    assert ann.id is not None
    assert ben.id is not None
    others: list[UUID] = [ann.id, ben.id, SOMEBODY]
    async with connection(client.app[POOL]) as conn:
        assert await queries.hidden_among(conn, ann.id, others) == {ben.id}
        assert await queries.hidden_among(conn, ben.id, others) == {ann.id}
        assert await queries.hidden_among(conn, SOMEBODY, others) == set()
        assert [await queries.blocks(conn, *pair) for pair in ((ann.id, ben.id), (ben.id, ann.id))] == [True, False]
        assert [await queries.blocked_by(conn, *pair) for pair in ((ann.id, ben.id), (ben.id, ann.id))] == [False, True]
