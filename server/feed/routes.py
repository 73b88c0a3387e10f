"""GET /feed/following and /feed/latest."""

from aiohttp import web

from server.cards.actions import CARDS
from server.cards.sources import bandwidth
from server.feed import actions, now
from server.feed.memory import FEED_MEMORY, Asked
from server.feed.wire import PRELOAD, FollowingFeed, LatestFeed
from server.kit import answer
from server.kit.paging import FIRST
from server.kit.request import paging, signed_in, start_work, viewer
from server.live import log

routes = web.RouteTableDef()


@routes.get(now.FOLLOWING)
async def get_following(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    limit, after = paging(request)
    asked = Asked(limit, after, bandwidth(request.query))
    memory = request.app[FEED_MEMORY]
    if asked.after == FIRST and asked.bandwidth is None:
        body = now.following(request.app, account_id, "", limit)
        if body is not None:
            return answer.encoded(body)
    # Taken before the page: whatever was published up to this position is in what is read from here on.
    if (position := memory.position()) is None:
        return await _from_postgresql(request, asked)
    return answer.encoded(await memory.page(account_id, asked, position, now.cursor_in(now.FOLLOWING)))


async def _from_postgresql(request: web.Request, asked: Asked) -> web.Response:
    account_id, limit = signed_in(request), asked.limit
    async with start_work(request) as w:
        position = await log.position(w.conn)
        listed = await actions.following(w.conn, account_id, asked.after, limit + 1)
        shown = [v.video_id for v in listed[:limit]]
        found = await request.app[CARDS].feed_items(w.conn, shown, account_id, asked.bandwidth)
    items = [item for item in found if item.visibility != "private"]  # since the list was read it may have been hidden
    cursor = answer.next_cursor(request, [(v.at, v.video_id) for v in listed], limit)
    return answer.json(FollowingFeed(items, cursor, position, PRELOAD))


@routes.get("/api/v1/feed/latest")
async def get_latest(request: web.Request) -> web.Response:
    viewer_id = viewer(request)
    limit, after = paging(request)
    chosen = bandwidth(request.query)
    async with start_work(request) as w:
        listed = await actions.latest(w.conn, viewer_id, after, limit + 1)
        found = await request.app[CARDS].feed_items(w.conn, [v.video_id for v in listed[:limit]], viewer_id, chosen)
    items = [item for item in found if item.visibility == "public"]  # since the list was read it may have been hidden
    cursor = answer.next_cursor(request, [(v.at, v.video_id) for v in listed], limit)
    return answer.json(LatestFeed(items, cursor, PRELOAD))
