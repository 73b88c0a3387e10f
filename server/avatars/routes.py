"""PUT and DELETE /me/avatar."""

import asyncio

from aiohttp import web

from server.avatars import actions
from server.avatars.wire import Wish
from server.kit import answer
from server.kit.deadline import SECONDS
from server.kit.request import POOL, SETTINGS, STORE, signed_in, start_work
from server.profiles import actions as profiles
from server.uploads.photo import read_photo, require_photo

routes = web.RouteTableDef()


@routes.put("/api/v1/me/avatar")
async def put_avatar(request: web.Request) -> web.Response:
    """200 with the account as it is when the picture is shown; 503 when that takes longer than a request may."""
    account_id = signed_in(request)
    require_photo(request)
    sent = await read_photo(request)
    async with asyncio.timeout(SECONDS):
        until = asyncio.get_running_loop().time() + actions.WAIT_SECONDS
        await actions.fulfilled(request.app[POOL], account_id, await _ask_for(request, sent), until)
        async with start_work(request) as w:
            account = await profiles.account(w.conn, account_id)
    return answer.json(account)


@routes.delete("/api/v1/me/avatar")
async def delete_avatar(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    async with start_work(request) as w:
        await actions.take_away(w, account_id)
    return answer.nothing()


async def _ask_for(request: web.Request, sent: bytes) -> Wish:
    account_id, settings = signed_in(request), request.app[SETTINGS]
    async with start_work(request) as w:
        wish, fresh = await actions.announce(w, account_id, sent, limited=settings.rate_limits)
    if not fresh:
        return wish
    key = actions.photo_key(account_id, wish.token)
    await request.app[STORE].put(settings.s3_raw_bucket, key, sent, content_type="application/octet-stream")
    async with start_work(request) as w:
        return await actions.ask_for(w, account_id, wish, limited=settings.rate_limits)
