"""GET /api/v1/openapi.json and /docs."""

from functools import cache

import msgspec
from aiohttp import web

from server.openapi.document import document
from server.openapi.operations import OPERATIONS
from server.openapi.page import CSS, STYLE, page

routes = web.RouteTableDef()


@cache
def _document() -> dict[str, object]:
    return document(OPERATIONS)


@routes.get("/api/v1/openapi.json")
async def get_openapi(_request: web.Request) -> web.Response:
    return web.Response(body=msgspec.json.encode(_document()), content_type="application/json")


@routes.get("/docs")
async def get_docs(_request: web.Request) -> web.Response:
    return web.Response(text=page(_document()), content_type="text/html")


@routes.get(STYLE)
async def get_style(_request: web.Request) -> web.Response:
    return web.Response(text=CSS, content_type="text/css")
