"""GET, PATCH and DELETE /videos/{id}, and the lists of one author's videos and of those with one hashtag."""

from collections.abc import Mapping, Sequence
from functools import partial
from uuid import UUID

from aiohttp import web

from server.cards.actions import CARDS
from server.cards.sources import bandwidth
from server.cards.wire import Video
from server.feed import now
from server.feed.memory import FEED_MEMORY
from server.kit import answer
from server.kit.body import read_json, validated
from server.kit.paging import first_page
from server.kit.request import paging, signed_in, start_work, uuid_in_path, viewer
from server.sight import actions as sight
from server.videos import actions, deleting
from server.videos.wire import Listed, PatchVideo

routes = web.RouteTableDef()


@routes.get("/api/v1/videos/{id}")
async def get_video(request: web.Request) -> web.Response:
    async with start_work(request) as w:
        found = await actions.visible(w.conn, uuid_in_path(request, "id"), viewer(request))
        chosen = bandwidth(request.query)
        body = await request.app[CARDS].video(w.conn, found.id, viewer(request), chosen)
    return answer.json(body)


@routes.patch("/api/v1/videos/{id}")
async def patch_video(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    body = await read_json(request)
    async with start_work(request) as w:
        video = await actions.own(w, uuid_in_path(request, "id"))
        await actions.edit(w, video, validated(body, PatchVideo))
        changed = await request.app[CARDS].video(w.conn, video.id, account_id)
    return answer.json(changed)


@routes.delete("/api/v1/videos/{id}")
async def delete_video(request: web.Request) -> web.Response:
    signed_in(request)
    await deleting.delete_own(partial(start_work, request), uuid_in_path(request, "id"))
    return answer.nothing()


@routes.get(now.USERS_VIDEOS)
async def get_videos_of_user(request: web.Request) -> web.Response:
    viewer_id = viewer(request)
    limit = first_page(request)
    if limit is not None and FEED_MEMORY in request.app:
        body = await _from_memory(request, viewer_id, request.match_info["user"], limit)
        if body is not None:
            return answer.encoded(body)
    async with start_work(request) as w:
        author_id = await sight.find(w.conn, request.match_info["user"], viewer_id)
        limit, after = paging(request)
        listed = await actions.of_author(w.conn, author_id, viewer_id, after, limit + 1)
        found = await request.app[CARDS].videos(w.conn, [v.video_id for v in listed[:limit]], viewer_id)
    # Since the list was read a video may have been hidden.
    seen = ("public",) if viewer_id is None else ("public", "followers")
    kept = {i: video for i, video in found.items() if viewer_id == author_id or video.visibility in seen}
    return _page(request, listed, limit, kept)


async def _from_memory(request: web.Request, viewer_id: UUID | None, who: str, limit: int) -> bytes | None:
    """Where it is not there PostgreSQL has its say.

    Raises:
        NotFound: before anything is read into memory: what is there already would tell by time who is hidden, and who absent.
    """
    app = request.app
    body = now.videos(app, viewer_id, who, limit)
    if body is None and app[FEED_MEMORY].position() is not None:
        async with start_work(request) as w:
            await sight.find(w.conn, who, viewer_id)
        await app[FEED_MEMORY].people.learn(viewer_id, who, videos=True)
        body = now.videos(app, viewer_id, who, limit)
    return body


@routes.get("/api/v1/hashtags/{tag}/videos")
async def get_videos_with_hashtag(request: web.Request) -> web.Response:
    viewer_id = viewer(request)
    limit, after = paging(request)
    async with start_work(request) as w:
        listed = await actions.with_hashtag(w.conn, request.match_info["tag"], viewer_id, after, limit + 1)
        found = await request.app[CARDS].videos(w.conn, [v.video_id for v in listed[:limit]], viewer_id)
    # Since the list was read a video may have been hidden.
    return _page(request, listed, limit, {i: video for i, video in found.items() if video.visibility == "public"})


def _page(request: web.Request, listed: Sequence[Listed], limit: int, found: Mapping[UUID, Video]) -> web.Response:
    cursor = answer.next_cursor(request, [(v.at, v.video_id) for v in listed], limit)
    return answer.json(answer.page([found[v.video_id] for v in listed[:limit] if v.video_id in found], cursor))
