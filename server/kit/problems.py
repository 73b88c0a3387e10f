"""The one place where refusals and failures become answers: problem documents (RFC 9457), never a traceback, never HTML."""

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import msgspec
from aiohttp import web

from server.kit.errors import FieldError, Refusal, StorageFull, Unavailable
from storage.objects import StoreFull
from storage.postgres import AWAY

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = logging.getLogger(__name__)

CODES = {400: "malformed", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large", 415: "wrong_media_type"}
"""Codes of what aiohttp itself refuses."""


class Problem(msgspec.Struct, omit_defaults=True):
    """RFC 9457, with `code` as the member that programs branch on."""

    title: str
    status: int
    detail: str
    code: str
    type: str = msgspec.field(default="about:blank")
    errors: list[FieldError] = []


def document(status: int, code: str, detail: str, errors: tuple[FieldError, ...] = ()) -> bytes:
    """A problem document."""
    body = msgspec.to_builtins(Problem(HTTPStatus(status).phrase if status != 460 else "Checksum Mismatch", status, detail, code))
    body["type"] = "about:blank"
    if errors:
        body["errors"] = msgspec.to_builtins(errors)
    return msgspec.json.encode(body)


def answer(status: int, code: str, detail: str, errors: tuple[FieldError, ...] = ()) -> web.Response:
    """The answer that is a problem document."""
    return web.Response(status=status, body=document(status, code, detail, errors), content_type="application/problem+json")


def refused(refusal: Refusal) -> web.Response:
    """The answer to a refusal."""
    response = answer(refusal.status, refusal.code, refusal.detail, refusal.errors)
    response.headers.update(refusal.headers)
    return response


class _Fault(Refusal):
    """A bug."""

    status = 500
    code = "internal"


def refusal_of(error: BaseException, asked: str) -> Refusal:
    """What is told where this is raised. What is none yet is logged with what was asked, a bug with its trace."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, AWAY):
        log.warning("%s: a dependency is away: %r", asked, error)
        return StorageFull() if isinstance(error, StoreFull) else Unavailable()
    log.error("%s", asked, exc_info=error)
    return _Fault("This is a fault of ours; it has been recorded.")


class Foregone:
    """A connection whose next request has its answer already, from before aiohttp had that request.

    Attributes:
        foregone: what would be raised.
    """

    foregone: BaseException | None = None


def _require_unknown(request: web.Request) -> None:
    """Raise the answer that is known; it is told once."""
    connection = request.protocol
    if isinstance(connection, Foregone) and connection.foregone is not None:
        known, connection.foregone = connection.foregone, None
        raise known


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Render whatever a handler raises; what is no refusal and no failing dependency is a bug and is logged."""
    try:
        _require_unknown(request)
        return await handler(request)
    except Refusal as refusal:
        return refused(refusal)
    except web.HTTPException as error:
        return _of_aiohttp(error)
    except AWAY as error:
        if request.transport is None:  # the client left; nobody reads this
            raise
        return refused(refusal_of(error, f"{request.method} {request.path}"))
    except Exception as error:
        return refused(refusal_of(error, f"{request.method} {request.path}"))


def _of_aiohttp(error: web.HTTPException) -> web.Response:
    if error.status < 400:
        raise error
    code = CODES.get(error.status, "malformed" if error.status < 500 else "internal")
    response = answer(error.status, code, f"{error.reason}.")
    if isinstance(error, web.HTTPMethodNotAllowed):
        response.headers["Allow"] = ", ".join(sorted(error.allowed_methods))
    return response
