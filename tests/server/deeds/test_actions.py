"""Deeds of one transaction."""

from datetime import datetime
from uuid import UUID, uuid4

from server.deeds import actions, queries
from server.deeds.wire import Deed
from server.kit.ids import new_id, time_of
from server.kit.request import POOL
from storage.postgres import connection
from tests.people import Client


async def test_each_of_several_mentions_by_one_account_is_kept(client: Client) -> None:
    told, by, video_id = uuid4(), uuid4(), uuid4()
    first, last = new_id(), new_id()
    same = UUID(int=last.int ^ 1)  # of the same millisecond
    kept: list[tuple[UUID | None, datetime]] = []
    async with connection(client.app[POOL]) as conn:
        transaction = conn.transaction()
        await transaction.start()
        await actions.keep(conn, *(Deed(told, "mention", video_id, by, comment_id) for comment_id in (first, last, same, last)))
        for shard in await queries.waiting(conn, actions.SHARDS):
            taken, _ = await queries.take(conn, shard, 5000)
            kept += [(one.comment_id, one.last_at) for one in taken if one.account_id == told]
        await transaction.rollback()
    assert {comment_id for comment_id, _ in kept} == {first, last, same}
    assert len({at for _, at in kept}) == 3
    assert min(at for _, at in kept) == time_of(first)
