"""PUT and DELETE /videos/{id}/like."""

from aiohttp import web

from server.kit import answer
from server.kit.request import signed_in, uuid_in_path
from server.likes.liking import LIKING

routes = web.RouteTableDef()


@routes.put("/api/v1/videos/{id}/like")
async def put_like(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    await request.app[LIKING].like(account_id, uuid_in_path(request, "id"))
    return answer.nothing()


@routes.delete("/api/v1/videos/{id}/like")
async def delete_like(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    await request.app[LIKING].unlike(account_id, uuid_in_path(request, "id"))
    return answer.nothing()
