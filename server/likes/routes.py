"""PUT and DELETE /videos/{id}/like."""

from aiohttp import web

from server.kit import answer
from server.kit.request import signed_in, start_work, uuid_in_path
from server.likes import actions

routes = web.RouteTableDef()


@routes.put("/api/v1/videos/{id}/like")
async def put_like(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    async with start_work(request) as w:
        await actions.like(w, account_id, uuid_in_path(request, "id"))
    return answer.nothing()


@routes.delete("/api/v1/videos/{id}/like")
async def delete_like(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    async with start_work(request) as w:
        await actions.unlike(w, account_id, uuid_in_path(request, "id"))
    return answer.nothing()
