"""GET, PATCH and DELETE /me/suggestions."""

from aiohttp import web

from server.kit import answer
from server.kit.body import read_json, validated
from server.kit.request import signed_in, start_work
from server.plays import choices, watches
from server.plays.wire import PatchSuggestions
from server.suggestions import choosing

routes = web.RouteTableDef()


@routes.get("/api/v1/me/suggestions")
async def get_choice(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    async with start_work(request) as w:
        choice = await watches.choice(w.conn, account_id)
    return answer.json(choices.shown(choice))


@routes.patch("/api/v1/me/suggestions")
async def patch_choice(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    body = validated(await read_json(request), PatchSuggestions)
    async with start_work(request) as w:
        choice = await choosing.choose(w, account_id, learns=body.learns)
    return answer.json(choices.shown(choice))


@routes.delete("/api/v1/me/suggestions")
async def delete_suggestions(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    async with start_work(request) as w:
        await choosing.reset(w, account_id)
    return answer.nothing()
