"""GET /feed/suggested, and GET, PATCH and DELETE /me/suggestions."""

from functools import partial
from uuid import UUID

import msgspec
from aiohttp import web

from server.cards.actions import CARDS
from server.cards.sources import bandwidth
from server.cards.wire import FeedItem
from server.feed.memory import FEED_MEMORY
from server.feed.wire import PRELOAD
from server.kit import answer
from server.kit.body import read_json, validated
from server.kit.paging import asked_from, list_of
from server.kit.request import signed_in, start_work, viewer
from server.plays import choices, watches
from server.plays.wire import PatchSuggestions
from server.suggestions import choosing
from server.suggestions import scroll as scrolls
from server.suggestions.actions import SUGGESTING
from server.suggestions.places import TEN
from server.suggestions.reasons import why
from server.suggestions.scroll import Scroll

routes = web.RouteTableDef()

_encode = msgspec.json.Encoder().encode
_PRELOAD = _encode(PRELOAD)


@routes.get("/api/v1/feed/suggested")
async def get_suggested(request: web.Request) -> web.Response:
    viewer_id, of = viewer(request), list_of(request)
    limit, scroll = asked_from(request, partial(scrolls.read, of), Scroll())
    chosen, suggesting = bandwidth(request.query), request.app[SUGGESTING]
    page = await suggesting.page(viewer_id, limit, scroll)
    found = await _items(request, [one.candidate.video_id for one in page.given], chosen)
    items = [
        b'%b,"why":%b}' % (found[i][:-1], _encode(why(one.candidate.reason)))
        for one in page.given
        if (i := one.candidate.video_id) in found
    ]
    suggesting.log_given(viewer_id, page, found)
    cursor = b"null" if page.next is None else b'"%b"' % scrolls.cursor_of(of, page.next, TEN).encode()
    return answer.encoded(b'{"items":[%b],"next_cursor":%b,"preload":%b}' % (b",".join(items), cursor, _PRELOAD))


@routes.get("/api/v1/me/suggestions")
async def get_choice(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    async with start_work(request) as w:
        choice = await watches.choice(w.conn, account_id)
    return answer.json(choices.shown(choice))


@routes.patch("/api/v1/me/suggestions")
async def patch_choice(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    body = validated(await read_json(request), PatchSuggestions)
    async with start_work(request) as w:
        choice = await choosing.choose(w, account_id, learns=body.learns)
    return answer.json(choices.shown(choice))


@routes.delete("/api/v1/me/suggestions")
async def delete_suggestions(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    async with start_work(request) as w:
        await choosing.reset(w, account_id)
    return answer.nothing()


async def _items(request: web.Request, video_ids: list[UUID], chosen: int | None) -> dict[UUID, bytes]:
    """JSON of those that are still public."""
    memory = request.app[FEED_MEMORY]
    if memory.position() is not None:
        return await memory.each(video_ids, viewer(request), chosen, ("public",))
    async with start_work(request) as w:
        items: list[FeedItem] = await request.app[CARDS].feed_items(w.conn, video_ids, viewer(request), chosen)
    return {item.id: _encode(item) for item in items if item.visibility == "public"}
