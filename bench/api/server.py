"""A serve process with one route more: a constant body by way of an ordinary handler, as the floor that answers stand beside."""

from aiohttp import web

from server.kit import answer
from server.kit.request import signed_in
from server.kit.serving import serve
from server.settings import Settings
from server.web import application

PATH = "/api/v1/constant/{size}"


async def get_constant(request: web.Request) -> web.Response:
    """So many bytes, for an account."""
    signed_in(request)
    return answer.encoded(b"x" * int(request.match_info["size"]))


if __name__ == "__main__":
    settings = Settings.from_environment()
    app = application(settings)
    app.router.add_get(PATH, get_constant)
    serve(app, settings)
