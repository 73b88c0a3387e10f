"""POST /qoe."""

from aiohttp import web

from server.kit import answer
from server.kit.body import read_json, validated
from server.qoe import actions
from server.qoe.wire import Beacon

routes = web.RouteTableDef()


@routes.post("/api/v1/qoe")
async def post_beacon(request: web.Request) -> web.Response:
    actions.count(validated(await read_json(request), Beacon))
    return answer.nothing()
