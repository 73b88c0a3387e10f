"""GET /search."""

from aiohttp import web

from server.kit import answer
from server.kit.request import paging, start_work, text_in_query, viewer
from server.search import actions

routes = web.RouteTableDef()


@routes.get("/api/v1/search")
async def get_search(request: web.Request) -> web.Response:
    beginning = actions.asked(text_in_query(request, "q"))
    limit, _ = paging(request)
    async with start_work(request) as w:
        found = await actions.find(w.conn, beginning, viewer(request), limit)
    return answer.json(found)
