"""POST /videos/{id}/restore."""

from aiohttp import web

from server.archive import actions
from server.kit import answer
from server.kit.idempotency import start_once
from server.kit.kept import Answer
from server.kit.request import signed_in, uuid_in_path
from server.videos import actions as videos

routes = web.RouteTableDef()


@routes.post("/api/v1/videos/{id}/restore")
async def post_restore(request: web.Request) -> web.Response:
    account_id, video_id = signed_in(request), uuid_in_path(request, "id")
    async with start_once(request, account_id, f"/api/v1/videos/{video_id}/restore", {}) as turn:
        if turn.answer is None:
            video = await videos.visible(turn.work.conn, video_id, account_id)
            turn.begin()
            await actions.restore(turn.work, account_id, video)
            await turn.keep(Answer(202))
    return answer.accepted()
