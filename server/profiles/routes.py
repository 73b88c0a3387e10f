"""GET /users/{id or username}."""

from aiohttp import web

from server.kit import answer
from server.kit.request import start_work, viewer
from server.profiles import actions
from server.sight import actions as sight

routes = web.RouteTableDef()


@routes.get("/api/v1/users/{user}")
async def get_user(request: web.Request) -> web.Response:
    async with start_work(request) as w:
        account_id = await sight.find(w.conn, request.match_info["user"], viewer(request))
        body = await actions.user(w.conn, account_id, viewer(request))
    return answer.json(body)
