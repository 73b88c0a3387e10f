"""POST /videos/{id}/shares."""

from aiohttp import web

from server.kit import answer
from server.kit.idempotency import start_once
from server.kit.kept import Answer
from server.kit.request import signed_in, uuid_in_path
from server.shares import actions
from server.videos import actions as videos

routes = web.RouteTableDef()


@routes.post("/api/v1/videos/{id}/shares")
async def post_share(request: web.Request) -> web.Response:
    account_id, video_id = signed_in(request), uuid_in_path(request, "id")
    async with start_once(request, account_id, f"/api/v1/videos/{video_id}/shares", {}) as turn:
        if turn.answer is None:
            video = await videos.visible(turn.work.conn, video_id, account_id)
            turn.begin()
            await actions.share(turn.work, account_id, video)
            await turn.keep(Answer(202))
    return answer.accepted()
