"""GET /videos/{id}/similar."""

from aiohttp import web

from server.cards.actions import CARDS
from server.kit import answer
from server.kit.request import paging, signed_in, start_work, uuid_in_path
from server.sight import queries as sight
from server.similar import actions

routes = web.RouteTableDef()


@routes.get("/api/v1/videos/{id}/similar")
async def get_similar(request: web.Request) -> web.Response:
    account_id, video_id = signed_in(request), uuid_in_path(request, "id")
    async with start_work(request) as w:
        found = await actions.seen(w, video_id)
    limit, _ = paging(request)
    if found is None:
        return answer.json(answer.page([], None))
    # No transaction is open while something is computed.
    keys = await actions.keys(found)
    async with start_work(request) as w:
        candidates = await actions.candidates(w, video_id, found, keys)
    near = await actions.nearest(found, candidates, limit)
    async with start_work(request) as w:
        cards = await request.app[CARDS].videos(w.conn, [one.candidate.video_id for one in near], account_id)
        hidden = await sight.hidden_among(w.conn, account_id, [card.author.id for card in cards.values()])
    return answer.json(answer.page(actions.shown(near, cards, account_id, hidden), None))
