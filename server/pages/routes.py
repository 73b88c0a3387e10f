"""GET /pages/head and /pages/noscript: what the edge puts into a page of the web client for whoever does not run it."""

from aiohttp import web

from server.cards.actions import CARDS
from server.kit.errors import Invalid
from server.kit.request import SETTINGS, nothing_there, start_work, text_in_query
from server.pages import actions, markup
from server.pages.wire import Preview

EDGE_SECONDS = 5
"""So long the edge may say it again: a link that many open at once is asked for once."""

routes = web.RouteTableDef()


@routes.get("/pages/head")
async def get_head(request: web.Request) -> web.Response:
    """`?of=` is the path of a page; 404 where nothing is to be told of it."""
    return _html(markup.head(await _preview(request), request.app[SETTINGS].public_url))


@routes.get("/pages/noscript")
async def get_noscript(request: web.Request) -> web.Response:
    """The same page for browsers without scripts."""
    return _html(markup.without_scripts(await _preview(request)))


async def _preview(request: web.Request) -> Preview:
    try:
        path = text_in_query(request, "of")
    except Invalid:  # an address that nothing has; whatever is no 404 would be put into the page
        raise nothing_there() from None
    async with start_work(request) as w:
        return await actions.preview(w.conn, request.app[CARDS], path)


def _html(text: str) -> web.Response:
    headers = {"Cache-Control": "no-store", "X-Accel-Expires": str(EDGE_SECONDS)}
    return web.Response(text=text, content_type="text/html", headers=headers)
