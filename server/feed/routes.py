"""GET /feed/following and /feed/latest."""

from functools import partial
from uuid import UUID

from aiohttp import web

from server.cards.actions import CARDS
from server.cards.sources import bandwidth
from server.feed import actions
from server.feed.memory import FEED_MEMORY, Asked, Cursor
from server.feed.wire import PRELOAD, FollowingFeed, LatestFeed
from server.kit import answer
from server.kit.paging import DEFAULT_LIMIT, FIRST
from server.kit.request import PAGING, paging, signed_in, start_work, viewer
from server.live import log

routes = web.RouteTableDef()
FOLLOWING = "/api/v1/feed/following"


@routes.get(FOLLOWING)
async def get_following(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    limit, after = paging(request)
    asked = Asked(limit, after, bandwidth(request.query))
    memory = request.app[FEED_MEMORY]
    if asked.after == FIRST and asked.bandwidth is None:
        body = following_now(request.app, account_id, limit)
        if body is not None:
            return answer.encoded(body)
    # Taken before the page: whatever was published up to this position is in what is read from here on.
    if (position := memory.position()) is None:
        return await _from_postgresql(request, asked)
    return answer.encoded(await memory.page(account_id, asked, position, _cursor(request.app)))


def following_now(app: web.Application, account_id: UUID, limit: int | None) -> bytes | None:
    """The first page, where all of it is in memory and memory is to be believed."""
    memory = app[FEED_MEMORY]
    position = memory.position()
    return memory.now(account_id, limit or DEFAULT_LIMIT, position, _cursor(app)) if position is not None else None


def _cursor(app: web.Application) -> Cursor:
    return partial(app[PAGING].cursor_of, FOLLOWING)


async def _from_postgresql(request: web.Request, asked: Asked) -> web.Response:
    account_id, limit = signed_in(request), asked.limit
    async with start_work(request) as w:
        position = await log.position(w.conn)
        listed = await actions.following(w.conn, account_id, asked.after, limit + 1)
        shown = [v.video_id for v in listed[:limit]]
        items = await request.app[CARDS].feed_items(w.conn, shown, account_id, asked.bandwidth)
    cursor = answer.next_cursor(request, [(v.at, v.video_id) for v in listed], limit)
    return answer.json(FollowingFeed(items, cursor, position, PRELOAD))


@routes.get("/api/v1/feed/latest")
async def get_latest(request: web.Request) -> web.Response:
    viewer_id = viewer(request)
    limit, after = paging(request)
    chosen = bandwidth(request.query)
    async with start_work(request) as w:
        listed = await actions.latest(w.conn, viewer_id, after, limit + 1)
        items = await request.app[CARDS].feed_items(w.conn, [v.video_id for v in listed[:limit]], viewer_id, chosen)
    cursor = answer.next_cursor(request, [(v.at, v.video_id) for v in listed], limit)
    return answer.json(LatestFeed(items, cursor, PRELOAD))
