"""POST /videos/{id}/views."""

from aiohttp import web

from server.kit import answer
from server.kit.body import read_json, validated
from server.kit.request import SETTINGS, signed_in, start_work, uuid_in_path
from server.plays import actions
from server.plays.wire import Watched
from server.videos import actions as videos

routes = web.RouteTableDef()


@routes.post("/api/v1/videos/{id}/views")
async def post_view(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    body = await read_json(request)
    async with start_work(request) as w:
        video = await videos.visible(w.conn, uuid_in_path(request, "id"), account_id)
        watched = validated(body, Watched)
        await actions.watch(w, account_id, video, watched, limited=request.app[SETTINGS].rate_limits)
    return answer.accepted()
