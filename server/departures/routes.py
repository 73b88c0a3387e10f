"""DELETE /me."""

from aiohttp import web

from server.accounts import actions as accounts
from server.accounts import cookie, guesses
from server.accounts.passwords import PASSWORDS
from server.accounts.wire import DeleteMe
from server.departures import actions
from server.kit import answer
from server.kit.body import read_json, validated
from server.kit.request import POOL, signed_in, start_work

routes = web.RouteTableDef()


@routes.delete("/api/v1/me")
async def delete_me(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    password = validated(await read_json(request), DeleteMe).password
    async with guesses.confirming(request, account_id, password):
        encoded = await accounts.check_password(request.app[POOL], request.app[PASSWORDS], account_id, password)
    async with start_work(request) as w:
        await actions.leave(w, account_id, encoded)
    response = answer.nothing()
    cookie.take_away(response)
    return response
