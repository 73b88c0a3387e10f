"""S3 servers that behave badly, as real ones may."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

Answers = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def s3_that(answers: Answers) -> AsyncIterator[str]:
    """The URL of a server that answers everything like this."""
    app = web.Application(client_max_size=1 << 30)
    app.router.add_route("*", "/{path:.*}", answers)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def error(status: int, code: str) -> web.Response:
    """A refusal as S3 words it."""
    body = f"<Error><Code>{code}</Code><Message>no</Message></Error>"
    return web.Response(status=status, text=body, content_type="application/xml")


async def full(request: web.Request) -> web.StreamResponse:
    """It reads, but takes no bytes; SeaweedFS says it in these words."""
    if request.method in ("PUT", "POST"):
        return error(500, "InternalError")
    return web.Response(body=b"x" * 400, headers={"ETag": '"e"'})


async def broken(request: web.Request) -> web.StreamResponse:
    """Nothing works."""
    return error(500, "InternalError")


async def torn(request: web.Request) -> web.StreamResponse:
    """It promises a thousand bytes and breaks off after ten."""
    headers = {"Content-Length": "1000", "Content-Range": "bytes 0-999/1000", "ETag": '"e"'}
    response = web.StreamResponse(status=206, headers=headers)
    await response.prepare(request)
    await response.write(b"x" * 10)
    assert request.transport is not None
    request.transport.close()
    return response
