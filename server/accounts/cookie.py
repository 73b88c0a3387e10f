"""The refresh token as a cookie: for browsers, which must not be able to read it."""

from aiohttp import web

from server.kit.request import SETTINGS

NAME = "reelwire_refresh"
PATH = "/api/v1/sessions"


def put(request: web.Request, response: web.Response, refresh_token: str) -> None:
    """Set it; `Secure` wherever clients see https."""
    settings = request.app[SETTINGS]
    response.set_cookie(
        NAME,
        refresh_token,
        max_age=settings.refresh_token_seconds,
        path=PATH,
        secure=settings.public_url.startswith("https:"),
        httponly=True,
        samesite="Strict",
    )


def take_away(response: web.Response) -> None:
    """Have the browser forget it."""
    response.del_cookie(NAME, path=PATH, httponly=True, samesite="Strict")
