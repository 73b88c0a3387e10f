"""GET and POST /videos/{id}/comments, DELETE /comments/{id}."""

from aiohttp import web

from server.cards import actions as cards
from server.comments import actions, queries
from server.comments.actions import COMMENTS
from server.comments.saying import SAYING
from server.kit import answer
from server.kit.body import read_body
from server.kit.idempotency import key_of
from server.kit.ids import parse_id
from server.kit.request import paging, signed_in, start_work, uuid_in_path, viewer
from server.videos import actions as videos

routes = web.RouteTableDef()


@routes.get(COMMENTS)
async def get_comments(request: web.Request) -> web.Response:
    viewer_id = viewer(request)
    async with start_work(request) as w:
        video = await videos.visible(w.conn, uuid_in_path(request, "id"), viewer_id)
        limit, after = paging(request)
        rows = await queries.of_video(w.conn, video.id, viewer_id, after.id, limit + 1)
        comments = await cards.comments(w.conn, rows[:limit])
    cursor = answer.next_cursor(request, [(row.created_at, row.id) for row in rows], limit)
    return answer.json(answer.page(comments, cursor))


@routes.post(COMMENTS)
async def post_comment(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    body = await read_body(request)
    said = await request.app[SAYING].say(account_id, parse_id(request.match_info["id"]), body, key_of(request))
    return answer.of(said)


@routes.delete("/api/v1/comments/{id}")
async def delete_comment(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    async with start_work(request) as w:
        await actions.delete(w, account_id, uuid_in_path(request, "id"))
    return answer.nothing()
