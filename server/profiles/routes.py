"""GET /users/{id or username}."""

from aiohttp import web

from server.accounts import actions as accounts
from server.kit import answer
from server.kit.request import start_work, viewer
from server.profiles import actions

routes = web.RouteTableDef()


@routes.get("/api/v1/users/{user}")
async def get_user(request: web.Request) -> web.Response:
    async with start_work(request) as w:
        account_id = await accounts.find(w.conn, request.match_info["user"])
        body = await actions.user(w.conn, account_id, viewer(request))
    return answer.json(body)
