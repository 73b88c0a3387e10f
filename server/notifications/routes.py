"""GET /me/notifications and how many are unread; PUT /me/notifications/read."""

from aiohttp import web

from server.cards.actions import CARDS
from server.kit import answer
from server.kit.body import read_json, validated
from server.kit.request import paging, signed_in, start_work
from server.notifications import actions, queries
from server.notifications.wire import Notifications, ReadUpTo, Unread

routes = web.RouteTableDef()


@routes.get("/api/v1/me/notifications")
async def get_notifications(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    limit, after = paging(request)
    async with start_work(request) as w:
        # Read before the page: whatever changes between the two statements is not marked as read with it.
        box = await queries.box(w.conn, account_id)
        rows = await queries.listed(w.conn, account_id, after.id, limit + 1)
        items = await actions.shown(w.conn, request.app[CARDS], account_id, box, rows[:limit])
        unread = await queries.unread(w.conn, account_id, actions.MOST_UNREAD)
    cursor = answer.next_cursor(request, [(row.created_at, row.id) for row in rows], limit)
    return answer.json(Notifications(items, cursor, unread, box.last_change))


@routes.get("/api/v1/me/notifications/unread")
async def get_unread(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    async with start_work(request) as w:
        unread = await queries.unread(w.conn, account_id, actions.MOST_UNREAD)
    return answer.json(Unread(unread))


@routes.put("/api/v1/me/notifications/read")
async def put_read(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    asked = validated(await read_json(request), ReadUpTo)
    async with start_work(request) as w:
        await actions.read(w.conn, account_id, asked)
    return answer.nothing()
