"""POST /videos/{id}/views, GET /videos/{id}/stats."""

from aiohttp import web

from server.kit import answer
from server.kit.body import read_json, validated
from server.kit.idempotency import start_once
from server.kit.kept import Answer
from server.kit.request import SETTINGS, signed_in, start_work, uuid_in_path
from server.plays import actions
from server.plays.windows import WINDOWS
from server.plays.wire import Stats, Watched
from server.shares import actions as shares
from server.videos import actions as videos

routes = web.RouteTableDef()


@routes.post("/api/v1/videos/{id}/views")
async def post_view(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    body = await read_json(request)
    video_id = uuid_in_path(request, "id")
    async with start_once(request, account_id, f"/api/v1/videos/{video_id}/views", body) as turn:
        if turn.answer is None:
            video = await videos.visible(turn.work.conn, video_id, account_id)
            watched = validated(body, Watched)
            turn.begin()
            await actions.watch(turn.work, account_id, video, watched, limited=request.app[SETTINGS].rate_limits)
            await turn.keep(Answer(202))
    return answer.accepted()


@routes.get("/api/v1/videos/{id}/stats")
async def get_stats(request: web.Request) -> web.Response:
    account_id, video_id = signed_in(request), uuid_in_path(request, "id")
    async with start_work(request) as w:
        told = await actions.stats(w, account_id, video_id)
        shared = await shares.counts(w, video_id)
    # No transaction is open while Valkey is asked.
    windows = await request.app[WINDOWS].of([video_id])
    return answer.json(Stats(told.views, windows[video_id], told.days, told.watching, shared, told.stored))
