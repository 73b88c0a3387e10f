"""PUT and DELETE /videos/{id}/poster."""

import asyncio
from typing import Any

from aiohttp import web

from server.cards.actions import CARDS
from server.kit import answer
from server.kit.body import read_json, validated
from server.kit.deadline import SECONDS
from server.kit.request import POOL, SETTINGS, STORE, signed_in, start_work, uuid_in_path
from server.posters import actions
from server.posters.wire import PosterMoment, Wish
from server.uploads.photo import read_photo, require_photo
from server.videos import actions as videos

routes = web.RouteTableDef()


@routes.put("/api/v1/videos/{id}/poster")
async def put_poster(request: web.Request) -> web.Response:
    """200 with the new poster, or 202 when that takes longer than a request may."""
    account_id = signed_in(request)
    asked = await _asked(request)
    async with asyncio.timeout(SECONDS):
        until = asyncio.get_running_loop().time() + actions.WAIT_SECONDS
        video_id = uuid_in_path(request, "id")
        wish = await (_ask_for_photo(request, asked) if isinstance(asked, bytes) else _ask_for_moment(request, asked))
        over = await actions.fulfilled(request.app[POOL], video_id, wish, until)
        async with start_work(request) as w:
            video = await request.app[CARDS].video(w.conn, video_id, account_id)
    return answer.json(video, 200 if over else 202)


@routes.delete("/api/v1/videos/{id}/poster")
async def delete_poster(request: web.Request) -> web.Response:
    signed_in(request)
    async with start_work(request) as w:
        video = await videos.own(w, uuid_in_path(request, "id"))
        await actions.go_back(w, video, request.app[SETTINGS].media_url_seconds)
    return answer.nothing()


async def _asked(request: web.Request) -> bytes | dict[str, Any]:
    """The picture in the body, or its JSON.

    Raises:
        WrongMediaType: neither a picture nor JSON.
        BodyTooLarge, Malformed, and whatever else `read_photo` raises.
    """
    if request.content_type == "application/json":
        return await read_json(request)
    require_photo(request, "application/json")
    return await read_photo(request)


async def _ask_for_moment(request: web.Request, body: dict[str, Any]) -> Wish:
    async with start_work(request) as w:
        video = await videos.own(w, uuid_in_path(request, "id"))
        return await actions.ask_for_moment(w, video, validated(body, PosterMoment), limited=_limited(request))


async def _ask_for_photo(request: web.Request, photo: bytes) -> Wish:
    async with start_work(request) as w:
        video = await videos.own(w, uuid_in_path(request, "id"))
        wish, fresh = await actions.announce_photo(w, video, photo, limited=_limited(request))
    if not fresh:
        return wish
    key, bucket = actions.photo_key(video.id, wish.token), request.app[SETTINGS].s3_raw_bucket
    await request.app[STORE].put(bucket, key, photo, content_type="application/octet-stream")
    async with start_work(request) as w:
        return await actions.ask_for_photo(w, await videos.own(w, video.id), wish, limited=_limited(request))


def _limited(request: web.Request) -> bool:
    return request.app[SETTINGS].rate_limits
