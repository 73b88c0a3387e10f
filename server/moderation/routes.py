"""POST /videos/{id}/reports and PUT /videos/{id}/not-interested."""

from aiohttp import web

from server.kit import answer
from server.kit.body import read_json, validated
from server.kit.idempotency import start_once
from server.kit.kept import Answer
from server.kit.request import signed_in, start_work, uuid_in_path
from server.moderation import actions
from server.moderation.wire import NewReport
from server.videos import actions as videos

routes = web.RouteTableDef()


@routes.post("/api/v1/videos/{id}/reports")
async def post_report(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    body = await read_json(request)
    video_id = uuid_in_path(request, "id")
    async with start_once(request, account_id, f"/api/v1/videos/{video_id}/reports", body) as turn:
        if turn.answer is None:
            video = await videos.visible(turn.work.conn, video_id, account_id)
            new = validated(body, NewReport)
            turn.begin()
            await actions.report(turn.work, account_id, video, new)
            await turn.keep(Answer(202))
    return answer.accepted()


@routes.put("/api/v1/videos/{id}/not-interested")
async def put_not_interested(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    async with start_work(request) as w:
        await actions.decline(w, account_id, uuid_in_path(request, "id"))
    return answer.nothing()
