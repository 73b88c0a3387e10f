"""GET /users/{id or username}."""

from uuid import UUID

from aiohttp import web

from server.feed import now
from server.feed.memory import FEED_MEMORY
from server.kit import answer
from server.kit.request import start_work, viewer
from server.profiles import actions
from server.sight import actions as sight

routes = web.RouteTableDef()


@routes.get("/api/v1/users/{user}")
async def get_user(request: web.Request) -> web.Response:
    viewer_id, who = viewer(request), request.match_info["user"]
    if FEED_MEMORY in request.app and (body := await _from_memory(request, viewer_id, who)) is not None:
        return answer.encoded(body)
    async with start_work(request) as w:
        account_id = await sight.find(w.conn, who, viewer_id)
        user = await actions.user(w.conn, account_id, viewer_id)
    return answer.json(user)


async def _from_memory(request: web.Request, viewer_id: UUID | None, who: str) -> bytes | None:
    """Where it is not there PostgreSQL has its say.

    Raises:
        NotFound: before anything is read into memory: what is there already would tell by time who is hidden, and who absent.
    """
    app = request.app
    body = now.profile(app, viewer_id, who)
    if body is None and app[FEED_MEMORY].position() is not None:
        async with start_work(request) as w:
            await sight.find(w.conn, who, viewer_id)
        await app[FEED_MEMORY].people.learn(viewer_id, who, videos=False)
        body = now.profile(app, viewer_id, who)
    return body
