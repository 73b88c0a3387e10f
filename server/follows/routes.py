"""PUT and DELETE /me/following/{user}, and both lists of a user."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from aiohttp import web

from server.follows import actions, queries
from server.follows.wire import Edge
from server.kit import answer
from server.kit.paging import After
from server.kit.request import paging, signed_in, start_work, viewer
from server.profiles import actions as profiles
from server.sight import actions as sight
from server.videos import actions as videos
from storage.postgres import Rows

Read = Callable[[Rows, UUID, UUID | None, After, int], Awaitable[list[Edge]]]

routes = web.RouteTableDef()


@routes.put("/api/v1/me/following/{user}")
async def put_following(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    async with start_work(request) as w:
        author_id = await sight.find(w.conn, request.match_info["user"], account_id)
        from_video = await videos.whereby(w.conn, request.query.get(videos.FROM_VIDEO), author_id, account_id)
        await actions.follow(w, account_id, author_id, from_video)
    return answer.nothing()


@routes.delete("/api/v1/me/following/{user}")
async def delete_following(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    async with start_work(request) as w:
        await actions.unfollow(w, account_id, await sight.find(w.conn, request.match_info["user"], account_id))
    return answer.nothing()


@routes.get("/api/v1/users/{user}/followers")
async def get_followers(request: web.Request) -> web.Response:
    return await _users(request, queries.followers)


@routes.get("/api/v1/users/{user}/following")
async def get_following(request: web.Request) -> web.Response:
    return await _users(request, queries.following)


async def _users(request: web.Request, read: Read) -> web.Response:
    viewer_id = viewer(request)
    async with start_work(request) as w:
        account_id = await sight.find(w.conn, request.match_info["user"], viewer_id)
        limit, after = paging(request)
        edges = await read(w.conn, account_id, viewer_id, after, limit + 1)
        users = await profiles.users(w.conn, [edge.account_id for edge in edges[:limit]], viewer_id)
    cursor = answer.next_cursor(request, [(edge.at, edge.account_id) for edge in edges], limit)
    return answer.json(answer.page(users, cursor))
