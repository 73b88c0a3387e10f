"""PUT and DELETE /me/blocks/{user}, and the list of whom one has blocked."""

from aiohttp import web

from server.accounts import actions as accounts
from server.blocks import actions, queries
from server.kit import answer
from server.kit.request import paging, signed_in, start_work
from server.profiles import actions as profiles

routes = web.RouteTableDef()


@routes.put("/api/v1/me/blocks/{user}")
async def put_block(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    async with start_work(request) as w:
        await actions.block(w, account_id, await accounts.find(w.conn, request.match_info["user"]))
    return answer.nothing()


@routes.delete("/api/v1/me/blocks/{user}")
async def delete_block(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    async with start_work(request) as w:
        await actions.unblock(w, account_id, await accounts.find(w.conn, request.match_info["user"]))
    return answer.nothing()


@routes.get("/api/v1/me/blocks")
async def get_blocks(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    limit, after = paging(request)
    async with start_work(request) as w:
        blocks = await queries.newest(w.conn, account_id, after, limit + 1)
        users = await profiles.users(w.conn, [block.blocked_id for block in blocks[:limit]], account_id)
    cursor = answer.next_cursor(request, [(block.at, block.blocked_id) for block in blocks], limit)
    return answer.json(answer.page(users, cursor))
