"""GET and HEAD /media/{video_id}/{o|s}/{generation}/{name} and avatars/{account_id}/{name}: what the edge has not cached."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator
from contextlib import nullcontext
from functools import wraps
from pathlib import PurePosixPath
from uuid import UUID

from aiohttp import web

from media.playlist import with_query
from server.archive import actions as archive
from server.kit.deadline import SECONDS
from server.kit.errors import NotFound, Refusal
from server.kit.ids import parse_id
from server.kit.invalidation import INVALIDATIONS
from server.kit.problems import Handler
from server.kit.request import ANNOUNCER, POOL, SETTINGS, SIGNER, STORE
from server.kit.work import work
from server.origin.actions import MASTER, TYPES, Origin, absent, etag_of
from server.origin.blocks import Blocks, Place
from server.origin.carried import Carried
from server.origin.ranges import asked, unchanged
from server.videos.shared import key_of
from storage.objects import ObjectMissing

PUBLIC = "public, max-age=31536000, immutable"
PRIVATE = "private, max-age=3600"
RENDERED = "private, no-store"
EDGE_SECONDS = {PUBLIC: 3, PRIVATE: 3, "no-cache": 1}
"""After so long the edge asks again, by the ETag, whether an object may still be served."""
REFUSED_SECONDS = 1
WRITE_SECONDS = 60.0
KEPT_HEADER = "X-Reelwire-Kept"
"""From the edge: below this path it looks into its cache again, for whoever it is told to by X-Accel-Redirect."""

PATH = r"/media/{video_id:[0-9a-f-]{36}}/%s/{generation:(?:0|[1-9][0-9]{0,8})}/{name:[a-z0-9][a-z0-9._-]{0,63}}"
AVATAR_PATH = r"/media/avatars/{account_id:[0-9a-f-]{36}}/{name:[a-z0-9][a-z0-9-]{0,59}\.jpg}"
ORIGIN: web.AppKey[Origin] = web.AppKey("origin", Origin)
CARRIED: web.AppKey[Carried] = web.AppKey("carried", Carried)
routes = web.RouteTableDef()
log = logging.getLogger(__name__)


async def origin(app: web.Application) -> AsyncIterator[None]:
    """What serves media, for the life of the process (a cleanup context)."""
    blocks = Blocks(app[STORE], app[SETTINGS].s3_bucket)
    app[CARRIED] = Carried()
    app[ORIGIN] = Origin(app[POOL], blocks, app[SIGNER], app[INVALIDATIONS])
    yield
    await app[ORIGIN].close()


def bringing_back(handler: Handler) -> Handler:
    """Who asks for what is in the archive is told that it is not there, and has it brought back."""

    @wraps(handler)
    async def handled(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except NotFound:
            _, video_id, generation, name = _wanted(request)
            path = None if name == MASTER else f"{generation}/{name}"
            async with work(request.app[POOL], request.app[ANNOUNCER], None) as w:
                await archive.asked_for(w, video_id, path)
            raise

    return handled


def withdrawing(handler: Handler) -> Handler:
    """A refusal of what the edge holds (it asks by ETag then) takes its place there, so that no outage brings it back."""

    @wraps(handler)
    async def handled(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refusal as refusal:
            if "If-None-Match" in request.headers:
                refusal.headers["X-Accel-Expires"] = str(REFUSED_SECONDS)
            raise

    return handled


@routes.get(PATH % "o")
@withdrawing
@bringing_back
async def get_open(request: web.Request) -> web.StreamResponse:
    """Media of public videos."""
    found, video_id, generation, name = _wanted(request)
    async with asyncio.timeout(SECONDS) as opening:
        state = await found.open_to_all(video_id)
        if name == MASTER:
            text = await found.master(video_id, generation, state)
            return _text(request, text, PUBLIC if state.final else "no-cache")
        where = Place(key_of(video_id, generation, name, state.shared), video_id)
        etag = etag_of(key_of(video_id, generation, name))
        return await _object(request, opening, where, etag, PUBLIC)


@routes.get(PATH % "s")
@withdrawing
@bringing_back
async def get_signed(request: web.Request) -> web.StreamResponse:
    """Media of all others; playlists hand the signature on to what they name."""
    found, video_id, generation, name = _wanted(request)
    query = request.query
    async with asyncio.timeout(SECONDS) as opening:
        state = await found.open_by_signature(video_id, query.getall("expires", []), query.getall("signature", []))
        signature = f"expires={query['expires']}&signature={query['signature']}"
        where = Place(key_of(video_id, generation, name, state.shared), video_id)
        etag = etag_of(key_of(video_id, generation, name))
        if name == MASTER:
            return _text(request, with_query(await found.master(video_id, generation, state), signature), RENDERED)
        if name.endswith((".m3u8", ".vtt")):
            return _text(request, await found.playlist(where, signature), RENDERED, PurePosixPath(name).suffix)
        return await _object(request, opening, where, etag, PRIVATE)


@routes.get(AVATAR_PATH)
@withdrawing
async def get_avatar(request: web.Request) -> web.StreamResponse:
    """A picture that an account shows of itself, for everybody."""
    account_id = parse_id(request.match_info["account_id"])
    if account_id is None:
        raise absent()
    async with asyncio.timeout(SECONDS) as opening:
        where = await request.app[ORIGIN].avatar(account_id, request.match_info["name"])
        return await _object(request, opening, where, etag_of(where.key), PUBLIC)


@routes.get("/media/{path:.*}")
async def get_nothing(request: web.Request) -> web.StreamResponse:
    """Below a public video there is nothing else; below any other nobody is told."""
    video_id = parse_id(request.match_info["path"].partition("/")[0])
    async with asyncio.timeout(SECONDS):
        await request.app[ORIGIN].open_to_all(video_id)
    raise absent()


def _wanted(request: web.Request) -> tuple[Origin, UUID, int, str]:
    """The origin, the video, the generation and the name."""
    match = request.match_info
    video_id = parse_id(match["video_id"])
    if video_id is None:
        raise absent()
    return request.app[ORIGIN], video_id, int(match["generation"]), match["name"]


def _headers(cache_control: str, content_type: str) -> dict[str, str]:
    return {
        "Cache-Control": cache_control,
        "Content-Type": content_type,
        "X-Accel-Expires": str(EDGE_SECONDS.get(cache_control, 0)),
        "X-Content-Type-Options": "nosniff",
    }


def _text(request: web.Request, text: str, cache_control: str, suffix: str = ".m3u8") -> web.Response:
    body, headers = text.encode(), _headers(cache_control, TYPES[suffix])
    if cache_control != RENDERED:
        headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
        if unchanged(request.headers, headers["ETag"]):
            return web.Response(status=304, headers=headers)
    return web.Response(body=body, headers=headers)


async def _object(
    request: web.Request, opening: asyncio.Timeout, where: Place, etag: str, cache_control: str
) -> web.StreamResponse:
    """The object or a part of it; `opening` ends what it waits for before the head."""
    path = PurePosixPath(where.key)
    content_type = TYPES.get(path.name) or TYPES.get(path.suffix)
    if content_type is None:
        raise absent()
    headers = {**_headers(cache_control, content_type), "ETag": etag, "Accept-Ranges": "bytes"}
    if unchanged(request.headers, etag):
        return web.Response(status=304, headers=headers)
    carried, kept = request.app[CARRIED], request.headers.get(KEPT_HEADER)
    if kept and await carried.arrived(request.path):
        return web.Response(headers={"X-Accel-Redirect": kept + request.rel_url.raw_path_qs})
    whole = kept and request.method == "GET" and "Range" not in request.headers
    with carried.carrying(request.path) if whole else nullcontext():
        return await _from_store(request, opening, where, etag, headers)


async def _from_store(
    request: web.Request, opening: asyncio.Timeout, where: Place, etag: str, headers: dict[str, str]
) -> web.StreamResponse:
    found = request.app[ORIGIN]
    size = await found.size(where, reading=request.method == "GET" and "Range" not in request.headers)
    opening.reschedule(None)  # from here on bytes travel
    part = asked(request.headers, size, etag) if request.method == "GET" else None  # 14.2: ranges are for GET
    start, stop = part or (0, size)
    if part:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    response = web.StreamResponse(status=206 if part else 200, headers={**headers, "Content-Length": str(stop - start)})
    await response.prepare(request)
    if request.method == "GET":
        await _send(request, response, found.blocks.stream(where, start, stop))
        await response.write_eof()
    return response


async def _send(request: web.Request, response: web.StreamResponse, chunks: AsyncIterator[bytes]) -> None:
    try:
        async for chunk in chunks:
            async with asyncio.timeout(WRITE_SECONDS):
                await response.write(chunk)
    except (OSError, ObjectMissing) as error:
        # The head is out: only breaking off tells the other side, if it is still there, that this is not all.
        log.info("%s broke off: %r", request.path, error)
        if request.transport is not None:
            request.transport.abort()
